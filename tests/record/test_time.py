"""When answers come, what is in them, and what is filled in, end to end with a clock that is moved."""

import json
from dataclasses import replace

import pytest

from tests.kit import get
from tests.record.exchanges import exchange
from tests.record.live import project, told
from understudy import ConfigError
from understudy.build import build
from understudy.record.folder import FolderWriter

AT = 1_767_225_600.0
"""2026-01-01T00:00:00Z: a Thursday."""
DAY = 86_400
DATED = ((b"Date", b"Thu, 01 Jan 2026 00:00:00 GMT"), (b"Expires", b"Thu, 01 Jan 2026 01:00:00 GMT"))


@pytest.fixture
def replayed(serve, tmp_path):
    """A server that replays these, with keys of `record`; its clock is `server.now`."""

    def start(*exchanges, config=None, **record):
        with FolderWriter(tmp_path / "recordings") as writer:
            for one in exchanges:
                writer.write(replace(one, id=""))
        server = serve(project(tmp_path, {"record": {**record}, **(config or {})}), seed=1)
        server.now = AT + DAY
        server._running().world.now = lambda: server.now
        return server

    return start


def one(target="/a", body=b'{"n": 1}', **more):
    return replace(exchange(target, body=body, **more), recorded_at=AT)


# --- time ---------------------------------------------------------------------------------------------------


def latency(server, target="/a"):
    get(server, target)
    return server.logs()[-1]["latency_ms"]


def test_answers_come_at_once(replayed):
    assert latency(replayed(one(wait_ms=60_000))) == 0


def test_answers_come_when_they_came(replayed):
    assert latency(replayed(one(wait_ms=50), latency="recorded")) == 50


def test_answers_come_faster(replayed):
    assert latency(replayed(one(wait_ms=60_000), latency="recorded", speed=10_000)) == 6


def test_latency_of_the_endpoint_is_on_top(replayed):
    config = {"defaults": {"latency_ms": 3}}
    assert latency(replayed(one(wait_ms=2), latency="recorded", config=config)) == 5


def test_answers_come_like_the_others(replayed):
    made = [one(wait_ms=wait_ms) for wait_ms in (2, 4, 6)]
    server = replayed(*made, latency="fitted")
    drawn = [latency(server) for _ in range(8)]
    assert len(set(drawn)) > 1
    assert all(2 <= ms <= 6 for ms in drawn)


def test_the_same_seed_draws_the_same(replayed):
    made = [one(wait_ms=wait_ms) for wait_ms in (2, 4, 6)]
    server = replayed(*made, latency="fitted")
    first = [latency(server) for _ in range(5)]
    server.stop()
    server.start()
    assert [latency(server) for _ in range(5)] == first


# --- dates --------------------------------------------------------------------------------------------------


def test_dates_stay_unless_they_are_to_move(replayed):
    assert get(replayed(one(headers=DATED)), "/a").header("date") == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_dates_move_with_the_clock(replayed):
    server = replayed(one(headers=DATED), shift_dates=True)
    for _ in range(2):
        answer = get(server, "/a")
        assert answer.header("date") == "Fri, 02 Jan 2026 00:00:00 GMT"
        assert answer.header("expires") == "Fri, 02 Jan 2026 01:00:00 GMT"
    server.now += DAY
    assert get(server, "/a").header("date") == "Sat, 03 Jan 2026 00:00:00 GMT"


def test_dates_in_bodies_move_if_all_do(replayed):
    body = b'{"at": "2026-01-01T12:00:00Z", "n": 1}'
    assert get(replayed(one(body=body), shift_dates=True), "/a").json()["at"] == "2026-01-01T12:00:00Z"


def test_dates_in_bodies_move(replayed):
    body = b'{"at": "2026-01-01T12:00:00Z", "n": 1}'
    answer = get(replayed(one(body=body), shift_dates="all"), "/a")
    assert answer.json()["at"] == "2026-01-02T12:00:00Z"


# --- templates ----------------------------------------------------------------------------------------------


def test_recorded_files_may_have_templates(replayed):
    body = b'{"id": "{{ query.id }}", "again": "{{ request.method }}"}'
    server = replayed(
        one("/a?id=1", body, headers=((b"X-Id", b"id-{{ query.id }}"),)),
        one("/plain", b'{"n": 1}'),
        render=True,
        match={"query": False},
    )
    answer = get(server, "/a?id=7")
    assert answer.json() == {"id": "7", "again": "GET"}
    assert answer.header("x-id") == "id-7"
    assert int(answer.header("content-length")) == len(answer.body)
    assert get(server, "/a?id=8").json()["id"] == "8"
    assert get(server, "/plain").json() == {"n": 1}


def test_templates_are_text_unless_they_are_asked_for(replayed):
    body = b'{"id": "{{ query.id }}"}'
    assert get(replayed(one("/a", body)), "/a").json() == {"id": "{{ query.id }}"}


def test_a_template_that_fails_says_so(replayed):
    server = replayed(one("/a", b'{"id": "{{ 1 / (query.zero | int) }}"}'), render=True)
    answer = get(server, "/a")
    assert answer.status == 500
    assert "query.zero" in json.dumps(server.logs()[0]["error"])


def test_a_template_that_is_none_is_told_at_the_start(tmp_path):
    with FolderWriter(tmp_path / "recordings") as writer:
        writer.write(one("/a", b'{"id": "{{ query.id"}'))
        writer.write(one("/b", b'{"id": "{{ nosuch() }}"}'))
    with pytest.raises(ConfigError) as caught:
        build(project(tmp_path, {"record": {"render": True}}))
    assert len(caught.value.problems) == 2
    assert "get-a" in str(caught.value)


def test_what_is_renewed_is_no_template(serve, tmp_path):
    from tests.net.upstream.kit import RawUpstream, reply

    with FolderWriter(tmp_path / "recordings") as writer:
        writer.write(one("/a", b'{"id": "{{ query.id }}"}'))
    body = b'{"id": "{{ query.other }}"}'
    with RawUpstream(reply("Content-Type: application/json", body=body)) as upstream:
        config = {
            "proxy": upstream.url,
            "record": {"mode": "refresh", "render": True, "match": {"query": False}},
        }
        server = serve(project(tmp_path, config))
        get(server, "/a?id=7")
        told(server, "/__record/stop", "POST")
        assert get(server, "/a?id=7").body == body
