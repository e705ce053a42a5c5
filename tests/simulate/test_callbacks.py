"""What is sent after a reply, as data."""

import hashlib
import hmac
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy import ConfigError
from understudy.build import build
from understudy.engine import World, decide
from understudy.model import Retries, Signature
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.callbacks import DEPTH_HEADER, MAX_DEPTH, backoff, signature
from understudy.steps import Reply, SendCallbacks

NOW = 1_700_000_000.5


def plan_of(*callbacks, request=None, seed=1, **endpoint):
    endpoint = {
        "path": "/a",
        "method": "ANY",
        "response": {"id": 7},
        "callbacks": list(callbacks),
        **endpoint,
    }
    program = build({"endpoints": [endpoint]})
    return decide(
        program, request or Request("POST", b"/a?x=1", body=b'{"to": "http://h/b"}'), World(seed, lambda: NOW)
    )


def sent(*callbacks, **options):
    return plan_of(*callbacks, **options).callbacks


def test_it_is_the_last_step():
    plan = plan_of("http://h/a", {"url": "/b"})
    reply, calls = plan.steps
    assert isinstance(reply, Reply)
    assert isinstance(calls, SendCallbacks)
    assert calls.callbacks == plan.callbacks
    assert [callback.url for callback in plan.callbacks] == ["http://h/a", "/b"]


@pytest.mark.parametrize("written", ["http://h/a", {"url": "http://h/a"}, ["http://h/a"]])
def test_short_forms(written):
    program = build({"endpoints": [{"path": "/a", "callbacks": written}]})
    (callback,) = decide(program, Request("GET", b"/a"), World(1, lambda: NOW)).callbacks
    assert (callback.url, callback.method, callback.body) == ("http://h/a", "POST", b"")
    assert callback.headers == ((DEPTH_HEADER, b"1"),)


def test_templates_see_the_request_and_the_reply():
    (callback,) = sent(
        {
            "url": "{{ body.to }}/{{ reply.body.id }}",
            "method": "put",
            "headers": {"X-Q": "{{ query.x }}", "X-Many": ["a", 2]},
            "response": {
                "status": "{{ reply.status }}",
                "all": "{{ reply.body }}",
                "h": "{{ reply.headers['x-r'] }}",
            },
        },
        status=201,
        headers={"X-R": "r"},
    )
    assert (callback.url, callback.method) == ("http://h/b/7", "PUT")
    assert msgspec.json.decode(callback.body) == {"status": 201, "all": {"id": 7}, "h": "r"}
    assert callback.headers[:4] == (
        (b"Content-Type", b"application/json"),
        (b"X-Q", b"1"),
        (b"X-Many", b"a"),
        (b"X-Many", b"2"),
    )


@pytest.mark.parametrize(
    ("written", "content_type", "body"),
    [
        ({"body": "hello {{ query.x }}"}, b"text/plain; charset=utf-8", b"hello 1"),
        ({"body": "hello"}, b"text/plain; charset=utf-8", b"hello"),
        (
            {"form": {"a": "b c", "n": 1, "t": True, "x": "{{ query.x }}&"}},
            b"application/x-www-form-urlencoded",
            b"a=b+c&n=1&t=true&x=1%26",
        ),
        ({"response": [1]}, b"application/json", b"[1]"),
    ],
)  # fmt: skip
def test_bodies(written, content_type, body):
    (callback,) = sent({"url": "/h", **written})
    assert (callback.headers[0], callback.body) == ((b"Content-Type", content_type), body)
    (own,) = sent({"url": "/h", "headers": {"content-type": "x/y"}, **written})
    assert own.headers[0] == (b"content-type", b"x/y")


@pytest.mark.parametrize(
    ("when", "status", "count"),
    [
        ({"status": "2xx"}, 201, 1),
        ({"status": "2xx"}, 404, 0),
        ({"status": 404}, 404, 1),
        ({"status": [500, "4xx"]}, 404, 1),
        ({"match": {"query": {"x": "1"}}}, 200, 1),
        ({"match": {"query": {"x": "2"}}}, 200, 0),
        ({"status": 200, "match": {"query": {"x": "2"}}}, 200, 0),
    ],
)
def test_when(when, status, count):
    assert len(sent({"url": "/h", "when": when}, status=status)) == count


def test_a_failure_by_lot_sends_none():
    assert sent("/h", failure_rate=1) == ()


def test_a_template_that_fails_hurts_neither_the_reply_nor_the_others():
    plan = plan_of({"url": "/h", "body": "{{ 1 // 0 }}"}, "/ok", {"url": "{{ query.x }}"})
    assert plan.reply.status == 200
    first, second, third = plan.callbacks
    assert first.error.startswith("callbacks[0].body: 1 // 0: ")
    assert second.error is None
    assert third.error == (
        'the address of a callback begins with "http://" or "https://", or with "/" for this server'
    )


