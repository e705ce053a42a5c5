"""A file of imposters, or one imposter, as a config."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from understudy.errors import ConfigError
from understudy.formats.har.notes import Notes
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.mountebank.responses import Responses
from understudy.formats.mountebank.stubs import Made, Stubs
from understudy.formats.order import keep_order
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source

MAX_PORT = 65_535
LAST = -1_000_000
"""The priority of what is asked behind all stubs."""
PROTOCOLS = ("http", "https")
_KNOWN = frozenset(
    {
        "protocol", "port", "name", "stubs", "recordRequests", "recordMatches", "defaultResponse",
        "allowCORS", "host", "requests", "numberOfRequests", "_links", "key", "cert", "mutualAuth", "ciphers",
        "rejectUnauthorized",
    }
)  # fmt: skip


@dataclass
class _Read:
    """What is gathered over all imposters."""

    made: list[Made] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)
    last: list[Made] = field(default_factory=list)


def read_mountebank(source: Source, options: Options) -> Imported:
    """What `mb save` writes and `mb --configfile` reads, or one imposter. Raises ConfigError."""
    spot = Spot(source)
    try:
        return _imposters(source, options, spot)
    except LeftOut as left:
        raise ConfigError([source.problem(Fault(left.message, left.spot.keys))]) from None


def _imposters(source: Source, options: Options, spot: Spot) -> Imported:
    chosen = _chosen(spot.mapping(source.data), options.imposter, spot)
    notes = Notes()
    gathered = _Read()
    config: dict[str, Any] = {}
    if chosen and (port := chosen[0][0].get("port")):
        number = int(chosen[0][1].at("port").number(port))
        if number > MAX_PORT:
            chosen[0][1].at("port").leave(f"a port is at most {MAX_PORT}")
        config["port"] = number
    if len(chosen) > 1:
        _tell_of_several(chosen, spot)
    if any(imposter.get("allowCORS") for imposter, _ in chosen):
        config["cors"] = True
    config["trailing_slash"] = "strict"
    for number, (imposter, at) in enumerate(chosen):
        _read_stubs(imposter, at, number == len(chosen) - 1, notes, gathered)
    written = [one.written for one in gathered.made]
    keep_order(written, [one.endpoint for one in gathered.made])
    written += [{**one.written, "priority": LAST} for one in gathered.last]
    if chosen and not gathered.last:
        written.append(_unanswered(*chosen[0]))
        gathered.origins.append(chosen[0][1].origin)
        gathered.comments.append("what no stub takes")
    if gathered.scenarios:
        config["state"] = {"scenarios": dict.fromkeys(gathered.scenarios, "0")}
    notes.tell()
    return Imported(
        config={**config, "endpoints": written},
        warnings=tuple(spot.warnings),
        origins=tuple(gathered.origins),
        comments=tuple(gathered.comments),
        read=(source.file,) if source.file is not None else (),
    )


# ---- which imposters


def _chosen(data: dict[str, Any], wanted: str | None, spot: Spot) -> list[tuple[dict[str, Any], Spot]]:
    """The imposters that are served, those of other protocols left out with a warning. Raises LeftOut."""
    if "imposters" in data:
        inner = spot.at("imposters")
        every = [
            (inner.at(at).mapping(one), inner.at(at))
            for at, one in enumerate(inner.sequence(data["imposters"]))
        ]
    else:
        every = [(data, spot)]
    if wanted is not None:
        known = [_title(imposter) for imposter, _ in every]
        every = [pair for pair in every if wanted in {str(pair[0].get("name")), str(pair[0].get("port"))}]
        if not every:
            spot.leave(f"there is no imposter {wanted!r}: there are {', '.join(known[:20]) or 'none'}")
    found = []
    for imposter, at in every:
        protocol = imposter.get("protocol")
        if protocol not in PROTOCOLS:
            at.at("protocol").warn(f"{_title(imposter)} is left out: its protocol is not http or https")
            continue
        if protocol == "https":
            at.at("protocol").warn(f"{_title(imposter)} is served without TLS, as http")
        for key in imposter:
            if key not in _KNOWN:
                at.at(key).warn(f"`{key}` is not carried over")
        found.append((imposter, at))
    return found


def _title(imposter: dict[str, Any]) -> str:
    name, port = imposter.get("name"), imposter.get("port")
    shown = f"imposter {json.dumps(name, ensure_ascii=False)[:60]}" if name else "imposter"
    return f"{shown} on port {port}" if isinstance(port, int) else shown


def _tell_of_several(chosen: list[tuple[dict[str, Any], Spot]], spot: Spot) -> None:
    names = ", ".join(_title(imposter) for imposter, _ in chosen[:5])
    more = f" and {len(chosen) - 5} more" if len(chosen) > 5 else ""
    spot.at("imposters").warn(
        f"{names}{more} answer on one port: where several take the same request, the first one answers;"
        " `understudy import --imposter PORT` takes one alone"
    )


# ---- their stubs


def _read_stubs(imposter: dict[str, Any], spot: Spot, is_last: bool, notes: Notes, gathered: _Read) -> None:
    port = imposter.get("port")
    responses = Responses(
        imposter.get("defaultResponse"),
        f"recordings-{port}" if isinstance(port, int) else "recordings",
        spot.at("defaultResponse"),
    )
    stubs = Stubs(f"port {port}" if isinstance(port, int) else "imposter", responses, notes)
    inner = spot.at("stubs")
    written = inner.sequence(imposter.get("stubs"))
    for number, stub in enumerate(written):
        at = inner.at(number)
        try:
            found = stubs.read(stub, at)
        except LeftOut as left:
            left.spot.warn(f"this stub is left out: {left.message}")
            continue
        takes_all = isinstance(stub, dict) and not stub.get("predicates")
        if takes_all and not (is_last and number == len(written) - 1):
            what = "the stubs" if number < len(written) - 1 else "the imposters"
            at.warn(f"it takes every request: {what} behind it never answer")
        into = gathered.last if takes_all and is_last and number == len(written) - 1 else gathered.made
        into += found
        gathered.origins += [at.origin] * len(found)
        gathered.comments += [_title(imposter) if not number else ""] + [""] * (len(found) - 1)
    gathered.scenarios += stubs.scenarios


def _unanswered(imposter: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """What mountebank answers where no stub takes a request."""
    default = Responses(imposter.get("defaultResponse"), "", spot.at("defaultResponse")).default()
    return {"path": "/**", "method": "ANY", "priority": LAST, **default.keys}
