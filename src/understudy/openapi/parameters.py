"""The parameters of an operation: read from a request in their styles, and held against their schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from understudy.formats.openapi.operations import Parameter
from understudy.formats.openapi.paths import Path
from understudy.formats.openapi.requests import IGNORED
from understudy.openapi.checker import Checker, Checkers, Place
from understudy.openapi.media import JSON
from understudy.openapi.shapes import ANY, Shape
from understudy.openapi.styles import (
    ABSENT,
    FIELD_STYLES,
    SPACED_COMMA,
    TEXT_STYLES,
    Fields,
    FromFields,
    FromText,
    Misstyled,
    Spec,
    simple,
)
from understudy.openapi.violation import WARNING, Violation
from understudy.request import Request

MALFORMED = "json"
"""The code of what should be JSON and is not: no keyword of a schema says so."""
MISSTYLED = "style"
DEPRECATED = "deprecated"
_SWAGGER_SEPARATORS = {"ssv": " ", "tsv": "\t", "pipes": "|"}
"""What separates lists in paths and headers of Swagger 2.0, where it is no comma."""

Read = Callable[[Request], Any]
Look = Callable[[Request], list[Violation]]
Judge = Callable[[Any], list[Violation]]


class Field(NamedTuple):
    """A compiled parameter. `judge` is None where any text will do."""

    name: str
    required: bool
    deprecated: bool
    allows_empty: bool
    read: Read
    judge: Judge | None


def compile_parameters(parameters: tuple[Parameter, ...], path: Path, checkers: Checkers) -> list[Look]:
    """What looks at the parameters, one for each place that has some, in the order in which Prism tells."""
    found = []
    for where in ("header", "query", "path", "cookie"):
        place = Place(checkers.side, where)
        fields = [
            field
            for one in parameters
            if one.where == where and (field := _field(one, path, checkers, place)) is not None
        ]
        if fields:
            found.append(_looking(fields, place))
    return found


def _looking(fields: list[Field], place: Place) -> Look:
    def look(request: Request) -> list[Violation]:
        missing: list[Violation] = []
        wrong: list[Violation] = []
        old: list[Violation] = []
        for name, required, deprecated, allows_empty, read, judge in fields:
            try:
                value = read(request)
            except Misstyled as error:
                wrong.append(place.violation((name,), MISSTYLED, str(error)))
                continue
            if value is ABSENT or (value == "" and not allows_empty):
                if required:
                    missing.append(missing_field(place, name))
                continue
            if judge is not None and (value != "" or not allows_empty):
                wrong += judge(value)
            if deprecated:
                old.append(_deprecated(place, name))
        return missing + wrong + old if missing or old else wrong

    return look


def missing_field(place: Place, name: str) -> Violation:
    """The violation of a parameter that should be there."""
    return place.violation((), "required", f"must have required property '{name}'")


def _deprecated(place: Place, name: str) -> Violation:
    """The warning, in Prism's words, that a parameter should be sent no more."""
    message = f"{place.part.capitalize()} param {name} is deprecated"
    return Violation((place.part, name), DEPRECATED, message, WARNING)


def _field(parameter: Parameter, path: Path, checkers: Checkers, place: Place) -> Field | None:
    """The compiled parameter; None if it means nothing, or nothing can be wrong with it."""
    name = parameter.name.lower() if parameter.where == "header" else parameter.name
    if parameter.where == "header" and name in IGNORED:
        return None
    if parameter.where == "path" and parameter.name not in path.names:
        return None
    checker = checkers.of(parameter.schema)
    media = next((key for key, _ in parameter.node.items("content")), "") if parameter.is_json else ""
    is_json = bool(JSON.fullmatch(media.partition(";")[0].strip().lower()))
    shape = ANY if checker is None or parameter.is_json else checker.shape
    read = _READERS[parameter.where](parameter, path, shape)
    judge: Judge | None
    if is_json:
        judge = _json_judge(checker, place, name)
    elif checker is not None and checker.takes_any_text and parameter.where in ("path", "header"):
        judge = None  # there is only one of it, and that is text
    else:
        judge = compile_judge(checker, shape, place, (name,))
    deprecated = parameter.node.flag("deprecated")
    must_look = (parameter.required and parameter.where != "path") or parameter.style in ("label", "matrix")
    if judge is None and not must_look and not deprecated:
        return None
    allows_empty = parameter.where == "query" and parameter.node.flag("allowEmptyValue")
    return Field(name, parameter.required, deprecated, allows_empty, read, judge)


