"""Faults that are switched on and off together: those of a profile, or of a rule that came while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET

from understudy.faults.armed import Armed, Struck
from understudy.faults.feature import arm
from understudy.faults.load import Load
from understudy.faults.target import Fits, compile_target
from understudy.model import Failure
from understudy.model.chaos import Profile, names
from understudy.model.faults import Error, Fault, Latency

if TYPE_CHECKING:
    from understudy.simulate.exchange import Exchange
    from understudy.simulate.kit import Kit, Place


class Rule:
    """Compiled faults under one source, and which endpoints they are for. `load` is that of this rule."""

    __slots__ = ("faults", "fits", "load", "source")

    def __init__(self, source: str, faults: Sequence[Armed], fits: Fits) -> None:
        self.source = source
        self.faults = tuple(faults)
        self.fits = fits
        self.load = Load()


def compile_rule(written: Profile, source: str, kit: Kit, place: Place, scope: str | None = None) -> Rule:
    """The faults of a profile, its latency first. Mistakes are added to the kit's problems.

    `scope` is what they are counted and drawn under. Default: the source.
    """
    scope = source if scope is None else scope
    faults: list[Armed] = []
    for key, fault in (("latency_ms", _latency(written)), ("failure", _failure(written))):
        if fault is not None:  # its lots have a name of their own: those of the list do not depend on it
            faults.append(Armed(fault, source, f"{scope} {key}", 0, kit, (*place, key)))
    faults += arm(written.faults, source, scope, kit, (*place, "faults"))
    return Rule(source, faults, compile_target(names(written.endpoints), names(written.groups)))


def _latency(written: Profile) -> Fault | None:
    return None if written.latency_ms is UNSET else Latency(ms=written.latency_ms)


def _failure(written: Profile) -> Fault | None:
    rate, failure = written.failure_rate, Failure.of(written.failure)
    if rate is UNSET:
        return None
    return Error(probability=rate, status=failure.status, body=failure.body, headers=failure.headers)


class Poised:
    """A fault of a rule that is on, since a time in unix seconds. `load` is that of all rules together."""

    __slots__ = ("_armed", "_load", "_own_load", "_since_s")

    def __init__(self, armed: Armed, since_s: float, own_load: Load, load: Load) -> None:
        self._armed = armed
        self._since_s = since_s
        self._own_load = own_load
        self._load = load

    @property
    def is_early(self) -> bool:
        """Whether it acts before the whole request has come."""
        return self._armed.is_early

    async def ask(self, exchange: Exchange) -> tuple[Struck, ...]:
        """The fault as it strikes this request, or nothing: also where too many are hit already."""
        struck = await self._armed.ask(exchange, self._since_s)
        if not struck or not self._load.take(exchange):
            return ()
        self._own_load.take(exchange)
        return struck


__all__ = ["Poised", "Rule", "compile_rule"]
