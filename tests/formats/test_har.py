"""Archives become the configs they should, and these answer as was recorded."""

import base64
import json
from datetime import UTC, datetime

import httpx
import pytest

from tests.formats.foreign import cases, check_answers, check_config, imported
from understudy.errors import ConfigError
from understudy.formats.har.apart import CACHE_BUSTERS, CREDENTIALS, MAX_CHECKED, tell_apart
from understudy.formats.har.bodies import NOT_PLAIN, answer_body, body_bytes, is_deeper, plain_json
from understudy.formats.har.headers import (
    DROPPED,
    host_of,
    is_dropped,
    kept_headers,
    local_cookie,
    local_links,
)
from understudy.formats.imported import Options
from understudy.formats.read import open_source, read, recognise, text_source
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.write import written
from understudy.load.source import Source
from understudy.request import Request


@pytest.mark.parametrize("path", cases("har"), ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "session.har")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


def entry(
    url="https://a.test/", text="x", *, method="GET", status=200, kind="text/plain", headers=(), **more
):
    return {
        "request": {"method": method, "url": url, "headers": []},
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in headers],
            "content": {"mimeType": kind, "text": text},
        },
        **more,
    }


def archive(*entries, **options):
    document = json.dumps({"log": {"entries": list(entries)}})
    return read(text_source(document, "session.har", ".har"), "har", Options(**options))


def shown(result):
    """Method, path and condition of each endpoint, with what it answers."""
    return [
        (
            one.get("method", "GET"),
            one["path"],
            one.get("match"),
            one.get("body", one.get("response", one.get("responses"))),
        )
        for one in result.config["endpoints"]
    ]


# ---- the document


def test_a_file_with_a_mark_in_front_is_served_as_it_is(tmp_path, serve):
    file = tmp_path / "session.har"
    file.write_text("\ufeff" + json.dumps({"log": {"entries": [entry(text="${HOME} {{ x }}")]}}), "utf-8")
    assert recognise(open_source(file)) == "har"
    reply = httpx.get(serve(file).url)
    assert (reply.text, reply.headers["content-type"]) == ("${HOME} {{ x }}", "text/plain")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"log": []}', "stands where an object is expected"),
        ('{"log": {"entries": {}}}', "stands where a list is expected"),
        ("[]", "stands where an object is expected"),
    ],
)
def test_what_is_no_archive_is_refused(document, message):
    with pytest.raises(ConfigError, match=message):
        read(text_source(document, "session.har", ".har"), "har")


def test_a_broken_file_is_read_as_json_alone(tmp_path):
    file = tmp_path / "session.har"
    file.write_text('{"log": {"entries": [\n}')
    with pytest.raises(ConfigError) as caught:
        open_source(file)
    assert [problem.line for problem in caught.value.problems] == [2]


def test_an_empty_archive_is_an_empty_config():
    assert archive().config == {"endpoints": []}
    assert archive(entry(status=0)).config == {"endpoints": []}


def test_origins_have_lines():
    document = '{"log": {"entries": [\n\n' + json.dumps(entry()) + "]}}"
    (origin,) = read(text_source(document, "session.har", ".har")).origins
    assert origin == ("session.har", 3)


# ---- what a user may choose


def test_hosts():
    entries = [entry("https://a.test/1"), entry("https://b.test:8443/2"), entry("https://api.b.test/3")]
    paths = [one["path"] for one in archive(*entries, hosts=("*.b.test", "B.test")).config["endpoints"]]
    assert paths == ["/2", "/3"]
    with pytest.raises(ConfigError, match=r"no request went to c.test; those in the file went to a.test, b"):
        archive(*entries, hosts=("c.test",))


@pytest.mark.parametrize(
    ("kind", "more", "is_kept"),
    [
        ("text/html", {}, False),
        ("text/css", {}, False),
        ("image/png", {}, False),
        ("application/json", {}, True),
        ("text/html", {"_resourceType": "xhr"}, True),
        ("application/json", {"_resourceType": "manifest"}, False),
        ("application/json", {"_resourceType": "other"}, True),
        ("", {}, True),
    ],
)
def test_assets(kind, more, is_kept):
    assert bool(archive(entry(kind=kind, **more), assets=False).config["endpoints"]) is is_kept