def compile_judge(
    checker: Checker | None, shape: Shape, place: Place, above: tuple[str, ...]
) -> Judge | None:
    """What finds fault with a value that was read from text; None if nothing ever is wrong."""
    if checker is None:
        return None
    any_text = checker.takes_any_text

    def judge(value: Any) -> list[Violation]:
        if any_text and type(value) is str:
            return []
        first = shape.conform(value)
        if checker.is_valid(first):
            return []
        # where a text may also be something else, which of them is for the whole schema to say
        second = shape.conform(value, as_text=False)
        if second != first and checker.is_valid(second):
            return []
        return checker.look(first, place, above)

    return judge


def _json_judge(checker: Checker | None, place: Place, name: str) -> Judge:
    def judge(value: Any) -> list[Violation]:
        try:
            found = msgspec.json.decode(value if isinstance(value, str) else value[0])
        except (msgspec.DecodeError, RecursionError, ValueError):
            return [place.violation((name,), MALFORMED, "must be JSON")]
        return checker.look(found, place, (name,)) if checker is not None else []

    return judge


# --- where they are -----------------------------------------------------------------------------------------


def _path(parameter: Parameter, path: Path, shape: Shape) -> Read:
    own = path.names[parameter.name]
    read = _text_style(parameter, shape)

    def look(request: Request) -> Any:
        value = request.params.get(own, ABSENT)
        return read(value) if type(value) is str else value

    return look


def _header(parameter: Parameter, path: Path, shape: Shape) -> Read:
    name = parameter.name
    read = _text_style(parameter, shape)
    has_parts = shape.is_list or shape.is_object

    def look(request: Request) -> Any:
        value = request.header(name)
        if not value:
            return ABSENT
        return read(SPACED_COMMA.sub(",", value)) if has_parts else read(value)

    return look


def _text_style(parameter: Parameter, shape: Shape) -> FromText:
    spec = Spec(parameter.name, shape, parameter.explode)
    separator = _SWAGGER_SEPARATORS.get(parameter.node.text("collectionFormat"))
    if separator is not None:
        return simple(spec, separator)
    return TEXT_STYLES.get(parameter.style, simple)(spec)


def _query(parameter: Parameter, path: Path, shape: Shape) -> Read:
    read = _field_style(parameter, shape)
    if parameter.explode or not (shape.is_list or shape.is_object):
        return lambda request: read(Fields(request.query, ""))
    return lambda request: read(Fields(request.query, request.query_string))


def _cookie(parameter: Parameter, path: Path, shape: Shape) -> Read:
    read = _field_style(parameter, shape)
    is_encoded = parameter.style != "cookie"
    is_split = is_encoded and parameter.explode and shape.is_list
    start = f"&{parameter.name}="

    def look(request: Request) -> Any:
        fields: dict[str, list[str]] = {}
        for part in (request.header("cookie") or "").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                value = value.strip('"')
                # `a=1&a=2` is one cookie to everybody else (OpenAPI 3.1 section 4.7.12.3)
                values = value.split(start) if is_split else [value]
                fields.setdefault(name, []).extend(map(unquote, values) if is_encoded else values)
        return read(Fields(fields, ""))

    return look


def _field_style(parameter: Parameter, shape: Shape) -> FromFields:
    style = FIELD_STYLES.get(parameter.style, FIELD_STYLES["form"])
    return style(Spec(parameter.name, shape, parameter.explode))


_READERS: dict[str, Callable[[Parameter, Path, Shape], Read]] = {
    "path": _path,
    "header": _header,
    "query": _query,
    "cookie": _cookie,
}
