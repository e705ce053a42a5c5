"""Variables of a collection, its folders and an environment, filled into texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from understudy.formats.spot import Spot

VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
"""As Postman finds them; variables that are not known stay as they are written."""
MAX_PASSES = 20
"""How deep variables may stand in the values of others, as in Postman."""
MAX_FILLED = 16 * 1024 * 1024
"""Characters that the variables of one import may come to, all uses together."""


class Variables:
    """Values by name: those of this scope, and of the scopes around it. All share what may be filled in."""

    def __init__(self, values: Mapping[str, str], outer: Variables | None = None) -> None:
        self._scopes: tuple[Mapping[str, str], ...] = (values, *(outer._scopes if outer else ()))
        self._left: list[int] = outer._left if outer else [MAX_FILLED]

    def inner(self, values: Mapping[str, str]) -> Variables:
        """A scope within this one, whose values go first."""
        return Variables(values, self) if values else self

    def get(self, name: str) -> str | None:
        """The value of a name, None if it has none."""
        return next((scope[name] for scope in self._scopes if name in scope), None)

    def fill(self, text: str, spot: Spot) -> str:
        """The text with what is known. Raises LeftOut if that is too much."""
        if "{{" not in text:
            return text

        def value(found: re.Match[str]) -> str:
            name = found[1]
            known = self.get(name)
            if known is None:
                known = self.get(name.strip())
            if known is None:
                return found[0]
            self._left[0] -= len(known)
            if self._left[0] < 0:
                spot.leave(f"the variables come to more than {MAX_FILLED // 2**20} MB")
            return known

        for _ in range(MAX_PASSES):
            filled = VARIABLE.sub(value, text)
            if filled == text:
                break
            text = filled
        return text


def read_variables(written: Any, spot: Spot) -> dict[str, str]:
    """A list of variables by name: `variable` of a collection or a folder, `values` of an environment.

    What is switched off is left out; what is there twice has its last value, as in Postman.
    """
    found: dict[str, str] = {}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        pair = inner.mapping(one)
        name = pair.get("key", pair.get("id"))
        if not isinstance(name, str) or not name or pair.get("disabled") or pair.get("enabled") is False:
            continue
        value = pair.get("value", "")
        if isinstance(value, dict | list):
            inner.at("value").warn(f"the variable {name!r} is left out: it is no text")
            continue
        found[name] = "" if value is None else inner.at("value").text(value)
    return found