@pytest.mark.parametrize(
    ("more", "latency_ms"),
    [
        ({"timings": {"send": 5, "wait": 20, "receive": 1.25}}, 21.2),
        ({"timings": {"wait": -1, "receive": -1}, "time": 30}, 30),
        ({"timings": None, "time": 30}, 30),
        ({"time": -1}, None),
        ({"time": "soon"}, None),
        ({"time": 1e12}, None),
    ],
)
def test_latency(more, latency_ms):
    (endpoint,) = archive(entry(**more), latency=True).config["endpoints"]
    assert endpoint.get("latency_ms") == latency_ms
    assert "latency_ms" not in archive(entry(**more)).config["endpoints"][0]


def test_latency_is_that_in_the_middle():
    entries = [entry(time=time) for time in (500, 10, 20)]
    assert archive(*entries, latency=True).config["endpoints"][0]["latency_ms"] == 20


# ---- order


def test_entries_are_taken_in_the_order_of_time():
    found = archive(
        entry(text="3", startedDateTime="2026-01-01T12:00:00+02:00"),
        entry(text="4"),
        entry(text="2", startedDateTime="2026-01-01T09:59:00"),
        entry(text="1", startedDateTime="2026-01-01T09:58:00.5Z"),
    )
    assert shown(found) == [("GET", "/", None, [{"body": text} | TEXT for text in "1234"])]


TEXT = {"headers": {"Content-Type": "text/plain"}}


# ---- headers


def test_the_names_of_the_table_are_lower_case_and_stand_there_once():
    names = [name for row in DROPPED for name in row.names]
    assert names == [name.lower() for name in names]
    assert len(names) == len(set(names))
    assert all(row.why for row in DROPPED)
    assert is_dropped("X-RateLimit-Remaining")
    assert is_dropped("Date")
    assert not is_dropped("Content-Type")
    assert not is_dropped("Dated")


def test_headers_of_one_name_are_together():
    pairs = [("X-A", "1"), ("x-b", "2"), ("x-a", "{{ 3 }}"), (":status", "200"), ("no name", "4"), ("", "5")]
    assert kept_headers(pairs, ()) == {"X-A": ["1", "{% raw %}{{ 3 }}{% endraw %}"], "x-b": "2"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.test/x", "a.test"),
        ("http://a.test:80/", "a.test"),
        ("http://user:pw@a.test:8080", "a.test:8080"),
        ("http://[::1]:3000/", "[::1]:3000"),
        ("http://[::1/", None),
        ("http://a.test:x/", None),
        ("ftp://a.test/", None),
        ("about:blank", None),
        ("", None),
    ],
)
def test_hosts_of_urls(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("value", "local"),
    [
        ("https://a.test/x?y#z", "/x?y#z"),
        ("https://a.test", "/"),
        ("https://a.test?x=1", "/?x=1"),
        ("https://a.test:444/x", "https://a.test:444/x"),
        ("https://b.test/?to=https://a.test/x", "https://b.test/?to=/x"),
        ("/x", "/x"),
    ],
)
def test_links(value, local):
    assert local_links(value, {"a.test"}) == local


@pytest.mark.parametrize(
    ("value", "local"),
    [
        ("a=1", "a=1"),
        ("a=1; Max-Age=60; HttpOnly; SameSite=Lax", "a=1; Max-Age=60; HttpOnly; SameSite=Lax"),
        ("a=1;Secure;SameSite=None;Partitioned;Domain=.a.test;Path=/", "a=1;Path=/"),
        ("a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a=1"),
        ("a=; expires=Wed, 21-Oct-2015 07:28:00 GMT", "a=; expires=Wed, 21-Oct-2015 07:28:00 GMT"),
        ("a=; expires=soon", "a="),
        ("__Secure-a=1; Secure; SameSite=None; Domain=a.test", "__Secure-a=1; Secure; SameSite=None"),
    ],
)
def test_cookies(value, local):
    assert local_cookie(value, datetime(2026, 1, 1, tzinfo=UTC)) == local


# ---- bodies


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 1}', "[1.00000000000000000001]", "[1e999]", "[9223372036854775808]", "NaN", "[Infinity]",
     '["\\ud800"]', "{", "", "[" * 60 + "]" * 60, "[" * 100_000],
)  # fmt: skip
def test_json_that_is_kept_as_text(text):
    assert plain_json(text) is NOT_PLAIN


