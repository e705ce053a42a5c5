"""Which format a file is in, and reading it."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from understudy.errors import ConfigError
from understudy.formats import FORMATS
from understudy.formats.imported import Imported, Options
from understudy.load.fault import Fault, NotReadable
from understudy.load.files import read_text
from understudy.load.source import Source, digest_of, path_text
from understudy.load.syntax import SUFFIXES, parse
from understudy.load.values import Values
from understudy.load.words import show

MAX_BYTES = 64 * 1024 * 1024
"""Largest foreign file: twice the largest OpenAPI document that is public."""


def read(source: Source, format: str | None = None, options: Options | None = None) -> Imported:
    """A foreign document as a config, in the format of that name, or in the one that it looks like.

    Raises ConfigError.
    """
    name = format or recognise(source)
    if name is None:
        _refuse(source)
    if name not in FORMATS:
        raise ConfigError(
            [source.problem(Fault("there is no such format", found=name, accepted=", ".join(FORMATS)))]
        )
    return FORMATS[name].read(source, options or Options())


def recognise(source: Source) -> str | None:
    """The name of the format that a document, or a folder, looks like it is in."""
    if source.file is not None and source.data is None:
        try:
            names = frozenset(os.listdir(source.file))
        except OSError:
            return None
        by_names = (name for name, row in FORMATS.items() if row.folder and row.folder(names))
        inside = (name for name, row in FORMATS.items() if row.inside and row.inside(source.file))
        return next(chain(by_names, inside), None)
    if isinstance(source.data, str) and source.file is not None:
        by_name = (name for name, row in FORMATS.items() if source.file.suffix.lower() in row.suffixes)
        if (name := next(by_name, None)) is not None:
            return name
    return next((name for name, row in FORMATS.items() if row.looks(source.data)), None)


def is_text(suffix: str) -> bool:
    """Whether files with this suffix are in a format of text, neither JSON nor YAML nor TOML."""
    return any(suffix.lower() in row.suffixes for row in FORMATS.values())


def open_source(path: Path, format: str | None = None) -> Source:
    """The document in a file; for a folder a Source without data. Raises ConfigError.

    `format` is the name of the one that it is in, if somebody has said so.
    """
    path = Path(os.path.abspath(path))
    source = Source(path)
    if path.is_dir():
        return source
    try:
        too_large = path.stat().st_size > MAX_BYTES
    except OSError:
        too_large = False
    if too_large:
        raise ConfigError([source.problem(Fault(f"larger than {MAX_BYTES // 2**20} MB"))])
    return _parsed(source, lambda: read_text(path), path.suffix, format)


def text_source(text: str, label: str, suffix: str = "", format: str | None = None) -> Source:
    """The document in a text that came from `label`, such as a URL. Raises ConfigError."""
    source = Source(label=label, text=text)
    if len(text) > MAX_BYTES:
        raise ConfigError([source.problem(Fault(f"larger than {MAX_BYTES // 2**20} MB"))])
    return _parsed(source, lambda: text, suffix, format)


def _parsed(source: Source, text: Callable[[], str], suffix: str, format: str | None) -> Source:
    """The source with its data. `${…}` in it means nothing special."""
    source.values = Values(None)
    try:
        read = text()
        source.digest = digest_of(read)
        if FORMATS[format].suffixes if format in FORMATS else is_text(suffix):
            source.data = read
            return source
        data, source.format = _data(read, suffix)
    except NotReadable as error:
        raise ConfigError([source.problem(fault) for fault in error.faults]) from None
    source.data = source.values.clean(data)
    if source.values.faults:
        raise ConfigError([source.problem(fault) for fault in source.values.faults])
    return source


def _data(text: str, suffix: str) -> tuple[Any, str]:
    """The data, and whether it is JSON, YAML or TOML; "" if it is a text that some format looks like.

    Raises NotReadable.
    """
    may_be_text = suffix.lower() not in SUFFIXES and any(
        row.suffixes and row.looks(text) for row in FORMATS.values()
    )
    try:
        data, syntax = parse(text, suffix)
    except NotReadable:
        if may_be_text:
            return text, ""
        raise
    # to YAML nearly everything is some data: words, and with a colon among them an object
    if may_be_text and not any(row.looks(data) for row in FORMATS.values()):
        return text, ""
    return data, syntax


def _refuse(source: Source) -> NoReturn:
    titles = ", ".join(f"{name} ({row.title})" for name, row in FORMATS.items())
    if source.data is None:
        fault = Fault("no format that can be imported looks like this folder", accepted=titles)
    elif isinstance(source.data, dict) and isinstance(source.data.get("endpoints"), list):
        fault = Fault(f"this is a config already: serve it with `understudy {source.shown}`")
    else:
        keys = source.data.keys() if isinstance(source.data, dict) else ()
        found = ", ".join(path_text((key,)) for key in list(keys)[:8]) or show(source.data)
        fault = Fault("no format that can be imported looks like this", found=found, accepted=titles)
    raise ConfigError([source.problem(fault)])
