"""Examples of requests and of responses that have the same name belong together.

A request that is what `requestBody.content.*.examples.NAME` and `parameters.*.examples.NAME` say is answered
with the response's example NAME. Which names a request has is looked up, not searched for: each part of a
request that has examples is a table from its value to a set of names, and the sets are bits of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from understudy.formats.openapi.bodies import JSON, json_value, text_of
from understudy.formats.openapi.operations import Body, Example, Operation, Parameter, examples_of
from understudy.request import Request

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}

Read = Callable[[Request], Hashable]


class _Part(NamedTuple):
    """One part of a request: what it has, and the names of that. `free` are those that say nothing of it."""

    read: Read
    masks: dict[Hashable, int]
    free: int


class Pairs:
    """The names of the requests that an operation has examples of."""

    def __init__(self, names: tuple[str, ...], parts: tuple[_Part, ...]) -> None:
        self.names = names
        self._parts = parts
        self._all = (1 << len(names)) - 1

    def of(self, request: Request) -> tuple[str, ...]:
        """The examples that the request is; those that say most of it first."""
        mask = self._all
        for part in self._parts:
            mask &= part.free | part.masks.get(part.read(request), 0)
            if not mask:
                return ()
        return tuple(name for bit, name in enumerate(self.names) if mask >> bit & 1)


def compile_pairs(
    operation: Operation, wanted: Collection[str], path_names: Mapping[str, str] | None = None
) -> Pairs | None:
    """The pairs of an operation for the names that responses have; None if there are none.

    `path_names` has the names of path parameters in `Request.params`, where they are others.
    """
    found: list[tuple[Read, list[tuple[str, Hashable]]]] = []
    for parameter in operation.parameters:
        values = list(_parameter_values(parameter, wanted))
        if values:
            found.append((_reader(parameter, path_names or {}), values))
    if operation.body is not None:
        values = list(_body_values(operation.body, wanted))
        if values:
            found.append((_read_body, values))
    counts: dict[str, int] = {}
    for _, values in found:
        for name in dict.fromkeys(name for name, _ in values):
            counts[name] = counts.get(name, 0) + 1
    names = tuple(sorted(counts, key=lambda name: -counts[name]))
    if not names:
        return None
    bits = {name: 1 << bit for bit, name in enumerate(names)}
    return Pairs(names, tuple(_part(read, values, bits) for read, values in found))


def _part(read: Read, values: list[tuple[str, Hashable]], bits: Mapping[str, int]) -> _Part:
    masks: dict[Hashable, int] = {}
    said = 0
    for name, value in values:
        masks[value] = masks.get(value, 0) | bits[name]
        said |= bits[name]
    return _Part(read, masks, ((1 << len(bits)) - 1) & ~said)


# --- parameters ---------------------------------------------------------------------------------------------


def _parameter_values(parameter: Parameter, wanted: Collection[str]) -> Iterator[tuple[str, Hashable]]:
    content = next(parameter.node.items("content"), None)
    for example in examples_of(parameter.node if content is None else content[1]):
        value = example.node.value
        if example.name not in wanted:
            continue
        if parameter.is_json:
            yield example.name, _json_key(value)
        elif isinstance(value, list):
            texts = tuple(map(_plain, value))
            is_one = parameter.where != "query" or not parameter.explode
            yield example.name, _separator(parameter).join(texts) if is_one else texts
        elif not isinstance(value, dict | bytes):  # an object is spread over several places
            is_list = parameter.where == "query" and parameter.explode and _is_list(parameter)
            yield example.name, (_plain(value),) if is_list else _plain(value)


def _reader(parameter: Parameter, path_names: Mapping[str, str]) -> Read:
    name = parameter.name
    if parameter.where == "path":
        own = path_names.get(name, name)
        text: Callable[[Request], str | None] = lambda request: _maybe(request.params.get(own))  # noqa: E731
    elif parameter.where == "header":
        text = lambda request: request.header(name)  # noqa: E731
    elif parameter.where == "cookie":
        text = lambda request: request.cookies.get(name)  # noqa: E731
    elif parameter.explode and _is_list(parameter) and not parameter.is_json:
        return lambda request: tuple(request.query.get(name, ()))
    else:
        text = lambda request: next(iter(request.query.get(name, ())), None)  # noqa: E731
    return _json_reader(text) if parameter.is_json else text


def _json_reader(text: Callable[[Request], str | None]) -> Read:
    def read(request: Request) -> Hashable:
        written = text(request)
        if written is None:
            return None
        try:
            return _json_key(msgspec.json.decode(written.encode()))
        except (ValueError, RecursionError):
            return None

    return read


def _is_list(parameter: Parameter) -> bool:
    return parameter.schema is not None and parameter.schema.text("type") == "array"


def _separator(parameter: Parameter) -> str:
    return _SEPARATORS.get(parameter.style, ",")


def _maybe(value: Any) -> str | None:
    return None if value is None else _plain(value)


def _plain(value: Any) -> str:
    """A value as it stands in a URL or a header. Whole numbers have no point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return text_of(value)


# --- bodies -------------------------------------------------------------------------------------------------


def _body_values(body: Body, wanted: Collection[str]) -> Iterator[tuple[str, Hashable]]:
    for media in body.media:
        plain = media.type.partition(";")[0].strip()
        for example in media.examples:
            if example.name in wanted:
                yield example.name, _body_key(plain, example, json_value(media, example.node.value))


def _body_key(media_type: str, example: Example, value: Any) -> Hashable:
    if isinstance(value, bytes):
        return "bytes", value
    if JSON.fullmatch(media_type):
        return "json", _json_key(value)
    if media_type in FORMS and isinstance(value, dict):
        return "form", _form_key(
            {
                name: list(map(_plain, item if isinstance(item, list) else [item]))
                for name, item in value.items()
            }
        )
    return "text", text_of(value).strip()


def _read_body(request: Request) -> Hashable:
    kind = request.content_type
    if not kind or JSON.fullmatch(kind):
        try:
            return "json", _json_key(request.json())
        except (ValueError, RecursionError):
            return None
    if kind in FORMS:
        return "form", _form_key(request.form)
    try:
        return "text", request.body.decode().strip()
    except UnicodeDecodeError:
        return "bytes", request.body


def _form_key(fields: Mapping[str, list[str]]) -> Hashable:
    return tuple(sorted((name, tuple(values)) for name, values in fields.items()))


def _json_key(value: Any) -> bytes:
    """The same bytes for the same JSON: keys in order, and 1.0 as 1 (JSON Schema core section 4.2.2)."""
    return msgspec.json.encode(_same_numbers(value), order="sorted")


def _same_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {name: _same_numbers(item) for name, item in value.items()}
    return [_same_numbers(item) for item in value] if isinstance(value, list) else value
