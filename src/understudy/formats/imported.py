"""What reading a foreign file takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from understudy.errors import Problem

if TYPE_CHECKING:
    from understudy.formats.asked import Answer, Asked

Fetch = Callable[[str], bytes]
"""What is behind a URL. Raises ConfigError."""
Send = Callable[["Asked"], "Answer | str"]
"""What a request is answered, or why that is not known."""


class Origin(NamedTuple):
    """Where something stood in a foreign file: its name for messages, and the line, from 1, if it is
    known."""

    file: str | None
    line: int | None


class Rule(msgspec.Struct, frozen=True):
    """A decision that was made about what a file shows, which a user may want otherwise.

    `kind` is one of the reader's TABLE, `where` the place in the config that it is about, `what` the decision
    and `why` its reason. `count` and `ids` say how many exchanges it rests on, and which. `on`: whether it
    was followed.
    """

    kind: str
    where: str
    what: str
    why: str
    count: int = 0
    ids: tuple[str, ...] = ()
    on: bool = True


class Options(msgspec.Struct, frozen=True):
    """What a user may wish of an import; a format takes from it what concerns it.

    `fetch` follows URLs within the document; None: they are not followed. `source_url` is where the document
    itself came from, if not from a file.
    """

    servers: bool = True
    """Whether paths begin with the path of the server that the document names."""
    validate: bool = True
    """Whether requests are held against the schemas of the document."""
    auth: bool = True
    """Whether endpoints are protected as the document says."""
    latency: bool = False
    """Whether replies take as long as they did when they were recorded."""
    assets: bool = True
    """Whether pages and what they are made of (styles, scripts, images, fonts) are kept, not calls alone."""
    imposter: str | None = None
    """Of several imposters, the one of this name or port; None: all."""
    hosts: tuple[str, ...] = ()
    """Hosts whose requests are kept, `*` in them for anything; none: those of all hosts."""
    fetch: Fetch | None = None
    source_url: str | None = None
    send: Send | None = None
    """Asks requests that the document shows; None: they are not sent."""
    without: frozenset[str] = frozenset()
    """Rules that are not followed, by kind or by number."""
    rules: tuple[Rule, ...] = ()
    """Rules of before, which are kept."""


class Imported(msgspec.Struct, frozen=True):
    """A foreign file as a config.

    `config` is plain data as a user would write it. Its templates are ours: text that only looks like one
    goes through `literal`. `${` means nothing special in it; whoever writes it to a file takes care of that.
    `files` are bodies by the path that `file` in the config names, relative to the config. `warnings` say
    what could not be carried over. `origins` has for each endpoint where it was written, as far as that
    is known, and `comments` a line about each ("" for none). `read` are the files that it was read from,
    and `patterns` those where more may appear (pairs of a folder and a glob in it): a server watches both.
    `rules` are the decisions that were made, where a user may have them otherwise.
    """

    config: dict[str, Any]
    files: dict[str, bytes] = {}
    warnings: tuple[Problem, ...] = ()
    origins: tuple[Origin | None, ...] = ()
    comments: tuple[str, ...] = ()
    read: tuple[Path, ...] = ()
    patterns: tuple[tuple[Path, str], ...] = ()
    rules: tuple[Rule, ...] = ()


def literal(text: str) -> str:
    """A template that renders as `text`, whatever looks like a template in it."""
    if not any(opener in text for opener in ("{{", "{%", "{#")):
        return text
    if "endraw" not in text:
        return f"{{% raw %}}{text}{{% endraw %}}"
    return text.replace("{", "{{ '{' }}")


def literal_path(path: str) -> str:
    """A `path` that takes this one alone: what looks like a parameter or a wildcard in it is escaped."""
    return path.replace("{", "%7B").replace("}", "%7D").replace("*", "%2A")


def literal_json(value: Any) -> Any:
    """A `response` that renders as this JSON."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, dict):
        return {key: literal_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [literal_json(item) for item in value]
    return value
