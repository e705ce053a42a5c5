"""What the richer features cost, one TABLE: each a config, one request, and what its answer must be."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from bench import contenders, servers, shapes
from bench.contenders import UNDERSTUDY, Contender
from bench.rounds import Lane, Row, Say, Track, drive_rounds
from bench.servers import HOST, Server, StartError
from bench.shapes import Shape

MATCHED = 1_000
"""Endpoints of one path that differ in a field of the body."""
RECORDS = 100_000
LISTED = "/users?city=Berlin&_sort=name&_limit=20"


@dataclass(frozen=True)
class Feature:
    """One feature of Understudy as it is measured. `prepare` writes further files beside the config."""

    name: str
    config: Callable[[Path], dict[str, Any]]
    path: str
    right: Callable[[int, Any], bool]
    method: str = "GET"
    body: Any = None
    headers: Callable[[], dict[str, str]] = field(default=dict)
    options: tuple[str, ...] = ()

    def contender(self) -> Contender:
        """Understudy with this feature's config."""

        def command(shape: Shape, folder: Path, port: int) -> list[str]:
            config = folder / "config.json"
            config.write_text(json.dumps(self.config(folder)))
            program = Path(sys.executable).parent / "understudy"
            options = ["--host", HOST, "--port", str(port), "--quiet", "--no-watch", "--seed", "1"]
            return [str(program), "serve", str(config), *options, *self.options]

        return Contender("Understudy", UNDERSTUDY, command, metadata.version("understudy"))

    def arguments(self) -> tuple[str, ...]:
        """What the load script sends."""
        body = "" if self.body is None else json.dumps(self.body)
        return (self.method, self.path, body, *(f"{name}: {text}" for name, text in self.headers().items()))

    def ask(self, server: Server) -> tuple[int, Any, float]:
        """One request: status, JSON, and the milliseconds it took."""
        connection = http.client.HTTPConnection(HOST, server.port, timeout=30)
        body = None if self.body is None else json.dumps(self.body)
        headers = {**self.headers(), **({} if body is None else {"Content-Type": "application/json"})}
        try:
            begun = time.perf_counter()
            connection.request(self.method, self.path, body, headers)
            reply = connection.getresponse()
            text = reply.read()
            return reply.status, json.loads(text), (time.perf_counter() - begun) * 1000
        finally:
            connection.close()


def _matching(folder: Path) -> dict[str, Any]:
    return {
        "endpoints": [
            {
                "path": "/api/orders",
                "method": "POST",
                "match": {"body": {"json": {"order": {"sku": f"sku-{number}"}, "kind": "#string"}}},
                "response": {"number": number},
            }
            for number in range(MATCHED)
        ]
    }


def _stateful(store: str) -> Callable[[Path], dict[str, Any]]:
    return lambda folder: {
        "state": {"store": store, "variables": {"name": "Ada"}},
        "endpoints": [
            {"path": "/visits", "response": {"name": "{{ state.name }}", "count": "{{ counter() }}"}}
        ],
    }


def people(count: int) -> list[dict[str, Any]]:
    """Records to list, the same ones each time."""
    cities = ["Berlin", "Paris", "Rome", "Oslo", "Madrid"]
    return [
        {"id": n, "name": f"name-{n * 7919 % count:06}", "city": cities[n * 31 % 5], "age": n * 17 % 90}
        for n in range(1, count + 1)
    ]


def _list(folder: Path) -> dict[str, Any]:
    (folder / "db.json").write_text(json.dumps({"users": people(RECORDS)}))
    return {"database": "db.json", "endpoints": [{"path": "/users", "resource": "users"}]}


def _jwt(folder: Path) -> dict[str, Any]:
    (folder / "key.pem").write_text(_keys()[1])
    return {
        "auth": {"schemes": {"main": {"jwt": {"algorithms": ["RS256"], "key_file": "key.pem"}}}},
        "endpoints": [{"path": "/me", "auth": "main", "response": shapes.STATIC_REPLY}],
    }


_PAIR: list[str] = []


def _keys() -> list[str]:
    """A private and a public RSA key, as PEM; made once per run."""
    if not _PAIR:
        from joserfc.jwk import RSAKey

        key = RSAKey.generate_key(2048, private=True)
        _PAIR.extend((key.as_pem(private=True).decode(), key.as_pem(private=False).decode()))
    return _PAIR


def _bearer() -> dict[str, str]:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    claims = {"sub": "1", "scope": "read", "exp": int(time.time()) + 86_400}
    token = jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(_keys()[0]))
    return {"Authorization": f"Bearer {token}"}


