"""What tells the requests of one path apart: as few conditions as lead each to its own answers.

Each request has *features*: a parameter of the path, a query parameter, a field of a form, a key of a JSON
object, the whole body; and headers, which are looked at only where nothing else tells. Those that differ are
candidates; each is given up in turn, those with the most values first, if the answers are told apart without
it.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from understudy.formats.har.bodies import NOT_PLAIN, plain_json
from understudy.match import ConditionError, compile_match
from understudy.match.kinds.json_tree import literal_pattern
from understudy.match.path import PathPattern
from understudy.model import Match
from understudy.model.convert import convert
from understudy.request import Request

Feature = tuple[str, str]
"""The part of the request, and the name in it: ("query", "page"), ("json", "kind"), ("body", "")."""

CREDENTIALS = frozenset(
    {
        "accesstoken", "apikey", "apitoken", "assertion", "authorization", "authtoken", "clientsecret",
        "codeverifier", "credential", "credentials", "csrftoken", "idtoken", "jwt", "newpassword",
        "oldpassword", "otp", "passphrase", "passwd", "password", "passwordconfirmation", "pwd",
        "refreshtoken", "secret", "sessionid", "sessiontoken", "sig", "signature", "token", "totp",
        "xamzcredential", "xamzsecuritytoken", "xamzsignature", "xapikey", "xcsrftoken", "xsrftoken",
    }
)  # fmt: skip
"""Names, letters and digits alone in lower case, whose values never get into a config."""
CACHE_BUSTERS = frozenset(
    {"cachebust", "cachebuster", "cb", "nocache", "rand", "random", "rnd", "nonce", "requestid", "traceid"}
)
"""Names, in the same spelling, of what is new in each request and means nothing."""
_CLOCKS = frozenset({"t", "ts", "time", "timestamp", "now"})
"""Names of the same kind if the value is the time."""
_TIME = re.compile(r"1\d{9}(?:\.?\d{3,6})?")

TELLING: frozenset[Feature] = frozenset({("json", "operationName"), ("json", "method")})
"""Features that say what is asked for, in GraphQL and JSON-RPC: where they differ they stay."""

NAMED = frozenset({"params", "query", "form", "headers"})
"""Parts of a request that have values by name."""
NO_FEATURES: frozenset[Feature] = frozenset()

MAX_WORK = 5_000_000
"""Values that may be compared to find which features are needed, a second of them; else all stay."""
MAX_CHECKED = 60
"""Requests of one path that are held against each other's conditions."""


class Told(NamedTuple):
    """Requests with the same answers: their numbers, what they get one after the other, and the `match` for
    them. `by_credential`: one of the values that are never written differs among them."""

    numbers: list[int]
    answers: tuple[Hashable, ...]
    match: dict[str, Any]
    by_credential: bool


class Wanted(NamedTuple):
    """What may tell requests apart beside query and body, and how.

    `pattern` is that of the path, whose parameters `Request.params` has. `headers` are looked at where
    nothing else tells, in lower case. `kept` are features that stay where they differ. `each` counts the same
    answer twice in a row as two.
    """

    pattern: PathPattern | None = None
    headers: tuple[str, ...] = ()
    kept: frozenset[Feature] = NO_FEATURES
    each: bool = False


ANYTHING = Wanted()


def tell_apart(
    requests: Sequence[Request], answers: Sequence[Hashable], wanted: Wanted = ANYTHING
) -> list[Told]:
    """The requests of one method and path, in the order of time, by what leads to their answers.

    `answers` are equal where the replies are. The result has the order of the first request of each.
    """
    found = _told([_Features(one) for one in requests], answers, wanted)
    whole = len(found) > 1 and not _each_its_own(found, requests, wanted.pattern)
    if whole:
        found = _told([_Features(one, whole=True) for one in requests], answers, wanted)
    if wanted.headers and _turns(found):
        features = [_Features(one, whole=whole, headers=wanted.headers) for one in requests]
        with_headers = _told(features, answers, wanted)
        if _turns(with_headers) < _turns(found):
            return with_headers
    return found


def _turns(found: list[Told]) -> int:
    """How many answers are given one after the other, as nothing is known that tells their requests apart."""
    return sum(len(one.answers) - 1 for one in found)


