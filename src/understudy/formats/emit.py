"""Plain data as YAML that people like to read: short things on one line, long text as it is, no surprises.

PyYAML's and ruamel.yaml's emitters know all of YAML 1.1, take seconds for a large file, and write `on` as
a text in quotes that readers of YAML 1.2 do not need. What is written here is read by
`load/syntax/yaml.py`, and a property test says that it is the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

WIDTH = 100
"""Columns that a value may take on one line."""
MAX_DEPTH = 3
"""Braces within braces on one line."""
_PLAIN = re.compile(r"[A-Za-z_/$][\w /.$+-]*", re.ASCII)
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
"""Texts that some reader of YAML takes for something else."""
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_QUOTABLE = re.compile(r"[ -~\u00a0-\u2027\u202a-\ud7ff]*")
_BLOCK = re.compile(r"[^\s][^\n]*(?:\n[^\n]*)*\n?")


def yaml_text(config: dict[str, Any], title: str = "", comments: Sequence[str] = ()) -> str:
    """A config as YAML. `title` stands above it all as a comment, and `comments` above each endpoint."""
    lines = [f"# {line}".rstrip() for line in title.splitlines()]
    for key, value in config.items():
        if lines:
            lines.append("")
        if key == "endpoints" and isinstance(value, list) and value:
            lines.append("endpoints:")
            lines += _endpoints(value, comments)
        else:
            lines += _pair(key, value, 0)
    return "\n".join(lines) + "\n"


def _endpoints(endpoints: list[Any], comments: Sequence[str]) -> Iterator[str]:
    for number, endpoint in enumerate(endpoints):
        if number:
            yield ""
        comment = " ".join((comments[number] if number < len(comments) else "").split())
        if comment:
            yield f"  # {_shown(comment)[: WIDTH - 4]}"
        yield from _element(endpoint, 2, always_block=True)


def _shown(comment: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in comment)


def _pair(key: str, value: Any, column: int) -> Iterator[str]:
    """A key and its value, from a column on."""
    margin = " " * column
    name = _scalar(key)
    flow = _flow(value, WIDTH - column - len(name))
    if flow is not None:
        yield f"{margin}{name}: {flow}"
    elif isinstance(value, str):
        yield f"{margin}{name}: {_block_header(value)}"
        yield from _block_lines(value, column + 2)
    elif isinstance(value, dict):
        yield f"{margin}{name}:"
        for inner, item in value.items():
            yield from _pair(inner, item, column + 2)
    else:
        yield f"{margin}{name}:"
        for item in value:
            yield from _element(item, column + 2)


def _element(value: Any, column: int, always_block: bool = False) -> Iterator[str]:
    """An element of a list, its dash at a column."""
    margin = " " * column
    is_block = always_block and isinstance(value, dict) and value
    flow = None if is_block else _flow(value, WIDTH - column)
    if flow is not None:
        yield f"{margin}- {flow}"
        return
    if isinstance(value, str):
        yield f"{margin}- {_block_header(value)}"
        yield from _block_lines(value, column + 2)
        return
    inner = (
        [line for key, item in value.items() for line in _pair(key, item, column + 2)]
        if isinstance(value, dict)
        else [line for item in value for line in _element(item, column + 2)]
    )
    yield f"{margin}- {inner[0][column + 2 :]}"
    yield from inner[1:]


def _flow(value: Any, width: int, depth: int = MAX_DEPTH) -> str | None:
    """A value on one line; None if it does not fit, or reads better on several."""
    if isinstance(value, str):
        return None if _is_block(value) else _scalar(value)
    if not isinstance(value, dict | list):
        return _scalar(value)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    if not depth:
        return None
    parts: list[str] = []
    left = width - 4
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in pairs:
        flow = _flow(item, left, depth - 1)
        if flow is None:
            return None
        part = flow if key is None else f"{_scalar(key)}: {flow}"
        left -= len(part) + 2
        if left < 0:
            return None
        parts.append(part)
    joined = ", ".join(parts)
    return f"{{ {joined} }}" if isinstance(value, dict) else f"[{joined}]"


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value == value.strip() and value.lower() not in _WORDS:
        return value
    if ('"' in value or "\\" in value) and _QUOTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _is_block(text: str) -> bool:
    """Whether a text reads better as a block of lines."""
    return (
        "\n" in text.rstrip("\n")
        and not text.endswith("\n\n")
        and _BLOCK.fullmatch(text) is not None
        and not re.search(r"[ \t]\n|[ \t]\Z|[^\n\t -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe]", text)
    )


def _block_header(text: str) -> str:
    return "|" if text.endswith("\n") else "|-"


def _block_lines(text: str, column: int) -> Iterator[str]:
    margin = " " * column
    for line in text.removesuffix("\n").split("\n"):
        yield margin + line if line else ""
