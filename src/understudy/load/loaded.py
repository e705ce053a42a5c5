"""A config that is ready to be compiled, and where each part of it was written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import ConfigError, Problem
from understudy.load.checks import Entry
from understudy.load.database import Database
from understudy.load.fault import Fault, Keys
from understudy.load.files import outside, real
from understudy.load.source import Source
from understudy.model import Behaviour, Config

BEHAVIOUR_KEYS = Behaviour.__struct_fields__
"""The keys that `defaults` can fill."""


class Origins(msgspec.Struct, frozen=True):
    """From a place in the merged config back to the document that it was written in."""

    main: Source
    entries: tuple[Entry, ...]
    database: Database

    def written(self, number: int) -> Any:
        """An endpoint as it was written: without defaults, `${…}` not filled in. Not to be changed."""
        entry = self.entries[number]
        if entry.is_unwritten:  # these keys say what it is
            endpoint = entry.endpoint
            return {"path": endpoint.path, "method": endpoint.methods[0]}
        source = entry.part.source
        found = _value(source.data, entry.keys)
        size = len(entry.keys)
        for keys, text in source.values.written.items():
            if keys[:size] == entry.keys:
                found = _with(found, keys[size:], text)
        return found

    def find(self, keys: Keys) -> tuple[Source, Keys]:
        """The document, and the place in it."""
        if len(keys) > 1 and keys[0] == "database":
            return self.database.find(keys[1:]) or (self.main, keys)
        index = keys[1] if len(keys) > 1 and keys[0] == "endpoints" else None
        if isinstance(index, int) and 0 <= index < len(self.entries):
            return self._endpoint(self.entries[index], keys[2:])
        return self.main, keys

    @staticmethod
    def _endpoint(entry: Entry, rest: Keys) -> tuple[Source, Keys]:
        own = entry.keys
        written = _value(entry.part.source.data, own)
        if not rest or rest[0] not in BEHAVIOUR_KEYS:
            return entry.part.source, (*own, *rest)
        actual = _actual(written, rest)
        part = entry.part
        while actual is None and part is not None:  # not in the endpoint: a default filled it
            actual = _actual(part.data.get("defaults"), rest)
            if actual is not None:
                return part.source, ("defaults", *actual)
            if part.includer is None:
                break
            part = part.includer
        return entry.part.source, (*own, *(actual or rest))


def _value(data: Any, keys: Keys) -> Any:
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _with(data: Any, keys: Keys, value: Any) -> Any:
    """A copy of `data` with another value at `keys`."""
    if not keys:
        return value
    copy = data.copy()
    copy[keys[0]] = _with(data[keys[0]], keys[1:], value)
    return copy


def _actual(written: Any, rest: Keys) -> Keys | None:
    """`rest` as it is spelled in `written`, or None. A header's name may have other capitals there."""
    if not isinstance(written, dict) or rest[0] not in written:
        return None
    if rest[0] != "headers" or len(rest) == 1 or not isinstance(written["headers"], dict):
        return rest
    name = str(rest[1]).lower()
    for spelled in written["headers"]:
        if spelled.lower() == name:
            return (rest[0], spelled, *rest[2:])
    return None


class Loaded(msgspec.Struct, frozen=True):
    """A config that loaded.

    `config` is complete: its `endpoints` are those of all files (the main file's first), each with the
    defaults that apply to it filled in. `database` is the data itself, a list or an object of named
    collections. `folder` is the main config's, and relative paths start there. `files` are all files that
    were read or are referred to; with `patterns`, pairs of a folder and a glob in it, they are what has to be
    watched. `names` has one unique name per endpoint.
    """

    config: Config
    database: Any
    folder: Path
    files: tuple[Path, ...]
    patterns: tuple[tuple[Path, str], ...]
    warnings: tuple[Problem, ...]
    names: tuple[str, ...]
    origins: Origins

    def locate(self, path: Keys) -> tuple[str | None, int | None]:
        """File and line (from 1) of a place in `config`, such as `("endpoints", 12, "response", "users", 0)`.

        The nearest enclosing place stands in for one without a position. The file is None for a config that a
        program made, the line also for a file that has changed beyond recognition since.
        """
        source, keys = self.origins.find(path)
        return source.shown, source.line(keys)

    def problem(
        self,
        path: Keys,
        message: str,
        *,
        found: str | None = None,
        accepted: str | None = None,
        suggestion: str | None = None,
    ) -> Problem:
        """A problem at a place in `config`, with file, line and path of where that was written."""
        source, keys = self.origins.find(path)
        return source.problem(Fault(message, keys, found, accepted, suggestion), is_value=False)

    def resolve(self, relative: str) -> Path:
        """The absolute path of a file below `folder`, symlinks resolved. The file need not exist.

        Raises ConfigError for a path that leads out of the folder.
        """
        folder = Path(os.path.realpath(self.folder))
        path = real(folder, relative)
        if path is None:
            fault = Fault("this is not a file name", found=repr(relative)[:60])
        elif not path.is_relative_to(folder):
            fault = outside(folder, path, ())
        else:
            return path
        raise ConfigError([self.origins.main.problem(fault)])