def _told(features: list[_Features], answers: Sequence[Hashable], wanted: Wanted) -> list[Told]:
    if len({one.kind for one in features}) > 1:  # bodies of several kinds are compared as a whole
        features = [one.as_whole() for one in features]
    names, outcomes = _needed([one.values for one in features], answers, wanted)
    groups: dict[Hashable, list[int]] = {}
    for number, one in enumerate(features):
        groups.setdefault(tuple(one.values.get(name) for name in names), []).append(number)
    several = {
        name
        for name in names
        if name[0] in NAMED and any(len(one.values.get(name, ())) > 1 for one in features)
    }
    return [
        Told(
            numbers,
            outcomes[numbers[0]].answers,
            _match(features[numbers[0]], names, several),
            len({features[number].hidden for number in numbers}) > 1,
        )
        for numbers in groups.values()
    ]


class _Features:
    """What of a request may tell it from others. `values` are comparable, `hidden` is what is not written."""

    def __init__(self, request: Request, whole: bool = False, headers: tuple[str, ...] = ()) -> None:
        self.request = request
        self._asked_headers = headers
        self.values: dict[Feature, Any] = {}
        self.kind = "empty"
        self.hidden: tuple[Any, ...] = ()
        self._json: Any = NOT_PLAIN
        for name, value in request.params.items():
            self.values["params", name] = (str(value),)
        self._add_fields("query", request.query)
        if request.body:
            self._add_body(whole)
        for name in headers:
            if (text := request.header(name)) is not None:
                self.values["headers", name] = (text,)

    def as_whole(self) -> _Features:
        return _Features(self.request, whole=True, headers=self._asked_headers)

    def value(self, feature: Feature) -> Any:
        """The value of a JSON feature as it is written."""
        return self._json[feature[1]] if feature[0] == "json" else self._json

    def _add_fields(self, part: str, fields: dict[str, list[str]]) -> None:
        for name, values in fields.items():
            if is_credential(name):
                self.hidden = (*self.hidden, part, name, tuple(values))
            elif not _is_volatile(name, values):
                self.values[part, name] = tuple(sorted(values))

    def _add_body(self, whole: bool) -> None:
        request = self.request
        if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            self.kind = "form"
            self._add_fields("form", request.form)
            return
        plain = plain_json(request.text)
        self.hidden = (*self.hidden, *_credentials_in(plain))
        self._json = _masked(plain)
        if self._json is NOT_PLAIN:
            self.kind = "text"
            self.values["body", ""] = request.body
        elif isinstance(self._json, dict) and not whole:
            self.kind = "object"
            for name, value in self._json.items():
                self.values["json", name] = _canonical(value)
        else:
            self.kind = "json"
            self.values["body", ""] = _canonical(self._json)


class _Outcome(NamedTuple):
    """The answers that requests like one got, one after the other.

    `turn` keeps several answers to those requests: if others took part, they would change whose turn it is.
    """

    answers: tuple[Hashable, ...]
    turn: Hashable


def _needed(
    features: list[dict[Feature, Any]], answers: Sequence[Hashable], wanted: Wanted
) -> tuple[list[Feature], list[_Outcome]]:
    """The features that are needed to know the answers, as far as any are; and each request's answers."""
    names = list(dict.fromkeys(name for one in features for name in one))
    spread = {name: len({one.get(name) for one in features}) for name in names}
    names = [name for name in names if spread[name] > 1]
    outcomes = _outcomes(features, names, answers, wanted.each)
    if not names or len(features) * len(names) ** 2 > MAX_WORK:
        return names, outcomes
    place = {name: number for number, name in enumerate(names)}
    size = {name: max(len(str(one.get(name))) for one in features) for name in names}

    def worth(name: Feature) -> tuple[bool, int, bool, int]:
        return name[0] == "headers", spread[name], size[name] > 100, place[name]

    stay = TELLING | wanted.kept
    for name in sorted(names, key=worth, reverse=True):
        fewer = [other for other in names if other != name]
        if name not in stay and _still_known(features, fewer, outcomes):
            names = fewer
    return names, outcomes


