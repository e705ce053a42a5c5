"""Files of other tools in the place of a config.

What reads them stands above this folder (`formats`), so the loader is handed a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from understudy.errors import Problem
from understudy.load.source import Source


@dataclass(frozen=True)
class Document:
    """Another tool's document from the web: its address and its text.

    `fetch` gives what is behind an address that the document refers to. It raises ConfigError.
    """

    url: str
    text: str
    fetch: Callable[[str], bytes]

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Adapted:
    """A foreign file as a config.

    `folder` is where its relative paths start. `files` were read for it, and in `patterns`, pairs of a
    folder and a glob in it, more may appear.
    """

    source: Source
    folder: Path
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    patterns: tuple[tuple[Path, str], ...] = ()


Adapt = Callable[[Source], Adapted | None]
"""A foreign file, or one that has not been read yet or a folder (a Source without data), as a config; None if
it is none. Raises ConfigError."""
