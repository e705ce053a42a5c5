"""Foreign files served as they are: read anew at each start and each reload, without a config being
written."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from understudy.errors import Problem
from understudy.formats.imported import Origin
from understudy.formats.read import open_source, read, recognise
from understudy.load.fault import Fault, Keys
from understudy.load.foreign import Adapted
from understudy.load.source import Source
from understudy.load.values import Values


@dataclass
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
    if recognise(source) is None or source.file is None:
        return None
    if source.values.written or source.values.faults:  # what looked like `${…}` means nothing special there
        source = open_source(source.file)
    imported = read(source)
    config = inlined(imported.config, imported.files)
    assert source.file is not None
    return Adapted(
        source=ForeignSource(
            source.file,
            Values(None).clean(config),
            values=Values(None),
            digest=source.digest,
            origins=imported.origins,
        ),
        folder=source.file if source.file.is_dir() else source.file.parent,
        warnings=imported.warnings,
        files=imported.read,
        patterns=imported.patterns,
    )


def inlined(config: Any, files: Mapping[str, bytes]) -> Any:
    """The config with the bodies of `files` in it, so that none of them need be there."""
    if not files:
        return config
    if isinstance(config, list):
        return [inlined(item, files) for item in config]
    if not isinstance(config, dict):
        return config
    written = config.get("file")
    name = written.get("path") if isinstance(written, dict) else written
    if not isinstance(name, str) or name not in files:
        return {key: inlined(item, files) for key, item in config.items()}
    rest = {key: item for key, item in config.items() if key != "file"}
    if isinstance(written, dict) and written.get("template"):
        return {**rest, "body": files[name].decode()}
    return {**rest, "base64": base64.b64encode(files[name]).decode()}
