"""TOML, through tomlkit, which keeps every character that does not change."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from understudy.load.fault import Keys
from understudy.load.write import CannotWrite, is_same, merge

_HEAD = re.compile(r"^[ \t]*\[\[?[ \t]*([^\]\n]+?)[ \t]*\]", re.MULTILINE)
"""The head of a table, or of an element of a list of tables, and its name."""
_ELEMENT = re.compile(r"[ \t]*\[\[[ \t]*endpoints[ \t]*\]\]")


def replace(text: str, keys: Keys, old: Any, value: Any) -> str:
    """The text with another value at `keys`."""
    import tomlkit

    document = tomlkit.parse(text)
    merge(_at(document, keys), old, value, _made)
    done = tomlkit.dumps(document)
    # Tables that follow each other in a new order may come to stand in one another.
    return done if _reads(done, keys, value) else _written_anew(text, keys, value) or done


def _reads(text: str, keys: Keys, value: Any) -> bool:
    """Whether this value stands there."""
    try:
        return is_same(_at(tomllib.loads(text), keys), value)
    except (tomllib.TOMLDecodeError, KeyError, IndexError, TypeError):
        return False


def _written_anew(text: str, keys: Keys, value: Any) -> str | None:
    """The text with one `[[endpoints]]` written anew, without the comments in it; None if there is none."""
    import tomlkit

    if len(keys) != 2 or keys[0] != "endpoints" or not isinstance(keys[1], int):
        return None
    heads = [(found.start(), found[1].split(".")[0].strip()) for found in _HEAD.finditer(text)]
    starts = [start for start, _ in heads if _ELEMENT.match(text, start)]
    if keys[1] >= len(starts):
        return None
    start = starts[keys[1]]
    following = (at for at, name in heads if at > start and (name != "endpoints" or _ELEMENT.match(text, at)))
    end = next(following, len(text))
    anew = tomlkit.dumps({"endpoints": [_made(value)]}).rstrip()
    behind = text[end:]
    return f"{text[:start]}{anew}\n" + (f"\n{behind}" if behind else "")


def remove(text: str, keys: Keys) -> str:
    """The text without an element of a list."""
    import tomlkit

    document = tomlkit.parse(text)
    del _at(document, keys[:-1])[keys[-1]]
    if not document.get("endpoints", [True]):  # no header of a table is left to say that there is a list
        del document["endpoints"]
        return "endpoints = []\n" + tomlkit.dumps(document)
    return tomlkit.dumps(document)


def insert(text: str, value: Any) -> str:
    """The text with one more element at the beginning of `endpoints`."""
    import tomlkit

    document = tomlkit.parse(text)
    first = re.search(r"^[ \t]*\[\[\s*endpoints\s*\]\]", text, re.MULTILINE)
    if "endpoints" in document and first is None:
        inline = tomlkit.inline_table()
        inline.update(_made(value))
        document["endpoints"].insert(0, inline)
        return tomlkit.dumps(document)
    table = tomlkit.dumps({"endpoints": [_made(value)]})
    if first is None:
        return f"{text.rstrip()}\n\n{table}" if text.strip() else table
    return f"{text[: first.start()]}{table.rstrip()}\n\n{text[first.start() :]}"


def _at(document: Any, keys: Keys) -> Any:
    for key in keys:
        document = document[key]
    return document


def _made(value: Any) -> Any:
    """A plain value for a document. Raises CannotWrite for null, which TOML does not have."""
    import tomlkit

    _no_null(value)
    return tomlkit.item(value) if not isinstance(value, dict) else value


def _no_null(value: Any) -> None:
    if value is None:
        raise CannotWrite("TOML has no null: leave the key out, or keep the endpoint in JSON or YAML")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_null(item)
