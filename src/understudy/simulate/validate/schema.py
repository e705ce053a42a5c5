"""JSON Schemas from a config: given in it, or in files below its folder that may refer to each other.

Each schema has the address (`file:` URI) of where it was written, so that `$ref` leads to other files as
links do. Nothing else is ever fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urlsplit

from understudy.load.fault import NotReadable
from understudy.load.syntax import parse
from understudy.load.values import Values
from understudy.simulate.kit import Kit, Place

if TYPE_CHECKING:
    import jsonschema_rs

MASK = "\0"
"""Stands for the value in the library's messages, so that a huge one is not written out."""
MAX_BACKTRACKING = 100_000
"""Steps back that a `pattern` with look-around may take on one text."""
MAX_FILES = 1000
"""Most files that one schema may lead to."""


class SchemaError(Exception):
    """A schema that cannot be used; the text says why."""


class Schema:
    """A compiled schema. `document` is what was written, `uri` where."""

    def __init__(self, document: Any, uri: str, formats: bool, files: Files) -> None:
        import jsonschema_rs

        self.document = document
        self.uri = uri
        self._options: dict[str, Any] = {
            "base_uri": uri,
            "retriever": files.fetch,
            "validate_formats": formats,
            "mask": MASK,
            "pattern_options": jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKING),
        }
        self._files = files
        self._parts: jsonschema_rs.ValidatorMap | None = None
        try:
            self.validator = jsonschema_rs.validator_for(document, **self._options)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise SchemaError(files.refused or files.culprit() or _reason(error)) from None

    def part(self, pointer: str) -> jsonschema_rs.Validator | None:
        """The validator of a schema within this one, by its place in it (`#/properties/a`)."""
        import jsonschema_rs

        if self._parts is None:
            self._parts = jsonschema_rs.validator_map_for(self.document, **self._options)
        return self._parts.get(pointer)

    def resolver(self) -> jsonschema_rs.Resolver:
        """What looks up the references in it."""
        import jsonschema_rs

        registry = jsonschema_rs.Registry([(self.uri, self.document)], retriever=self._files.fetch)
        return registry.resolver(self.uri)


class Files:
    """The files of one schema, by their addresses."""

    def __init__(self, kit: Kit, place: Place) -> None:
        self._kit = kit
        self._place = place
        self._folder = Path(kit.loaded.resolve("."))
        self._known: dict[str, Any] = {}
        self.refused: str | None = None
        """Why a reference was not followed: the library's own words for it are many."""

    def address(self, relative: str) -> str:
        """The address of a file, or of the config itself for an empty path."""
        folder = self._folder.as_uri().rstrip("/") + "/"
        return folder + relative if not relative else (self._folder / relative).as_uri()

    def read(self, relative: str) -> Any:
        """The schema in a file. Raises SchemaError."""
        before = len(self._kit.problems)
        raw = self._kit.read(relative, self._place)
        if raw is None:
            # the problem is told where the schema is used, with the others
            message = self._kit.problems[before].message
            del self._kit.problems[before:]
            raise SchemaError(f"{relative}: {message}")
        try:
            data, _ = parse(raw.decode("utf-8-sig"), Path(relative).suffix)
        except UnicodeDecodeError:
            raise SchemaError(f"{relative} is not UTF-8") from None
        except NotReadable as error:
            fault = error.faults[0]
            line = f":{fault.line}" if fault.line is not None else ""
            raise SchemaError(f"{relative}{line}: {fault.message}") from None
        values = Values(None)
        cleaned = values.clean(data)
        if values.faults:
            raise SchemaError(f"{relative}: {values.faults[0].message}")
        return cleaned

    def fetch(self, uri: str) -> Any:
        """What a reference leads to. Raises ValueError, which the library tells in its own words."""
        if uri not in self._known:
            try:
                self._known[uri] = self._open(uri)
            except SchemaError as error:
                self.refused = self.refused or str(error)
                raise ValueError(str(error)) from None
        return self._known[uri]

    def culprit(self) -> str | None:
        """Which of the files that references led to is no schema, and why: the library does not tell."""
        import jsonschema_rs

        for uri, document in self._known.items():
            try:
                jsonschema_rs.meta.validate(document)
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                return f"{self._relative(uri)}: {_reason(error)}"
        return None

    def _open(self, uri: str) -> Any:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            raise SchemaError(
                f"{uri} is not fetched: put what it refers to into a file below the config's folder,"
                " or into the schema, under $defs"
            )
        if len(self._known) >= MAX_FILES:
            raise SchemaError(f"it leads to more than {MAX_FILES} files")
        return self.read(self._relative(uri))

    def _relative(self, uri: str) -> str:
        """The path of a file as it is written in a config; an absolute one for what is outside."""
        path = Path(unquote(urlsplit(uri).path))
        return str(path.relative_to(self._folder) if path.is_relative_to(self._folder) else path)


def compile_schema(written: Any, formats: bool, kit: Kit, place: Place) -> Schema | None:
    """The schema that stands in a config, or in the file that is named there. None after a problem."""
    files = Files(kit, place)
    try:
        if not isinstance(written, str):
            return Schema(written, files.address(""), formats, files)
        relative, fragment = urldefrag(written)
        document, uri = files.read(relative), files.address(relative)
        if not isinstance(document, dict | bool):
            raise SchemaError(f"{relative} has no schema in it, which is an object, true or false")
        if fragment:
            return Schema({"$ref": f"{uri}#{fragment}"}, files.address(""), formats, files)
        return Schema(document, uri, formats, files)
    except SchemaError as error:
        kit.problem(place, f"this is not a JSON Schema that can be used: {error}")
        return None


def _reason(error: Exception) -> str:
    """The library's message, with what it is about."""
    text = str(getattr(error, "message", error)).splitlines()[0]
    path = getattr(error, "instance_path", None)
    found = getattr(error, "instance", None)
    if MASK in text:
        from understudy.simulate.validate.explain import shown

        text = text.replace(MASK, shown(found))
    return f"{text}, at /{'/'.join(map(str, path))}" if path else text
