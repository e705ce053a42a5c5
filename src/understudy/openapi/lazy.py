"""Large documents, of which only what is looked at is made into objects.

A JSON document of many megabytes is gone over once, for its syntax; paths and components stay text until
somebody asks for one. YAML has no such short cut and takes seconds: what was read is kept as JSON in a
folder of caches, under a digest of the file's bytes.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from understudy.formats.read import MAX_BYTES, open_source
from understudy.load.limits import LARGE_FILE_BYTES
from understudy.load.source import Source
from understudy.load.values import Values

MAX_KEPT = 20
"""Files in the folder of caches; the oldest go first."""
FOLDER = "UNDERSTUDY_CACHE_DIR"
"""Environment variable that names the folder of caches; empty: nothing is kept."""
_LEVELS = {
    "paths": 1,
    "webhooks": 1,
    "components": 2,
    "definitions": 1,
    "parameters": 1,
    "responses": 1,
}
"""How many levels of objects below a key of the document stay text until they are asked for."""


class Lazy(dict[str, Any]):
    """An object of JSON whose values are read when they are asked for, and then kept."""

    __slots__ = ("_level",)

    def __init__(self, values: dict[str, Raw], level: dict[str, int] | int) -> None:
        super().__init__(values)
        self._level = level

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) is not Raw:
            return value
        level = self._level.get(key, 0) if isinstance(self._level, dict) else self._level
        made: Any
        if level and memoryview(value)[0] == ord("{"):
            made = Lazy(msgspec.json.decode(value, type=dict[str, Raw]), level - 1)
        else:
            made = msgspec.json.decode(value)
        self[key] = made
        return made

    def get(self, key: str, default: Any = None) -> Any:
        """As that of a dict."""
        return self[key] if key in self else default  # noqa: SIM401 - which would be this again

    def __iter__(self) -> Iterator[str]:  # that `dict(self)` and `{**self}` ask for each value
        return super().__iter__()

    def values(self) -> Any:
        """As those of a dict, all of them read."""
        return [self[key] for key in self]

    def items(self) -> Any:
        """As those of a dict, all of them read."""
        return [(key, self[key]) for key in self]


def open_document(path: Path) -> Source:
    """The document in a file. Raises ConfigError."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if size < LARGE_FILE_BYTES or size > MAX_BYTES:  # a thorough reader finds more mistakes
        return open_source(path)
    data = path.read_bytes()
    if path.suffix.lower() == ".json" or data.lstrip()[:1] == b"{":
        return _lazy(path, data) or open_source(path)
    kept = _kept(data)
    if kept is not None:
        try:
            source = _lazy(path, kept.read_bytes())
        except OSError:
            source = None
        if source is not None:
            source.format = "yaml"  # that lines are found in the file itself
            return source
    source = open_source(path)
    if kept is not None:
        _keep(kept, source.data)
    return source


def _lazy(path: Path, data: bytes) -> Source | None:
    """The document in a text of JSON; None if a thorough reader has to say what is wrong with it.

    Whether a text in it is UTF-8 is seen when it is read (UnicodeDecodeError): to look at all of them would
    take as long as everything else.
    """
    try:
        values = msgspec.json.decode(data, type=dict[str, Raw])
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Source(path, Lazy(values, _LEVELS), "json", Values(None))


def cache_folder() -> Path | None:
    """Where documents are kept that were read; None if nowhere."""
    written = os.environ.get(FOLDER)
    if written is not None:
        return Path(written) if written else None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "understudy" / "documents" if os.path.isabs(base) else None


def _kept(data: bytes) -> Path | None:
    """Where a document with these bytes is kept, or would be."""
    folder = cache_folder()
    return folder / f"{hashlib.blake2b(data, digest_size=20).hexdigest()}.json" if folder else None


def _keep(path: Path, data: Any) -> None:
    """Keep what was read. It is only for speed: if there is no place for it, there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(data))
            os.replace(name, path)  # whole, or not at all
        except BaseException:
            os.unlink(name)
            raise
        others = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in others[:-MAX_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, TypeError, ValueError, RecursionError):
        return
