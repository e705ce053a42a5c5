import pytest

from tests.faults.kit import problems, struck
from understudy.build import build
from understudy.errors import ConfigError
from understudy.steps import Close, HangUp, ReadSlowly, Wait


def test_an_early_reply_is_a_refusal_and_a_close():
    reply, close = struck("early_reply", ())
    assert (reply.status, reply.body, close) == (413, b'{"error":"Simulated failure"}', Close())
    reply, _ = struck(
        {"kind": "early_reply", "status": 401, "headers": {"X-A": "b", "Connection": "close"}}, ()
    )
    assert (reply.status, dict(reply.headers)) == (401, {b"X-A": b"b", b"Content-Type": b"application/json"})


def test_what_is_not_read_is_closed_in_the_end():
    assert struck("unread", (), limits={"body_timeout_s": 7}) == (Wait(7), HangUp())
    assert struck({"kind": "unread", "for_ms": 500}, ()) == (Wait(0.5), HangUp())


def test_a_slow_read_has_a_rate():
    assert struck({"kind": "slow_read", "bytes_per_s": 100}, ()) == (ReadSlowly(100),)


def test_headers_of_an_early_reply_have_no_templates():
    assert problems({"kind": "early_reply", "headers": {"X": "{{ uuid }}"}}) == [
        "these headers have no templates"
    ]


@pytest.mark.parametrize(
    ("endpoint", "path", "message"),
    [
        ({"match": {"body": {"json": {"a": 1}}}}, "endpoints[0].match", "before the body is read"),
        (
            {"match": {"any": [{"form": {"a": 1}}, {"query": {"a": 1}}]}},
            "endpoints[0].match",
            "before the body",
        ),
        ({"match": {"not": {"multipart": {"name": "a"}}}}, "endpoints[0].match", "before the body is read"),
        (
            {"responses": [{"match": {"body": "a"}, "response": 1}, {"match": {"body": "b"}, "response": 2}]},
            "endpoints[0].responses",
            "before the body is read",
        ),
        (
            {"faults": [{"kind": "unread", "when": {"match": {"body": "a"}}}]},
            "endpoints[0].faults[0].when.match",
            "before the body is read",
        ),
        ({"faults": [{"kind": "unread", "phase": "after"}]}, "endpoints[0].faults[0].phase", "before"),
    ],
)
def test_what_cannot_be_known_so_early_is_a_mistake(endpoint, path, message):
    with pytest.raises(ConfigError) as refused:
        build({"endpoints": [{"path": "/", "method": "POST", "faults": ["early_reply"], **endpoint}]})
    (problem,) = refused.value.problems
    assert (problem.path, message in problem.message) == (path, True)


@pytest.mark.parametrize("match", [{"query": {"a": 1}}, {"headers": {"A": "1"}}, {"state": {"a": 1}}])
def test_what_can_be_known_is_none(match):
    build({"endpoints": [{"path": "/", "method": "POST", "faults": ["early_reply"], "match": match}]})
