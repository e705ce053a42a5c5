"""Paths of ours as path templates of OpenAPI: the way back from `paths.py`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from understudy.formats.exported import Sample
from understudy.formats.outgoing import Place
from understudy.model import RegexPath

Schema = dict[str, Any]

_PIECE = re.compile(r"\{([A-Za-z_]\w*)(?::([a-z]+))?\}|(\*\*?)", re.ASCII)
_ONLY_ESCAPES = re.compile(r"\^?((?:\\[^A-Za-z0-9]|[^\\.^$*+?{}\[\]|()])*)\$?")
_TYPES: dict[str, Schema] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "slug": {"type": "string", "pattern": "^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$"},
}


class Template(NamedTuple):
    """A path template, and the schema of each of its parameters."""

    text: str
    parameters: dict[str, Schema]

    @property
    def shape(self) -> str:
        """What it has in common with those that are the same to OpenAPI (section 4.8.8.2): no names."""
        return re.sub(r"\{[^{}]*\}", "{}", self.text)


def template_of(path: str | RegexPath, sample: Sample | None, place: Place) -> Template | None:
    """The template for a path; None, and a warning, if there is none."""
    if isinstance(path, RegexPath):
        literal = _ONLY_ESCAPES.fullmatch(path.regex)
        if literal:
            return Template(re.sub(r"\\(.)", r"\1", literal[1]), {})
        if sample is None:
            place.at("path").warn("a regular expression is no path there: this endpoint is left out")
            return None
        place.at("path").warn("a regular expression is no path there: it stands with one that fits")
        return Template(sample.target.partition("?")[0], {})
    parameters: dict[str, Schema] = {}

    def piece(found: re.Match[str]) -> str:
        name, kind, star = found.groups()
        if star:
            name = "rest" if star == "**" else "any"
            count = 1
            while name in parameters:
                count += 1
                name = f"{name.rstrip('0123456789')}{count}"
        if star == "**" or kind == "path":
            place.at("path").warn("parameters take no slashes there: this one does")
        parameters[name] = dict(_TYPES.get(kind or "", {"type": "string"}))
        return f"{{{name}}}"

    text = _PIECE.sub(piece, "/**" if path in {"*", "**"} else path)
    return Template(text.replace("%2A", "*"), parameters)
