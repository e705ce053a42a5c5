"""Recordings answer as they were answered, and so do requests like them."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.formats.foreign import LINE, cases
from tests.record.general.kit import T0, Served, exchange, made
from understudy.formats.har.entries import read_entry
from understudy.formats.har.notes import Notes
from understudy.formats.spot import LeftOut, Spot
from understudy.load.source import Source
from understudy.record.exchange import (
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
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
        structs.replace(rule, where=rule.where.replace("user_id", "uid")) if rule.kind == "path" else rule
        for rule in first.rules
        if rule.kind in {"path", "other"}
    ]
    off = [structs.replace(rule, on=False) if rule.kind == "other" else rule for rule in renamed]
    again = made(
        exchange("GET", "/users/5", {"id": 5}), exchange("GET", "/carts/7", {"id": 7}), rules=tuple(off)
    )
    assert [one["path"] for one in again.config["endpoints"]] == ["/users/{uid:int}", "/carts/{cart_id:int}"]
    assert [rule.on for rule in again.rules if rule.kind == "other"] == [False]


def test_templates_of_before_are_kept_and_those_of_a_user():
    item = exchange("GET", "/a", {"at": "2026-01-01T00:00:00Z", "name": "x"})
    (rule,) = made(item).rules
    mine = structs.replace(rule, where="GET /a 200 $.name", what="{{ fake.name() }}", why="mine")
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


def test_a_request_that_was_not_sent_to_the_end_has_no_body_to_ask_for():
    cut = exchange("POST", "/files", {"error": "too large"}, 413, body={"name": "a"})
    general = made(replace(cut, request=replace(cut.request, is_whole=False)))
    assert "before all of it was sent" in general.warnings[0].message
    assert "name" not in str(general.config)


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
    [
        "/", "/users", "/users/1", "/users/2", "/users/007", "/users/me", "/users/1/orders/7",
        "/users/2/orders/7", "/a%20b/{x}", "/x/5", "/x/0b8f4e5e-5b0e-4d7e-9d7c-111111111111",
        "/x/2026-01-01", "/x/2026-01-02", "/tags/red", "/tags/a", "/v1/3/",
    ]
)  # fmt: skip
QUERIES = st.sampled_from(
    ["", "?q=a", "?q=red&page=1", "?page=2", "?q=a&q=b", "?q=", "?_=1700000000000"],
)
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


@pytest.mark.parametrize("path", cases("har"), ids=lambda path: path.stem)
def test_archives_of_browsers(path):
    """Those of the reader's corpus, as if they had been recorded: who asks again gets what was recorded."""
    log = json.loads(path.read_text(encoding="utf-8").partition(LINE)[0])
    spot = Spot(Source())
    exchanges = []
    for entry in log["log"]["entries"]:
        with suppress(LeftOut):
            one = read_entry(entry, Notes(), spot)
            request = RecordedRequest(
                method=one.request.method,
                origin=f"https://{one.host}",
                target=one.request.target,
                headers=tuple(one.request.raw_headers),
                body=one.request.body,
            )
            headers = tuple(
                (name.encode(), value.encode("latin-1", "replace")) for name, value in one.headers
            )
            plain = tuple(pair for pair in headers if pair[0].lower() != b"content-encoding")
            reply = RecordedReply(status=one.status, headers=plain, body=one.body)
            at = one.started.timestamp() if one.started else 0.0
            exchanges.append(RecordedExchange(request=request, reply=reply, recorded_at=at))
    assert exchanges
    general = generalise(exchanges, Wishes(without=frozenset({"volatile", "same"})))
    served = Served(general.config)
    for one in sorted(exchanges, key=lambda one: one.recorded_at):
        status, _, body = served.replay(one)
        assert status == one.reply.status, one.request
        if one.request.method != "HEAD":  # whose body the net leaves out
            assert _value(body) == _value(one.reply.body), one.request


