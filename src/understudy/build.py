"""From what the user gave to a Program, in one call: load, then compile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from understudy.compiler import compile_program
from understudy.formats.imported import Fetch
from understudy.load import Loaded, load, no_collection
from understudy.load.driven import Expanded
from understudy.load.foreign import Adapted, Document, Opened
from understudy.load.overlay import Layer, overlay
from understudy.load.source import Source
from understudy.model import Config, OpenApi
from understudy.program import Program


def build(
    source: str | Path | Mapping[str, Any] | Config | Document | Adapted, *, fetch: Fetch | None = None
) -> Program:
    """The program for a file, a mapping, a Config, another tool's document from the web, or what was made
    of one.

    `fetch` gives what is at the addresses that a config names; None: there is nothing. Raises ConfigError
    with every problem at once.
    """
    environ = dict(os.environ)
    reading = partial(expand, fetch=fetch)
    with no_collection():
        loaded = load(_given(source), environ=environ, adapt=adapt, expand=reading)
        return compile_program(loaded, environ)


def load_written(
    source: str | Path | Mapping[str, Any] | Config | Document | Adapted, *, fetch: Fetch | None = None
) -> Loaded:
    """The config, with the operations of the documents that it names as endpoints that say all themselves.

    Raises ConfigError with every problem at once.
    """
    from understudy.openapi.expand import expand_written

    reading = partial(expand_written, fetch=fetch)
    return load(_given(source), environ=dict(os.environ), adapt=adapt, expand=reading)


def _given(
    source: str | Path | Mapping[str, Any] | Config | Document | Adapted,
) -> str | Path | Mapping[str, Any] | Config | Adapted:
    if isinstance(source, str | Path | Mapping | Config | Adapted):
        return source
    from understudy.openapi.serve import adapt_document

    return adapt_document(source)


def adapt(source: Source) -> Adapted | None:
    """A file, or a folder, of another tool as a config; None if it is none. Raises ConfigError."""
    from understudy.openapi.serve import adapt as as_config

    return as_config(source)


def expand(
    settings: OpenApi, folder: Path, opened: Mapping[str, Opened], *, fetch: Fetch | None = None
) -> Expanded:
    """The operations of a document as endpoints. Raises nothing: what is wrong is in what it gives."""
    from understudy.openapi.expand import expand as endpoints_of

    return endpoints_of(settings, folder, opened, fetch)


def rebuild(loaded: Loaded, layers: Sequence[Layer]) -> Program:
    """The program for a config that is loaded, with layers of live endpoints over it. Raises ConfigError.

    The config's own files are not read again, so that a half-written one is in nobody's way.
    """
    return compile_program(overlay(loaded, layers), dict(os.environ))
