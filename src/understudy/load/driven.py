"""Endpoints that are operations of a document, as the key `openapi` asks for.

What reads the documents stands above this folder (`openapi`), so the loader is handed a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

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


class Expanded(msgspec.Struct):
    """The operations of one document as endpoints, with what each stands for; None: it says all by itself.

    `schemes` are its security schemes as those of `auth`. `faults` are of the config, at keys of the entry of
    the document; `files` were read.
    """

    endpoints: list[tuple[Endpoint, Driven | None]] = []
    schemes: dict[str, Any] = {}
    faults: list[Fault] = []
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()


Expand = Callable[[OpenApi, Path, Mapping[str, Opened]], Expanded]
"""Reads a document that stands below a folder, or one that was opened already."""