def _value(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


# ---- what is decided, one by one


@pytest.mark.parametrize(
    ("paths", "templates"),
    [
        (["/users/42"], ["/users/{user_id:int}"]),
        (["/users/42/orders/7"], ["/users/{user_id:int}/orders/{order_id:int}"]),
        (["/a/0b8f4e5e-5b0e-4d7e-9d7c-111111111111"], ["/a/{a_id:uuid}"]),
        (["/a/01ARZ3NDEKTSV4RRFFQ69G5FAV"], ["/a/{a_id:slug}"]),
        (["/commits/da39a3ee5e6b4b0d3255bfef95601890afd80709"], ["/commits/{commit_id:slug}"]),
        (["/days/2026-01-01"], ["/days/2026-01-01"]),
        (["/days/2026-01-01", "/days/2026-01-02"], ["/days/{date:date}"]),
        (["/users/007"], ["/users/{user_id}"]),
        (["/a/1", "/a/x1"], ["/a/{a_id:int}", "/a/x1"]),
        (["/api/v1/3"], ["/api/v1/{id:int}"]),
        (["/a/1/2"], ["/a/{a_id:int}/{id:int}"]),
        (["/*/{a}"], ["/%2A/%7Ba%7D"]),
        (["/companies/1", "/boxes/1", "/lineItems/1"],
         ["/companies/{company_id:int}", "/boxes/{box_id:int}", "/lineItems/{line_item_id:int}"]),
    ],
)  # fmt: skip
def test_paths(paths, templates):
    general = made(*(exchange("GET", path, {"ok": True}) for path in paths))
    assert [one["path"] for one in general.config["endpoints"]] == templates


def test_words_are_values_where_replies_are_alike():
    shoes = [exchange("GET", f"/shoes/{name}", {"slug": name, "size": 1}) for name in ("red", "blue")]
    general = made(*shoes, exchange("GET", "/shoes/search", {"slug": "x", "size": 2}))
    assert [one["path"] for one in general.config["endpoints"]] == ["/shoes/{shoe:slug}", "/shoes/search"]
    other = made(exchange("GET", "/a/b", {"x": 1, "y": 2}), exchange("GET", "/a/c", {"x": 1, "z": 2}))
    assert [one["path"] for one in other.config["endpoints"]] == ["/a/b", "/a/c"]


def response(*exchanges, **wishes):
    (endpoint,) = made(*exchanges, **wishes).config["endpoints"]
    return endpoint["response"]


def test_what_is_repeated():
    assert response(exchange("GET", "/a?q=shoes", {"q": "shoes", "n": 3})) == {"q": "{{ query.q }}", "n": 3}
    asked = {"name": "Ada", "tags": ["a", "b"]}
    assert response(exchange("POST", "/a", {"ok": True, **asked}, body=asked)) == {
        "ok": True,
        "name": "{{ body.name }}",
        "tags": "{{ body.tags }}",
    }
    assert response(exchange("POST", "/a", {"data": {"x": 1}}, body={"data": {"x": 1}}, at=T0)) == {
        "data": "{{ body.data }}"
    }
    assert response(exchange("POST", "/login", {"password": "x"}, body={"password": "x"})) == {
        "password": "x"
    }


def test_what_is_new_each_time():
    ids = ["req_7f3a9b2c1d", "req_0011aabbcc"]
    assert response(*(exchange("POST", "/a", {"id": one}) for one in ids)) == {
        "id": "req_{{ random_string(10, 'hex') }}"
    }
    late = (exchange("GET", "/a", {"till": f"2026-01-01T01:00:0{n}+00:00"}) for n in range(2))
    assert response(*late) == {"till": "{{ now('+3600s')[:19] }}+00:00"}
    same = [exchange("POST", "/a", {"id": one, "again": one}) for one in ids]
    assert "responses" in made(*same).config["endpoints"][0]  # two templates would differ


def test_the_way_a_body_came():
    from understudy.record.exchange import Chunk

    kind = (("Content-Type", "text/event-stream"),)
    events = exchange("GET", "/e", b"data: 1\n\ndata: 2\n\ndata: 3\n\n", reply_headers=kind)
    chunks = tuple(Chunk(100.0 * n, 9) for n in range(3))
    slow = replace(events, reply=replace(events.reply, chunks=chunks))
    (endpoint,) = made(slow).config["endpoints"]
    assert endpoint["faults"] == [{"kind": "event_stream", "gap_ms": 100.0}]
    assert "faults" not in made(slow, without=["stream"]).config["endpoints"][0]
    Served(made(slow).config)


@pytest.mark.parametrize(
    ("waits", "latency"),
    [([0], None), ([20], 20), ([20, 20], 20), ([10, 30, 20], {"uniform": [10, 30]})],
)
def test_latency(waits, latency):
    asked = [exchange("GET", "/a", {}, wait_ms=wait) for wait in waits]
    assert made(*asked, latency=True).config["endpoints"][0].get("latency_ms") == latency
    assert "latency_ms" not in made(*asked).config["endpoints"][0]


def test_latency_of_many_has_percentiles():
    asked = [exchange("GET", "/a", {}, wait_ms=wait) for wait in range(1, 101)]
    general = made(*asked, latency=True)
    assert general.config["endpoints"][0]["latency_ms"]["percentiles"]["100"] == 100
    Served(general.config)


def test_headers_tell_apart_where_nothing_else_does():
    german = exchange("GET", "/a", {"hi": "Hallo"}, headers=(("Accept-Language", "de"),))
    english = exchange("GET", "/a", {"hi": "Hello"}, headers=(("Accept-Language", "en"),))
    served = Served(made(german, english, german).config)
    assert served.json("GET", "/a", headers=((b"accept-language", b"en"),)) == (200, {"hi": "Hello"})
    assert served.json("GET", "/a", headers=((b"accept-language", b"de"),)) == (200, {"hi": "Hallo"})


# ---- files


@pytest.fixture
def recorded(monkeypatch):
    """Let a folder have these exchanges, whoever reads it."""
    from types import SimpleNamespace

    from understudy.record.general import source

    def let(*exchanges):
        folder = SimpleNamespace(exchanges=exchanges, warnings=())
        monkeypatch.setattr(source, "recording", lambda path: folder)

    return let


def command(name, *arguments):
    import argparse
    import importlib
    import io

    module = importlib.import_module(f"understudy.cli.{name}")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    return module.run(parser.parse_args(list(arguments)), out, err), out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch, recorded):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings/recordings.yaml").write_text("")
    recorded(*USERS)
    return tmp_path


