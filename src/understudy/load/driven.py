"""Endpoints that are operations of a document, as the key `openapi` asks for.

What reads the documents stands above this folder (`openapi`), so the loader is handed a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from understudy.errors import Problem
from understudy.load.fault import Fault
from understudy.load.foreign import Opened
from understudy.model import Endpoint, OpenApi


class Driven(NamedTuple):
    """What an endpoint stands for: an operation, by its number in a document.

    `document` is for whoever made it. `settings` say how the document is served.
    """

    document: Any
    number: int
    settings: OpenApi


@dataclass
class Expanded:
    """The operations of one document as endpoints, with what each stands for; None: it says all by itself.

    `schemes` are its security schemes as those of `auth`. `faults` are of the config, at keys of the entry of
    the document; `files` were read.
    """

    endpoints: list[tuple[Endpoint, Driven | None]] = field(default_factory=list)
    schemes: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()


Expand = Callable[[OpenApi, Path, Mapping[str, Opened]], Expanded]
"""Reads a document that stands below a folder, or one that was opened already."""
