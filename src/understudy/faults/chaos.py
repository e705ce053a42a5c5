"""Faults that are switched on and off while the server runs: profiles, stages, live rules, request headers.

`Profiles` is the `chaos` of a config, compiled with it. `Chaos` is what is on: it is put together anew
whenever something is switched, and exchanged as a whole, so that a request sees a rule as a whole or not at
all. It has no clock: what depends on time is decided by the time that it is asked with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from understudy.faults.asked import HeaderFaults
from understudy.faults.load import Load
from understudy.faults.rule import Poised, Rule, compile_rule
from understudy.faults.stages import Current, Stages
from understudy.faults.target import Fits, Target, compile_target, missing
from understudy.load.fault import Fault as Mistake
from understudy.load.hints import nearest
from understudy.load.source import Source
from understudy.model.chaos import Chaos as Written
from understudy.model.chaos import LiveRule, Names, RequestHeaders, names
from understudy.simulate.kit import Kit

if TYPE_CHECKING:
    from understudy.load import Loaded
    from understudy.request import Request
    from understudy.simulate.exchange import Menace
    from understudy.simulate.kit import Place


@dataclass(frozen=True)
class Profiles:
    """What a config says about faults that are switched on and off. `active` are on from the start."""

    rules: dict[str, Rule]
    active: tuple[str, ...]
    stages: Stages | None
    headers: HeaderFaults | None
    max_active: int | None


NOTHING = Profiles({}, (), None, None, None)


def compile_profiles(kit: Kit, endpoints: Sequence[Target]) -> Profiles:
    """The `chaos` of the kit's config. Mistakes are added to the kit, and a warning for what fits nothing."""
    written: Written = kit.config.chaos
    rules: dict[str, Rule] = {}
    for name, profile in written.profiles.items():
        place: Place = ("chaos", "profiles", name)
        rules[name] = compile_rule(profile, profile_source(name), kit, place)
        if not profile.does_something:
            kit.warning(place, "nothing goes wrong while it is on: it has no faults, failures or latency")
        for one in missing(profile, endpoints):
            meant = f": did you mean {one.nearest!r}?" if one.nearest else ""
            kit.warning((*place, *one.keys), one.message + meant)
    _check_names(kit, written.active, ("chaos", "active"))
    for number, stage in enumerate(written.stages):
        _check_names(kit, stage.profile, ("chaos", "stages", number, "profile"))
    headers = None
    if written.request_headers is not False:
        allowed = RequestHeaders() if written.request_headers is True else written.request_headers
        headers = HeaderFaults(allowed, kit, ("chaos", "request_headers"))
    return Profiles(
        rules,
        tuple(dict.fromkeys(names(written.active))),
        Stages(written.stages, written.loop) if written.stages else None,
        headers,
        None if written.max_active is UNSET else written.max_active,
    )


def _check_names(kit: Kit, written: Names, place: Place) -> None:
    """Add names of profiles that the config does not have to the kit's problems."""
    for number, name in enumerate(names(written)):
        at = place if isinstance(written, str) else (*place, number)
        _check_name(kit, name, kit.config.chaos.profiles, at)


def _check_name(kit: Kit, name: str, known: Collection[str], place: Place) -> None:
    if name not in known:
        near = nearest(name, known)
        kit.mistake(
            place,
            Mistake(
                f"there is no profile {name!r}",
                accepted=", ".join(known) or None,
                suggestion=f'"{near}"' if near else None,
            ),
        )


def profile_source(name: str) -> str:
    """Who has asked for the faults of a profile."""
    return f"profile {name}"


def live_source(name: str) -> str:
    """Who has asked for the faults of a live rule."""
    return f"live {name}"


# --- live rules ---------------------------------------------------------------------------------------------


def kit_for(loaded: Loaded, source: Source) -> Kit:
    """A kit whose problems have their places in a document that came over the wire."""
    return Kit(replace(loaded, origins=replace(loaded.origins, main=source, entries=())), {})


def compile_live(written: LiveRule, name: str, profiles: Profiles, kit: Kit, place: Place) -> Rule | None:
    """The faults of a live rule. Mistakes are added to the kit; None for a profile that there is not."""
    if written.profile is UNSET:
        if not written.does_something:
            message = "nothing goes wrong: a rule has `profile`, `faults`, `latency_ms` or `failure_rate`"
            kit.problem(place, message)
        source = live_source(name)
        scope = f"{source} in {written.space}" if written.space else source
        return compile_rule(written, source, kit, place, scope)
    _check_name(kit, written.profile, profiles.rules, (*place, "profile"))
    return profiles.rules.get(written.profile)


