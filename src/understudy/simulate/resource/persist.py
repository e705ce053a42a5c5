"""Writing collections back into the file that they came from.

Only with `state.persist`, and only in the default space. The file keeps its indentation and whatever else it
holds. How a file is written safely is the net's business (`Writer`); this says what is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from understudy.load.files import read_text
from understudy.simulate.exchange import Services
from understudy.simulate.kit import Kit
from understudy.simulate.resource.catalog import Collection

DEFAULT_SPACE = ""
_INDENT = re.compile(r"^\s*[\[{][^\S\n]*\r?\n([ \t]*)\S")


class DatabaseFile:
    """A JSON file with collections: by name in an object, or one as the whole file.

    `digest` is that of the text that `data` was read from.
    """

    def __init__(self, path: Path, data: Any, text: str, digest: str) -> None:
        self.path = path
        self._data = data
        self._read = digest
        self.collections: list[Collection] = []
        found = _INDENT.match(text)
        self._indent = None if found is None else found[1]
        self._end = "\n" if text.endswith("\n") else ""

    async def save(self, services: Services) -> None:
        """Return when the file has what the store has. Raises UnderstudyError if it cannot be written."""
        if services.writer is not None:
            await services.writer.write(self.path, self._read, lambda: self._take(services))
            self._read = ""  # it is gone, and only what was written is to be written over

    async def _take(self, services: Services) -> Callable[[], bytes]:
        """What makes the content, from what the store has now."""
        taken = {}
        for collection in self.collections:
            await collection.fill(services, DEFAULT_SPACE)
            taken[collection] = dict((await services.store.rows(DEFAULT_SPACE, collection.table)).items)
        return lambda: self._content(taken)

    def _content(self, taken: dict[Collection, dict[str, Any]]) -> bytes:
        values: dict[str, Any] = {
            collection.name: next(iter(rows.values()), {}) if collection.is_single else list(rows.values())
            for collection, rows in taken.items()
        }
        data: Any = {**self._data, **values} if isinstance(self._data, dict) else next(iter(values.values()))
        return (self._format(data) + self._end).encode()

    def _format(self, data: Any) -> str:
        indent = self._indent
        if indent is None:
            return msgspec.json.encode(data).decode()
        if "\t" in indent:
            return json.dumps(data, indent=indent, ensure_ascii=False)
        return msgspec.json.format(msgspec.json.encode(data), indent=len(indent)).decode()


def find_files(collections: dict[str, Collection], kit: Kit) -> None:
    """Give each collection its file. A collection that has none is a problem."""
    database = kit.loaded.origins.database
    files: dict[Path, DatabaseFile] = {}
    for collection in collections.values():
        origin = (
            database.find((collection.name,)) if isinstance(kit.loaded.database, dict) else database.whole
        )
        if origin is None:
            origin = database.whole
        source = None if origin is None or origin[1][:1] == ("database",) else origin[0]
        if source is None or source.file is None or source.format != "json":
            kit.problem(
                ("state", "persist"),
                f"there is no file to write {collection.name!r} to:"
                " let `database` be the path of a JSON file, or `state.store` that of an SQLite file",
            )
            return
        file = files.get(source.file)
        if file is None:
            file = files[source.file] = DatabaseFile(
                source.file, source.data, read_text(source.file), source.digest
            )
        file.collections.append(collection)
        collection.file = file
