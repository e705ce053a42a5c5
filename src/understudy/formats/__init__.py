"""Files of other tools, read as configs of ours, and configs written as files of theirs.

`FORMATS` is the TABLE of what can be read and written. A format is a function from a `Source` to an
`Imported`, and one that tells its files by what is in them; some have one more, from an `Outgoing` to an
`Exported`. `read.py` finds out which format a file is in and reads it, `serve.py` lets it be served without
being written first, and `write.py` writes it as a config.

A reader raises ConfigError, with the lines of the foreign file, if it cannot make sense of it. What it
understands but cannot carry over is a warning, never silence.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.formats import looks

if TYPE_CHECKING:
    from understudy.formats.exported import Exported, Outgoing
    from understudy.formats.imported import Imported, Options
    from understudy.load.source import Source


class Format(NamedTuple):
    """A format: its name for people, where its reader is, and how its files look.

    `home` is `module:function` below `understudy.formats`, or with its whole name where it stands above,
    imported on use: a function of a `Source` and `Options` that gives an `Imported`. `looks` says whether
    data is in this format. `folder` does the same for a folder, by the names that are in it; None if a folder
    never is. `writer` is where the function is that writes a config in this format, of an `Outgoing` that
    gives an `Exported`; None if none does. `suffixes`, such as ".http", are those of a format that is text,
    neither JSON nor YAML nor TOML: the data of such a document is its text. `is_served`: whether its files
    are served as the config that they make; recordings are replayed instead. `inside` looks into a folder
    whose names say nothing to any format.
    """

    title: str
    home: str
    looks: Callable[[object], bool]
    folder: Callable[[frozenset[str]], bool] | None = None
    writer: str | None = None
    suffixes: tuple[str, ...] = ()
    is_served: bool = True
    inside: Callable[[Path], bool] | None = None

    def read(self, source: Source, options: Options) -> Imported:
        """Read a document as a config. Raises ConfigError."""
        found: Imported = _function(self.home)(source, options)
        return found

    def write(self, outgoing: Outgoing) -> Exported:
        """Write a config; only if there is a `writer`."""
        assert self.writer is not None, "asked for by those that have one"
        made: Exported = _function(self.writer)(outgoing)
        return made


def _function(home: str) -> Any:
    module, _, name = home.partition(":")
    whole = module if module.startswith("understudy.") else f"understudy.formats.{module}"
    return getattr(import_module(whole), name)


FORMATS: dict[str, Format] = {
    "openapi": Format(
        "OpenAPI 3.0 to 3.2, Swagger 2.0",
        "openapi.to_config:read_openapi",
        looks.like_openapi,
        writer="openapi.write:write_openapi",
    ),
    "mockoon": Format("Mockoon environments", "mockoon.read:read_mockoon", looks.like_mockoon),
    "mountebank": Format("mountebank imposters", "mountebank.read:read_mountebank", looks.like_mountebank),
    "postman": Format(
        "Postman collections",
        "postman.read:read_postman",
        looks.like_postman,
        looks.like_postman_folder,
        "postman.write:write_postman",
    ),
    "wiremock": Format(
        "WireMock stub mappings",
        "wiremock.read:read_wiremock",
        looks.like_wiremock,
        looks.like_wiremock_folder,
        writer="wiremock.write:write_wiremock",
    ),
    "har": Format(
        "HTTP archives of browsers and proxies (HAR)",
        "har.read:read_har",
        looks.like_har,
        writer="har.write:write_har",
    ),
    "recording": Format(
        "folders of recordings",
        "understudy.record.general.source:read_folder",
        looks.like_nothing,
        looks.like_recording_folder,
        is_served=False,
        inside=looks.holds_recordings,
    ),
    "recordings": Format(
        "recordings of the original Local API Mock Server",
        "recordings:read_recordings",
        looks.like_recordings,
    ),
    "http": Format(
        ".http and .rest files",
        "http_files.read:read_http",
        looks.like_http,
        suffixes=(".http", ".rest"),
    ),
    "curl": Format("curl commands", "curl.read:read_curl", looks.like_curl, suffixes=(".curl",)),
    "json_server": Format("json-server databases", "json_server:read_json_server", looks.like_json_server),
}
"""In the order in which they are tried: the first whose looks fit is taken."""
