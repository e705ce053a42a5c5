"""Recordings answer as they were answered, and so do requests like them."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.record.general.kit import T0, Served, exchange, made
from understudy.record.exchange import Failed, SocketMessage
from understudy.record.general import KINDS, Wishes, generalise
from understudy.record.general.rules import UnknownRule
from understudy.record.general.values import random_of, time_of

USERS = (
    exchange("GET", "/users", [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]),
    exchange("GET", "/users/1", {"id": 1, "name": "Ada"}),
    exchange("GET", "/users/2", {"id": 2, "name": "Bob"}),
    exchange("GET", "/users/9", {"error": "no such user"}, 404),
    exchange("GET", "/users/me", {"id": 1, "name": "Ada"}),
)


def test_what_was_recorded_is_answered_and_what_is_like_it():
    served = Served(made(*USERS).config)
    assert served.json("GET", "/users/2") == (200, {"id": 2, "name": "Bob"})
    assert served.json("GET", "/users/9") == (404, {"error": "no such user"})
    assert served.json("GET", "/users/me") == (200, {"id": 1, "name": "Ada"})
    assert served.json("GET", "/users/77") == (200, {"id": 77, "name": "Ada"})


def test_the_order_in_which_exchanges_are_given_does_not_matter():
    timed = [replace(one, recorded_at=T0 + n, id=str(n)) for n, one in enumerate(USERS)]
    assert generalise(timed) == generalise(timed[::-1])


def test_nothing_is_an_empty_config():
    assert made().config == {"endpoints": []}
    assert made().rules == ()


def test_rules_are_told_with_their_exchanges():
    general = made(*USERS)
    (path,) = [rule for rule in general.rules if rule.kind == "path"]
    assert (path.where, path.count, path.ids) == ("/users/{user_id:int}", 3, ("e2", "e3", "e4"))
    assert [rule.kind for rule in general.rules] == sorted(
        (r.kind for r in general.rules), key=list(KINDS).index
    )
    assert all(rule.what and rule.why for rule in general.rules)


def test_a_rule_is_switched_off_by_kind():
    general = made(*USERS, without=["path"])
    assert [one["path"] for one in general.config["endpoints"]] == [
        "/users",
        "/users/1",
        "/users/2",
        "/users/9",
        "/users/me",
    ]
    assert not next(rule for rule in general.rules if rule.kind == "path").on


def test_a_rule_is_switched_off_by_its_number():
    number = next(n for n, rule in enumerate(made(*USERS).rules, 1) if rule.kind == "other")
    served = Served(made(*USERS, without=[str(number)]).config)
    assert served.plan("GET", "/users/77").reply.status == 404
    assert served.json("GET", "/users/1") == (200, {"id": 1, "name": "Ada"})


@pytest.mark.parametrize("word", ["0", "99", "nonsense", "match", "-1", ""])
def test_what_is_no_rule_cannot_be_switched_off(word):
    with pytest.raises(UnknownRule, match=r"is no rule|cannot be switched off"):
        made(*USERS, without=[word])


def test_rules_of_before_are_kept():
    first = made(*USERS)
    # one was renamed, one was switched off, and of another nothing was recorded this time
    renamed = [
        replace(rule, where=rule.where.replace("user_id", "uid")) if rule.kind == "path" else rule
        for rule in first.rules
        if rule.kind in {"path", "other"}
    ]
    off = [replace(rule, on=False) if rule.kind == "other" else rule for rule in renamed]
    again = made(
        exchange("GET", "/users/5", {"id": 5}), exchange("GET", "/carts/7", {"id": 7}), rules=tuple(off)
    )
    assert [one["path"] for one in again.config["endpoints"]] == ["/users/{uid:int}", "/carts/{cart_id:int}"]
    assert [rule.on for rule in again.rules if rule.kind == "other"] == [False]


def test_templates_of_before_are_kept_and_those_of_a_user():
    item = exchange("GET", "/a", {"at": "2026-01-01T00:00:00Z", "name": "x"})
    (rule,) = made(item).rules
    mine = replace(rule, where="GET /a 200 $.name", what="{{ fake.name() }}", why="mine")
    later = exchange("GET", "/a", {"at": "2020-05-05T00:00:00Z", "name": "y"})
    (endpoint,) = made(later, rules=(rule, mine)).config["endpoints"]
    assert endpoint["response"] == {"at": "{{ now()[:19] }}Z", "name": "{{ fake.name() }}"}


def test_several_servers():
    general = made(
        exchange("GET", "/a", {"x": 1}),
        exchange("GET", "/b", {"x": 1}),
        exchange("GET", "/a", {"x": 2}, origin="https://other.test:8443"),
    )
    served = Served(general.config)
    assert served.json("GET", "/a", headers=((b"host", b"other.test:8443"),)) == (200, {"x": 2})
    assert served.json("GET", "/a") == (200, {"x": 1})
    assert [rule.kind for rule in general.rules] == ["host"]
    assert len(made(*USERS, hosts=("other.test",)).config["endpoints"]) == 0


def test_what_cannot_be_an_endpoint_is_warned_of():
    socket = exchange("GET", "/ws", status=101, messages=(SocketMessage(1.0, "client", "text", b"hi"),))
    nothing = replace(exchange("GET", "/a"), reply=None)
    preflight = exchange("OPTIONS", "/a", headers=(("Access-Control-Request-Method", "PUT"),))
    general = made(
        socket, socket, nothing, preflight, exchange("CONNECT", "/a"), exchange("GET", "/b", status=100)
    )
    assert general.config == {"endpoints": []}
    messages = [problem.message for problem in general.warnings]
    assert "WebSocket" in messages[0]
    assert messages[0].endswith("(and 1 more like it)")
    assert len(messages) == 5


def test_pages_that_other_pages_may_read():
    allowed = (("Access-Control-Allow-Origin", "*"), ("Content-Type", "application/json"))
    assert made(exchange("GET", "/a", {}, reply_headers=allowed)).config["cors"] is True


def fail(kind, *, received=None):
    """An exchange that failed, before a reply or after so much of its body had come."""
    one = exchange("GET", "/a", b"x" * (received or 0), reply_headers=())
    return replace(one, reply=None if received is None else one.reply, failed=Failed(kind, f"it is {kind}"))


@pytest.mark.parametrize(
    ("failed", "faults"),
    [
        (fail("reset"), ["reset"]),
        (fail("closed"), ["empty_reply"]),
        (fail("timeout"), ["hang"]),
        (fail("dns"), [{"kind": "error", "status": 502, "body": {"error": "it is dns"}}]),
        (fail("reset", received=10), [{"kind": "reset", "after_bytes": 9}]),
        (fail("closed", received=10), [{"kind": "truncate", "after_bytes": 9}]),
        (fail("timeout", received=10), [{"kind": "stall", "after_bytes": 9}]),
    ],
    ids=str,
)
def test_failures_become_faults(failed, faults):
    (endpoint,) = made(failed).config["endpoints"]
    assert endpoint["faults"] == faults
    assert "faults" not in next(iter(made(failed, without=["fault"]).config["endpoints"]), {})


def test_failures_take_their_turn():
    ok, later = exchange("GET", "/a", {"n": 1}), exchange("GET", "/a", {"n": 2})
    served = Served(made(ok, fail("reset"), later, fail("closed")).config)
    assert served.json("GET", "/a") == (200, {"n": 1})
    assert served.plan("GET", "/a").faults == ("reset",)
    assert served.json("GET", "/a") == (200, {"n": 2})
    assert served.plan("GET", "/a").faults == ("empty_reply",)
    assert served.plan("GET", "/a").faults == ("empty_reply",)


def test_replies_that_broke_off_take_their_turn():
    served = Served(made(fail("reset", received=10), exchange("GET", "/a", {"n": 2})).config)
    assert served.plan("GET", "/a").faults == ("reset",)
    assert served.json("GET", "/a") == (200, {"n": 2})


# ---- whatever was recorded is answered so

PHASES = (Phase.explicit, Phase.generate)
"""Without shrinking, which compiles configs for minutes."""
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 130),
    st.sampled_from(["", "a", "red", "{{ x }}", "${A}", "é", "1"]),
)
TREES = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "n", "q", "a b"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(
    ["/users", "/users/1", "/users/2", "/users/007", "/users/me", "/users/1/orders/7", "/users/2/orders/7",
    "/a%20b/{x}", "/x/0b8f4e5e-5b0e-4d7e-9d7c-111111111111", "/x/2026-01-01", "/x/2026-01-02", "/x/5", "/tags/red", "/tags/a", "/v1/3/", "/"]
)  # fmt: skip
QUERIES = st.sampled_from(["", "?q=a", "?q=red&page=1", "?page=2", "?q=a&q=b", "?q=", "?_=1700000000000"])
EXCHANGES = st.lists(
    st.builds(
        exchange,
        st.sampled_from(["GET", "GET", "POST", "DELETE"]),
        st.builds(str.__add__, PATHS, QUERIES),
        TREES,
        st.sampled_from([200, 200, 201, 404, 500]),
        body=st.none() | TREES,
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, phases=PHASES, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(EXCHANGES)
def test_each_recorded_request_gets_its_recorded_reply(exchanges):
    exchanges = [replace(one, recorded_at=T0 + n) for n, one in enumerate(exchanges)]
    general = generalise(exchanges, Wishes(without=frozenset({"volatile", "same"})))
    served = Served(general.config)
    for one in exchanges:
        status, _, body = served.replay(one)
        assert (status, json.loads(body)) == (one.reply.status, json.loads(one.reply.body)), one.request


STAMPS = st.sampled_from(["2026-01-01T00:00:01Z", "2026-01-01T00:00:02.5+00:00", "2020-02-03T04:05:06Z"])
FRESH = st.one_of(VALUES, STAMPS, st.uuids().map(str), st.sampled_from([1767225601, "1767225601123"]))


@settings(max_examples=40, phases=PHASES, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.builds(
            exchange,
            st.sampled_from(["GET", "POST"]),
            st.sampled_from(["/t/1", "/t/2", "/u"]),
            st.dictionaries(st.sampled_from(["id", "at", "n"]), FRESH, max_size=3),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_new_each_time_looks_like_what_was_recorded(exchanges):
    exchanges = [replace(one, recorded_at=T0 + n) for n, one in enumerate(exchanges)]
    served = Served(generalise(exchanges, Wishes(without=frozenset({"same"}))).config)
    for one in exchanges:
        status, _, body = served.replay(one)
        recorded, found = json.loads(one.reply.body), json.loads(body)
        assert status == 200
        assert recorded.keys() == found.keys()
        for key, value in recorded.items():
            assert found[key] == value or _is_alike(found[key], value), (key, value, found[key])


def _is_alike(one, other):
    times = time_of(one), time_of(other)
    if None not in times:
        return times[0][0] == times[1][0]
    return random_of([one, other]) is not None or (isinstance(one, int) and isinstance(other, int))