def check_live(written: LiveRule, endpoints: Iterable[Target], kit: Kit, place: Place) -> None:
    """Add what fits no endpoint to the kit's problems."""
    for one in missing(written, endpoints):
        suggestion = f'"{one.nearest}"' if one.nearest else None
        kit.problem((*place, *one.keys), one.message, suggestion=suggestion)


class On:
    """A rule that is on since a time (unix seconds), until a time, in a space, or in the stage of a number.

    It is for the endpoints of the rule, unless it has others of its own.
    """

    __slots__ = ("_poised", "_since_s", "ends_at_s", "fits", "rule", "since_s", "space", "stage")

    def __init__(
        self,
        rule: Rule,
        since_s: float,
        *,
        ends_at_s: float | None = None,
        space: str = "",
        fits: Fits | None = None,
        stage: int | None = None,
    ) -> None:
        self.rule = rule
        self.fits = rule.fits if fits is None else fits
        self.since_s = since_s
        self.ends_at_s = ends_at_s
        self.space = space
        self.stage = stage
        self._since_s: float | None = None
        self._poised: tuple[Poised, ...] = ()

    def poised(self, since_s: float, load: Load) -> tuple[Poised, ...]:
        """Its faults, ready to strike; the same ones as long as it is on since the same time."""
        if since_s != self._since_s:
            self._since_s = since_s
            self._poised = tuple(Poised(armed, since_s, self.rule.load, load) for armed in self.rule.faults)
        return self._poised


def own_target(written: LiveRule) -> Fits | None:
    """The endpoints that a live rule names itself; None if it names none."""
    if not written.endpoints and not written.groups:
        return None
    return compile_target(names(written.endpoints), names(written.groups))


# --- what is on ---------------------------------------------------------------------------------------------


class Chaos:
    """What is on. A profile strikes a request once, by whatever it is on: the first in `on` counts."""

    __slots__ = ("_candidates", "_headers", "_load", "_on", "_space_header", "_stages", "_started_s")

    def __init__(
        self,
        on: Sequence[On],
        stages: Stages | None,
        headers: HeaderFaults | None,
        load: Load,
        *,
        started_s: float,
        space_header: bytes,
    ) -> None:
        self._on = tuple(on)
        self._stages = stages
        self._headers = headers
        self._load = load
        self._started_s = started_s
        self._space_header = space_header
        self._candidates: dict[Target, tuple[On, ...]] = {}

    def menaces(self, endpoint: Target, request: Request, now_s: float) -> tuple[Menace, ...]:
        """What may go wrong with a request beside what the endpoint itself says."""
        candidates = self._candidates.get(endpoint)
        if candidates is None:
            candidates = tuple(on for on in self._on if on.fits(endpoint))
            self._candidates[endpoint] = candidates
        if not candidates:
            return () if self._headers is None else self._headers.menaces(request)
        found: tuple[Menace, ...] = ()
        rules: list[Rule] = []
        for on in candidates:
            since_s = self._since_s(on, request, now_s)
            if since_s is not None and on.rule not in rules:
                rules.append(on.rule)
                found += on.poised(since_s, self._load)
        return found if self._headers is None else found + self._headers.menaces(request)

    def _since_s(self, on: On, request: Request, now_s: float) -> float | None:
        """Since when it is on for a request; None if it is not."""
        if on.ends_at_s is not None and now_s >= on.ends_at_s:
            return None
        if on.space and request.space(self._space_header) != on.space:
            return None
        if on.stage is None:
            return on.since_s
        current = self.current(now_s)
        return current.since_s if current is not None and current.number == on.stage else None

    def current(self, now_s: float) -> Current | None:
        """The stage that the scenario is in; None if there is none, or it is over."""
        return None if self._stages is None else self._stages.at(now_s, self._started_s)

    def stage(self, now_s: float) -> str | None:
        """What the log calls that stage."""
        current = self.current(now_s)
        return None if current is None else current.label


__all__ = ["NOTHING", "Chaos", "On", "Profiles", "check_live", "compile_live", "compile_profiles", "kit_for"]
