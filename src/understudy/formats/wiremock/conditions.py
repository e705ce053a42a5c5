"""WireMock's operators on one value: OPERATORS is the TABLE of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from understudy.formats.spot import Spot

OPTIONS = frozenset({"caseInsensitive", "expression", "xPathNamespaces"})
"""Keys that stand beside operators and are read with them, or by who asked for the condition."""

_DATE_OPTIONS = frozenset(
    {
        "actualFormat",
        "truncateExpected",
        "truncateActual",
        "applyTruncationLast",
        "expectedOffset",
        "expectedOffsetUnit",
    }
)
_BEGINNING = "0001-01-02"
"""Every date is after this one, so that what is no date fails."""


def condition(written: Any, spot: Spot) -> Any:
    """A condition that holds where all these operators do; None if anything will do. Raises LeftOut."""
    written = spot.mapping(written)
    found = []
    for name in written:
        if name in OPERATORS:
            found.append(OPERATORS[name](written, spot))
        elif name not in OPTIONS and name not in _DATE_OPTIONS:
            spot.at(name).leave(f"there is no condition {name!r} here")
    wanted = [one for one in found if one is not None]
    if len(wanted) > 1:
        return {"all": wanted}
    return wanted[0] if wanted else None


def java_regex(pattern: str) -> str:
    """A regular expression of Java as ours: the same but for possessive quantifiers and a few escapes."""
    pattern = re.sub(r"(?<!\\)\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern)  # named groups
    pattern = pattern.replace(r"\Z", r"\z").replace(r"\h", r"[ \t]")
    return re.sub(r"(?<=[*+?}])\+", "", pattern)  # x*+ matches no more than x*, it only fails sooner


def _text(name: str, ours: str) -> Callable[[dict[str, Any], Spot], Any]:
    def compile_text(written: dict[str, Any], spot: Spot) -> Any:
        operand = spot.at(name).text(written[name])
        if written.get("caseInsensitive"):
            return {ours: operand, "ignore_case": True}
        return operand if ours == "equals" else {ours: operand}

    return compile_text


def _without(name: str, ours: str) -> Callable[[dict[str, Any], Spot], Any]:
    def compile_without(written: dict[str, Any], spot: Spot) -> Any:
        operand = spot.at(name).text(written[name])
        return {"not": {ours: java_regex(operand) if ours == "matches" else operand}}

    return compile_without


def _matches(written: dict[str, Any], spot: Spot) -> Any:
    pattern = spot.at("matches").text(written["matches"])
    return {"matches": java_regex(pattern)}


def _path_template(written: dict[str, Any], spot: Spot) -> Any:
    template = spot.at("matchesPathTemplate").text(written["matchesPathTemplate"])
    parts = re.split(r"(\{[^{}]*\})", template)
    return {"matches": "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)}


def _date(name: str) -> Callable[[dict[str, Any], Spot], Any]:
    def compile_date(written: dict[str, Any], spot: Spot) -> Any:
        operand = spot.at(name).text(written[name]).strip()
        if operand.lower().startswith("now"):
            spot.at(name).leave("times are compared with fixed ones only, not with `now`")
        if unread := sorted(_DATE_OPTIONS & set(written)):
            spot.at(unread[0]).leave("times are compared as they are, not in another format or truncated")
        if name == "equalToDateTime":
            return {"after": _BEGINNING, "not": {"any": [{"before": operand}, {"after": operand}]}}
        return {name: operand}

    return compile_date


def _absent(written: dict[str, Any], spot: Spot) -> Any:
    return {"absent": bool(written["absent"])}


def _anything(written: dict[str, Any], spot: Spot) -> Any:
    return None


def _several(name: str, ours: str) -> Callable[[dict[str, Any], Spot], Any]:
    def compile_several(written: dict[str, Any], spot: Spot) -> Any:
        inner = spot.at(name)
        found = [condition(one, inner.at(at)) for at, one in enumerate(inner.sequence(written[name]))]
        if ours == "any" and (None in found or not found):
            return None
        wanted = [one for one in found if one is not None]
        return {ours: wanted} if wanted else None

    return compile_several


def _not(written: dict[str, Any], spot: Spot) -> Any:
    inner = condition(written["not"], spot.at("not"))
    return {"not": {"any": [{"present": True}, {"absent": True}]} if inner is None else inner}


def _exactly(written: dict[str, Any], spot: Spot) -> Any:
    inner = spot.at("hasExactly")
    found = [condition(one, inner.at(at)) for at, one in enumerate(inner.sequence(written["hasExactly"]))]
    if not all(isinstance(one, str) for one in found):
        inner.leave("`hasExactly` is carried over with `equalTo` alone")
    return {"exactly": found}


def _includes(written: dict[str, Any], spot: Spot) -> Any:
    inner = spot.at("includes")
    found = [condition(one, inner.at(at)) for at, one in enumerate(inner.sequence(written["includes"]))]
    if all(isinstance(one, str) for one in found):
        return {"includes": found}
    return {"all": [{"present": True} if one is None else one for one in found]}


OPERATORS: dict[str, Callable[[dict[str, Any], Spot], Any]] = {
    "equalTo": _text("equalTo", "equals"),
    "contains": _text("contains", "contains"),
    "doesNotContain": _without("doesNotContain", "contains"),
    "matches": _matches,
    "doesNotMatch": _without("doesNotMatch", "matches"),
    "matchesPathTemplate": _path_template,
    "before": _date("before"),
    "after": _date("after"),
    "equalToDateTime": _date("equalToDateTime"),
    "absent": _absent,
    "anything": _anything,
    "and": _several("and", "all"),
    "or": _several("or", "any"),
    "not": _not,
    "hasExactly": _exactly,
    "includes": _includes,
}
"""By WireMock's name: a function of the whole matcher that gives a condition, None if anything will do."""
