"""Foreign files served as they are: read anew at each start and each reload, without a config being
written."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from understudy.errors import ConfigError, Problem
from understudy.formats import FORMATS
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.read import is_text, open_source, read, recognise, text_source
from understudy.load.fault import Fault, Keys
from understudy.load.foreign import Adapted, Document
from understudy.load.source import Source
from understudy.load.syntax import parse
from understudy.load.values import Values


class ForeignSource(Source):
    """A config that was made of another tool's file. What is said of an endpoint has the place in that
    file."""

    origins: tuple[Origin | None, ...] = ()

    def line(self, keys: Keys) -> int | None:
        """The line, from 1, of what an endpoint was made of."""
        origin = self._origin(keys)
        return origin.line if origin is not None else None

    def problem(self, fault: Fault, *, is_value: bool = True) -> Problem:
        """The fault with the place in the foreign file, whose paths are not those of a config."""
        problem = super().problem(fault, is_value=is_value)
        origin = self._origin(fault.keys)
        return replace(problem, file=origin.file or problem.file) if origin is not None else problem

    def _origin(self, keys: Keys) -> Origin | None:
        number = keys[1] if len(keys) > 1 and keys[0] == "endpoints" else None
        return self.origins[number] if isinstance(number, int) and number < len(self.origins) else None


def adapt(source: Source) -> Adapted | None:
    """A foreign file, or a folder, as a config that can be served; None if it is none. Raises ConfigError."""
    path = source.file
    if path is None:
        return None
    if source.data is None and not path.is_dir():
        if not is_text(path.suffix):
            return None
        source = open_source(path)
    elif (name := recognise(source)) is None:
        return None
    elif not FORMATS[name].is_served:
        return replayed(path)
    elif source.values.written or source.values.faults:  # what looked like `${…}` means nothing special there
        source = open_source(path)
    return _adapted(source, path if path.is_dir() else path.parent, read(source))


def replayed(path: Path) -> Adapted:
    """A folder of recordings as a config that answers from it, and from nothing else."""
    path = Path(os.path.abspath(path))
    config = {"record": {"folder": path.name, "mode": "replay"}}
    return Adapted(ForeignSource(path, config, values=Values(None)), path.parent)


def adapt_document(document: Document) -> Adapted:
    """A document from the web as a config that can be served. Raises ConfigError."""
    source = text_source(document.text, document.url, PurePosixPath(urlsplit(document.url).path).suffix)
    if isinstance(source.data, dict) and "endpoints" in source.data:
        message = "this is a config already, which may name files beside it: download it, and serve the file"
        raise ConfigError([source.problem(Fault(message))])
    options = Options(fetch=document.fetch, source_url=document.url)
    return _adapted(source, Path.cwd(), read(source, None, options))


def _adapted(source: Source, folder: Path, imported: Imported) -> Adapted:
    # what was read from where the config names it is served from there, with its lines
    beside = {name: data for name, data in imported.files.items() if folder / name not in imported.read}
    config = inlined(imported.config, beside)
    return Adapted(
        source=ForeignSource(
            source.file,
            Values(None).clean(config),
            values=Values(None),
            label=source.label,
            digest=source.digest,
            origins=imported.origins,
        ),
        folder=folder,
        warnings=imported.warnings,
        files=imported.read,
        patterns=imported.patterns,
    )


def inlined(config: Any, files: Mapping[str, bytes]) -> Any:
    """The config with the bodies of `files` in it, and its database, so that none of them need be there."""
    if not files:
        return config
    database = config.get("database")
    if isinstance(database, str) and database in files:
        text = files[database].decode()
        config = {**config, "database": parse(text, PurePosixPath(database).suffix)[0]}
    return _inlined(config, files)


def _inlined(config: Any, files: Mapping[str, bytes]) -> Any:
    if isinstance(config, list):
        return [_inlined(item, files) for item in config]
    if not isinstance(config, dict):
        return config
    written = config.get("file")
    name = written.get("path") if isinstance(written, dict) else written
    if not isinstance(name, str) or name not in files:
        return {key: _inlined(item, files) for key, item in config.items()}
    rest = {key: item for key, item in config.items() if key != "file"}
    if isinstance(written, dict) and written.get("template"):
        return {**rest, "body": files[name].decode()}
    return {**rest, "base64": base64.b64encode(files[name]).decode()}
