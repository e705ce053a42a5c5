import collections

import pytest

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build


def bench(responses, **endpoint):
    return Bench({"endpoints": [{"path": "/a", "responses": responses, **endpoint}]})


def bodies(*texts):
    return [{"body": text} for text in texts]


@pytest.mark.parametrize(
    ("then", "expected"), [("repeat", "abccc"), ("cycle", "abcab"), (None, "abccc")], ids=str
)
def test_a_sequence(then, expected):
    asked = bench(bodies(*"abc") if then is None else {"then": then, "choices": bodies(*"abc")})
    assert "".join(asked.text("/a") for _ in range(5)) == expected


def test_a_sequence_that_ends_leaves_the_rest_to_the_next():
    config = {
        "endpoints": [
            {"path": "/a", "responses": {"then": "end", "choices": bodies("a", "b")}},
            {"path": "/a", "body": "next"},
        ]
    }
    asked = Bench(config)
    assert [asked.text("/a") for _ in range(4)] == ["a", "b", "next", "next"]
    assert asked.program.warnings == ()


def test_each_key_has_its_own_place():
    asked = bench({"per": "cookie:sid", "choices": bodies(*"abc")})
    assert "".join(asked.text("/a", headers=[("Cookie", f"sid={who}")]) for who in "xxyx") == "abac"


def test_lots_are_drawn_by_weight_and_repeatable():
    config = [{"weight": 3, "body": "a"}, {"weight": 1, "body": "b"}, {"weight": 0, "body": "c"}]
    drawn = [bench(config).text("/a") for _ in range(3)]
    assert len(set(drawn)) == 1, "the same seed draws the same"
    asked = bench(config)
    counts = collections.Counter(asked.text("/a") for _ in range(4000))
    assert 0.72 < counts["a"] / 4000 < 0.78
    assert counts["c"] == 0


def test_by_condition():
    asked = bench([{"match": {"query": {"x": 1}}, "body": "one"}, {"body": "other"}])
    assert (asked.text("/a?x=1"), asked.text("/a?x=2")) == ("one", "other")


def test_where_no_condition_holds_the_next_endpoint_answers():
    config = {
        "endpoints": [
            {"path": "/a", "responses": [{"match": {"query": {"x": 1}}, "body": "one"}]},
            {"path": "/a", "body": "next"},
        ]
    }
    asked = Bench(config)
    assert (asked.text("/a?x=1"), asked.text("/a?x=2")) == ("one", "next")


def test_by_what_the_client_accepts():
    asked = bench(
        {
            "mode": "negotiated",
            "choices": [{"response": {"a": 1}}, {"headers": {"Content-Type": "text/csv"}, "body": "a\n1\n"}],
        }
    )
    assert asked.text("/a") == '{"a":1}'
    assert (b"Vary", b"Accept") in asked.reply("/a").headers
    assert asked.text("/a", headers=[("Accept", "text/*;q=0.9, application/json;q=0.1")]) == "a\n1\n"
    refused = asked.reply("/a", headers=[("Accept", "image/png")])
    assert refused.status == 406
    assert (b"Vary", b"Accept") in refused.headers


def test_what_a_choice_does_not_say_the_endpoint_says():
    asked = bench(
        [{"body": "a"}, {"status": 503, "headers": {"x-a": "3"}}],
        status=201,
        headers={"X-A": "1", "X-B": "2"},
    )
    first, second = asked.reply("/a"), asked.reply("/a")
    assert (first.status, dict(first.headers)[b"X-A"], dict(first.headers)[b"X-B"]) == (201, b"1", b"2")
    assert second.status == 503
    assert [value for name, value in second.headers if name.lower() == b"x-a"] == [b"3"]


def test_each_choice_can_be_late():
    asked = bench([{"latency_ms": 100}, {}], latency_ms=5)
    assert [asked.plan("/a").latency_s for _ in range(2)] == [0.1, 0.005]


@pytest.mark.parametrize(
    ("responses", "path"),
    [
        ([], "endpoints[0].responses"),
        ([{"body": "{{ nonsense }}"}], "endpoints[0].responses[0].body"),
        ({"choices": [{}, {"match": {"client": "x"}}]}, "endpoints[0].responses.choices[1].match.client"),
        ([{"body": "a", "file": "b"}], "endpoints[0].responses[0]"),
    ],
)
def test_mistakes_are_found_at_load(responses, path):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", "responses": responses}]})
    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize(
    ("responses", "path", "text"),
    [
        ([{"weight": 1}, {"match": {"query": {"x": 1}}}], "endpoints[0].responses[1].match", "`weighted`"),
        (
            {"mode": "sequence", "choices": [{"weight": 1}]},
            "endpoints[0].responses.choices[0].weight",
            "`mode: weighted`",
        ),
        (
            {"mode": "negotiated", "choices": [{"match": {"query": {"x": 1}}}]},
            "endpoints[0].responses.choices[0].match",
            "`negotiated`",
        ),
        ({"then": "cycle", "choices": [{"weight": 1}]}, "endpoints[0].responses.then", "`mode: sequence`"),
        ({"per": "client", "choices": [{"weight": 1}]}, "endpoints[0].responses.per", "`mode: sequence`"),
    ],
)
def test_what_would_not_be_looked_at_is_a_mistake(responses, path, text):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", "responses": responses}]})
    (problem,) = caught.value.problems
    assert problem.path == path
    assert text in problem.message
