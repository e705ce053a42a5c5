"""TOML, through tomlkit, which keeps every character that does not change."""

from __future__ import annotations

import re
from typing import Any

from understudy.load.fault import Keys
from understudy.load.write import CannotWrite, merge


def replace(text: str, keys: Keys, old: Any, value: Any) -> str:
    """The text with another value at `keys`."""
    import tomlkit

    document = tomlkit.parse(text)
    merge(_at(document, keys), old, value, _made)
    return tomlkit.dumps(document)


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