FEATURES: tuple[Feature, ...] = (
    Feature(
        f"partial JSON match, {MATCHED:,} endpoints of one path",
        _matching,
        "/api/orders",
        lambda status, reply: (status, reply) == (200, {"number": MATCHED - 1}),
        "POST",
        {"order": {"sku": f"sku-{MATCHED - 1}", "count": 2}, "kind": "gift", "tags": ["a", "b"]},
    ),
    Feature(
        "state and counter, in memory",
        _stateful("memory"),
        "/visits",
        lambda status, reply: status == 200 and reply["name"] == "Ada" and reply["count"] > 0,
    ),
    Feature(
        "state and counter, SQLite",
        _stateful("state.db"),
        "/visits",
        lambda status, reply: status == 200 and reply["name"] == "Ada" and reply["count"] > 0,
    ),
    Feature(
        "RS256 token",
        _jwt,
        "/me",
        lambda status, reply: (status, reply) == (200, shapes.STATIC_REPLY),
        headers=_bearer,
    ),
)
LIST = Feature(
    f"list of 20 of {RECORDS:,}",
    _list,
    LISTED,
    lambda status, reply: (
        status == 200
        and len(reply) == 20
        and all(one["city"] == "Berlin" for one in reply)
        and [one["name"] for one in reply] == sorted(one["name"] for one in reply)
    ),
)


def features(rounds: int, seconds: int, folder: Path, quiet: Any, say: Say) -> list[Row]:
    """nginx and each feature, in interleaved rounds."""
    tracks = [Track(Lane(contenders.nginx(), shapes.STATIC))]
    tracks += [
        Track(Lane(one.contender(), shapes.STATIC, one.name, "request.lua", one.arguments()))
        for one in FEATURES
    ]
    checks: list[Feature | None] = [None, *FEATURES]
    try:
        for number, (track, feature) in enumerate(zip(tracks, checks, strict=True)):
            track.server, track.reason = bring_up(track, feature, folder / str(number))
            say(f"{track.lane.title}: {track.reason or 'is up and answers rightly'}")
        drive_rounds(tracks, rounds, seconds, quiet, say)
    finally:
        for track in tracks:
            if track.server:
                track.server.stop()
    return [track.row() for track in tracks]


def bring_up(track: Track, feature: Feature | None, folder: Path) -> tuple[Server | None, str]:
    """The server once it answers rightly, or the reason why it does not."""
    one = track.lane.contender
    if feature is None:
        return servers.start(one, shapes.STATIC, folder, one.core), ""
    server = servers.spawn(one, shapes.STATIC, folder, one.core)
    deadline = time.perf_counter() + 60
    last = "no answer"
    while time.perf_counter() < deadline and server.process.poll() is None:
        try:
            status, reply, _ = feature.ask(server)
        except (OSError, ValueError, http.client.HTTPException) as error:
            last = str(error)
            time.sleep(0.02)
            continue
        if feature.right(status, reply):
            return server, ""
        last = f"answered {status} {str(reply)[:100]}"
        break
    words = server.last_words()
    server.stop()
    return None, f"{last}; {words}"


def listing(folder: Path, quick: bool, say: Say) -> list[Row]:
    """The first answer and the later ones of a filtered, sorted list, over one connection each."""
    rows: list[Row] = []
    for who, make in (("Understudy", LIST.contender), ("json-server", _json_server)):
        row: Row = {"server": who, "group": UNDERSTUDY if who == "Understudy" else "peer"}
        try:
            one = make()
            row["version"] = one.version
            rows.append(row | _listing_of(one, folder / who, 20 if quick else 100, say))
        except (StartError, OSError, ValueError) as error:
            say(f"{who} is not available: {error}")
            rows.append(row | {"version": "?", "unavailable": str(error)})
    return rows


def _listing_of(one: Contender, folder: Path, times: int, say: Say) -> Row:
    firsts: list[float] = []
    later: list[float] = []
    for number in range(3):
        server = servers.spawn(one, shapes.STATIC, folder / str(number), one.core)
        try:
            took = _until_listed(server)
            firsts.append(took)
            for _ in range(times):
                status, reply, took = LIST.ask(server)
                if not LIST.right(status, reply):
                    raise StartError(f"answered {status} {str(reply)[:100]}")
                later.append(took)
        finally:
            server.stop()
        say(f"{one.name}: first {firsts[-1]:.1f} ms, then {sorted(later)[len(later) // 2]:.2f} ms")
    return {"firsts_ms": firsts, "first_ms": sorted(firsts)[1], "later_ms": sorted(later)[len(later) // 2]}


def _until_listed(server: Server) -> float:
    """The milliseconds of the first list, once the server has answered with one record."""
    one_record = Feature("one record", _list, "/users/1", lambda status, reply: status == 200)
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline:
        try:
            status, _, _ = one_record.ask(server)
        except (OSError, ValueError, http.client.HTTPException):
            if server.process.poll() is not None:
                raise StartError(f"ended: {server.last_words()}") from None
            time.sleep(0.02)
            continue
        if status == 200:
            break
    status, reply, took = LIST.ask(server)
    if not LIST.right(status, reply):
        raise StartError(f"answered {status} {str(reply)[:100]}")
    return took


def _json_server() -> Contender:
    from bench.peers import PEERS, MissingError, install

    peer = next(one for one in PEERS if one.name == "json-server")
    try:
        installed = install(peer)
    except MissingError as error:
        raise StartError(str(error)) from None

    def command(shape: Shape, folder: Path, port: int) -> list[str]:
        _list(folder)
        options = ["--quiet", "--host", HOST, "--port", str(port)]
        return [str(peer.modules / ".bin/json-server"), *options, str(folder / "db.json")]

    return Contender("json-server", installed.group, command, installed.version)
