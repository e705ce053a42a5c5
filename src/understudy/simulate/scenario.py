"""Endpoints that need a state of a scenario, and move it on."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.load.hints import nearest
from understudy.match.check import Check
from understudy.model import Endpoint
from understudy.request import Request
from understudy.simulate.exchange import Exchange, LostRace
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.state import ABSENT, DELETE, KEEP
from understudy.state.view import SCENARIOS, key_of


def add_scenario(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the condition on the scenario's state, and the move to the next."""
    change = endpoint.state
    if change is UNSET:
        return
    scenario = change.scenario
    described = kit.config.state.scenario(scenario)
    required: list[str] = []
    if change.required is not UNSET:
        required = [change.required] if isinstance(change.required, str) else list(change.required)
    following = None if change.next is UNSET else change.next
    for key, states in (("required", required), ("next", [following] if following else [])):
        for state in states:
            if described.states and state not in described.states:
                kit.problem(
                    (*place, "state", key),
                    f"scenario {scenario} has no state {state!r}; it has {', '.join(described.states)}",
                    suggestion=nearest(state, described.states),
                )
    if not described.states:
        _doubt(scenario, required, kit, (*place, "state", "required"))
    if required:
        parts.checks.append(_needs(scenario, required))
    if following is not None:
        parts.commits.append(_move(scenario, described.initial, required, following))
    elif required:
        parts.commits.append(_still(scenario, described.initial, required))


class _Reached(dict[str, set[str]]):
    """Scenario → the states that it begins in or that endpoints lead to."""

    def __init__(self, kit: Kit) -> None:
        for endpoint in kit.config.endpoints:
            change = endpoint.state
            if change is not UNSET:
                known = self.setdefault(change.scenario, {kit.config.state.scenario(change.scenario).initial})
                if change.next is not UNSET:
                    known.add(change.next)


def _doubt(scenario: str, required: list[str], kit: Kit, place: Place) -> None:
    """Warn of a state that nothing leads to where another has nearly its name."""
    reached = kit.shared.get(_Reached)
    if not isinstance(reached, _Reached):
        reached = kit.shared[_Reached] = _Reached(kit)
    for state in required:
        near = None if state in reached[scenario] else nearest(state, reached[scenario], 0.7)
        if near is not None:
            kit.warning(place, f"no endpoint leads to the state {state!r}; did you mean {near!r}?")


def _needs(scenario: str, required: list[str]) -> Check[Request]:
    def found(request: Request) -> str | None:
        return None if request.state is None else request.state.scenario(scenario)

    wanted = required[0] if len(required) == 1 else required
    return Check(
        f"scenario.{scenario}", wanted, lambda request: found(request) in required, found, by_state=True
    )


def _move(scenario: str, initial: str, required: list[str], following: str) -> Any:
    new = DELETE if following == initial else following

    def how(state: Any) -> tuple[Any, bool]:
        current = initial if state is ABSENT else state
        return (new, True) if not required or current in required else (KEEP, False)

    async def commit(exchange: Exchange) -> None:
        key = key_of(exchange.owner, scenario)
        if not await exchange.store.change(exchange.space, SCENARIOS, key, how):
            raise LostRace

    return commit


def _still(scenario: str, initial: str, required: list[str]) -> Any:
    """Without a move, the state must still be the one that was matched when the answer is made."""

    async def commit(exchange: Exchange) -> None:
        key = key_of(exchange.owner, scenario)
        if await exchange.store.get(exchange.space, SCENARIOS, key, initial) not in required:
            raise LostRace

    return commit
