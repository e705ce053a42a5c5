"""Structured fields (RFC 9651): header values that are lists of items with parameters, `error; status=503`.

Reading is a little wider than the grammar where people write by hand: spaces may stand around `;`, and a
number may have more digits behind the point. Inner lists, bytes and dates are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

MAX_CHARACTERS = 2048
MAX_ITEMS = 16
MAX_PARAMETERS = 32


class Token(str):
    """A word without quotes."""

    __slots__ = ()


Bare = str | int | float | bool
"""A bare item; a Token is a str."""
NO_PARAMETERS: Mapping[str, Bare] = MappingProxyType({})


class Item(NamedTuple):
    """A member of a list, with its parameters."""

    value: Bare
    parameters: Mapping[str, Bare] = NO_PARAMETERS


_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_BARE = re.compile(
    r"""(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,9})?)
    |(?P<token>[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*)
    |"(?P<text>(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"
    |\?(?P<truth>[01])
    |%"(?P<shown>(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*)\"""",
    re.VERBOSE,
)
_ESCAPED = re.compile(rb"%([0-9a-f]{2})")
_ASCII = re.compile(r"[\x20-\x7e]*")


def read_list(text: str) -> list[Item]:
    """The items of a list (RFC 9651 section 4.2.1). Raises ValueError, which says where it cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_CHARACTERS} characters")
    items: list[Item] = []
    position = _after_space(text, 0)
    while True:
        value, position = _bare(text, position)
        parameters, position = _parameters(text, position)
        items.append(Item(value, parameters))
        if position == len(text):
            return items
        if text[position] != ",":
            raise ValueError(f"a comma is missing before {text[position:][:20]!r}")
        if len(items) == MAX_ITEMS:
            raise ValueError(f"it has more than {MAX_ITEMS} items")
        position = _after_space(text, position + 1)


def write_list(items: Iterable[Item]) -> str:
    """The items as a header value (RFC 9651 section 4.1.1)."""
    return ", ".join(
        _written(item.value)
        + "".join(
            f";{name}" if value is True else f";{name}={_written(value)}"
            for name, value in item.parameters.items()
        )
        for item in items
    )


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _bare(text: str, position: int) -> tuple[Bare, int]:
    found = _BARE.match(text, position)
    if found is None:
        raise ValueError(f"a word, number or text is missing before {text[position:][:20]!r}")
    kind, part = found.lastgroup, found[found.lastgroup or 0]
    value: Bare
    match kind:
        case "number":
            value = float(part) if "." in part else int(part)
        case "token":
            value = Token(part)
        case "truth":
            value = part == "1"
        case "shown":
            decoded = _ESCAPED.sub(lambda escape: bytes.fromhex(escape[1].decode()), part.encode())
            value = decoded.decode()  # UnicodeDecodeError is a ValueError
        case _:
            value = re.sub(r"\\(.)", r"\1", part)
    return value, found.end()


def _parameters(text: str, position: int) -> tuple[dict[str, Bare], int]:
    parameters: dict[str, Bare] = {}
    while True:
        position = _after_space(text, position)
        if text[position : position + 1] != ";":
            return parameters, position
        if len(parameters) == MAX_PARAMETERS:
            raise ValueError(f"an item has more than {MAX_PARAMETERS} parameters")
        found = _KEY.match(text, _after_space(text, position + 1))
        if found is None:
            raise ValueError(f"a parameter's name is missing after {text[: position + 1][-20:]!r}")
        position = found.end()
        value: Bare = True
        if text[position : position + 1] == "=":
            value, position = _bare(text, position + 1)
        parameters[found[0]] = value


def _written(value: Bare) -> str:
    match value:
        case bool():
            return f"?{int(value)}"
        case int():
            return str(value)
        case float():
            return str(round(value, 3))
        case Token():
            return str(value)
    if _ASCII.fullmatch(value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    shown = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'%"' else f"%{byte:02x}"
        for byte in value.encode("utf-8", "replace")
    )
    return f'%"{shown}"'


__all__ = ["Bare", "Item", "Token", "read_list", "write_list"]