def test_a_folder_is_imported_by_rules_that_are_kept(folder):
    code, out, err = command("import_", "recordings", "--preview")
    assert (code, err) == (0, "")
    assert "/users/{user_id:int}" in out
    assert out.endswith("endpoints by 4 rules\n") or "rules" in out.splitlines()[-1]
    assert not (folder / "understudy.yaml").exists()
    assert command("import_", "recordings", "--rules", "rules.yaml")[0] == 0
    assert command("import_", "recordings", "-o", "api.json")[0] == 0
    served = Served(json.loads((folder / "api.json").read_text()))
    assert served.json("GET", "/users/2") == (200, {"id": 2, "name": "Bob"})
    kept = (folder / "rules.yaml").read_text()
    (folder / "rules.yaml").write_text(kept.replace("user_id", "uid"))
    assert command("import_", "recordings", "--rules", "rules.yaml", "--force")[0] == 0
    assert "/users/{uid:int}" in (folder / "understudy.yaml").read_text()
    assert "/users/{uid:int}" in (folder / "rules.yaml").read_text()


def test_mistakes_of_a_user_are_told(folder, recorded):
    code, _, err = command("import_", "recordings", "--without", "nonsense")
    assert code == 2
    assert "'nonsense' is no rule" in err
    wrong = "rules:\n  - { kind: pth, where: 1, what: x, when: y, on: 2 }\n  - 3\n"
    (folder / "rules.yaml").write_text(wrong)
    code, _, err = command("import_", "recordings", "--rules", "rules.yaml")
    assert code == 2
    assert err.count("rules.yaml:2") == 4
    assert "rules.yaml:3" in err
    (folder / "rules.yaml").write_text("[]")
    assert "no file of rules" in command("import_", "recordings", "--rules", "rules.yaml")[2]
    recorded()
    assert "no recordings" in command("import_", "recordings")[2]


def test_a_folder_is_exported_as_a_good_document(folder):
    code, out, _ = command("export", "recordings", "--to", "openapi", "-o", "api.json")
    assert code == 0, out
    document = json.loads((folder / "api.json").read_text())
    assert list(document["paths"]) == ["/users", "/users/{user_id}", "/users/me"]
    item = document["paths"]["/users/{user_id}"]["get"]
    assert [(one["name"], one["schema"]["type"]) for one in item["parameters"]] == [("user_id", "integer")]
    assert sorted(item["responses"]) == ["200", "404"]
    schema = item["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"] == {"id": {"type": "integer"}, "name": {"type": "string"}}


def test_a_folder_of_recordings_is_not_served_as_endpoints(folder):
    from understudy.build import adapt
    from understudy.load.source import Source

    adapted = adapt(Source(folder / "recordings"))
    assert list(adapted.source.data) == ["record"]


def test_a_real_folder(tmp_path, monkeypatch):
    from understudy.record.folder import FolderWriter

    monkeypatch.chdir(tmp_path)
    writer = FolderWriter(tmp_path / "recordings")
    for number, one in enumerate(USERS):
        writer.write(replace(one, recorded_at=T0 + number))
    writer.close()
    code, out, err = command("import_", "recordings", "--format", "recording", "-o", "api.json")
    assert (code, err) == (0, ""), out
    served = Served(json.loads((tmp_path / "api.json").read_text()))
    assert served.json("GET", "/users/2") == (200, {"id": 2, "name": "Bob"})
    assert served.json("GET", "/users/9")[0] == 404


def test_a_body_in_a_coding():
    import gzip

    coded = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
    assert response(exchange("GET", "/a", gzip.compress(b'{"x": 1}'), reply_headers=coded)) == {"x": 1}
    odd = (("Content-Type", "text/plain"), ("Content-Encoding", "odd"))
    (endpoint,) = made(exchange("GET", "/a", b"\xff\x00", reply_headers=odd)).config["endpoints"]
    assert endpoint["headers"]["Content-Encoding"] == "odd"
    assert endpoint["base64"] == "/wA="
