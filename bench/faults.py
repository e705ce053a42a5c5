"""Faults: whether they arrive at the client as asked for, and what they cost endpoints that have none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import servers, shapes
from bench.contenders import UNDERSTUDY
from bench.features import Feature, bring_up
from bench.rounds import Lane, Row, Say, Track, drive_rounds
from bench.servers import Server, StartError
from bench.sockets import Reply, open_all, request, watch
from bench.stats import middle, percentile

BODY_BYTES = 100_000
RATE = 200_000
CHUNKS, OVER_MS = 11, 500
PERCENTILES = {"50": 50, "90": 70, "99": 100}
CONNECTIONS = 50
PLAIN, ELSEWHERE = "no faults", "faults of another endpoint"
PLAIN_OFF, CHAOS_OFF = "no faults, memo off", "a profile on another endpoint, memo off"


@dataclass(frozen=True)
class Arrival:
    """One reply as it arrived: seconds from the request to the first and to the last byte of the body."""

    first_s: float
    last_s: float
    received: int


@dataclass(frozen=True)
class Accuracy:
    """Something that takes time: what the config says, and how the time is read."""

    name: str
    endpoint: dict[str, Any]
    measure: Callable[[Server, bool], dict[str, tuple[float, float]]]
    """(server, quick) → what: (asked, measured), in the same unit"""


def _arrival(server: Server) -> Arrival:
    (connection,) = open_all(server.port, 1)
    with connection:
        begun = perf_counter()
        connection.sendall(request(server.port, "/asked"))
        reply, first = Reply(), 0.0
        while True:
            data = connection.recv(65536)
            if not data:
                raise StartError("the reply was cut")
            whole = reply.feed(data)
            if not first and not reply.received.endswith(b"\r\n\r\n"):
                first = perf_counter()
            if whole:
                return Arrival(first - begun, perf_counter() - begun, len(reply.received))


def _bandwidth(server: Server, quick: bool) -> dict[str, tuple[float, float]]:
    seen = [_arrival(server) for _ in range(1 if quick else 5)]
    return {"bytes/s": (RATE, middle([one.received / one.last_s for one in seen]) or 0.0)}


def _dribble(server: Server, quick: bool) -> dict[str, tuple[float, float]]:
    seen = [_arrival(server) for _ in range(1 if quick else 5)]
    took_ms = middle([(one.last_s - one.first_s) * 1000 for one in seen]) or 0.0
    return {"ms from the first piece to the last": (OVER_MS, took_ms)}


def _percentiles(server: Server, quick: bool) -> dict[str, tuple[float, float]]:
    """Many requests over some connections, each sent when the one before it was answered."""
    left = 500 if quick else 10_000
    sockets = {one.fileno(): one for one in open_all(server.port, CONNECTIONS)}
    poll, message = watch(list(sockets.values())), request(server.port, "/asked")
    replies, begun = {fd: Reply() for fd in sockets}, dict.fromkeys(sockets, 0.0)
    trips: list[float] = []
    try:
        for fd, connection in sockets.items():
            begun[fd] = perf_counter()
            connection.send(message)
        while len(trips) < left:
            for fd, _ in poll.poll(5, CONNECTIONS):
                if not replies[fd].feed(sockets[fd].recv(65536)):
                    continue
                trips.append((perf_counter() - begun[fd]) * 1000)
                replies[fd] = Reply()
                begun[fd] = perf_counter()
                sockets[fd].send(message)
    finally:
        for connection in sockets.values():
            connection.close()
    return {f"ms, p{name}": (asked, percentile(trips, float(name))) for name, asked in PERCENTILES.items()}


ACCURACIES: tuple[Accuracy, ...] = (
    Accuracy(
        "bandwidth",
        {"body": "x" * BODY_BYTES, "faults": [{"kind": "bandwidth", "bytes_per_s": RATE}]},
        _bandwidth,
    ),
    Accuracy(
        "dribble",
        {"body": "x" * BODY_BYTES, "faults": [{"kind": "dribble", "chunks": CHUNKS, "over_ms": OVER_MS}]},
        _dribble,
    ),
    Accuracy("latency", {"response": 1, "latency_ms": {"percentiles": PERCENTILES}}, _percentiles),
)


def accuracy(folder: Path, quick: bool, say: Say) -> list[Row]:
    """Asked and measured, one row for each time that can be read."""
    rows: list[Row] = []
    for one in ACCURACIES:
        contender = _asked(one).contender()
        row: Row = {"server": "Understudy", "group": UNDERSTUDY, "version": contender.version}
        try:
            server = servers.spawn(contender, shapes.STATIC, folder / one.name, contender.core)
            try:
                servers_up(server)
                for what, (asked, measured) in one.measure(server, quick).items():
                    rows.append(row | {"what": f"{one.name}: {what}", "asked": asked, "measured": measured})
                    say(f"{one.name}, {what}: {asked:g} asked, {measured:,.1f} measured")
            finally:
                server.stop()
        except (StartError, OSError) as error:
            say(f"{one.name} is not available: {error}")
            rows.append(row | {"what": one.name, "unavailable": str(error)})
    shutil.rmtree(folder, ignore_errors=True)
    return rows


def servers_up(server: Server) -> None:
    """Wait until it accepts connections. Raises StartError."""
    deadline = perf_counter() + 60
    while perf_counter() < deadline and server.process.poll() is None:
        try:
            open_all(server.port, 1)[0].close()
        except OSError:
            continue
        return
    raise StartError(f"it does not listen: {server.last_words()}")


def _asked(one: Accuracy) -> Feature:
    config = {"endpoints": [{"path": "/asked", **one.endpoint}]}
    return Feature(one.name, lambda folder: config, "/asked", lambda status, reply: status == 200)


# --- what it costs ------------------------------------------------------------------------------------------


def _config(**more: Any) -> Callable[[Path], dict[str, Any]]:
    endpoints = [
        {"path": "/asked", "response": shapes.STATIC_REPLY},
        {"path": "/other", "response": shapes.STATIC_REPLY, **more.pop("other", {})},
    ]
    return lambda folder: {"endpoints": endpoints, **more}


def _lane(name: str, config: Callable[[Path], dict[str, Any]], *options: str) -> Feature:
    return Feature(
        name,
        config,
        "/asked",
        lambda status, reply: (status, reply) == (200, shapes.STATIC_REPLY),
        options=options,
    )


FAULT = {"kind": "error", "probability": 0.1, "when": {"every": 3}}
LANES: tuple[Feature, ...] = (
    _lane(PLAIN, _config()),
    _lane(ELSEWHERE, _config(other={"faults": [FAULT, "early_reply"]})),
    _lane(PLAIN_OFF, _config(), "--no-memo"),
    _lane(
        CHAOS_OFF,
        _config(chaos={"profiles": {"bad": {"endpoints": "/other", "faults": [FAULT]}}, "active": "bad"}),
        "--no-memo",
    ),
)


def cost(rounds: int, seconds: int, folder: Path, quiet: Any, say: Say) -> list[Row]:
    """The same endpoint with and without faults of another one, in interleaved rounds."""
    tracks = [
        Track(Lane(one.contender(), shapes.STATIC, one.name, "request.lua", one.arguments())) for one in LANES
    ]
    try:
        for number, (track, feature) in enumerate(zip(tracks, LANES, strict=True)):
            track.server, track.reason = bring_up(track, feature, folder / str(number))
            say(f"{track.lane.title}: {track.reason or 'is up and answers rightly'}")
        drive_rounds(tracks, rounds, seconds, quiet, say)
    finally:
        for track in tracks:
            if track.server:
                track.server.stop()
    return [track.row() for track in tracks]
