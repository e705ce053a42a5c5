"""Programs for servers and commands: those of `understudy.build`, with the web where a config names some."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy import build as offline
from understudy.load import Loaded
from understudy.load.foreign import Adapted, Document
from understudy.model import Config
from understudy.program import Program


def build(source: str | Path | Mapping[str, Any] | Config | Document | Adapted) -> Program:
    """The program for what a user has named. Raises ConfigError with every problem at once."""
    return offline.build(source, fetch=fetch_when_asked)


def load_written(source: str | Path | Mapping[str, Any] | Config | Document | Adapted) -> Loaded:
    """The config for what a user has named, as `build.load_written` gives it. Raises ConfigError."""
    return offline.load_written(source, fetch=fetch_when_asked)


def fetch_when_asked(url: str) -> bytes:
    """What is at an address. Raises ConfigError. What fetches is imported on use: few configs need it."""
    from understudy.net.fetch import fetch

    return fetch(url)
