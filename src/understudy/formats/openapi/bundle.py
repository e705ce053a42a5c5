"""JSON Schemas of a config, wherever they were written, as schemas that stand in one document.

What a `$ref` leads to, in the schema itself or in a file, becomes a definition with a name, once. Drafts
before 2020-12 are written in its words where those differ in form alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from understudy.errors import ConfigError
from understudy.load import Loaded
from understudy.load.fault import NotReadable
from understudy.load.files import read_text
from understudy.load.syntax import parse
from understudy.load.values import Values

_MAPS = frozenset(("properties", "patternProperties", "dependentSchemas"))
_DATA = frozenset(("const", "enum", "default", "example", "examples"))
_DROPPED = frozenset(("$schema", "$id", "id", "$anchor", "$defs", "definitions"))
MAX_DEFINITIONS = 5000


class CannotBundle(Exception):
    """A schema that leads to what is not there, or cannot be read."""


class Bundle:
    """Schemas with `$ref`s to `definitions`, which stand in the document behind `prefix`."""

    def __init__(self, loaded: Loaded, prefix: str) -> None:
        self._loaded = loaded
        self._prefix = prefix
        self.definitions: dict[str, Any] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._files: dict[str, Any] = {}
        self._closures: dict[str, dict[str, tuple[str, str]]] = {}

    def add(self, written: Any, name: str = "Schema") -> Any:
        """The schema as it stands in the document. `name` is for what refers to the whole of it.

        Raises CannotBundle.
        """
        before = dict(self.definitions), dict(self._names)
        try:
            if isinstance(written, str):
                path, _, pointer = written.partition("#")
                return self._schema(self._at(path, pointer), path)
            label = f"\0{id(written)}\0{name}"
            self._files[label] = written
            return self._schema(written, label)
        except (CannotBundle, RecursionError) as error:
            self.definitions, self._names = before
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise CannotBundle(reason) from None

    def named(self, name: str, schema: Any) -> dict[str, Any]:
        """A reference to a schema that becomes a definition of this name, or of one like it."""
        name = self._free(name)
        self.definitions[name] = schema
        return {"$ref": self._prefix + name}

    def _schema(self, schema: Any, file: str) -> Any:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise CannotBundle("a schema is an object, true or false")
        made: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                made[key] = self._prefix + self._reference(value, file)
            elif key in _DROPPED:
                continue
            elif key in _DATA or not isinstance(value, dict | list):
                made[key] = value
            elif key in _MAPS and isinstance(value, dict):
                made[key] = {name: self._schema(one, file) for name, one in value.items()}
            elif isinstance(value, dict):
                made[key] = self._schema(value, file)
            else:
                made[key] = [self._schema(one, file) if isinstance(one, dict) else one for one in value]
        return _modern(made)

    def _reference(self, reference: str, file: str) -> str:
        """The name of what a reference leads to."""
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", reference):
            raise CannotBundle(f"{reference} is elsewhere")
        path, _, pointer = reference.partition("#")
        where = (
            file if not path else (Path(file).parent / unquote(path)).as_posix() if "\0" not in file else path
        )
        # what was written in several places, each time with all that it leads to, is one definition
        key = self._closure(where, pointer) if "\0" in where else (where, pointer)
        if key not in self._names:
            if len(self._names) >= MAX_DEFINITIONS:
                raise CannotBundle(f"it leads to more than {MAX_DEFINITIONS} others")
            own = where.rpartition("\0")[2] if "\0" in where else Path(where).stem
            name = self._names[key] = self._free(pointer.rpartition("/")[2] or own)
            self.definitions[name] = True  # its place, for what refers to it in a circle
            self.definitions[name] = self._schema(self._at(where, pointer), where)
        return self._names[key]

    def _closure(self, file: str, pointer: str) -> tuple[str, str]:
        """What tells a definition of a document apart: its name, and all that it leads to, as text."""
        known = self._closures.setdefault(file, {})
        if pointer not in known:
            texts: dict[str, str] = {}
            waiting = [pointer]
            while waiting:
                at = waiting.pop()
                if at not in texts:
                    raw = self._at(file, at)
                    texts[at] = json.dumps(raw, sort_keys=True, default=str)
                    waiting += [unquote(one[1:]) for one in _references(raw) if one.startswith("#")]
            digest = blake2b(json.dumps(sorted(texts.items())).encode(), digest_size=16)
            known[pointer] = (pointer, digest.hexdigest())
        return known[pointer]

    def _free(self, wanted: str) -> str:
        """A name that components may have (OpenAPI 3.1 section 4.8.7.1) and none has yet."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", wanted) or "Schema"
        name, count = plain, 1
        while name in self.definitions:
            count += 1
            name = f"{plain}_{count}"
        return name

    def _at(self, file: str, pointer: str) -> Any:
        """What stands at a JSON pointer in a document."""
        if file not in self._files:
            self._files[file] = self._read(file)
        found = self._files[file]
        if pointer and not pointer.startswith("/"):
            raise CannotBundle(f"#{pointer} is no JSON pointer")
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(key)] if isinstance(found, list) else found[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise CannotBundle(f"there is nothing at #{pointer}") from None
        return found

    def _read(self, file: str) -> Any:
        try:
            path = self._loaded.resolve(file)
            data, _ = parse(read_text(path), path.suffix)
        except (ConfigError, NotReadable):
            raise CannotBundle(f"{file} cannot be read") from None
        return Values(None).clean(data)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            elif key not in _DATA and key not in {"$defs", "definitions"}:
                yield from _references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _modern(schema: dict[str, Any]) -> dict[str, Any]:
    """Keywords of older drafts as 2020-12 has them."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):  # draft 4
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if isinstance(schema.get("items"), list):  # up to 2019-09
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    return schema
