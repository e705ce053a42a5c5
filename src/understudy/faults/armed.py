"""A fault that waits for its occasion: asked once for each request, it says whether it strikes.

The decision is a pure function of the seed, the endpoint, the number of the request, and what the schedule
counts, so that the same seed gives the same faults however requests to different endpoints are mixed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from understudy.faults import FAULTS, compile_fault, kind_of
from understudy.faults.chance import NO, Asked, Chance
from understudy.faults.load import Load
from understudy.faults.schedule import Instant
from understudy.faults.strike import Lots, Moment, Strike
from understudy.match import ConditionError, Conditions, compile_match
from understudy.match.per import compile_per
from understudy.model.faults import Fault
from understudy.model.occasion import Occasion
from understudy.request import Request
from understudy.steps import Injected, Step

if TYPE_CHECKING:
    from understudy.simulate.exchange import Exchange
    from understudy.simulate.kit import Kit, Place

COUNTS = "faults"
"""The table of what schedules count."""


class Gate:
    """Opens for the requests that something is to happen to. `scope` is what its counts are kept under."""

    __slots__ = ("_chance", "_conditions", "_owner", "_scope")

    def __init__(
        self, written: Occasion, scope: str, kit: Kit, place: Place, *, is_early: bool = False
    ) -> None:
        """`is_early` says that it is asked before the request's body is there."""
        when = written.when
        self._chance = Chance(written)
        self._scope = scope
        self._owner: Callable[[Request], str] | None = None
        self._conditions: Conditions | None = None
        if when is UNSET:
            return
        self._owner = compile_per(when.per) if when.per is not UNSET else None
        if when.match is not UNSET:
            try:
                self._conditions = compile_match(when.match)
            except ConditionError as error:
                kit.problem((*place, "when", "match", *error.keys), error.message)
                return
            if self._conditions.by_state:
                message = "a fault is not bound to the state: use `match.state` of an endpoint"
                kit.problem((*place, "when", "match"), message)
            if is_early and self._conditions.by_body:
                message = "the fault strikes before the body is read, which this looks at"
                kit.problem((*place, "when", "match"), message)

    async def ask(self, exchange: Exchange, lots: Lots, since_s: float | None = None) -> Asked:
        """Whether it is open for this request, which is counted, but not again when it is matched anew.

        `since_s` is when it was switched on, in unix seconds, and counts begin anew then; None: it is on
        since the server was started.
        """
        request, now = exchange.request, exchange.now
        elapsed = now - (exchange.started_s if since_s is None else since_s)
        if self._chance.is_over(elapsed):
            return NO
        if self._conditions is not None and not self._conditions.matches(request):
            return NO
        number, is_bad = 0, False
        if self._chance.counts:
            known: tuple[int, bool] | None = exchange.passed.get(self)
            if known is None:
                owner = "" if self._owner is None else self._owner(request)
                known = exchange.passed[self] = await self._count(exchange, owner, since_s)
            number, is_bad = known
        return self._chance.judge(lots, Instant(number, elapsed, now, is_bad))

    async def _count(self, exchange: Exchange, owner: str, since_s: float | None) -> tuple[int, bool]:
        """The request's number among those of its owner, from 1, and whether it falls into a bad time."""
        key = f"{self._scope}/{owner}" if owner else self._scope
        chance, seed = self._chance, exchange.seed
        if since_s is None and not chance.has_bursts:
            return await exchange.store.add(exchange.space, COUNTS, key), False

        def step(row: Any) -> tuple[list[Any], tuple[int, bool]]:
            begun = isinstance(row, list) and row[2:] == [since_s]  # else it counts for an earlier time
            number, was_bad = (row[0], bool(row[1])) if begun else (0, False)
            is_bad = chance.has_bursts and chance.is_bad(number, was_bad, seed, key)
            return [number + 1, int(is_bad), since_s], (number + 1, is_bad)

        return await exchange.store.change(exchange.space, COUNTS, key, step)


