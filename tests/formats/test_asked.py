import pytest

from understudy.formats.asked import Answer, Asked, Book, Part, host_mark, mark, match_of, path_of
from understudy.load.source import Source


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org", "/"),
        ("https://example.org?a=b", "/"),
        ("https://example.org/a/b?c=/d#e", "/a/b"),
        ("//example.org/a", "//example.org/a"),
        ("localhost:8000/a", "/a"),
        ("/a/./b/../c", "/a/c"),
        (mark("base") + "/a", "/a"),
        (mark("host") + ":" + mark("port") + "/a", "/a"),
        (mark("scheme") + "://" + mark("host") + "/a", "/a"),
        (
            "/a/" + mark("login.response.body.id") + "/" + mark("$guid") + "." + mark("id"),
            "/a/{id}/{guid}.{id_2}",
        ),
        ("/a/" + mark("1"), "/a/{value_1}"),
        ("/a/" + mark("-"), "/a/{value}"),
        ("/{a}/*/b c", "/%7Ba%7D/%2A/b%20c"),
    ],
)
def test_paths(url, path):
    assert path_of(url) == path


def test_what_an_address_begins_with():
    assert host_mark(mark("base") + "/a") == "base"
    assert host_mark(mark("scheme") + "://a") is None


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        (
            Asked(1, "GET", "/?a=1&a=2&b=%20&c&" + mark("d") + "=1"),
            {"query": {"a": {"exactly": ["1", "2"]}, "b": " ", "c": ""}},
        ),
        (
            Asked(1, "POST", "/", (), '{"a": "#uuid", "b": ["#regex a"]}'),
            {"body": {"json": {"a": r"#regex \#uuid", "b": [r"#regex \#regex\ a"]}}},
        ),
        (
            Asked(1, "POST", "/", (), '{"a": "x' + mark("b") + '", "c": ' + mark("d") + "}"),
            {"body": {"json": {"a": "#string", "c": "#present"}}},
        ),
        (Asked(1, "POST", "/", (("Content-Type", "application/json"),), "{// no"), {}),
        (Asked(1, "POST", "/", (), "a text"), {"body": "a text"}),
        (Asked(1, "POST", "/", (), mark("file")), {}),
        (
            Asked(1, "POST", "/", (), "", (Part("a", "1"), Part(mark("b"), "2"), Part("c", None, "c.png"))),
            {"multipart": [{"name": "a", "text": "1"}, {"name": "c", "filename": "c.png"}]},
        ),
        (
            Asked(1, "POST", "/", (), '{"query": "{ a }", "operationName": "#x"}'),
            {"graphql": {"query": "{ a }"}},
        ),
        (Asked(1, "POST", "/", (), '{"query": "words"}'), {"body": {"json": {"query": "words"}}}),
        (Asked(1, "POST", "/", (), "[" * 100_000), {"body": "[" * 100_000}),
    ],
)
def test_conditions(asked, match):
    assert match_of(asked) == match


def imported(*asked, strict=False):
    return Book(Source(label="x")).imported(list(asked), strict=strict)


def messages(result):
    return [(problem.line, problem.message) for problem in result.warnings]


def test_conditions_are_there_where_they_tell_requests_apart():
    one, two = Asked(1, "GET", "/a?b=1"), Asked(2, "GET", "/a?b=2")
    assert imported(one).config["endpoints"] == [{"path": "/a", "response": {}}]
    assert [entry.get("match") for entry in imported(one, two).config["endpoints"]] == [
        None,
        {"query": {"b": "2"}},
    ]
    both = imported(one, two, Asked(3, "GET", "/a")).config["endpoints"]
    assert [entry.get("match") for entry in both] == [{"query": {"b": "1"}}, {"query": {"b": "2"}}, None]
    assert imported(one, strict=True).config["endpoints"][0]["match"] == {"query": {"b": "1"}}


def test_of_two_that_ask_the_same_the_one_with_an_answer_stays():
    result = imported(
        Asked(1, "GET", "/a"), Asked(2, "GET", "/a", answer=Answer(200, (), b"x")), Asked(3, "GET", "/a")
    )
    assert result.config["endpoints"] == [{"path": "/a", "body": "x"}]
    assert messages(result) == [
        (1, "this request is left out: line 2 asks the same"),
        (3, "this request is left out: line 2 asks the same"),
    ]


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (Answer(204), {"status": 204}),
        (Answer(201), {"status": 201, "response": {}}),
        (Answer(200, (), b""), {}),
        (
            Answer(200, (("Content-Type", "application/json"),), b'{"a": "{{b}}"}'),
            {"response": {"a": "{% raw %}{{b}}{% endraw %}"}},
        ),
        (
            Answer(200, (("Content-Type", "application/hal+json"),), b"[]"),
            {"headers": {"Content-Type": "application/hal+json"}, "response": []},
        ),
        (
            Answer(200, (("Content-Type", "application/json"),), b"no"),
            {"headers": {"Content-Type": "application/json"}, "body": "no"},
        ),
        (
            Answer(200, (("Date", "x"), (":status", "200"), ("A", "1"), ("A", "2"), ("A", "3")), b"\xff"),
            {"headers": {"A": ["1", "2", "3"]}, "base64": "/w=="},
        ),
        (Answer(200, (("A b", "x"),), b"x"), {"response": {}}),
    ],
)
def test_answers(answer, keys):
    (entry,) = imported(Asked(1, "GET", "/a", answer=answer)).config["endpoints"]
    assert {key: value for key, value in entry.items() if key != "path"} == keys


def test_what_cannot_be_an_endpoint_is_told():
    result = imported(Asked(1, "A B", "/a"), Asked(2, "POST", "/b", (), '{"query": "{"}', name="n" * 300))
    (entry,) = result.config["endpoints"]
    assert (entry["path"], len(entry["name"])) == ("/b", 200)
    found = messages(result)
    assert "this request is left out" in found[0][1]
    assert "its query and its body are no conditions" in found[1][1]
    assert found[2] == (2, "the answer is not known, so it is {}: write what it should be")
