"""The body of an operation's requests, in the media types that the document names.

JSON, XML, forms and text are held against their schemas. Of anything else, files too, it is only asked that
it is there; and so of XML whose schema is not that of an object or a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import msgspec

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Body, Media
from understudy.openapi.checker import Checker, Checkers, Place
from understudy.openapi.from_xml import FromXml, is_xml
from understudy.openapi.media import FORM, JSON, MULTIPART, bare, covers, is_text
from understudy.openapi.parameters import MALFORMED, compile_judge
from understudy.openapi.shapes import ANY, Shape, Typed
from understudy.openapi.styles import ABSENT, FIELD_STYLES, Fields, FromFields, Spec, deep_object
from understudy.openapi.violation import Violation
from understudy.request import Request
from understudy.views.multipart import Part, has_no_parts

BODY = Place("Request", "body")
MISSING = Violation(("body",), "required", "Body parameter is required")
"""In Prism's words, which are not those of other violations."""
CONTENT_TYPE = "contentType"
"""The code of a part that has another media type than the document says."""

LookAt = Callable[[Request], list[Violation]]


class BodyCheck(NamedTuple):
    """What is asked of a body. `look` is None where nothing is."""

    look: LookAt | None
    media_refused: Callable[[Request], tuple[str, ...] | None]


def compile_body(body: Body | None, checkers: Checkers) -> BodyCheck:
    """What is asked of a body; None: there should be none."""
    if body is None:
        return BodyCheck(None, lambda request: () if request.body else None)
    media = [_Media(one, checkers) for one in body.media]
    accepted = tuple(one.type for one in body.media)
    ranges = [one.range for one in media]
    needed = body.required

    def look(request: Request) -> list[Violation]:
        if not request.body:
            return [MISSING] if needed else []
        content_type = request.content_type
        if not content_type:  # Prism takes it as text in the first media type
            return media[0].look_untyped(request) if media else []
        for one in media:
            if covers(one.range, content_type):
                return one.look(request, content_type)
        return []

    def media_refused(request: Request) -> tuple[str, ...] | None:
        if not request.body or not (content_type := request.content_type):
            return None
        return None if any(covers(one, content_type) for one in ranges) else accepted

    checks = needed or any(one.checks for one in media)
    return BodyCheck(look if checks else None, media_refused)


class _Media:
    """One media type, or range, of a body."""

    def __init__(self, media: Media, checkers: Checkers) -> None:
        self.range = bare(media.type)
        self._checker = checkers.of(media.schema)
        self._shape = self._checker.shape if self._checker is not None else ANY
        self._judge = compile_judge(self._checker, self._shape, BODY, ())
        encoding = dict(media.node.items("encoding"))
        self._fields = _Form(self._shape, encoding, is_multipart=False)
        self._parts = _Form(self._shape, encoding, is_multipart=True)
        self._shape_of_xml = partial(checkers.shape, media.schema)
        self.checks = (
            self._checker is not None or self.range in (FORM, MULTIPART) or bool(_is_json(self.range))
        )

    @cached_property
    def _xml(self) -> FromXml:
        return FromXml(self._shape_of_xml())

    def look(self, request: Request, content_type: str) -> list[Violation]:
        """What is wrong with a body of this type."""
        if _is_json(content_type):
            return look_at_json(request.json, self._checker, BODY)
        if content_type == FORM:
            return self._judged(self._fields.read(Fields(request.form, request.body.decode("latin-1"))))
        if content_type == MULTIPART:
            parts = request.multipart
            if not parts and not has_no_parts(request.header("content-type") or "", request.body):
                return [
                    BODY.violation((), MALFORMED, "must be multipart/form-data with a boundary and its parts")
                ]
            return self._parts.refused(parts) + self._judged(self._parts.read(_part_fields(parts), parts))
        if is_xml(content_type):
            return self._look_at_xml(request)
        return self._judged(request.text) if is_text(content_type) else []

    def _look_at_xml(self, request: Request) -> list[Violation]:
        if not self._xml.is_structured:
            return []
        try:
            value = self._xml.read(request.xml())
        except ValueError as error:
            return [BODY.violation((), MALFORMED, _reason(str(error)))]
        return self._judged(value)

    def look_untyped(self, request: Request) -> list[Violation]:
        """What is wrong with a body that no type was given for."""
        if self._checker is None or not (_is_json(self.range) or is_text(self.range)):
            return []
        return self._checker.look(request.text, BODY)

    def _judged(self, value: Any) -> list[Violation]:
        return self._judge(value) if self._judge is not None else []


