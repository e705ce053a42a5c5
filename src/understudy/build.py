"""From what the user gave to a Program, in one call: load, then compile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.compiler import compile_program
from understudy.load import load
from understudy.model import Config
from understudy.program import Program


def build(source: str | Path | Mapping[str, Any] | Config) -> Program:
    """The program for a file, a mapping or a Config. Raises ConfigError with every problem at once."""
    environ = dict(os.environ)
    return compile_program(load(source, environ=environ), environ)