def test_a_chain_of_callbacks_ends():
    def at(depth):
        return sent("/h", request=Request("POST", b"/a", [(DEPTH_HEADER.lower(), depth)]))[0]

    assert at(b"3").headers[-1] == (DEPTH_HEADER, b"4")
    assert at(b"nonsense").headers[-1] == (DEPTH_HEADER, b"1")
    assert at(b"%d" % (MAX_DEPTH - 1)).error is None
    assert at(b"%d" % MAX_DEPTH).error == "10 callbacks have led to this request: no more are sent"


def test_delays_are_drawn_and_repeat():
    written = {"url": "/h", "delay_ms": {"uniform": [100, 200]}}
    delays = {sent(written, written, seed=seed)[number].delay_s for seed in range(20) for number in (0, 1)}
    assert all(0.1 <= delay <= 0.2 for delay in delays)
    assert len(delays) == 40
    assert sent(written, seed=3)[0].delay_s == sent(written, seed=3)[0].delay_s
    assert sent({"url": "/h", "delay_ms": 50})[0].delay_s == 0.05


def test_retries():
    (plain,) = sent("/h")
    assert plain.waits_s == ()
    (number,) = sent({"url": "/h", "retries": 2})
    assert number.waits_s == (1.0, 2.0)
    written = {"attempts": 4, "backoff_ms": 100, "multiplier": 3, "max_backoff_ms": 500, "on": [409, "error"]}
    (full,) = sent({"url": "/h", "retries": written, "timeout_s": 2})
    assert full.waits_s == pytest.approx((0.1, 0.3, 0.5))
    assert (full.retry_statuses, full.retry_errors, full.timeout_s) == ({409}, True, 2)
    (some,) = sent({"url": "/h", "retries": {"on": ["5xx"]}})
    assert (some.retry_statuses, some.retry_errors) == (set(range(500, 600)), False)


@given(
    st.builds(
        Retries,
        attempts=st.integers(1, 20),
        backoff_ms=st.floats(0, 1e6),
        multiplier=st.floats(1, 100),
        max_backoff_ms=st.floats(0, 1e6),
        jitter=st.floats(0, 1),
    ),
    st.integers(0, 1000),
)
def test_waits_are_bounded_and_repeat(retries, n):
    waits = backoff(retries, Draws(1, "e", n), "p")
    assert len(waits) == retries.attempts - 1
    assert all(0 <= wait <= retries.max_backoff_ms / 1000 for wait in waits)
    assert waits == backoff(retries, Draws(1, "e", n), "p")
    if not retries.jitter:
        assert list(waits) == sorted(waits)


def test_signatures_are_as_github_and_stripe_make_them():
    # the example in GitHub's documentation, "Testing the webhook payload validation"
    name, value = signature(Signature(secret="It's a Secret to Everybody"), b"Hello, World!", NOW)
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert (name, value.decode()) == (b"X-Hub-Signature-256", expected)
    name, value = signature(Signature(secret="s", scheme="stripe"), b"{}", NOW)
    digest = hmac.new(b"s", b"1700000000.{}", hashlib.sha256).hexdigest()
    assert (name, value.decode()) == (b"Stripe-Signature", f"t=1700000000,v1={digest}")
    name, value = signature(Signature(secret="s", header="X-S", prefix="", algorithm="hmac-sha1"), b"x", NOW)
    assert (name, value.decode()) == (b"X-S", hmac.new(b"s", b"x", hashlib.sha1).hexdigest())


def test_the_signature_is_of_the_body_that_is_sent():
    (callback,) = sent({"url": "/h", "response": {"x": "{{ query.x }}"}, "sign": {"secret": "s"}})
    expected = hmac.new(b"s", callback.body, hashlib.sha256).hexdigest()
    assert dict(callback.headers)[b"X-Hub-Signature-256"].decode() == f"sha256={expected}"


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ({"url": "ftp://h"}, "url", "the address of a callback begins with"),
        ("localhost:3000/x", "url", "the address of a callback begins with"),
        ({"url": "/h", "body": "{{ replyy }}"}, "body", "the template cannot be used"),
        (
            {"url": "/h", "headers": {"Content-Length": 3}},
            'headers["Content-Length"]',
            "is set from the length",
        ),
        (
            {"url": "/h", "when": {"match": {"query": {"x": {"matches": "("}}}}},
            "when.match.query.x.matches",
            "",
        ),
    ],
)
def test_mistakes_have_their_place(written, path, message):
    with pytest.raises(ConfigError) as error:
        sent(written)
    (problem,) = error.value.problems
    assert problem.path == f"endpoints[0].callbacks[0].{path}"
    assert message in problem.message


def test_the_reply_of_a_file_is_known_by_its_head(tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x" * 1_100_000)
    config = {
        "endpoints": [
            {"path": "/a", "file": "big.bin", "callbacks": [{"url": "/h", "response": "{{ reply }}"}]}
        ]
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    plan = decide(build(tmp_path / "config.json"), Request("GET", b"/a"), World(1, lambda: NOW))
    shown = msgspec.json.decode(plan.callbacks[0].body)
    assert (shown["status"], shown["headers"]["content-type"]) == (200, "application/octet-stream")


def test_the_name_is_not_known_elsewhere():
    with pytest.raises(ConfigError):
        build({"endpoints": [{"path": "/a", "response": "{{ reply.status }}"}]})
