"""Connections that fail before a request is known, and how long they are kept."""

import sys

import pytest
from msgspec import convert

from tests.kit import Wire, get, wait_for
from tests.net.kit import REQUEST, Rig
from understudy.model.connections import ConnectionFault, Connections
from understudy.net.gate import MAX_CLIENTS, GatedConnection, Rules, Trap
from understudy.net.http1 import BUSY, Http1Connection
from understudy.net.listening import BLACK_HOLE, OPEN, REFUSING

CONFIG = {"endpoints": [{"path": "/", "body": "abcdef"}]}
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def rules(**written):
    return Rules(convert(written, Connections), 1000.0)


@pytest.fixture
def rig(monkeypatch):
    """A connection without sockets under some rules."""

    def make(**written):
        one = rules(**written)
        made = Rig(monkeypatch, config=CONFIG, make=lambda server: GatedConnection(server, one))
        made.rules = one
        return made

    return make


@pytest.fixture
def gated(serve):
    def start(config=None, **connections):
        return serve({**CONFIG, **(config or {}), "connections": connections})

    return start


def fault(kind, **more):
    return {"faults": [{"kind": kind, **more}]}


# --- who is let in ------------------------------------------------------------------------------------------


def test_without_rules_nothing_of_it_runs(monkeypatch):
    made = Rig(monkeypatch, config=CONFIG)
    assert type(made.server.gate.make()) is Http1Connection
    made.server.gate.set(convert({"max_requests": 3}, Connections))
    assert type(made.server.gate.make()) is GatedConnection
    made.server.gate.set(Connections())
    assert type(made.server.gate.make()) is Http1Connection


def test_a_close_is_the_end_of_the_stream(rig):
    made = rig(**fault("close"))
    assert (made.transport.half_closed, made.transport.sent) == (True, b"")
    made.feed(REQUEST)
    assert made.entries == []
    assert not made.connection.eof_received()
    made.lose()
    assert made.server.world.injected == {("connections", "close", "connections"): 1}


def test_a_reset_comes_at_once(rig):
    made = rig(**fault("reset"))
    assert made.transport.ended == "aborted"


@pytest.mark.parametrize("first", [True, False], ids=["sends", "does_not_send"])
def test_silence(rig, first):
    made = rig(**fault("silent", for_ms=2000))
    if first:
        made.feed(REQUEST)
        assert not made.transport.reading
    made.connection.check_time(made.connection.since + 1000)
    made.loop.advance(1.9)
    assert (made.transport.sent, made.transport.ended) == (b"", "")
    made.loop.advance(0.2)
    assert (made.transport.sent, made.transport.ended, made.entries) == (b"", "closed", [])
    made.lose()
    assert made.loop.timers == []


def test_silence_ends_when_the_client_goes(rig, monkeypatch):
    made = rig(**fault("silent"))
    made.feed(REQUEST)
    monkeypatch.setattr("understudy.net.http1.is_gone", lambda transport, half: True)
    made.connection.check_time(made.connection.since)
    assert made.transport.ended == "aborted"
    made.lose()
    assert made.loop.timers == []


def test_silence_ends_when_the_server_stops(rig):
    made = rig(**fault("silent"))
    made.feed(REQUEST)
    made.stop()
    assert made.transport.ended == "closed"


@pytest.mark.parametrize("when", ["before", "after", "never"])
def test_a_slow_accept(rig, when):
    made = rig(**fault("slow_accept", for_ms=2000))
    if when == "before":
        made.feed(REQUEST)
    made.loop.advance(1.9)
    assert made.transport.sent == b""
    made.connection.check_time(made.connection.since + 1000)
    made.connection.close_idle()
    assert made.transport.ended == "", "it is not idle: nobody has listened yet"
    made.loop.advance(0.2)
    if when == "after":
        made.feed(REQUEST)
    assert made.transport.reading
    assert made.body() == (b"" if when == "never" else b"abcdef")
    made.lose()
    assert made.loop.timers == []


def test_the_first_that_strikes_is_the_one(rig):
    made = rig(faults=[{"kind": "close", "probability": 0}, {"kind": "reset"}, {"kind": "silent"}])
    assert list(made.server.world.injected) == [("connections", "reset", "connections")]


def test_too_many_connections_are_not_struck(monkeypatch):
    one = rules(**fault("silent"))
    config = {**CONFIG, "limits": {"max_connections": 1}}
    made = Rig(monkeypatch, config=config, make=lambda server: GatedConnection(server, one))
    other = GatedConnection(made.server, one)
    other.connection_made(type(made.transport)())
    assert other.transport.ended == "aborted"
    assert sum(made.server.world.injected.values()) == 1


