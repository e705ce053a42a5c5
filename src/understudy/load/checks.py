"""What a config can get wrong although each of its values is fine by itself.

Each check is a function from what was loaded to the faults it found, in one TABLE.
"""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from understudy.load.driven import Driven
from understudy.load.fault import Fault, Keys
from understudy.load.files import is_file, missing, outside, real
from understudy.load.gather import Part
from understudy.load.paths import path_faults, path_key, path_warning
from understudy.load.source import Source
from understudy.model import BodyFile, Config, Endpoint


class Entry(msgspec.Struct, frozen=True):
    """One endpoint, its defaults filled in, and where it was written.

    `driven`: it is an operation of a document, and `keys` lead to where that is named.
    """

    endpoint: Endpoint
    part: Part
    keys: Keys
    driven: Driven | None = None

    @property
    def is_unwritten(self) -> bool:
        """Whether it is an operation that nobody has written an endpoint for."""
        return self.driven is not None and self.keys[:1] == ("openapi",)

    def at(self, *more: str | int) -> Keys:
        """The place of one of its keys."""
        return (*self.keys, *more)


class Checked(msgspec.Struct):
    """What the checks look at, and the files they came across."""

    folder: Path  # symlinks resolved
    main: Part
    config: Config
    entries: list[Entry]
    files: list[Path] = []


Found = Iterator[tuple[Source, Fault]]


def decode_base64(text: str) -> bytes:
    """The bytes of a base64 text, which may be broken into lines. Raises ValueError (binascii.Error)."""
    return binascii.a2b_base64("".join(text.split()), strict_mode=True)


def _names(checked: Checked) -> Found:
    first: dict[str, Entry] = {}
    for entry in checked.entries:
        name = entry.endpoint.name
        if name is None:
            continue
        other = first.setdefault(name, entry)
        if other is not entry:
            place = _place(other, entry, "name")
            yield (
                entry.part.source,
                Fault(f'two endpoints have the name "{name}": the first is {place}', entry.at("name")),
            )


def _place(other: Entry, entry: Entry, *more: str) -> str:
    from understudy.load.source import path_text

    source = other.part.source
    text = path_text(other.keys) or "the endpoint"
    if source is not entry.part.source and source.shown:
        text += f" in {source.shown}"
    line = source.line(other.at(*more))
    return (
        f"{text} in line {line}"
        if line is not None and source is entry.part.source
        else (f"{text}, line {line}" if line is not None else text)
    )


def _paths(checked: Checked) -> Found:
    for entry in checked.entries:
        path = entry.endpoint.path
        if isinstance(path, str) and ("{" in path or "}" in path):
            for message, found, accepted, suggestion in path_faults(path):
                yield entry.part.source, Fault(message, entry.at("path"), found, accepted, suggestion)


def _base64(checked: Checked) -> Found:
    for entry in checked.entries:
        if isinstance(entry.endpoint.base64, str):
            try:
                decode_base64(entry.endpoint.base64)
            except ValueError as error:
                yield entry.part.source, Fault(f"not base64: {str(error).lower()}", entry.at("base64"))


def _body_files(checked: Checked) -> Found:
    for entry in checked.entries:
        written = entry.endpoint.file
        if not isinstance(written, str | BodyFile):
            continue
        keys = entry.at("file") if isinstance(written, str) else entry.at("file", "path")
        relative = written if isinstance(written, str) else written.path
        path = real(checked.folder, relative)
        if path is None or not relative:
            yield entry.part.source, Fault("this is not a file name", keys)
        elif not path.is_relative_to(checked.folder):
            yield entry.part.source, outside(checked.folder, path, keys)
        elif not is_file(path):
            yield entry.part.source, missing(path, keys)
        else:
            checked.files.append(path)


def _folders(checked: Checked) -> Found:
    written = checked.config.static
    items = written if isinstance(written, list) else [written]
    for index, item in enumerate(items):
        keys: Keys = ("static", index) if isinstance(written, list) else ("static",)
        relative = item if isinstance(item, str) else item.folder
        keys = keys if isinstance(item, str) else (*keys, "folder")
        path = real(checked.folder, relative)
        if path is None or not relative:
            yield checked.main.source, Fault("this is not the name of a folder", keys)
        elif not path.is_relative_to(checked.folder):
            yield checked.main.source, outside(checked.folder, path, keys, "folder")
        elif not os.path.isdir(path):
            yield checked.main.source, missing(path, keys, "folder")


def _idempotent_paths(checked: Checked) -> Found:
    for index, path in enumerate(checked.config.report.idempotent):
        for message, found, accepted, suggestion in path_faults(path):
            yield (
                checked.main.source,
                Fault(message, ("report", "idempotent", index), found, accepted, suggestion),
            )


def _foreign_paths(checked: Checked) -> Found:
    for entry in checked.entries:
        path = entry.endpoint.path
        if isinstance(path, str) and (":" in path or "<" in path) and not entry.is_unwritten:
            warning = path_warning(path)
            if warning is not None:
                yield entry.part.source, Fault(warning[0], entry.at("path"), suggestion=warning[1])


def _unreachable(checked: Checked) -> Found:
    """Endpoints whose every request goes to one of the same path with at least the same priority.

    One with a `match` takes only some requests: it stands in the way of another only if both have the same.
    """
    taken: dict[tuple[str, bool, str], dict[str, Entry]] = {}
    order = sorted(
        range(len(checked.entries)),
        key=lambda i: (
            -checked.entries[i].endpoint.priority,
            not checked.entries[i].endpoint.conditions,
            i,
        ),
    )
    late: list[tuple[int, Fault]] = []
    for index in order:
        entry = checked.entries[index]
        path = entry.endpoint.path
        place = (path_key(path), False) if isinstance(path, str) else (path.regex, True)
        conditions = entry.endpoint.conditions
        methods = entry.endpoint.methods
        winner = _winner(taken.get((*place, ""), {}), methods)
        winner = winner or _winner(taken.get((*place, conditions), {}), methods)
        if winner is None:
            if entry.endpoint.ends:
                continue
            owners = taken.setdefault((*place, conditions), {})
            for method in methods:
                owners.setdefault(method, entry)
            continue
        if entry.is_unwritten:
            continue  # an endpoint that takes the place of an operation is meant to
        why = (
            "an earlier one"
            if winner.endpoint.priority == entry.endpoint.priority
            else "one of higher priority"
        )
        message = f"never answers: {why} takes the same requests: {_place(winner, entry)}"
        late.append((index, Fault(message, entry.keys)))
    for index, fault in sorted(late, key=lambda pair: pair[0]):
        yield checked.entries[index].part.source, fault


def _winner(owners: dict[str, Entry], methods: tuple[str, ...]) -> Entry | None:
    """Who takes all requests of these methods, if somebody does."""
    if "ANY" in owners:
        return owners["ANY"]
    return owners.get(methods[-1]) if all(method in owners for method in methods) else None


ENDPOINT_ERRORS: tuple[Callable[[Checked], Found], ...] = (_paths, _names, _base64, _body_files)
ERRORS: tuple[Callable[[Checked], Found], ...] = (*ENDPOINT_ERRORS, _folders, _idempotent_paths)
WARNINGS: tuple[Callable[[Checked], Found], ...] = (_foreign_paths, _unreachable)
