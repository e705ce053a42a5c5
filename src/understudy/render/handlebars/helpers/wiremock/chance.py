"""Values that are drawn by lot."""

from __future__ import annotations

from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, number, whole
from understudy.render.handlebars.values import is_true, plain_text

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
RANDOM_KINDS = {
    "ALPHANUMERIC": _LETTERS + _DIGITS,
    "ALPHABETIC": _LETTERS,
    "NUMERIC": _DIGITS,
    "ALPHANUMERIC_AND_SYMBOLS": _LETTERS + _DIGITS + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
    "HEXADECIMAL": "0123456789abcdef",
}
"""What `randomValue` draws from; `UUID` is made otherwise."""


def random_value(options: Options) -> str:
    kind = plain_text(options.named.get("type", "ALPHANUMERIC")).upper()
    draws = options.scope.draws
    if kind == "UUID":
        found = draws.uuid(draws.numbered("randomValue"))
    else:
        letters = RANDOM_KINDS.get(kind)
        if letters is None:
            raise ValueError(f"{kind!r} is not one of UUID, {', '.join(RANDOM_KINDS)}")
        size = count(options.named.get("length", 36))
        raw = draws.raw(draws.numbered("randomValue"), size * 4)
        found = "".join(
            letters[int.from_bytes(raw[at : at + 4], "big") * len(letters) >> 32]
            for at in range(0, size * 4, 4)
        )
    return found.upper() if is_true(options.named.get("uppercase")) else found


def random_int(options: Options) -> int:
    draws = options.scope.draws
    low = whole(options.named.get("lower", -(2**31)))
    return draws.integer(draws.numbered("randomInt"), low, whole(options.named.get("upper", 2**31)) - 1)


def random_decimal(options: Options) -> float:
    draws = options.scope.draws
    low, high = number(options.named.get("lower", 0)), number(options.named.get("upper", 1))
    return low + (high - low) * draws.unit(draws.numbered("randomDecimal"))


def pick_random(options: Options, *values: Any) -> Any:
    items = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
    if not items:
        raise ValueError("there is nothing to pick from")
    draws = options.scope.draws
    if "count" not in options.named:
        return items[draws.integer(draws.numbered("pickRandom"), 0, len(items) - 1)]
    picked = []
    for _ in range(min(count(options.named["count"]), len(items))):
        picked.append(items.pop(draws.integer(draws.numbered("pickRandom"), 0, len(items) - 1)))
    return picked