# --- which ones ---------------------------------------------------------------------------------------------


def struck(written, count=20, *, seed=1, now_s=1000.0, client=lambda n: "c"):
    trap = Trap(convert({"kind": "reset", **written}, ConnectionFault), 0, 1000.0)
    return [n for n in range(count) if trap.strikes(seed, n, client(n), now_s)]


def test_numbers():
    assert struck({"when": {"first": 2}}) == [0, 1]
    assert struck({"when": {"every": 5}}) == [4, 9, 14, 19]
    assert struck({"when": {"from_n": 3, "to_n": 4}}) == [2, 3]


def test_numbers_by_client():
    assert struck({"when": {"first": 1, "per": "client"}}, client=lambda n: "abc"[n % 3]) == [0, 1, 2]


def test_lots_depend_on_seed_and_number_alone():
    half = {"probability": 0.5}
    found = struck(half, 1000)
    assert 430 < len(found) < 570
    assert found == struck(half, 1000)
    assert found != struck(half, 1000, seed=2)


def test_bursts():
    found = struck({"when": {"burst": {"good": 20, "bad": 20}}}, 2000)
    runs = sum(n - 1 not in found for n in found)
    assert 600 < len(found) < 1400
    assert runs < len(found) / 5, "they come in bursts"


def test_windows_and_ttl():
    assert struck({"when": {"window": {"after_s": 5, "for_s": 5}}}, now_s=1004.0) == []
    assert struck({"when": {"window": {"after_s": 5, "for_s": 5}}}, 1, now_s=1006.0) == [0]
    assert struck({"ttl": 5}, 1, now_s=1006.0) == []


def test_at_most_so_many_at_a_time(rig):
    made = rig(**fault("silent", max_active=1))
    other = GatedConnection(made.server, made.rules)
    other.connection_made(type(made.transport)())
    other.data_received(REQUEST)
    assert b"abcdef" in other.transport.sent
    made.lose()
    third = GatedConnection(made.server, made.rules)
    third.connection_made(type(made.transport)())
    third.data_received(REQUEST)
    assert third.transport.sent == b""


def test_clients_that_are_counted_are_bounded():
    written = {"kind": "reset", "when": {"first": 1, "per": "client"}}
    trap = Trap(convert(written, ConnectionFault), 0, 0.0)
    for number in range(MAX_CLIENTS + 10):
        trap.strikes(1, number, str(number), 1.0)
    assert len(trap._counts) == MAX_CLIENTS


# --- how long they are kept ---------------------------------------------------------------------------------


def test_the_last_request_says_so(gated):
    server = gated(max_requests=3)
    with Wire(server) as wire:
        closes = []
        for _ in range(3):
            wire.send(GET)
            closes.append(wire.answer().header("connection"))
        assert closes == [None, None, "close"]
        assert wire.is_closed()
    assert len(server.logs()) == 3


@pytest.mark.parametrize("latency_ms", [0, 1], ids=["at_once", "in_steps"])
def test_or_says_nothing(gated, latency_ms):
    endpoint = {"path": "/", "body": "abcdef", "latency_ms": latency_ms}
    server = gated({"endpoints": [endpoint]}, max_requests=2, announce=False)
    with Wire(server) as wire:
        wire.send(GET * 4)
        answers = [wire.answer(), wire.answer()]
        assert [answer.header("connection") for answer in answers] == [None, None]
        assert wire.is_closed()
    assert len(wait_for(server.logs)) == 2


def test_the_same_request_again_is_counted_too(gated):
    """It would be remembered otherwise, and answered without being looked at."""
    server = gated(max_requests=5)
    for _ in range(4):
        with Wire(server) as wire:
            for _ in range(5):
                wire.send(GET)
                assert wire.answer().status == 200
            assert wire.is_closed()


def test_an_idle_connection_is_closed_without_a_word(rig, monkeypatch):
    made = rig(idle_ms=500)
    now = [made.connection.since]
    for module in ("gate", "http1", "early"):
        monkeypatch.setattr(f"understudy.net.{module}.time", lambda: now[0])
    now[0] += 0.4
    made.feed(REQUEST)
    made.loop.advance(0.5)
    assert made.transport.ended == "", "it was used"
    now[0] += 0.6
    made.loop.advance(0.5)
    assert made.transport.ended == "closed"
    made.lose()
    assert made.loop.timers == []


