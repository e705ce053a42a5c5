"""Path templates of OpenAPI as paths of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Operation, Parameter
from understudy.match.path import PathSyntaxError, pattern_of

_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_FORMATS = {"uuid": "uuid", "date": "date"}


@dataclass(frozen=True)
class Path:
    """A path of ours. `names` has the parameters' own names by those of OpenAPI.

    `query` is what a path that has a `?` in it asks of the query.
    """

    text: str
    names: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def path_of(operation: Operation, prefix: bool = True) -> Path | None:
    """The path of an operation; None, and a warning, if it cannot be one."""
    known = {one.name: one for one in operation.parameters if one.where == "path"}
    return path_for(operation.path, operation.prefix if prefix else "", operation.node, known)


def path_for(template: str, prefix: str, node: Node, known: Mapping[str, Parameter]) -> Path | None:
    """The path for a template below a prefix. `known` are the parameters whose types paths are to ask for."""
    written, _, fragment = template.partition("#")
    written, _, query = written.partition("?")
    if fragment:
        node.warn("clients do not send what follows `#` in a path: it is left out", found=template)
    names: dict[str, str] = {}
    pieces: list[str] = []
    position = 0
    for found in _PARAMETER.finditer(written):
        pieces.append(_literal(written[position : found.start()]))
        position = found.end()
        name = found[1].rstrip("*").lstrip("+")  # of RFC 6570
        own = _own_name(name, names.values())
        names[name] = own
        kind = _kind(known.get(name))
        # beside other text, such as in {id}.json, a parameter takes what its type allows
        pieces.append(f"{{{own}:{kind}}}" if kind else f"{{{own}}}")
    pieces.append(_literal(written[position:]))
    text = _literal(prefix) + "".join(pieces)
    try:
        pattern_of(text)
    except PathSyntaxError as error:
        node.warn(f"the path cannot be served, {error}: it is left out", found=template)
        return None
    return Path(text, names, dict(parse_qsl(query, keep_blank_values=True)))


def _literal(text: str) -> str:
    """Text in which nothing is a wildcard."""
    return text.replace("*", "%2A")


def _own_name(name: str, taken: object) -> str:
    own = plain = re.sub(r"\W", "_", name, flags=re.ASCII) or "parameter"
    if own[0].isdigit():
        own = plain = f"_{own}"
    count = 1
    while own in taken:  # type: ignore[operator]
        count += 1
        own = f"{plain}_{count}"
    return own


def _kind(parameter: Parameter | None) -> str | None:
    """The type of a parameter that its schema asks for; None for any text."""
    schema = parameter.schema if parameter is not None else None
    if schema is None or parameter is None or parameter.style != "simple" or parameter.is_json:
        return None
    written = schema.value.get("type") if isinstance(schema.value, dict) else None
    if written == "integer":
        return "int"
    if written == "number":
        return "float"
    return _FORMATS.get(schema.text("format")) if written == "string" else None