class Armed:
    """A fault, ready to strike.

    `source` says who asked for it. `comes_after` says whether it lets the request be processed first, and
    `is_early` whether it strikes before the body is read. `is_blind` is as in `simulate.exchange.Blow`. At
    most `max_active` requests are hit at the same time.
    """

    __slots__ = (
        "_gate",
        "_load",
        "_strike",
        "comes_after",
        "is_blind",
        "is_early",
        "kind",
        "label",
        "source",
    )

    def __init__(
        self,
        fault: Fault,
        source: str,
        scope: str,
        number: int,
        kit: Kit,
        place: Place,
    ) -> None:
        self.kind = kind_of(fault)
        row = FAULTS[self.kind]
        self.source = source
        self.label = f"{scope} {number} {self.kind}"
        self.is_early = row.early
        spoils = row.spoils(fault)
        if spoils and fault.phase == "before":
            message = f"{self.kind} spoils a reply, so the request has been processed: its phase is `after`"
            kit.problem((*place, "phase"), message)
        if row.early and fault.phase == "after":
            message = f"{self.kind} acts before the whole request has come: its phase is `before`"
            kit.problem((*place, "phase"), message)
        self.comes_after = spoils or fault.phase == "after"
        self.is_blind = row.blind(fault)
        self._gate = Gate(fault, self.label, kit, place, is_early=row.early)
        self._strike: Strike = compile_fault(fault, kit, place)
        self._load = None if fault.max_active is UNSET else Load(fault.max_active)

    async def ask(self, exchange: Exchange, since_s: float | None = None) -> tuple[Struck, ...]:
        """The fault as it strikes this request, or nothing. While it does, it counts towards `max_active`.

        `since_s` is as in `Gate.ask`.
        """
        lots = Lots(exchange.draws, self.label)
        asked = await self._gate.ask(exchange, lots, since_s)
        if not asked.strikes:
            return ()
        if self._load is not None and not self._load.take(exchange):
            return ()
        return (Struck(self, asked, Moment(exchange.request, lots, exchange.now)),)

    def strike(self, steps: tuple[Step, ...], moment: Moment) -> tuple[Step, ...]:
        """The steps that are performed instead of these."""
        return self._strike(steps, moment)


class Struck(NamedTuple):
    """A fault that strikes one request."""

    armed: Armed
    asked: Asked
    moment: Moment

    @property
    def comes_after(self) -> bool:
        """Whether the request is processed first."""
        return self.armed.comes_after

    @property
    def is_blind(self) -> bool:
        """Whether it does the same to each reply."""
        return self.armed.is_blind

    def strike(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps that are performed instead of these."""
        return self.armed.strike(steps, self.moment)

    def injected(self, stage: str | None = None) -> Injected:
        """The same for the log."""
        armed, asked = self.armed, self.asked
        return Injected(armed.kind, armed.source, asked.probability, asked.drawn, asked.number, stage)


class Outage:
    """Something that several endpoints depend on, and that fails for all of them together.

    Its faults are either all early, or all not. `load` is how many requests it hits, if that is bounded.
    """

    __slots__ = ("_faults", "_gate", "_label", "_load", "is_early")

    def __init__(self, label: str, gate: Gate, faults: tuple[Armed, ...], load: Load | None = None) -> None:
        self._load = load
        self.is_early = any(armed.is_early for armed in faults)
        self._label = label
        self._gate = gate
        self._faults = faults

    async def ask(self, exchange: Exchange) -> tuple[Struck, ...]:
        """The faults that strike this request, if it is down."""
        asked = await self._gate.ask(exchange, Lots(exchange.draws, self._label))
        if not asked.strikes:
            return ()
        struck: tuple[Struck, ...] = ()
        for armed in self._faults:
            struck += await armed.ask(exchange)
        if struck and self._load is not None and not self._load.take(exchange):
            return ()
        # the log tells what decided: a fault that is sure to strike leaves that to the outage
        return tuple(one._replace(asked=asked) if one.asked.is_sure else one for one in struck)
