"""What a predicate looks at: FIELDS is the TABLE."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from understudy.formats.fragments import Fragment
from understudy.formats.har.notes import Notes
from understudy.formats.mountebank import bodies
from understudy.formats.mountebank.texts import How, as_text, condition, has_case, meets, pattern
from understudy.formats.spot import Spot
from understudy.request import canonical_path

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
"""Methods of which those are taken that meet a predicate."""
HEADERS_OF_THE_WAY = frozenset({"host", "connection", "content-length", "transfer-encoding"})
"""Headers that differ with each client and server: a whole set of them is compared without these."""

_SPECIAL = re.compile(r"[{}*]")
_IS_FORM: Fragment = {
    "headers": {"Content-Type": {"matches": r"application/x-www-form-urlencoded\s*(;.*)?"}},
    "not": {"body": ""},
}
_ANY_CASE = "(?i)"
_QUERY = r"(?:\?(?s:.*))?"


class Asked(NamedTuple):
    """What one field of a predicate says, and how it is compared."""

    expected: Any
    how: How
    notes: Notes
    spot: Spot


class PathTest(NamedTuple):
    """A condition on the path: as the `path` of an endpoint, and as a condition on path and query.

    `is_whole`: it takes one path.
    """

    path: Any
    url: Any
    is_whole: bool


def _method(asked: Asked) -> frozenset[str] | Fragment:
    """The methods that meet it; nothing if all do."""
    expected, how, _, spot = asked
    if how.operator in {"equals", "deepEquals"} and not how.without:
        name = as_text(expected, spot)
        is_one = not how.case_counts or name == name.upper()  # no request has a method in lower case
        return frozenset({name.upper()} if is_one else ())
    found = frozenset(name for name in METHODS if meets(name, expected, how, spot))
    return {} if found == METHODS else found


def _path(asked: Asked) -> PathTest | Fragment:
    expected, how, _, spot = asked
    if how.operator == "exists":
        if not expected:
            spot.leave("no request is without a path")
        return {}
    text = as_text(expected, spot)
    counts = how.case_counts or not has_case(text)
    flags = "" if counts else _ANY_CASE
    is_whole = how.operator in {"equals", "deepEquals"} and not how.without
    if is_whole:
        if not text.startswith("/") or "?" in text:
            spot.leave("no request has this path: it begins with a slash, and has no query")
        path = canonical_path(text.encode("utf-8", "replace"))
        regex = re.escape(path)
        plain = counts and not _SPECIAL.search(path)
        return PathTest(
            path if plain else {"regex": flags + regex},
            {"matches": f"{flags}{re.escape(text)}{_QUERY}"},
            True,
        )
    whole = pattern(text, how, spot)
    if text == "" or whole in {".*", "(?s:.*)(?s:.*)"}:
        return {}
    beside = pattern(text, how, spot, "[^?]*")
    url = None if beside is None else {"matches": f"{flags}{beside}{_QUERY}"}
    return PathTest({"regex": f"{flags}{whole}"}, url, False)


def one_of(paths: list[PathTest]) -> PathTest:
    """A condition that holds where one of these does."""
    found = [one.path["regex"] if isinstance(one.path, dict) else re.escape(one.path) for one in paths]
    urls = [one.url["matches"] for one in paths if one.url is not None]
    url = {"matches": _either(urls)} if len(urls) == len(paths) else None
    return PathTest({"regex": _either(found)}, url, False)


def _either(regexes: list[str]) -> str:
    """An expression for one of these, of which each may begin with the flag for any case."""
    if all(one.startswith(_ANY_CASE) for one in regexes):
        return _ANY_CASE + "|".join(one.removeprefix(_ANY_CASE) for one in regexes)
    parts = [
        f"(?i:{one.removeprefix(_ANY_CASE)})" if one.startswith(_ANY_CASE) else f"(?:{one})"
        for one in regexes
    ]
    return "|".join(parts)


def _named(part: str) -> Callable[[Asked], Fragment]:
    def field(asked: Asked) -> Fragment:
        expected, how, notes, spot = asked
        if not isinstance(expected, dict):
            if how.operator == "exists" and expected:
                return {}  # it always is there
            spot.leave("its values are asked for by their names")
        is_all = how.operator == "deepEquals"
        if is_all and part != "query":
            notes.add(f"{part} are asked for one by one: that there are no others is not", spot)
        found = {}
        for name, value in expected.items():
            if is_all and part == "headers" and name.lower() in HEADERS_OF_THE_WAY:
                continue
            inner = spot.at(name)
            if isinstance(value, dict):
                inner.leave("a value that is an object is looked for in bodies alone")
            made = _every(value, how, inner) if is_all else condition(value, how, inner)
            if made is not None:
                found[name] = made
        loose = part != "headers" and not how.keys_count and any(map(has_case, found))
        fragment: Fragment = {**({"ignore_case": True} if loose else {}), **({part: found} if found else {})}
        if part == "form" and not any(map(_must_be_there, found.values())):
            fragment |= _IS_FORM  # a request without a form meets nothing about one
        if is_all and part == "query":
            fragment["url"] = {"matches": _only(list(expected), how)}
        return fragment

    return field


def _must_be_there(condition: Any) -> bool:
    return not isinstance(condition, dict) or {"absent": True} not in condition.get("any", ())


def _every(value: Any, how: How, spot: Spot) -> Any:
    """A condition that the values of a name are these."""
    texts = [as_text(one, spot) for one in (value if isinstance(value, list) else [value])]
    if how.without:
        spot.leave("`except` beside `deepEquals` has no counterpart where names have several values")
    if how.case_counts or not any(map(has_case, texts)):
        return {"exactly": texts}
    if len(texts) == 1:
        return {"equals": texts[0], "ignore_case": True, "every": True}
    one_of = {"one_of": texts, "ignore_case": True, "every": True}
    return {"all": [one_of, *({"equals": one, "ignore_case": True} for one in texts)]}


def _only(names: list[str], how: How) -> str:
    """What a request target looks like that has these parameters and no others."""
    if not names:
        return r"[^?]*\??"
    known = "|".join(_sent(name) for name in names)
    flags = "" if how.keys_count else _ANY_CASE
    return rf"{flags}[^?]*\?(?:&|(?:{known})(?:=[^&]*)?(?:&|$))*"


def _sent(name: str) -> str:
    """A name as clients may send it, each character plain or with its percent escape."""
    return "".join(re.escape(one) if one.isascii() and one.isalnum() else _spelled(one) for one in name)


def _spelled(character: str) -> str:
    forms = [re.escape(character), re.escape(quote(character, safe=""))]
    if character == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(dict.fromkeys(forms))})"


def _address(asked: Asked) -> Fragment:
    expected, how, _, spot = asked
    if how.operator not in {"equals", "deepEquals"} or how.without:
        spot.leave("an address is compared as a whole")
    return {"client": as_text(expected, spot).removeprefix("::ffff:")}


def _body(asked: Asked) -> Fragment:
    return bodies.body(asked.expected, asked.how, asked.notes, asked.spot)


FIELDS: dict[str, Callable[[Asked], Any]] = {
    "method": _method,
    "path": _path,
    "query": _named("query"),
    "headers": _named("headers"),
    "form": _named("form"),
    "body": _body,
    "ip": _address,
}
"""By mountebank's name: a function that gives methods, a `PathTest`, or a part of a `match`."""