def test_one_that_is_being_answered_is_not(rig):
    made = rig(idle_ms=500)
    made.connection.state = BUSY
    made.loop.advance(10)
    assert made.transport.ended == ""


# --- when nobody is -----------------------------------------------------------------------------------------


class Clock:
    """A server whose clock is moved by hand."""

    def __init__(self, server):
        self.server = server
        self.gate = server._server.gate
        self.now = server._server.world.started_s
        server._server.world.now = lambda: self.now

    def at(self, elapsed_s):
        """Move on, and let the gate look at it. How the port is listened on."""
        self.now = self.server._server.world.started_s + elapsed_s

        async def follow():
            self.gate._follow()

        self.server._call(follow())
        return self.gate.listening.how


WINDOW = {"window": {"after_s": 100, "for_s": 50, "every_s": 200}}


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("refuse", REFUSING),
        ("down", REFUSING),
        pytest.param(
            "black_hole", BLACK_HOLE, marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux")
        ),
    ],
)
def test_times_at_which_nobody_is_let_in(gated, kind, how):
    server = gated(**fault(kind, when=WINDOW))
    clock = Clock(server)
    assert [clock.at(s) for s in (0, 99, 100, 149, 150, 299, 300, 350)] == [
        OPEN,
        OPEN,
        how,
        how,
        OPEN,
        OPEN,
        how,
        OPEN,
    ]
    assert server._server.world.injected == {("connections", kind, "connections"): 2}
    assert wait_for(lambda: server._server.gate.listening._listener)
    assert get(server, "/").body == b"abcdef"


def test_idle_connections_are_closed_and_busy_ones_answered(gated):
    server = gated(
        {"endpoints": [{"path": "/", "body": "a", "latency_ms": 100}]}, **fault("refuse", when=WINDOW)
    )
    clock = Clock(server)
    with Wire(server) as idle, Wire(server) as busy:
        wait_for(lambda: len(server._server.connections) == 2)
        busy.send(GET)
        wait_for(lambda: any(one.state == "busy" for one in server._server.connections))
        clock.at(100)
        assert idle.is_closed()
        assert busy.answer().body == b"a"
        assert busy.is_closed(), "as soon as it is idle"


def test_a_window_from_the_start(gated):
    server = gated(**fault("refuse", when={"window": {"for_s": 1000}}))
    with pytest.raises(ConnectionRefusedError):
        Wire(server)
    assert server.port
    assert Clock(server).at(1000) == OPEN


def test_a_reload_changes_the_rules_for_those_that_come(gated):
    server = gated(max_requests=1)
    server.reload({**CONFIG, "connections": fault("close")})
    with Wire(server) as wire:
        assert wire.is_closed()
    server.reload(CONFIG)
    with Wire(server) as wire:
        for _ in range(3):
            wire.send(GET)
            assert wire.answer().header("connection") is None


def test_a_reload_opens_what_is_shut(gated):
    server = gated(**fault("refuse", when={"window": {"for_s": 1000}}))
    server.reload(CONFIG)
    wait_for(lambda: server._server.gate.listening._listener)
    assert get(server, "/").body == b"abcdef"


def test_a_reload_of_other_things_leaves_what_was_set_live(gated):
    server = gated()
    live = convert(fault("close"), Connections)

    async def put():
        server._server.gate.set(live, since_s=server._server.world.now())

    server._call(put())
    server.reload({"endpoints": []})
    with Wire(server) as wire:
        assert wire.is_closed()


def test_live_rules_count_from_when_they_were_set(gated):
    server = gated()
    clock = Clock(server)
    clock.at(500)
    live = convert(fault("refuse", when={"window": {"after_s": 10, "for_s": 10}}), Connections)

    async def put():
        server._server.gate.set(live, since_s=clock.now)

    server._call(put())
    assert [clock.at(s) for s in (505, 510, 519, 520)] == [OPEN, REFUSING, REFUSING, OPEN]


def test_the_gate_comes_back_by_itself(gated):
    """On the server's own clock, and not before its time."""
    server = gated(**fault("refuse", when={"window": {"after_s": 0.05, "for_s": 0.05}}))
    gate = server._server.gate
    wait_for(lambda: sum(server._server.world.injected.values()))
    assert server._server.world.now() - server._server.world.started_s >= 0.05
    wait_for(lambda: gate.listening.how == OPEN and gate.listening._listener)
    assert server._server.world.now() - server._server.world.started_s >= 0.1
    assert get(server, "/").body == b"abcdef"
