"""Paths of Express 4, which Mockoon's routes are written in, as paths of a config."""

from __future__ import annotations

import re
from typing import Any

_SEGMENT = re.compile(r":[A-Za-z0-9_]+|[^:*?+()\[\]\\{}]+|")
_TOKEN = re.compile(r"(/)?:([A-Za-z0-9_]+)(\((?:[^()\\]|\\.)*\))?(\?)?|\*|\\(.)|[?+()|]|[^:*?+()|\\/]+|/|.")


def config_path(prefix: str, endpoint: str) -> Any:
    """The path of a route, a pattern where that can say it, else a regular expression."""
    path = "/" + "/".join(part.strip("/") for part in (prefix, endpoint) if part.strip("/"))
    segments = path[1:].split("/")
    last = segments[-1]
    if all(_SEGMENT.fullmatch(one) for one in segments[:-1]) and (_SEGMENT.fullmatch(last) or last == "*"):
        return "/" + "/".join(_pattern(one) for one in segments)
    return {"regex": _regex(path)}


def parameter_name(name: str) -> str:
    """A name that a parameter of a path may have."""
    return name if not name[:1].isdigit() else f"_{name}"


def _pattern(segment: str) -> str:
    if segment == "*":
        return "**"
    return "{" + parameter_name(segment[1:]) + "}" if segment.startswith(":") else segment


def _regex(path: str) -> str:
    """The regular expression of a path that has more in it than parameters."""
    parts = []
    for token in _TOKEN.finditer(path):
        slash, name, pattern, optional, escaped = token.groups()
        text = token[0]
        if name is not None:
            inside = f"(?P<{parameter_name(name)}>{pattern[1:-1] if pattern else '[^/]+'})"
            parts.append(f"(?:{slash or ''}{inside})?" if optional else f"{slash or ''}{inside}")
        elif text == "*":
            parts.append(".*")
        elif escaped is not None:
            parts.append(re.escape(escaped))
        else:
            parts.append(text if text in "?+()|" else re.escape(text))
    return "".join(parts)
