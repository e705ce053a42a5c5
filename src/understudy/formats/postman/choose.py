"""All saved examples of a method and a path as one endpoint, which chooses among them as Postman does.

Postman's mock servers take the example whose path and query fit best, of equal ones one with a status of
2xx; headers of the request ask for an example by name, by id or by status. So an example has two kinds of
`match`: what its request has that those of others have not, and the headers that ask for it.
https://learning.postman.com/docs/design-apis/mock-apis/matching-algorithm/
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from understudy.formats.fragments import Fragment
from understudy.formats.postman.bodies import Body
from understudy.formats.postman.responses import read_answer
from understudy.formats.postman.templates import Templates
from understudy.formats.postman.urls import config_path, parameter_names
from understudy.formats.postman.variables import Variables
from understudy.formats.spot import LeftOut, Spot
from understudy.match import ConditionError, compile_match
from understudy.match.path import PathPattern, PathSyntaxError
from understudy.model import Endpoint, Match
from understudy.model.convert import convert

BY_NAME, BY_CODE, BY_ID = "X-Mock-Response-Name", "X-Mock-Response-Code", "X-Mock-Response-Id"
MAX_NAME = 200


@dataclass(eq=False)
class Example:
    """A saved example: what was asked, and where the answer stands.

    `names` are those of the path's parameters as the example's own request has them, `values` what they were.
    """

    name: str
    id: str
    status: int
    names: tuple[str, ...]
    values: tuple[str | None, ...]
    query: dict[str, tuple[str | None, ...]]
    body: Body | None
    written: dict[str, Any]
    variables: Variables
    spot: Spot
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether it is what is answered if nothing goes wrong."""
        return 200 <= self.status < 300


@dataclass(eq=False)
class Group:
    """The examples of a method and a path. Everything else is that of the first request with them."""

    method: str
    segments: tuple[str, ...]
    names: tuple[str, ...]
    title: str
    comment: str
    groups: tuple[str, ...]
    auth: str | None
    spot: Spot
    examples: list[Example] = field(default_factory=list)


class _Place(NamedTuple):
    """An example and what its request has that others have not: `url` and `body`."""

    example: Example
    url: Fragment
    body: Fragment

    @property
    def weight(self) -> int:
        """How many conditions there are."""
        return sum(map(len, self.url.values())) + bool(self.body)


def endpoint(group: Group) -> dict[str, Any]:
    """The endpoint for a group. Examples that cannot be answered are warnings. Raises LeftOut."""
    parameters = parameter_names(group.names)
    path = config_path(group.segments, parameters)
    written: dict[str, Any] = {"name": group.title[:MAX_NAME]} if group.title else {}
    written["path"] = path
    if group.method != "GET":
        written["method"] = group.method
    if group.groups:
        written["group"] = group.groups[0] if len(group.groups) == 1 else list(group.groups)
    pattern = _pattern(written, group.spot)
    is_only = len(group.examples) == 1
    examples = [one for one in group.examples if _can_answer(one, parameters, check=not is_only)]
    if not examples:
        group.spot.leave("none of its examples can be answered")
    if len(examples) == 1:
        written |= examples[0].answer
    else:
        choices = _choices(examples, parameters, pattern)
        written |= choices[0] if len(choices) == 1 else {"responses": choices}
    try:
        convert(written, Endpoint)
    except msgspec.ValidationError as error:
        group.spot.leave(str(error))
    return written


def _pattern(written: dict[str, Any], spot: Spot) -> PathPattern:
    try:
        return PathPattern(convert(written, Endpoint).path)
    except (PathSyntaxError, msgspec.ValidationError) as error:
        spot.leave(str(error))


def _can_answer(example: Example, parameters: tuple[str, ...], *, check: bool) -> bool:
    """Make the answer of an example; False, and a warning, if that cannot be.

    `check`: whether it is looked at alone, so that the others stay if something is wrong with it.
    """
    names = dict(zip(example.names, parameters, strict=True))
    try:
        example.answer = read_answer(
            example.written, example.status, example.variables, Templates(names, example.spot), example.spot
        )
        if check:
            convert({"path": "/", **example.answer}, Endpoint)
    except LeftOut as left:
        left.spot.warn(f"this example is left out: {left.message}")
        return False
    except msgspec.ValidationError as error:
        example.spot.warn(f"this example is left out: {error}")
        return False
    return True


# ---- which one


