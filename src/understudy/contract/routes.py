"""Which operations of a document an endpoint stands for.

Paths of a config may or may not begin with the path of the document's server, and the names of parameters do
not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.contract.spec import PARAMETER, Spec, template_key
from understudy.formats.openapi.operations import Operation
from understudy.match.path import PathPattern, PathSyntaxError
from understudy.model import RegexPath
from understudy.request import canonical_path

_OWN_PARAMETER = re.compile(r"\{[^{}]*\}")
_EXAMPLES = {
    "integer": "1",
    "number": "1.5",
    "boolean": "true",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "date": "2026-01-31",
}
"""A text for a parameter, by the type or the format of its schema."""


class Routes:
    """The operations of a document, found by their paths."""

    def __init__(self, spec: Spec) -> None:
        self.operations = spec.api.operations
        self._by_key: dict[str, list[Operation]] = {}
        self._templates: list[tuple[PathPattern, Operation]] = []
        for one in self.operations:
            for path in _spellings(one):
                self._by_key.setdefault(template_key(path), []).append(one)
                template = _template(path)
                if template is not None:
                    self._templates.append((template, one))

    def of_path(self, path: str) -> tuple[Operation, ...]:
        """Those of a path of a config that has the same literal text, whatever its parameters are called."""
        return tuple(self._by_key.get(template_key(_OWN_PARAMETER.sub("{p}", path)), ()))

    def of_target(self, target: str) -> tuple[Operation, ...]:
        """Those that a request is for: of the path with the fewest parameters that fits."""
        path = canonical_path(target.partition("?")[0].encode())
        found = [one for template, one in self._templates if template.fits(path.rstrip("/") or "/")]
        fewest = min((len(PARAMETER.findall(one.path)) for one in found), default=0)
        return tuple({id(one): one for one in found if len(PARAMETER.findall(one.path)) == fewest}.values())

    def within(self, path: str | RegexPath) -> tuple[Operation, ...]:
        """Those whose requests a path with wildcards takes."""
        pattern = PathPattern(path)
        return tuple(one for one in self.operations if any(map(pattern.fits, _paths(one))))


def has_wildcard(path: str | RegexPath) -> bool:
    """Whether a path of a config may take the requests of several operations."""
    if isinstance(path, RegexPath):
        return True
    return "*" in path or ":path}" in path


def _spellings(operation: Operation) -> tuple[str, ...]:
    """The path with that of the server, and without."""
    return tuple(dict.fromkeys((operation.prefix + operation.path, operation.path)))


def _template(path: str) -> PathPattern | None:
    """The paths that a template takes, without a slash at the end; None if it cannot be a path."""
    pieces = template_key(path).replace("*", "%2A").split("{}")
    text = "".join(f"{{p{number}}}{piece}" if number else piece for number, piece in enumerate(pieces))
    try:
        return PathPattern(text)
    except PathSyntaxError:  # braces that are no parameters: no request is for it
        return None


def _paths(operation: Operation) -> Iterator[str]:
    """A path that a client may ask for, with that of the server, and without."""
    schemas = {one.name: one.schema for one in operation.parameters if one.where == "path"}

    def example(found: re.Match[str]) -> str:
        schema = schemas.get(found[0][1:-1])
        if schema is None:
            return "text"
        return _EXAMPLES.get(schema.text("format")) or _EXAMPLES.get(schema.text("type"), "text")

    for path in _spellings(operation):
        plain = re.split(r"[?#]", path, maxsplit=1)[0]
        yield canonical_path(PARAMETER.sub(example, plain).encode())
