"""What is switched on while the server runs: which profiles and live rules, since when, until when.

Each change puts a new `Chaos` together and exchanges `World.chaos`, one attribute. Where nothing could
strike, it is None, and the memo of raw requests is in use again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from understudy.errors import ConfigError, UnderstudyError
from understudy.model.duration import duration_s

if TYPE_CHECKING:
    from understudy.faults.chaos import Chaos, On, Profiles
    from understudy.faults.load import Load
    from understudy.faults.stages import Current
    from understudy.faults.target import Target
    from understudy.load.source import Source
    from understudy.model.chaos import LiveRule
    from understudy.net.server import Server
    from understudy.program import Program
    from understudy.simulate.kit import Place

MAX_LIVE = 1000
"""Most live rules at the same time: memory is bounded, also for a test that forgets to clean up."""
MIN_TTL_S = 0.001
"""Shortest time to live: less may be lost when it is added to seconds since 1970."""
FORGOTTEN = "live"
"""The source under which what live rules injected is counted when they are gone."""

Key = tuple[str, str]
"""Space and name of a live rule."""


class TooManyRules(UnderstudyError):
    """The bound on live rules is reached."""


class Given(msgspec.Struct, frozen=True):
    """A live rule as it came: read, and where it stands in its document."""

    written: LiveRule
    name: str
    data: Any
    source: Source
    place: Place = ()

    @property
    def key(self) -> Key:
        """Where it is kept."""
        return self.written.space, self.name


class Live(msgspec.Struct, frozen=True):
    """A live rule that is on. Times are in unix seconds."""

    given: Given
    since_s: float
    ends_at_s: float | None
    on: On

    def is_over(self, now_s: float) -> bool:
        """Whether its time is over."""
        return self.ends_at_s is not None and now_s >= self.ends_at_s


class Steering:
    """Switches faults on and off. `chaos` is what is on; `off` are profiles that were switched off."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._load: Load | None = None
        self._next_end_s: float | None = None
        self.chaos: Chaos | None = None
        self.live: dict[Key, Live] = {}
        self.off: frozenset[str] = frozenset()

    @property
    def profiles(self) -> Profiles:
        """The profiles of the config."""
        from understudy.faults.chaos import NOTHING

        return self._server.program.profiles or NOTHING

    @property
    def active(self) -> tuple[str, ...]:
        """The profiles that the config has on and nobody has switched off."""
        return tuple(name for name in self.profiles.active if name not in self.off)

    @property
    def stage(self) -> Current | None:
        """The stage that the scenario is in."""
        return None if self.chaos is None else self.chaos.current(self._server.world.now())

    @property
    def on_by_config(self) -> list[str]:
        """The profiles that are on as the config says: always, or in this stage."""
        staged = () if self.stage is None else self.stage.profiles
        return [name for name in dict.fromkeys((*self.active, *staged)) if name not in self.off]

    @property
    def hits_now(self) -> int:
        """The requests that profiles and live rules hit at the moment."""
        return 0 if self._load is None else self._load.count

    # --- changes -------------------------------------------------------------------------------------------

    def use(self, old: Program | None, new: Program) -> None:
        """Go on with another program. Live rules that it has no profile for are dropped, and it is said."""
        if old is not None and old.profiles is not None and new.profiles is not None:
            for name, rule in new.profiles.rules.items():
                if name in old.profiles.rules:
                    rule.load = old.profiles.rules[name].load
        for key, live in list(self.live.items()):
            try:
                (on,) = self._compiled([live.given], live.since_s, check=False)
            except ConfigError as error:
                del self.live[key]
                problems = "; ".join(problem.message for problem in error.problems)
                self._server.complain(f"the live fault {live.given.name!r} is off: {problems}")
            else:
                if on.rule.source == live.on.rule.source:
                    on.rule.load = live.on.rule.load
                self.live[key] = Live(live.given, live.since_s, live.ends_at_s, on)
        self._apply()

    def put(self, given: Sequence[Given], dropped: Iterable[Key] = ()) -> None:
        """Switch rules on, and others off, in one step, or not at all. Raises ConfigError, TooManyRules.

        A rule of the same name and space is replaced, and begins anew.
        """
        left = self.live.keys() - set(dropped)
        if len(left | {one.key for one in given}) > MAX_LIVE:
            raise TooManyRules(f"there are {MAX_LIVE:,} live faults already: DELETE /__chaos drops them")
        now_s = self._server.world.now()
        compiled = self._compiled(given, now_s, check=True)
        self.live = {key: live for key, live in self.live.items() if key in left}
        for one, on in zip(given, compiled, strict=True):
            self.live.pop(one.key, None)  # the one that came last stands last
            self.live[one.key] = Live(one, now_s, on.ends_at_s, on)
            if one.written.profile is not UNSET:
                self.off -= {one.written.profile}
        self._apply(now_s)

    def drop(self, keys: Iterable[Key], *, off: frozenset[str] | None = None) -> None:
        """Switch live rules off; `off` are then the profiles of the config that are."""
        gone = set(keys)
        self.live = {key: live for key, live in self.live.items() if key not in gone}
        self.off = self.off if off is None else off
        self._apply()

    def expire(self, now_s: float) -> None:
        """Forget what is over. Called about once a second; a request sees for itself what is over."""
        if self._next_end_s is not None and now_s >= self._next_end_s:
            self._apply()

    # --- putting it together -------------------------------------------------------------------------------

    def _compiled(self, given: Sequence[Given], since_s: float, *, check: bool) -> list[On]:
        """The rules, compiled. Raises ConfigError; with `check` also for what fits no endpoint."""
        from understudy.faults.chaos import On, check_live, compile_live, kit_for, own_target

        program, profiles = self._server.program, self.profiles
        compiled: list[On] = []
        problems = []
        for one in given:
            kit = kit_for(program.loaded, one.source)
            rule = compile_live(one.written, one.name, profiles, kit, one.place)
            if check:
                check_live(one.written, self._endpoints(one.written.space), kit, one.place)
            problems += kit.problems
            if rule is not None:
                ttl = one.written.ttl
                ends_at_s = None if ttl is UNSET else since_s + max(MIN_TTL_S, duration_s(ttl))
                fits = own_target(one.written) if one.written.profile is not UNSET else None
                space = one.written.space
                compiled.append(On(rule, since_s, ends_at_s=ends_at_s, space=space, fits=fits))
        if problems:
            raise ConfigError(problems)
        return compiled

    def _endpoints(self, space: str) -> Iterator[Target]:
        """The endpoints that requests of a space can reach; of all spaces for a rule that is for all."""
        program = self._server.program
        if space:
            yield from program.spaces.get(space, program).endpoints
            return
        for one in (program, *program.spaces.values()):
            yield from one.endpoints

    def _apply(self, now_s: float | None = None) -> None:
        """Exchange what is on. `now_s` is when whoever changes it began: what he switches on is not over."""
        world, memo = self._server.world, self._server.memo
        now_s = world.now() if now_s is None else now_s
        self.live = {key: live for key, live in self.live.items() if not live.is_over(now_s)}
        self._forget_counts()
        self.chaos = world.chaos = self._put_together(now_s)
        memo.pause(self.chaos is not None)

    def _put_together(self, now_s: float) -> Chaos | None:
        self._next_end_s = None
        if not self.live and self._server.program.profiles is None:
            return None
        from understudy.faults.chaos import Chaos, On
        from understudy.faults.load import Load

        world, profiles = self._server.world, self.profiles
        stages = profiles.stages
        over_at_s = None if stages is None else stages.over_at_s(world.started_s)
        if over_at_s is not None and now_s >= over_at_s:
            stages = over_at_s = None
        # What was switched on last goes first: times of a profile that was on already count from then.
        on = [live.on for live in reversed(self.live.values())]
        on += [On(profiles.rules[name], world.started_s) for name in self.active]
        for number, staged in enumerate(() if stages is None else stages.profiles, 1):
            on += [On(profiles.rules[name], 0.0, stage=number) for name in staged if name not in self.off]
        ends = [over_at_s, *(live.ends_at_s for live in self.live.values())]
        self._next_end_s = min((end for end in ends if end is not None), default=None)
        if not on and stages is None and profiles.headers is None:
            return None
        if self._load is None:
            self._load = Load()
        self._load.most = profiles.max_active
        return Chaos(
            on,
            stages,
            profiles.headers,
            self._load,
            started_s=world.started_s,
            space_header=self._server.program.space_header,
        )

    def _forget_counts(self) -> None:
        """Count what rules have injected that are gone under one name: their names are without number."""
        injected = self._server.world.injected
        there = {f"{FORGOTTEN} {name}" for _, name in self.live}
        gone = [key for key in injected if key[2].startswith(f"{FORGOTTEN} ") and key[2] not in there]
        for endpoint, kind, source in gone:
            injected[endpoint, kind, FORGOTTEN] += injected.pop((endpoint, kind, source))


__all__ = ["MAX_LIVE", "Given", "Key", "Live", "Steering", "TooManyRules"]
