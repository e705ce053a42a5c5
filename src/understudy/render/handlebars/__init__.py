"""Handlebars templates, as WireMock and Mockoon have them: DIALECTS is the TABLE of the tools.

    text ── parse ──▶ nodes ── compile ──▶ closures ── render ──▶ text

A dialect is the same language with other helpers (`helpers/`), and is imported when a config asks for it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.render.handlebars.compile import Dialect

DIALECTS = ("wiremock", "mockoon")
"""By the name that `templates` in a config has; each is a folder in `helpers/`."""


@cache
def dialect(name: str) -> Dialect:
    """The dialect of that name."""
    found: Dialect = import_module(f"understudy.render.handlebars.helpers.{name}").DIALECT
    return found
