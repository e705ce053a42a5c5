"""The keys `faults` and `outage` of an endpoint."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.faults.armed import Armed, Gate, Outage
from understudy.faults.load import Load
from understudy.faults.read import read_fault
from understudy.load.fault import Fault as Mistake
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
        written = names(endpoint.outage)
        for outage in dict.fromkeys(written):
            at = () if isinstance(endpoint.outage, str) else (written.index(outage),)
            for found in _outage(outage, kit, (*place, "outage", *at)):
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


def check_outages(kit: Kit) -> None:
    """Compile also the outages that no endpoint names: a mistake in one is told before it is needed."""
    for name in kit.config.outages:
        _compiled(name, kit)


class _Outages(dict[str, tuple[Outage, ...]]):
    """The outages that were compiled, as endpoints share them."""


def _outage(name: str, kit: Kit, place: Place) -> tuple[Outage, ...]:
    known = kit.config.outages
    if name in known:
        return _compiled(name, kit)
    near = nearest(name, known)
    kit.mistake(
        place,
        Mistake(
            f"there is no outage {name!r} in `outages`",
            accepted=", ".join(known) or None,
            suggestion=f'"{near}"' if near else None,
        ),
    )
    return ()


def _compiled(name: str, kit: Kit) -> tuple[Outage, ...]:
    """The outage; in two parts if some of its faults are early, as these are asked at another time."""
    outages = kit.shared.setdefault(_Outages, _Outages())
    assert isinstance(outages, _Outages)
    if name not in outages:
        written = kit.config.outages[name]
        at: Place = ("outages", name)
        scope = source = f"outage {name}"
        faults: list[Any] = [*written.faults] or [Error(status=503)]
        armed = arm(faults, source, scope, kit, (*at, "faults"))
        load = None if written.max_active is UNSET else Load(written.max_active)
        halves = ((scope, False), (f"{scope} early", True))
        outages[name] = tuple(
            Outage(label, Gate(written, label, kit, at, is_early=is_early), struck, load)
            for label, is_early in halves
            if (struck := tuple(one for one in armed if one.is_early is is_early))
        )
    return outages[name]


__all__ = ["ENDPOINT", "add_faults", "arm", "check_outages"]
