"""What endpoints do to variables: set them, add to them, push onto them, delete them.

All new values are made from the state as it was before the first of them is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.errors import UnderstudyError
from understudy.model import Endpoint
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.state import ABSENT
from understudy.state.view import VARIABLES, key_of

MAX_LIST_ITEMS = 100_000
"""Longest list that `push` makes."""

Change = Callable[[Any, Any], Any]
"""(present value, operand) → new value. Raises VariableError."""


class VariableError(UnderstudyError):
    """A variable that cannot be changed so: its value, or the operand, is of another type."""


class _Effect(NamedTuple):
    name: str
    operand: Callable[[], bytes] | Any
    change: Change


def add_variables(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stage that changes variables."""
    written = endpoint.state
    if written is UNSET:
        return
    effects = [
        _Effect(variable, _operand(operand, f"state.{key}.{variable}", kit, place), CHANGES[key])
        for key in CHANGES
        for variable, operand in getattr(written, key).items()
    ]
    deleted = tuple(written.delete)
    if not effects and not deleted:
        return
    initial = kit.config.state.variables

    async def commit(exchange: Exchange) -> None:
        await exchange.prepare()
        operands = [
            msgspec.json.decode(one.operand()) if callable(one.operand) else one.operand for one in effects
        ]
        for (variable, _, change), operand in zip(effects, operands, strict=True):
            key = key_of(exchange.owner, variable)
            how = changed(variable, change, operand, initial)
            exchange.state.made[key] = await exchange.store.change(exchange.space, VARIABLES, key, how)
        for variable in deleted:
            key = key_of(exchange.owner, variable)
            exchange.state.made.pop(key, None)
            await exchange.store.delete(exchange.space, VARIABLES, key)

    parts.commits.append(commit)


def _operand(written: Any, where: str, kit: Kit, place: Place) -> Any:
    compiled = kit.json(written, where, place)
    return compiled if callable(compiled) else msgspec.json.decode(compiled)


def changed(
    name: str, change: Change, operand: Any, initial: dict[str, Any]
) -> Callable[[Any], tuple[Any, Any]]:
    """How a variable changes, for `Store.change`, which then gives its new value."""

    def how(value: Any) -> tuple[Any, Any]:
        if value is ABSENT:
            value = initial.get(name, ABSENT)
        try:
            new = change(value, operand)
        except VariableError as error:
            raise VariableError(f"the variable {name} {error}") from None
        return new, new

    return how


def _set(value: Any, operand: Any) -> Any:
    return operand


def _add(value: Any, operand: Any) -> Any:
    if isinstance(operand, str):
        try:
            operand = msgspec.json.decode(operand)
        except msgspec.DecodeError:
            raise VariableError(f"cannot be added {operand!r}: that is no number") from None
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        raise VariableError(f"cannot be added {msgspec.json.encode(operand).decode()}: that is no number")
    if value is ABSENT or value is None:
        return operand
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VariableError("is not a number, so nothing can be added to it")
    return value + operand


def _push(value: Any, operand: Any) -> Any:
    if value is ABSENT or value is None:
        return [operand]
    if not isinstance(value, list):
        raise VariableError("is not a list, so nothing can be pushed onto it")
    if len(value) >= MAX_LIST_ITEMS:
        raise VariableError(f"has {MAX_LIST_ITEMS} items already")
    return [*value, operand]


CHANGES: dict[str, Change] = {"set": _set, "add": _add, "push": _push}
"""How a variable changes, by the key of `state` that says so."""