def _choices(
    examples: list[Example], parameters: tuple[str, ...], pattern: PathPattern
) -> list[dict[str, Any]]:
    """The answers in the order in which they are asked; the last one takes what is left."""
    places, firsts = _places(examples, _url_conditions(examples, parameters))
    default = min(firsts, key=lambda place: (place.weight, not place.example.is_good))
    natural = {id(place.example) for place in places if place.body or place in firsts}
    order = sorted((place for place in places if place is not default), key=lambda place: -place.weight)
    asked = _Asked(examples, [*order, default])
    choices = []
    for place in order:
        ways = asked.ways(place)
        if id(place.example) in natural and place.weight:
            ways.append(asked.unasked(place))
        elif code := asked.by_code(place):
            ways.append(code)
        if not ways:
            place.example.spot.warn("this example is left out: nothing tells it from another one")
            continue
        match = ways[0] if len(ways) == 1 else {"any": ways}
        try:
            compile_match(convert(match, Match), pattern)
        except (ConditionError, msgspec.ValidationError) as error:
            reason = str(error).partition("\n")[0]
            place.example.spot.warn(f"this example is left out: {reason}")
            continue
        choices.append({"match": match, **place.example.answer})
    return [*choices, default.example.answer]


def _url_conditions(examples: list[Example], parameters: tuple[str, ...]) -> list[Fragment]:
    """For each example the parameters of path and query that are not the same in all of them."""
    varying = [
        number for number in range(len(parameters)) if len({one.values[number] for one in examples}) > 1
    ]
    keys = dict.fromkeys(key for one in examples for key in one.query)
    changing = [key for key in keys if len({one.query.get(key, ()) for one in examples}) > 1]
    found = []
    for one in examples:
        fragment: Fragment = {}
        params = {parameters[at]: one.values[at] for at in varying if one.values[at] is not None}
        query = {key: _condition(one.query[key]) for key in changing if key in one.query}
        if params:
            fragment["params"] = params
        if query:
            fragment["query"] = query
        found.append(fragment)
    return found


def _condition(values: tuple[str | None, ...]) -> Any:
    known = [value for value in values if value is not None]
    if not known:
        return {"present": True}
    return known[0] if len(known) == 1 else {"includes": known}


def _places(examples: list[Example], urls: list[Fragment]) -> tuple[list[_Place], list[_Place]]:
    """All examples, those with the same path and query told apart by their bodies; and the first of these.

    The first is what is answered where only path and query fit.
    """
    alike: dict[str, list[tuple[Example, Fragment]]] = {}
    for example, url in zip(examples, urls, strict=True):
        alike.setdefault(json.dumps(url, sort_keys=True), []).append((example, url))
    places: list[_Place] = []
    firsts: list[_Place] = []
    for ones in alike.values():
        best = min((example for example, _ in ones), key=lambda one: not one.is_good)
        seen = {best.body.key} if best.body else set()
        for example, url in ones:
            body: Fragment = {}
            if example is not best and example.body is not None and example.body.key not in seen:
                seen.add(example.body.key)
                body = example.body.match
            places.append(_Place(example, url, body))
            if example is best:
                firsts.append(places[-1])
    return places, firsts


class _Asked:
    """How examples are asked for by headers. `order` is that of the answers, the default last."""

    def __init__(self, examples: list[Example], order: list[_Place]) -> None:
        self._names: dict[Any, Example] = {}
        if _differ(one.name for one in examples):
            self._names = _firsts((one.name, one) for one in examples)
        self._ids = any(one.id for one in examples)
        self._codes = _differ(str(one.status) for one in examples)
        self._default = order[-1].example
        self._last = {place.example.status: place.example for place in order}
        self._of_url = _firsts((_url_and_status(place), place.example) for place in order if not place.body)

    def ways(self, place: _Place) -> list[Fragment]:
        """The headers that ask for an example, whatever else the request has."""
        one = place.example
        found: list[Fragment] = []
        if one.name and self._names.get(one.name) is one:
            found.append({"headers": {BY_NAME: one.name}})
        if one.id:
            found.append({"headers": {BY_ID: {"ends_with": one.id}}})
        if self._codes and self._default.status != one.status and self._last[one.status] is one:
            found.append({"headers": {BY_CODE: str(one.status)}})
        return found

    def by_code(self, place: _Place) -> Fragment:
        """The status that asks for it among examples with the same path and query; empty if none does."""
        is_first = self._of_url.get(_url_and_status(place)) is place.example
        if not self._codes or not place.url or not is_first:
            return {}
        return {**place.url, "headers": {BY_CODE: str(place.example.status)}}

    def unasked(self, place: _Place) -> Fragment:
        """What its request has, in requests that ask for no other example."""
        headers: dict[str, Any] = {}
        if self._names:
            headers[BY_NAME] = {"absent": True}
        if self._ids:
            headers[BY_ID] = {"absent": True}
        if self._codes:
            headers[BY_CODE] = {"any": [str(place.example.status), {"absent": True}]}
        return {**place.url, **({"headers": headers} if headers else {}), **place.body}


def _url_and_status(place: _Place) -> tuple[str, int]:
    return json.dumps(place.url, sort_keys=True), place.example.status


def _differ(values: Iterable[str]) -> bool:
    return len(set(values)) > 1


def _firsts(pairs: Iterable[tuple[Any, Example]]) -> dict[Any, Example]:
    found: dict[Any, Example] = {}
    for key, example in pairs:
        found.setdefault(key, example)
    return found
