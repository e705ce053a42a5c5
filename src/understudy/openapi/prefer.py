"""What a client wishes of an answer: `Prefer: code=404, example=NAME, dynamic=true, seed=5` (RFC 7240).

Without the header, the query parameters `__code`, `__example`, `__dynamic` and `__seed` say the same. Names,
precedence and refusals are Prism's (its packages/http-server/src/getHttpConfigFromRequest.ts).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.openapi.problems import problem
from understudy.request import Request
from understudy.steps import Reply

MAX_HEADER_CHARACTERS = 8192
"""A longer `Prefer` is read up to here."""


class Wish(NamedTuple):
    """A status, the name of an example, whether data is made anew, and its seed; None: no wish."""

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    seed: str | None = None


NOTHING = Wish()


class Refused(Exception):
    """A wish that cannot be read. The text says why, as Prism does."""

    def reply(self) -> Reply:
        """What the client is told: 422."""
        return problem("UNPROCESSABLE_ENTITY", str(self))


def wishes(request: Request) -> Wish:
    """What the client wishes; `NOTHING` itself, after one look, if it says nothing. Raises Refused."""
    for name, _ in request.raw_headers:
        if len(name) == 6 and name.lower() == b"prefer":
            return _read(preferences(request.header("prefer") or ""))
    if b"__" not in request.raw_target:
        return NOTHING
    query = request.query
    given = {name: query[f"__{name}"] for name in _FIELDS if f"__{name}" in query}
    if not given:
        return NOTHING
    return _read({name: values[0] if len(values) == 1 else values for name, values in given.items()})


def preferences(header: str) -> dict[str, Any]:
    """The preferences of a header by their names in lower case: a text, or True without a value.

    The first of a name counts (RFC 7240 section 2). Parameters behind `;` are read over, as none of ours has
    some.
    """
    found: dict[str, Any] = {}
    for element in _ELEMENTS.findall(header[:MAX_HEADER_CHARACTERS]):
        preference = _PREFERENCE.match(element)
        if preference is None:
            continue
        value = preference[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.setdefault(preference[1].lower(), value or True)  # an empty value is none (section 2)
    return found


_ELEMENTS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PREFERENCE = re.compile(rf'[ \t]*({_WORD})[ \t]*(?:=[ \t]*("(?:[^"\\]|\\.)*"|[^;"]*[^;" \t])?)?')


class _Unreadable(ValueError):
    """A value that is not what it should be, which is the text."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unreadable("string")
    return value


def _code(value: Any) -> int:
    text = _text(value)
    if not re.fullmatch(r"[0-9]{3}", text):
        raise _Unreadable("a number")
    return int(text)


def _flag(value: Any) -> bool:
    text = _text(value)
    if text not in ("true", "false"):
        raise _Unreadable("a boolean")
    return text == "true"


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "example": lambda value: _text(value) or None,
    "dynamic": _flag,
    "seed": lambda value: _text(value) or None,
}
"""What reads each wish. In the order in which refusals are listed."""


def _read(given: dict[str, Any]) -> Wish:
    found: dict[str, Any] = {}
    faults: list[str] = []
    for name, read in _FIELDS.items():
        if name not in given:
            continue
        try:
            found[name] = read(given[name])
        except _Unreadable as error:
            shown = json.dumps(given[name], ensure_ascii=False, separators=(",", ":"))
            faults.append(f'optional property "{name}"\n└─ cannot decode {shown}, should be {error}')
    if faults:
        raise Refused("\n".join(faults))
    return Wish(**found) if found else NOTHING
