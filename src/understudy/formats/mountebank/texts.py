"""How mountebank compares texts: OPERATORS is the TABLE.

Upper and lower case are the same unless `caseSensitive` says otherwise, and `except` takes what a regular
expression finds out of both sides before. A value that is not there is compared as an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.formats.spot import Spot
from understudy.match.regex import RegexError, safe_search

ANYTHING = "(?s:.*)"
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)
MAX_CHARACTERS = 2000
"""Longest text that is compared but for what `except` takes out."""


class How(NamedTuple):
    """How the values of one predicate are compared. `keys_count`: names with other case are others."""

    operator: str
    case_counts: bool = False
    keys_count: bool = False
    without: str = ""


class _Trimmed(NamedTuple):
    """A regular expression that may be found anywhere, and whether it is held to an end by an anchor.

    `is_loose`: there are anchors in it that could not be taken off.
    """

    front: bool
    core: str
    back: bool
    is_loose: bool


def as_text(value: Any, spot: Spot) -> str:
    """A value as JavaScript writes it: `true`, 1 for 1.0."""
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return spot.text(value)


def condition(expected: Any, how: How, spot: Spot, *, may_miss: bool = True) -> Any:
    """A condition on the values of one name, which may not be there; None if anything will do."""
    if how.operator == "exists":
        if expected:
            return {"present": True, "not": ""}
        return {"any": [{"absent": True}, ""]} if may_miss else ""
    if isinstance(expected, list):  # of several values, each must be among those that are there
        found = [
            condition(one, how, spot.at(number), may_miss=may_miss) for number, one in enumerate(expected)
        ]
        wanted = [one for one in found if one is not None]
        return {"all": wanted} if len(wanted) > 1 else (wanted or [None])[0]
    text = as_text(expected, spot)
    if _takes_all(text, how):
        return None
    made = OPERATORS[how.operator](text, how, spot) if not how.without else _apart(text, how, spot)
    return {"any": [{"absent": True}, made]} if may_miss and _holds("", text, how, spot) else made


def _takes_all(text: str, how: How) -> bool:
    if how.operator == "matches":
        return text in {"", ".*", "^.*", "^", "$"}
    return not text and how.operator in {"contains", "startsWith", "endsWith"}


def pattern(text: str, how: How, spot: Spot, anything: str = ANYTHING) -> str | None:
    """The regular expression that a whole value meets, case left out of account.

    `anything` stands for what may be around. None if that cannot be said with it.
    """
    if how.operator == "matches":
        if how.without:
            spot.leave("`except` beside `matches` has no counterpart")
        trimmed = _trimmed(js_regex(text))
        if anything != ANYTHING and (trimmed.is_loose or "." in text):
            return None
        front, back = "" if trimmed.front else anything, "" if trimmed.back else anything
        core = f"(?:{trimmed.core})" if _has_alternatives(trimmed.core) else trimmed.core
        return front + core + back
    core = _scattered(text, how, spot) if how.without else re.escape(text)
    front = anything if how.operator in {"contains", "endsWith"} else ""
    back = anything if how.operator in {"contains", "startsWith"} else ""
    return front + core + back


def meets(value: str, expected: Any, how: How, spot: Spot) -> bool:
    """Whether a value that is known meets a predicate."""
    if how.operator == "exists":
        return bool(value) is bool(expected)
    return _holds(value, as_text(expected, spot), how, spot)


def _holds(value: str, text: str, how: How, spot: Spot) -> bool:
    regex = pattern(text, how, spot)
    try:
        search = safe_search(f"\\A(?:{regex})\\z", ignore_case=not how.case_counts)
    except RegexError as error:
        spot.leave(str(error))
    return search(value)


def has_case(text: str) -> bool:
    """Whether a text differs from itself in upper or lower case."""
    return text.lower() != text.upper()


# ---- regular expressions


def js_regex(text: str) -> str:
    """A regular expression of JavaScript as ours: the same but for named groups and a few escapes."""
    text = re.sub(r"(?<!\\)\(\?<([A-Za-z]\w*)>", r"(?P<\1>", text).replace("[^]", r"[\s\S]")
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: re.escape(chr(int(found[1], 16))), text).replace(
        r"\/", "/"
    )


def _trimmed(regex: str) -> _Trimmed:
    """An expression without the anchors at its ends, where they hold for all of it."""
    if _has_alternatives(regex):
        return _Trimmed(False, regex, False, re.search(r"[$^]", regex) is not None)
    front = regex.startswith("^")
    core = regex[1:] if front else regex
    back = core.endswith("$") and not core.endswith("\\$")
    core = core[:-1] if back else core
    return _Trimmed(front, core, back, re.search(r"(?<!\[)\^|\$", core) is not None)


def _has_alternatives(regex: str) -> bool:
    """Whether a `|` stands in no parentheses."""
    depth = 0
    for piece in _PIECE.finditer(regex):
        depth += (piece[0] == "(") - (piece[0] == ")")
        if piece[0] == "|" and not depth:
            return True
    return False


def _scattered(text: str, how: How, spot: Spot) -> str:
    """What a text looks like before `except` is taken out: that may stand between any two characters."""
    regex = js_regex(how.without)
    try:
        taken = re.compile(regex, 0 if how.case_counts else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        spot.at("except").leave(f"the regular expression cannot be read: {error}")
    if len(text) > MAX_CHARACTERS or len(regex) > MAX_CHARACTERS // 10:
        spot.at("except").leave("it is too long to be compared without what `except` takes out")
    if re.search(r"[*+}|]", regex.replace(r"\|", "")):
        # `a+` is found as often as `a`; where one of several is found is not always where another ends
        spot.at("except").warn(
            "what `except` takes out may be taken out elsewhere where it could be at several places"
        )
    if not re.search(r"[*+}]", regex):
        text = taken.sub("", text)  # bounded: without repetition nothing is tried twice
    between = f"(?:{regex})*"
    return between + "".join(re.escape(one) + between for one in text)


def _apart(text: str, how: How, spot: Spot) -> Any:
    return _matches(pattern(text, how, spot) or "", how)


def _matches(regex: str, how: How) -> dict[str, Any]:
    return {"matches": regex} if how.case_counts else {"matches": regex, "ignore_case": True}


# ---- operators


def _plain(ours: str) -> Callable[[str, How, Spot], Any]:
    def operator(text: str, how: How, spot: Spot) -> Any:
        if not how.case_counts and has_case(text):
            return {ours: text, "ignore_case": True}
        return text if ours == "equals" else {ours: text}

    return operator


def _found(text: str, how: How, spot: Spot) -> Any:
    if re.fullmatch(r"[\w\s/@:-]+", text):
        return _plain("contains")(text, how, spot)
    return _matches(pattern(text, how, spot) or "", how)


OPERATORS: dict[str, Callable[[str, How, Spot], Any]] = {
    "equals": _plain("equals"),
    "deepEquals": _plain("equals"),
    "contains": _plain("contains"),
    "startsWith": _plain("starts_with"),
    "endsWith": _plain("ends_with"),
    "matches": _found,
}
"""By mountebank's name: the condition for a text. `exists` is read apart."""
