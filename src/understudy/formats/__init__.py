"""Files of other tools, read as configs of ours.

`FORMATS` is the TABLE of what can be read. A format is a function from a `Source` to an `Imported`, and
one that tells its files by what is in them. `read.py` finds out which format a file is in and reads it,
`serve.py` lets it be served without being written first, and `write.py` writes it as a config.

A reader raises ConfigError, with the lines of the foreign file, if it cannot make sense of it. What it
understands but cannot carry over is a warning, never silence.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from understudy.formats import looks

if TYPE_CHECKING:
    from understudy.formats.imported import Imported, Options
    from understudy.load.source import Source


class Format(NamedTuple):
    """A format: its name for people, where its reader is, and how its files look.

    `home` is `module:function` below `understudy.formats`, imported on use: a function of a `Source` and
    `Options` that gives an `Imported`. `looks` says whether data is in this format. `folder` does the same
    for a folder, by the names that are in it; None if a folder never is.
    """

    title: str
    home: str
    looks: Callable[[object], bool]
    folder: Callable[[frozenset[str]], bool] | None = None

    def reader(self) -> Callable[[Source, Options], Imported]:
        """The function that reads it."""
        module, _, name = self.home.partition(":")
        found: Callable[[Source, Options], Imported] = getattr(
            import_module(f"understudy.formats.{module}"), name
        )
        return found


FORMATS: dict[str, Format] = {
    "openapi": Format(
        "OpenAPI 3.0 and 3.1, Swagger 2.0", "openapi.to_config:read_openapi", looks.like_openapi
    ),
    "mockoon": Format("Mockoon environments", "mockoon.read:read_mockoon", looks.like_mockoon),
    "wiremock": Format(
        "WireMock stub mappings",
        "wiremock.read:read_wiremock",
        looks.like_wiremock,
        looks.like_wiremock_folder,
    ),
}
"""In the order in which they are tried: the first whose looks fit is taken."""
