"""Path, method and `match` of an endpoint as the `request` of stubs: the way back from `request.py`."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from msgspec import UNSET

from understudy.formats.outgoing import CannotSay
from understudy.formats.wiremock.write_conditions import (
    ABSENT,
    PRESENT,
    Matcher,
    body_patterns,
    java_pattern,
    matcher,
)
from understudy.match import PARAMETER_TYPES, PathPattern
from understudy.match.path import REST, REST_PARAMETER, WILDCARD
from understudy.model import Condition, Match, Operators, PartConditions, RegexPath

MAX_ALTERNATIVES = 32
"""Stubs that one endpoint may become because its conditions have alternatives."""
_PARAMETER = re.compile(r"\{([A-Za-z_]\w*)(?::([a-z]+))?\}", re.ASCII)
_NAMED = (
    ("params", "pathParameters"),
    ("query", "queryParameters"),
    ("headers", "headers"),
    ("cookies", "cookies"),
    ("form", "formParameters"),
)
_NO_COUNTERPART = ("state", "jwt", "graphql")

Written = dict[str, Any]


def written_requests(path: str | RegexPath, methods: tuple[str, ...], matches: list[Match]) -> list[Written]:
    """The `request` of a stub, several where conditions have alternatives. Raises CannotSay."""
    base: Written = {"method": methods[0] if len(methods) == 1 else {"oneOf": list(methods)}}
    rest: list[Match] = []
    urls: list[Condition] = []
    for match in matches:
        _take_url(match, urls)
        rest.append(match)
    base |= _url(path, urls)
    made = list(islice(_each(rest, base), MAX_ALTERNATIVES + 1))
    if len(made) > MAX_ALTERNATIVES:
        raise CannotSay(f"its conditions have more than {MAX_ALTERNATIVES} alternatives")
    for one in made:
        if "pathParameters" in one and "urlPathTemplate" not in one:
            raise CannotSay("conditions on parameters need a path of whole segments, such as /users/{id}")
    return made


def _take_url(match: Match, urls: list[Condition]) -> None:
    if match.url is not UNSET:
        urls.append(match.url)
    for inner in match.all:
        _take_url(inner, urls)


def _url(path: str | RegexPath, urls: list[Condition]) -> Written:
    """How the URL is told. A condition on the whole of it stands in the place of the path if that allows."""
    if not urls:
        return path_criterion(path)
    if len(urls) > 1:
        raise CannotSay("several conditions on `url`")
    url = urls[0]
    if isinstance(url, str):
        if PathPattern(path).fits(url.partition("?")[0]):
            return {"url": url}
    elif isinstance(url, Operators) and url.matches is not UNSET and url == Operators(matches=url.matches):
        is_same = isinstance(path, RegexPath) and path.regex == url.matches
        if is_same or path in {"/**", "**", "*"}:
            return {"urlPattern": java_pattern(url.matches)}
    raise CannotSay("this condition on `url` beside this path")


def path_criterion(path: str | RegexPath) -> Written:
    """The criterion for a path; none for any path."""
    if isinstance(path, RegexPath):
        return {"urlPathPattern": java_pattern(path.regex)}
    if path in {"/**", "**", "*"}:
        return {}
    pattern = PathPattern(path)
    if pattern.literal is not None:
        return {"urlPath": path}
    ranks = {segment.rank for segment in pattern.segments}
    if ranks & {REST, REST_PARAMETER, WILDCARD} or "*" in path:
        return {"urlPathPattern": java_pattern(_whole(pattern))}
    typed = {
        name: {"matches": PARAMETER_TYPES[kind].pattern}
        for name, kind in _PARAMETER.findall(path)
        if kind and kind != "str"
    }
    made: Written = {"urlPathTemplate": _PARAMETER.sub(r"{\1}", path)}
    return {**made, "pathParameters": typed} if typed else made


def _whole(pattern: PathPattern) -> str:
    parts = []
    for segment in pattern.segments:
        # `/a/**` takes `/a` too, so the slash before `**` belongs to it
        parts.append(r"(?:/.*)?" if segment.rank == REST else "/" + segment.regex)
    return "".join(parts)


def _each(matches: list[Match], base: Written) -> Iterator[Written]:
    if not matches:
        yield base
        return
    for made in _alternatives(matches[0], base):
        yield from _each(matches[1:], made)


def _alternatives(match: Match, base: Written) -> Iterator[Written]:
    made = deepcopy(base)
    _add_plain(match, made)
    rest = list(match.all)
    if not match.any:
        yield from _each(rest, made)
        return
    bodies = [_only_body(one) for one in match.any]
    if all(bodies):  # one stub can say this
        choices = [one[0] if one and len(one) == 1 else {"and": one} for one in bodies]
        made.setdefault("bodyPatterns", []).append({"or": choices})
        yield from _each(rest, made)
        return
    for one in match.any:
        for further in _alternatives(one, made):
            yield from _each(rest, further)


def _only_body(match: Match) -> list[Matcher] | None:
    """The patterns of a match that is about the body alone; None if it is about more."""
    if match != Match(body=match.body) or match.body is UNSET:
        return None
    return body_patterns(match.body)


def _add_plain(match: Match, made: Written) -> None:
    """Add what is asked of single parts. Raises CannotSay."""
    for key in _NO_COUNTERPART:
        if getattr(match, key) not in (UNSET, {}):
            raise CannotSay(f"conditions on `{key}` have no counterpart")
    if match.ignore_case and (match.query or match.form):
        raise CannotSay("names in any case have no counterpart")
    for ours, theirs in _NAMED:
        for name, condition in getattr(match, ours).items():
            if ours == "headers" and _is_basic(name, condition, made):
                continue
            _add(made, theirs, name, matcher(condition))
    if match.body is not UNSET:
        made.setdefault("bodyPatterns", []).extend(body_patterns(match.body))
    if match.host is not UNSET:
        made["host"] = matcher(match.host)
    if match.client is not UNSET:
        made["clientIp"] = _client(match.client)
    if match.accept is not UNSET:
        _add(made, "headers", "Accept", _accepts(match.accept))
    if match.multipart is not UNSET:
        several = match.multipart if isinstance(match.multipart, list) else [match.multipart]
        made.setdefault("multipartPatterns", []).extend(map(_part, several))
    if match.not_ is not UNSET:
        _add_not(match.not_, made)


def _add(made: Written, key: str, name: str, one: Matcher) -> None:
    known = made.setdefault(key, {})
    if name in known and known[name] != one:
        one = {"and": [*known[name].get("and", [known[name]]), one]}
    known[name] = one


def _is_basic(name: str, condition: Condition, made: Written) -> bool:
    """Whether it is about a name and a password, which have a key of their own."""
    if name.lower() != "authorization" or not isinstance(condition, str):
        return False
    scheme, _, encoded = condition.partition(" ")
    if scheme != "Basic":
        return False
    try:
        user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError, ValueError):
        return False
    if colon:
        made["basicAuthCredentials"] = {"username": user, "password": password}
    return bool(colon)


def _add_not(refused: Match, made: Written) -> None:
    """What must not all hold, where that is about one thing."""
    bodies = _only_body(refused)
    if bodies is not None:
        one = bodies[0] if len(bodies) == 1 else {"and": bodies}
        made.setdefault("bodyPatterns", []).append(_refused(one))
        return
    for ours, theirs in _NAMED:
        conditions = getattr(refused, ours)
        if len(conditions) == 1 and refused == Match(**{ours: conditions}):
            ((name, condition),) = conditions.items()
            _add(made, theirs, name, _refused(matcher(condition)))
            return
    raise CannotSay("`not` is carried over where it is about one name or the body alone")


def _refused(one: Matcher) -> Matcher:
    opposites: tuple[tuple[Matcher, Matcher], ...] = ((PRESENT, ABSENT), (ABSENT, PRESENT))
    for wanted, opposite in opposites:
        if one == wanted:
            return opposite
    return {"or": [ABSENT, {"not": one}]} if "equalTo" in one else {"not": one}


def _client(written: str | list[str]) -> Matcher:
    several = [written] if isinstance(written, str) else written
    if any("/" in one for one in several):
        raise CannotSay("a client is told by its address there, not by its network")
    found: list[Matcher] = [{"equalTo": one} for one in several]
    return found[0] if len(found) == 1 else {"or": found}


def _accepts(written: str | list[str]) -> Matcher:
    several = [written] if isinstance(written, str) else written
    return {"or": [*({"contains": one} for one in several), {"contains": "*/*"}, ABSENT]}


def _part(one: PartConditions) -> Written:
    made: Written = {"matchingType": "ANY"}
    if isinstance(one.name, str):
        made["name"] = one.name
    elif one.name is not UNSET:
        raise CannotSay("the name of a part is a text there")
    if isinstance(one.filename, str):
        made["fileName"] = one.filename
    elif one.filename is not UNSET:
        raise CannotSay("the file name of a part is a text there")
    headers = {name: matcher(condition) for name, condition in one.headers.items()}
    if one.content_type is not UNSET:
        headers["Content-Type"] = (
            {"contains": one.content_type} if isinstance(one.content_type, str) else matcher(one.content_type)
        )
    if headers:
        made["headers"] = headers
    patterns = [] if one.body is UNSET else body_patterns(one.body)
    if one.text is not UNSET:
        patterns.append(matcher(one.text))
    return {**made, "bodyPatterns": patterns} if patterns else made
