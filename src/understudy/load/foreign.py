"""Files of other tools in the place of a config.

What reads them stands above this folder (`formats`), so the loader is handed a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from understudy.errors import Problem
from understudy.load.source import Source


class Document(msgspec.Struct, frozen=True):
    """Another tool's document from the web: its address and its text.

    `fetch` gives what is behind an address that the document refers to. It raises ConfigError.
    """

    url: str
    text: str
    fetch: Callable[[str], bytes]

    def __str__(self) -> str:
        return self.url


class Opened(NamedTuple):
    """A document that was read already, and what gives what is behind the web addresses in it."""

    source: Source
    fetch: Callable[[str], bytes] | None = None


class Adapted(msgspec.Struct, frozen=True):
    """A foreign file as a config.

    `folder` is where its relative paths start. `files` were read for it, and in `patterns`, pairs of a
    folder and a glob in it, more may appear. `opened` are documents that the config names and that were read
    already, by the name that it has for them.
    """

    source: Source
    folder: Path
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    patterns: tuple[tuple[Path, str], ...] = ()
    opened: Mapping[str, Opened] = {}

    def __str__(self) -> str:
        return self.source.shown or "another tool's file"


Adapt = Callable[[Source], Adapted | None]
"""A foreign file, or a folder, as a config; None if it is none. Raises ConfigError.

A Source without data is a folder, or a file that was not read yet, as it is large or only its name may tell
what it is: None if it has to be read."""