@pytest.mark.parametrize(
    "text", ["null", "[1.10, 1e3, -0.5]", '{"b": {}, "a": [[]]}', '"\\u00e9"', "[9223372036854775807]"]
)
def test_plain_json(text):
    assert plain_json(text) == json.loads(text)


def test_depth():
    assert not is_deeper([[1]], 2)
    assert is_deeper([[[]]], 1)


@pytest.mark.parametrize(
    ("written", "kind", "body"),
    [
        ({}, "", None),
        ({"text": "é"}, "text/plain", "é".encode()),
        ({"text": "é"}, 'text/plain; Charset="latin-1"', b"\xe9"),
        ({"text": "’"}, "text/plain; charset=iso-8859-1", b"\x92"),
        ({"text": "中"}, "text/plain; charset=iso-8859-1", "中".encode()),
        ({"text": "é"}, "text/plain; charset=none", "é".encode()),
        ({"text": "AP8", "encoding": "BASE64"}, "", b"\x00\xff"),
        ({"text": "AP\n8=", "encoding": "base64"}, "", b"\x00\xff"),
    ],
)
def test_bytes_of_a_body(written, kind, body):
    assert body_bytes(written, kind, Spot(Source())) == body


def test_what_is_not_base64():
    with pytest.raises(LeftOut, match="not the base64"):
        body_bytes({"text": "é", "encoding": "base64"}, "", Spot(Source()))


@pytest.mark.parametrize(
    ("body", "kind", "was_text", "key"),
    [
        (b"a", "text/plain", False, "body"),
        (b"a", "font/woff", False, "base64"),
        (b"a", "font/woff", True, "body"),
        (b"\xff", "text/plain", True, "base64"),
        (b"[1]", "application/problem+json", False, "response"),
        (b"[1]", "text/plain", True, "body"),
    ],
)
def test_keys_of_a_body(body, kind, was_text, key):
    assert answer_body(body, kind, was_text).keys() == {key}


def test_a_binary_body_arrives_as_it_was(serve):
    data = bytes(range(256)) * 20
    found = entry(text=base64.b64encode(data).decode(), kind="application/zip")
    found["response"]["content"]["encoding"] = "base64"
    assert httpx.get(serve(archive(found).config).url).content == data


# ---- what tells requests apart


def asked(target="/", body=b"", kind="application/json"):
    headers = ((b"content-type", kind.encode()),) if body else ()
    return Request("POST", target.encode(), headers, body)


def told(*pairs):
    """The conditions for requests, each with its answers."""
    found = tell_apart([request for request, _ in pairs], [answer for _, answer in pairs])
    return [(one.match, "".join(one.answers)) for one in found]


def test_what_makes_no_difference_is_no_condition():
    assert told((asked("/?a=1"), "x"), (asked("/?a=2"), "x")) == [({}, "x")]
    assert told((asked("/?a=1&b=1"), "x"), (asked("/?a=2&b=1"), "y")) == [
        ({"query": {"a": 1}}, "x"),
        ({"query": {"a": 2}}, "y"),
    ]


def test_what_repeats_says_more_than_what_is_new_each_time():
    found = told(
        (asked("/?trace=1&page=1"), "x"), (asked("/?trace=2&page=2"), "y"), (asked("/?trace=3&page=1"), "x")
    )
    assert found == [({"query": {"page": 1}}, "x"), ({"query": {"page": 2}}, "y")]


def test_equal_requests_are_answered_in_turn():
    assert told((asked(), "x"), (asked(), "x"), (asked(), "y"), (asked(), "x")) == [({}, "xyx")]
    assert told((asked("/?a=1"), "x"), (asked("/?a=2"), "z"), (asked("/?a=1"), "y")) == [
        ({"query": {"a": 1}}, "xy"),
        ({"query": {"a": 2}}, "z"),
    ]


@pytest.mark.parametrize("name", ["_", "cache_buster", "access_token", "X-Amz-Signature"])
def test_names_that_never_become_conditions(name):
    assert told((asked(f"/?{name}=1"), "x"), (asked(f"/?{name}=2"), "y")) == [({}, "xy")]


