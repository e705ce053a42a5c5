"""The keys `faults` and `outage` of an endpoint."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.faults.armed import Armed, Gate, Outage
from understudy.faults.read import read_fault
from understudy.load.hints import nearest
from understudy.model import Endpoint
from understudy.model.chaos import names
from understudy.model.faults import Error, Fault
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place

ENDPOINT = "endpoint"
"""The source of the faults that an endpoint has of its own."""


def add_faults(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add what may go wrong with the endpoint."""
    if endpoint.faults is not UNSET:
        for armed in arm(endpoint.faults, ENDPOINT, name, kit, (*place, "faults")):
            (parts.early if armed.is_early else parts.menaces).append(armed)
    if endpoint.outage is not UNSET:
        for outage in dict.fromkeys(names(endpoint.outage)):
            for found in _outage(outage, kit, (*place, "outage")):
                (parts.early if found.is_early else parts.menaces).append(found)


def arm(written: list[Any], source: str, scope: str, kit: Kit, place: Place) -> list[Armed]:
    """The faults of a list, ready to strike; those with a mistake are left out, and added to the problems."""
    armed = []
    for number, one in enumerate(written):
        fault = one if isinstance(one, Fault) else _read(one, kit, (*place, number))
        if fault is not None:
            armed.append(Armed(fault, source, scope, number, kit, (*place, number)))
    return armed


def _read(written: Any, kit: Kit, place: Place) -> Fault | None:
    read = read_fault(written)
    if isinstance(read, Fault):
        return read
    for mistake in read:
        kit.mistake((*place, *mistake.keys), mistake)
    return None


class _Outages(dict[str, tuple[Outage, ...]]):
    """The outages that were compiled, as endpoints share them."""


def _outage(name: str, kit: Kit, place: Place) -> tuple[Outage, ...]:
    """The outage; in two parts if some of its faults are early, as these are asked at another time."""
    outages = kit.shared.setdefault(_Outages, _Outages())
    assert isinstance(outages, _Outages)
    written = kit.config.outages.get(name)
    if written is None:
        known = kit.config.outages
        message = f"there is no outage {name!r} in `outages`" + (
            f"; there are {', '.join(known)}" if known else ""
        )
        kit.problem(place, message, suggestion=nearest(name, list(known)))
        return ()
    if name not in outages:
        at: Place = ("outages", name)
        scope = source = f"outage {name}"
        faults: list[Any] = [*written.faults] or [Error(status=503)]
        armed = arm(faults, source, scope, kit, (*at, "faults"))
        halves = ((scope, False), (f"{scope} early", True))
        outages[name] = tuple(
            Outage(label, Gate(written, label, kit, at, is_early=is_early), struck)
            for label, is_early in halves
            if (struck := tuple(one for one in armed if one.is_early is is_early))
        )
    return outages[name]


__all__ = ["ENDPOINT", "add_faults", "arm"]