def look_at_json(read: Callable[[], Any], checker: Checker | None, place: Place) -> list[Violation]:
    """What is wrong with JSON."""
    try:
        value = read()
    except ValueError as error:
        text = "is nested too deeply" if "recursion" in str(error) else _reason(str(error))
        return [place.violation((), MALFORMED, text)]
    return checker.look(value, place) if checker is not None else []


def _reason(said: str) -> str:
    """Why the body is not read, without naming it again."""
    text = said.removeprefix("the body ")
    return text.replace("is not JSON", "must be JSON", 1).replace("is not XML", "must be XML", 1)


def _is_json(media_type: str) -> bool:
    return JSON.fullmatch(media_type) is not None


# --- forms --------------------------------------------------------------------------------------------------


class _Form:
    """Reads the fields of a form as an object, each in the style that its `encoding` asks for."""

    def __init__(self, shape: Shape, encoding: Mapping[str, Node], is_multipart: bool) -> None:
        self._shape = shape
        self._readers: dict[str, FromFields] = {}
        self._lists = frozenset(name for name in shape.names if shape.named(name).is_list)
        self._spread: set[str] = set()
        self._types: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys((*shape.names, *encoding)):
            how = encoding.get(name)
            inner = shape.named(name)
            if how is not None and how.text("contentType") and is_multipart:
                self._types[name] = tuple(bare(one) for one in how.text("contentType").split(","))
            if how is not None and isinstance(how.value, dict) and {"style", "explode"} & how.value.keys():
                style = how.text("style", "form")
                spec = Spec(name, inner, how.flag("explode", style == "form"))
                self._readers[name] = FIELD_STYLES.get(style, FIELD_STYLES["form"])(spec)
                if inner.is_object and spec.explode and style == "form":
                    self._spread.update(inner.names)
            elif inner.is_object:
                # browsers' libraries write `a[b]=1` where the document does not say how
                self._readers[name] = deep_object(Spec(name, inner, True))

    def read(self, fields: Fields, parts: tuple[Part, ...] = ()) -> dict[str, Any]:
        """The object; parts that are JSON are read as that."""
        found: dict[str, Any] = {}
        for name, values in fields.values.items():
            if name in self._readers or name in self._spread:
                continue
            base = name.partition("[")[0]
            if base != name and base in self._readers:
                continue
            inner = self._shape.named(name)
            texts: list[Any] = [_read_json(text, inner) for text in values]
            is_list = name in self._lists and not isinstance(texts[0], list)
            found[name] = texts if is_list or len(texts) > 1 else texts[0]
        for name, read in self._readers.items():
            value = read(fields)
            if value is not ABSENT:
                found[name] = _read_json(value, self._shape.named(name))
        for part in parts:
            if part.name not in found or not _is_json(part.content_type):
                continue
            # where a text is asked for, such as a file, that is what its bytes are, whatever is in them
            if len(fields.values[part.name]) == 1 and self._shape.named(part.name).types != {"string"}:
                try:
                    found[part.name] = Typed(part.json())
                except ValueError:
                    continue  # the schema refuses it as text
        return found

    def refused(self, parts: tuple[Part, ...]) -> list[Violation]:
        """The parts that say they are of another type than they should be."""
        found = []
        for part in parts:
            types = self._types.get(part.name or "")
            if types and part.content_type and not any(covers(one, part.content_type) for one in types):
                message = f"must have the content type {' or '.join(types)}"
                found.append(BODY.violation((str(part.name),), CONTENT_TYPE, message))
        return found


def _read_json(value: Any, shape: Shape) -> Any:
    """Text that is the JSON of an object or a list, where the schema has one, as in multipart bodies."""
    if type(value) is not str or value[:1] not in ("{", "["):
        return value
    if not (shape.is_object or shape.is_list or shape.item.is_object) or "string" in shape.types:
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return value


def _part_fields(parts: tuple[Part, ...]) -> Fields:
    """The parts by name. A file is a text of as many characters as it has bytes."""
    found: dict[str, list[str]] = {}
    for part in parts:
        if part.name is not None:
            text = part.text if part.filename is None else part.body.decode("latin-1")
            found.setdefault(part.name, []).append(text)
    return Fields(found, "")
