"""Texts with variables that differ at each request, as templates of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from understudy.formats.imported import literal
from understudy.formats.postman.dynamic import DYNAMIC
from understudy.formats.postman.variables import VARIABLE
from understudy.formats.spot import Spot

_CONTEXT = re.compile(r"\$(body|queryParams|headers|pathSegments)((?:\s+(?:'[^']*'|\"[^\"]*\"|[^\s'\"]+))*)")
_ARGUMENT = re.compile(r"'([^']*)'|\"([^\"]*)\"|(\S+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STEP = re.compile(r"(?:\\.|[^.\\])+")


class Templates:
    """Makes templates of texts in which `{{NAME}}` may stand for a parameter of the path.

    `parameters` are the names of parameters in the config by those in the collection.
    """

    def __init__(self, parameters: Mapping[str, str], spot: Spot) -> None:
        self._parameters = parameters
        self._spot = spot
        self._said: set[str] = set()

    def text(self, text: str) -> str:
        """A template that gives what Postman's mock server would send."""
        if "{{" not in text:
            return literal(text)
        parts: list[str] = []
        plain = ""
        at = 0
        for found in VARIABLE.finditer(text):
            expression = self._expression(found[1].strip())
            plain += text[at : found.start()]
            at = found.end()
            if expression is None:
                plain += found[0]
                continue
            parts += [_before(plain), f"{{{{ {expression} }}}}"]
            plain = ""
        plain += text[at:]
        return "".join([*parts, literal(plain)])

    def json(self, value: Any) -> Any:
        """The same for the texts in JSON: what was text there stays text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.json(item) for item in value]
        return value

    def has_key(self, value: Any) -> bool:
        """Whether a key in JSON is a template, which one of ours cannot be."""
        if isinstance(value, dict):
            return any("{{" in key and self.text(key) != literal(key) for key in value) or any(
                map(self.has_key, value.values())
            )
        return isinstance(value, list) and any(map(self.has_key, value))

    def _expression(self, inner: str) -> str | None:
        if inner in DYNAMIC:
            return DYNAMIC[inner]
        if inner in self._parameters:
            return f"params.{self._parameters[inner]}"
        context = _CONTEXT.fullmatch(inner)
        if context is not None:
            return _context(
                context[1], [one or two or three for one, two, three in _ARGUMENT.findall(context[2])]
            )
        if inner in self._said:
            return None
        self._said.add(inner)
        if inner.startswith("$"):
            self._spot.warn(f"there is no dynamic variable {inner!r}: it is sent as it is written")
        elif _NAME.fullmatch(inner):
            self._spot.warn(f"no variable {inner!r} has a value: it is sent as it is written")
        return None


def _before(plain: str) -> str:
    """Text in front of an expression, whose braces are not to run together with those of the expression."""
    if not plain.endswith("{"):
        return literal(plain)
    rest = plain.rstrip("{")
    return literal(rest) + "{{ " + _quoted("{" * (len(plain) - len(rest))) + " }}"


def _quoted(text: str) -> str:
    return (
        "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"
    )


def _context(kind: str, arguments: list[str]) -> str:
    """What a template helper sees of the request: `$body 'a.b' 'default'` and its relatives."""
    default = f" | default({_quoted(arguments[1])})" if len(arguments) > 1 else ""
    name = arguments[0] if arguments else None
    if kind == "body":
        return "request.body" if name is None else f"body{_steps(name)}{default} | string"
    if kind == "pathSegments":
        number = int(name) + 1 if name is not None and name.isdigit() and len(name) < 4 else None
        return (
            "request.path"
            if number is None
            else f"(request.path | split('/') | list)[{number}]{default} | string"
        )
    if name is None:
        return "request.query_string" if kind == "queryParams" else "headers | json"
    return f"{'query' if kind == 'queryParams' else 'headers'}[{_quoted(name)}]{default} | string"


def _steps(path: str) -> str:
    """The keys of an object path such as `a.0.b` (a dot in a key has a backslash), as lookups."""
    path = re.sub(r"(?<!\\)\\+\.", r"\.", path)  # in JSON a backslash is two
    keys = [key.replace("\\.", ".") for key in _STEP.findall(path)]
    return "".join(f"[{key}]" if key.isdigit() else f"[{_quoted(key)}]" for key in keys)