def _outcomes(
    features: list[dict[Feature, Any]], names: list[Feature], answers: Sequence[Hashable], each: bool
) -> list[_Outcome]:
    """For each request the answers, one after the other, that requests like it got."""
    gathered: dict[Hashable, list[Hashable]] = {}
    keys = [tuple(one.get(name) for name in names) for one in features]
    for key, answer in zip(keys, answers, strict=True):
        known = gathered.setdefault(key, [])
        if each or not known or known[-1] != answer:
            known.append(answer)
    for known in gathered.values():  # the last is repeated anyhow
        while len(known) > 1 and known[-1] == known[-2]:
            known.pop()
    made = {key: _Outcome(tuple(known), key if len(known) > 1 else None) for key, known in gathered.items()}
    return [made[key] for key in keys]


def _still_known(
    features: list[dict[Feature, Any]], names: list[Feature], outcomes: Sequence[_Outcome]
) -> bool:
    """Whether requests that are alike in these features have the same outcome."""
    seen: dict[Hashable, _Outcome] = {}
    return all(
        seen.setdefault(tuple(one.get(name) for name in names), outcome) == outcome
        for one, outcome in zip(features, outcomes, strict=True)
    )


def _each_its_own(found: list[Told], requests: Sequence[Request], pattern: PathPattern | None) -> bool:
    """Whether no request meets the conditions for others; not looked at where there are many."""
    if len(found) > MAX_CHECKED:
        return True
    try:
        conditions = [compile_match(convert(one.match, Match), pattern) for one in found]
    except ConditionError:
        return False
    return not any(
        condition.matches(requests[number])
        for at, condition in enumerate(conditions)
        for other, one in enumerate(found)
        if other != at
        for number in one.numbers[:1]
    )


# ---- values that say nothing, or must not be said


def likeness(request: Request) -> Hashable:
    """What is equal for requests that ask the same, whatever means nothing in them or is a credential."""
    return tuple(_Features(request).values.items())


@lru_cache(maxsize=4096)  # the same few names come again and again
def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_credential(name: str) -> bool:
    """Whether values of this name never get into a config."""
    return _plain_name(name) in CREDENTIALS


def _is_volatile(name: str, values: list[str]) -> bool:
    plain = _plain_name(name)
    if name == "_" or plain in CACHE_BUSTERS:  # `_` is jQuery's
        return True
    times = values if plain in _CLOCKS else [name] if not any(values) else []  # `?t=TIME` and `?TIME`
    return bool(times) and all(map(_TIME.fullmatch, times))


def _credentials_in(value: Any) -> Iterator[str]:
    """The credentials in a JSON value, as texts."""
    if isinstance(value, dict):
        for name, item in value.items():
            if is_credential(name):
                yield _canonical(item)
            else:
                yield from _credentials_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _credentials_in(item)


def _masked(value: Any) -> Any:
    """A JSON value as a pattern: `#ignore` for credentials, and as itself otherwise."""
    if isinstance(value, dict):
        return {name: "#ignore" if is_credential(name) else _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return literal_pattern(value)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


# ---- features as a `match`


def _match(one: _Features, names: list[Feature], several: set[Feature]) -> dict[str, Any]:
    match: dict[str, Any] = {}
    for name in names:
        part, key = name
        if part in NAMED:
            match.setdefault(part, {})[key] = _condition(one.values.get(name), name in several)
        elif part == "json":
            pattern = match.setdefault("body", {"json": {}})["json"]
            pattern[key] = one.value(name) if name in one.values else "#notpresent"
        else:
            match |= _whole_body(one)
    return match


def _condition(values: tuple[str, ...] | None, is_list: bool) -> Any:
    if values is None:
        return {"absent": True}
    if is_list:
        return {"exactly": list(values)}
    (value,) = values
    return int(value) if re.fullmatch(r"0|[1-9][0-9]{0,14}", value, re.ASCII) else value


def _whole_body(one: _Features) -> dict[str, Any]:
    body = one.request.body
    if one.kind == "form":  # its boundary is another each time
        return {}
    if one.kind == "json":
        return {"body": {"json": one.value(("body", "")), "exact": True}}
    if not body:
        return {"body": ""}
    try:
        body.decode()
    except UnicodeDecodeError:
        return {"body": {"base64": b64encode(body).decode()}}
    return {"body": one.request.text}