def test_the_time_is_no_condition():
    assert told((asked("/?t=1760000000000"), "x"), (asked("/?t=1760000000001"), "y")) == [({}, "xy")]
    assert told((asked("/?1760000000"), "x"), (asked("/?1760000001"), "y")) == [({}, "xy")]
    assert len(told((asked("/?t=news"), "x"), (asked("/?t=sport"), "y"))) == 2
    assert len(told((asked("/?1760000000=1"), "x"), (asked("/?1760000000=2"), "y"))) == 2
    assert len(told((asked("/?名=1"), "x"), (asked("/?名=2"), "y"))) == 2


def test_the_tables_of_names_are_plain():
    for name in CREDENTIALS | CACHE_BUSTERS:
        assert name.isalnum()
        assert name.islower()
        assert name.isascii()


def test_credentials_within_a_body_are_not_written():
    found = told(
        (asked(body=b'{"a": 1, "login": {"password": "s3cret"}}'), "x"), (asked(body=b'{"a": 2}'), "y")
    )
    assert "s3cret" not in str(found)
    assert found[0][0] == {"body": {"json": {"a": 1}}}
    whole = told((asked(body=b'[{"token": "s3cret"}]'), "x"), (asked(body=b"[]"), "y"))
    assert whole[0][0] == {"body": {"json": [{"token": "#ignore"}], "exact": True}}


def test_calls_of_json_rpc():
    found = told(
        (asked(body=b'{"id": 1, "method": "add", "params": [1]}'), "x"),
        (asked(body=b'{"id": 2, "method": "get", "params": [2]}'), "y"),
        (asked(body=b'{"id": 3, "method": "add", "params": [1]}'), "x"),
    )
    assert [match for match, _ in found] == [
        {"body": {"json": {"method": "add"}}},
        {"body": {"json": {"method": "get"}}},
    ]


def test_bodies_that_are_no_text_and_uploads():
    found = told((asked(body=b"\x00\xff", kind="a/b"), "x"), (asked(body=b"<a/>", kind="a/xml"), "y"))
    assert found == [({"body": {"base64": "AP8="}}, "x"), ({"body": "<a/>"}, "y")]
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n%s\r\n--b--\r\n'
    kind = "multipart/form-data; boundary=b"
    uploads = told((asked(body=part % b"1", kind=kind), "x"), (asked(body=part % b"2", kind=kind), "y"))
    assert uploads == [({"form": {"a": 1}}, "x"), ({"form": {"a": 2}}, "y")]


def test_many_names_and_many_requests(monkeypatch):
    wide = ["/?" + "&".join(f"n{n}={n}{side}" for n in range(9)) for side in "ab"]
    pairs = [(asked(wide[0]), "x"), (asked(wide[1]), "y")]
    assert told(*pairs)[0] == ({"query": {"n0": "0a"}}, "x")
    monkeypatch.setattr("understudy.formats.har.apart.MAX_WORK", 100)
    (first, _), (second, _) = told(*pairs)
    assert len(first["query"]) == 9 == len(second["query"])
    many = [(asked(f"/?n={n}"), str(n)) for n in range(MAX_CHECKED + 1)]
    assert len(told(*many)) == MAX_CHECKED + 1


def test_names_of_a_credential_are_told():
    notes = [
        problem.message
        for problem in archive(
            entry("https://a.test/?token=1"), entry("https://a.test/?token=2", "y")
        ).warnings
    ]
    assert notes == [
        "requests that only a credential tells apart are answered in turn, as credentials are not written"
        " into a config"
    ]


def test_long_bodies_become_files(tmp_path, serve):
    data = bytes(range(256)) * 20
    binary = entry("https://a.test/logo", base64.b64encode(data).decode(), kind="image/png")
    binary["response"]["content"]["encoding"] = "base64"
    text = "{{ text }} " * 300
    result = written(archive(binary, entry("https://a.test/text", text)), ".yaml", "recorded")
    assert result.files.keys() == {"bodies/get-logo.bin", "bodies/get-text.txt"}
    for name, content in {**result.files, "mock.yaml": result.text.encode()}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    server = serve(tmp_path / "mock.yaml")
    logo = httpx.get(server.url + "/logo")
    assert (logo.content, logo.headers["content-type"]) == (data, "image/png")
    assert httpx.get(server.url + "/text").text == text
