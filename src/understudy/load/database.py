"""The data that templates read: given in the config, in a file, or in parts by several included files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from understudy.load.fault import Fault, Keys
from understudy.load.files import is_file, missing, outside, real
from understudy.load.gather import Part
from understudy.load.source import Source, read_data


class Database(msgspec.Struct):
    """The merged data, and where each part of it was written."""

    data: Any = []
    files: list[Path] = []
    faults: list[tuple[Source, Fault]] = []
    whole: tuple[Source, Keys] | None = None
    collections: dict[str, tuple[Source, Keys]] = {}

    def find(self, keys: Keys) -> tuple[Source, Keys] | None:
        """The document that has the data at `keys`, and where it has it."""
        if keys and isinstance(keys[0], str) and keys[0] in self.collections:
            source, prefix = self.collections[keys[0]]
            return source, (*prefix, *keys)
        return (self.whole[0], (*self.whole[1], *keys)) if self.whole is not None else None


def read_database(parts: list[Part], folder: Path) -> Database:
    """Resolve and merge the `database` of all documents. `folder` has no symlinks left."""
    out = Database()
    for part in parts:
        if "database" not in part.data:
            continue
        data: Any = part.data["database"]
        source = part.source
        prefix: Keys = ("database",)
        if isinstance(data, str):
            opened = _open(data, part, folder, out)
            if opened is None:
                continue
            source, prefix, data = opened, (), opened.data
            if not isinstance(data, list | dict):
                from understudy.load.words import show

                message = "a database is a list, or an object of named collections"
                out.faults.append((source, Fault(message, found=show(data))))
        if isinstance(data, list | dict):
            _merge(data, source, prefix, out)
    return out


def _open(written: str, part: Part, folder: Path, out: Database) -> Source | None:
    """The file, looked for in the config's folder first and then in the working directory."""
    keys: Keys = ("database",)
    working = Path(os.path.realpath(os.curdir))
    candidates = [path for base in (folder, working) if (path := real(base, written)) is not None]
    if not candidates or not written:
        out.faults.append((part.source, Fault("this is not a file name", keys)))
        return None
    present = [path for path in candidates if is_file(path)]
    allowed = [path for path in present if path.is_relative_to(folder) or path.is_relative_to(working)]
    if not allowed:
        fault = outside(folder, present[0], keys) if present else missing(candidates[0], keys)
        out.faults.append((part.source, fault))
        return None
    source, faults = read_data(allowed[0], 1_000_000 + len(out.files))
    out.files.append(allowed[0])
    out.faults.extend((source, fault) for fault in faults)
    return None if faults else source


def _merge(data: Any, source: Source, prefix: Keys, out: Database) -> None:
    if out.whole is None:
        out.whole = (source, prefix)
        out.data = data
        if isinstance(data, dict):
            out.collections = dict.fromkeys(data, (source, prefix))
        return
    if not isinstance(data, dict) or not isinstance(out.data, dict):
        first = out.whole[0].shown
        message = (
            f"only named collections can be merged: {first} has data too"
            if first
            else ("only named collections can be merged: there is data already")
        )
        out.faults.append((source, Fault(message, prefix, accepted='{"users": […], "movies": […]}')))
        return
    for name in data:
        if name in out.collections:
            first = out.collections[name][0].shown
            message = f'the collection "{name}" is in {first} too'
            out.faults.append((source, Fault(message, (*prefix, name))))
    out.data = {**out.data, **data}
    out.collections.update((name, (source, prefix)) for name in data if name not in out.collections)
