"""Random values. All are drawn from the request's `Draws`, so the same seed gives the same reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.render.helpers.base import Function, Helper
from understudy.render.scope import Scope

MAX_RANDOM_CHARACTERS = 100_000
"""Longest `random_string`."""

ALPHABETS = {
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": "0123456789",
    "hex": "0123456789abcdef",
    "alpha": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "alnum": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}


def _uuid(scope: Scope) -> Function:
    def uuid() -> str:
        draws = scope.draws
        return draws.uuid(draws.numbered("uuid"))

    return uuid


def _random_int(scope: Scope) -> Function:
    def random_int(low: int = 0, high: int = 1_000_000) -> int:
        draws = scope.draws
        return draws.integer(draws.numbered("random_int"), _whole(low, "low"), _whole(high, "high"))

    return random_int


def _random_float(scope: Scope) -> Function:
    def random_float(low: float = 0.0, high: float = 1.0, digits: int | None = None) -> float:
        draws = scope.draws
        value = low + (high - low) * draws.unit(draws.numbered("random_float"))
        return value if digits is None else round(value, digits)

    return random_float


def _random_bool(scope: Scope) -> Function:
    def random_bool(probability: float = 0.5) -> bool:
        draws = scope.draws
        return draws.unit(draws.numbered("random_bool")) < probability

    return random_bool


def _random_choice(scope: Scope) -> Function:
    def random_choice(*items: Any) -> Any:
        choices: Any = items
        if len(items) == 1 and isinstance(items[0], Sequence) and not isinstance(items[0], str):
            choices = items[0]
        if not choices:
            raise ValueError("there is nothing to choose from")
        draws = scope.draws
        return choices[draws.integer(draws.numbered("random_choice"), 0, len(choices) - 1)]

    return random_choice


def _random_string(scope: Scope) -> Function:
    def random_string(length: int = 16, alphabet: str = "alnum") -> str:
        count = _whole(length, "length")
        if not 0 <= count <= MAX_RANDOM_CHARACTERS:
            raise ValueError(f"length is {count}; it may be 0 to {MAX_RANDOM_CHARACTERS}")
        letters = ALPHABETS.get(alphabet, alphabet)
        if not letters:
            raise ValueError("the alphabet is empty")
        draws = scope.draws
        raw = draws.raw(draws.numbered("random_string"), count * 4)
        size = len(letters)
        return "".join(
            letters[int.from_bytes(raw[at : at + 4], "big") * size >> 32] for at in range(0, count * 4, 4)
        )

    return random_string


def _random_price(scope: Scope) -> Function:
    def random_price(low: int = 20, high: int = 80) -> str:
        draws = scope.draws
        return f"${draws.integer(draws.numbered('random_price'), _whole(low, 'low'), _whole(high, 'high'))}"

    return random_price


def _whole(value: Any, name: str) -> int:
    """The value as an integer: request values come as text."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; it must be a whole number") from None


def _check_range(arguments: Mapping[str, Any]) -> None:
    low, high = arguments.get("low"), arguments.get("high")
    if isinstance(low, int) and isinstance(high, int) and high < low:
        raise ValueError(f"there is no number from {low} to {high}")


HELPERS = (
    Helper("uuid", "random", "uuid()", "A UUID, version 4.", "{{ uuid() }}", _uuid, "uuid()", "text"),
    Helper(
        "random_int",
        "random",
        "random_int(low=0, high=1000000)",
        "A whole number, both ends included. Bare `{{random_int}}` gives it as text.",
        "{{ random_int(1, 6) }}",
        _random_int,
        bare="random_int()|string",
        returns="number",
        check=_check_range,
    ),
    Helper(
        "random_float",
        "random",
        "random_float(low=0, high=1, digits=none)",
        "A number from `low` up to `high`, rounded to `digits` places.",
        "{{ random_float(0, 100, 2) }}",
        _random_float,
        bare="random_float()",
        returns="number",
    ),
    Helper(
        "random_bool",
        "random",
        "random_bool(probability=0.5)",
        "True with the probability.",
        "{{ random_bool(0.9) }}",
        _random_bool,
        bare="random_bool()",
        returns="number",
    ),
    Helper(
        "random_choice",
        "random",
        "random_choice(list) or random_choice(a, b, …)",
        "One of the values.",
        "{{ random_choice('red', 'green', 'blue') }}",
        _random_choice,
    ),
    Helper(
        "random_string",
        "random",
        "random_string(length=16, alphabet='alnum')",
        "Random characters of an alphabet: `alnum`, `alpha`, `lower`, `upper`, `digits`, `hex`, or the "
        "characters themselves.",
        "{{ random_string(8, 'hex') }}",
        _random_string,
        bare="random_string()",
        returns="text",
    ),
    Helper(
        "random_price",
        "random",
        "random_price(low=20, high=80)",
        "A price in whole dollars, as text: `$42`.",
        "{{ random_price() }}",
        _random_price,
        bare="random_price()",
        returns="text",
        check=_check_range,
    ),
)
