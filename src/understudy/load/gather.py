"""A config and all it includes, as one list of documents.

The main file comes first, then each included file in the order of the patterns, depth first. A file is
read once. Only the main file sets up the server; the others add endpoints, defaults and data.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from understudy.load.fault import Fault, Keys
from understudy.load.files import WILDCARD, expand, is_file, missing, outside, real, shown
from understudy.load.limits import MAX_FILES, MAX_INCLUDE_DEPTH
from understudy.load.source import Source, read_source
from understudy.load.syntax import SUFFIXES
from understudy.load.values import Environment
from understudy.model import Config, Endpoint

SHARED_KEYS = ("endpoints", "defaults", "database", "include", "$schema")
"""The keys of an included file that is not just endpoints."""


class Part(msgspec.Struct):
    """One document in its long form. `prefix` is where its endpoints stand in what was written."""

    source: Source
    data: dict[str, Any]
    prefix: Keys | None = ("endpoints",)  # None: the document is itself the one endpoint
    includer: Part | None = None

    def endpoint_keys(self, index: int) -> Keys:
        """Where the document has its endpoint number `index`."""
        return () if self.prefix is None else (*self.prefix, index)


class Gathered(msgspec.Struct):
    """What `gather` found. Faults and warnings are beside the document they are in."""

    parts: list[Part] = []
    files: list[Path] = []
    patterns: list[tuple[Path, str]] = []
    faults: list[tuple[Source, Fault]] = []
    warnings: list[tuple[Source, Fault]] = []


class Gatherer:
    """Reads the included files, breadth bounded by MAX_FILES and depth by MAX_INCLUDE_DEPTH."""

    def __init__(self, folder: Path, environment: Environment) -> None:
        self.out = Gathered()
        self._folder = Path(os.path.realpath(folder))
        self._environment = environment
        self._seen: dict[Path, str] = {}

    def main(self, source: Source) -> None:
        """Take the main document and follow its `include`."""
        if source.file is not None:
            self.out.files.append(source.file)
            self._seen[Path(os.path.realpath(source.file))] = ""
        part = Part(source, source.data)
        self.out.parts.append(part)
        self._follow(part, source.file.parent if source.file is not None else self._folder, 1)

    def _follow(self, part: Part, folder: Path, depth: int) -> None:
        written = part.data.get("include", [])
        patterns = [written] if isinstance(written, str) else written
        if not isinstance(patterns, list):
            return  # the model says what is wrong
        for index, pattern in enumerate(patterns):
            keys: Keys = ("include",) if isinstance(written, str) else ("include", index)
            if isinstance(pattern, str):
                self._include(part, folder, pattern, keys, depth)

    def _include(self, part: Part, folder: Path, pattern: str, keys: Keys, depth: int) -> None:
        source = part.source
        wildcard = WILDCARD.search(pattern)
        # The part before the first wildcard must be inside the folder, or the disk would be walked.
        fixed = pattern[: pattern.rfind("/", 0, wildcard.start()) + 1] if wildcard else pattern
        start = real(folder, fixed)
        if start is None or "\0" in pattern or not pattern:
            return self._fault(source, Fault("this is not a file name", keys, found=f'"{pattern[:60]}"'))
        if not start.is_relative_to(self._folder) or ".." in pattern[len(fixed) :].split("/"):
            return self._fault(source, outside(self._folder, start, keys))
        if depth > MAX_INCLUDE_DEPTH:
            return self._fault(
                source, Fault(f"files include each other over {MAX_INCLUDE_DEPTH} levels", keys)
            )
        if not wildcard:
            return self._literal(part, start, keys, depth)
        self.out.patterns.append((folder, pattern))
        count = 0
        for path in expand(start, pattern[len(fixed) :]):
            target = Path(os.path.realpath(path))
            suffix = path.suffix.lower()
            if suffix not in SUFFIXES and not (suffix and pattern.lower().endswith(suffix)):
                continue  # a README beside the endpoints
            count += 1
            if target not in self._seen and target.is_relative_to(self._folder):
                self._read(part, target, keys, depth)
        if not count:
            self.out.warnings.append(
                (source, Fault("no file matches the pattern", keys, found=f'"{pattern}"'))
            )
        return None

    def _literal(self, part: Part, path: Path, keys: Keys, depth: int) -> None:
        if not is_file(path):
            return self._fault(part.source, missing(path, keys))
        if path in self._seen:
            chain: Part | None = part
            while chain is not None and chain.source.file != path:
                chain = chain.includer
            already = f"already read for {self._seen[path]}" if self._seen[path] else "the main file"
            message = "files include each other in a circle" if chain else "the file is included twice"
            return self._fault(part.source, Fault(message, keys, found=f"{shown(path)}, {already}"))
        return self._read(part, path, keys, depth)

    def _read(self, includer: Part, path: Path, keys: Keys, depth: int) -> None:
        if len(self.out.files) >= MAX_FILES:
            self._fault(includer.source, Fault(f"more than {MAX_FILES:,} files are included", keys))
            return
        self._seen[path] = includer.source.shown or "the config"
        self.out.files.append(path)
        source, faults = read_source(path, self._environment, len(self.out.files))
        self.out.faults.extend((source, fault) for fault in faults)
        if source.data is None and faults:
            return
        part = self._part(source, includer)
        if part is not None:
            self.out.parts.append(part)
            self._follow(part, path.parent, depth + 1)

    def _part(self, source: Source, includer: Part) -> Part | None:
        """An included document: a list of endpoints, one endpoint, or an object with endpoints and more."""
        data = source.data
        if isinstance(data, list):
            return Part(source, {"endpoints": data}, (), includer)
        if not isinstance(data, dict):
            from understudy.load.words import show

            accepted = "a list of endpoints, one endpoint, or an object with `endpoints`"
            self._fault(source, Fault("an included file holds endpoints", (), show(data), accepted))
            return None
        foreign = [key for key in data if key in Config.__struct_encode_fields__ and key not in SHARED_KEYS]
        for key in foreign:
            self._fault(
                source,
                Fault(
                    f'the key "{key}" stands only in the main file',
                    (key,),
                    accepted=", ".join(SHARED_KEYS[:-1]),
                ),
            )
        data = {key: value for key, value in data.items() if key not in foreign}
        is_endpoint = any(key in Endpoint.__struct_encode_fields__ for key in data) and not any(
            key in SHARED_KEYS[:-1] for key in data
        )
        if is_endpoint:
            data.pop("$schema", None)
            return Part(source, {"endpoints": [data]}, None, includer)
        return Part(source, data, includer=includer)

    def _fault(self, source: Source, fault: Fault) -> None:
        self.out.faults.append((source, fault))
