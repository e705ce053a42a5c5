"""Handlebars templates of one Program: texts, and JSON whose leaves are templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.model import Templating
from understudy.render.direct import joined
from understudy.render.handlebars import dialect
from understudy.render.handlebars.compile import HandlebarsTemplate, is_handlebars
from understudy.render.scope import Scope
from understudy.render.values import json_bytes

Piece = bytes | Callable[[], bytes]


class HandlebarsJson:
    """JSON with templates in its leaves, which stay text: the result is always valid JSON."""

    __slots__ = ("render",)

    def __init__(self, pieces: list[Piece]) -> None:
        self.render: Callable[[], bytes] = joined(pieces, b"")
        """The JSON for the scope's current request. Raises RenderError."""


class Handlebars:
    """Compiles templates of one dialect. `roots` is told what the engine has to know of."""

    def __init__(self, scope: Scope, roots: set[str], templating: Templating) -> None:
        self._scope = scope
        self._roots = roots
        self._dialect = dialect(templating.language)
        self._parameters = templating.parameters

    def compile_text(self, text: str, where: str) -> HandlebarsTemplate | str:
        """Compile a text; the text itself if there is no template in it. Raises TemplateProblem."""
        if not is_handlebars(text):
            return text
        self._roots |= self._dialect.roots(text)
        return HandlebarsTemplate(text, where, self._scope, self._dialect, self._parameters)

    def compile_json(self, value: Any, where: str) -> HandlebarsJson | bytes:
        """Compile a JSON value; finished compact JSON if nothing in it is a template."""
        pieces = self._pieces(value, where)
        if all(isinstance(piece, bytes) for piece in pieces):
            return json_bytes(value)
        return HandlebarsJson(pieces)

    def _pieces(self, value: Any, where: str) -> list[Piece]:
        if isinstance(value, str):
            compiled = self.compile_text(value, where)
            if isinstance(compiled, str):
                return [json_bytes(value)]
            render = compiled.render
            return [lambda: json_bytes(render().encode("utf-8", "replace").decode())]
        if isinstance(value, dict):
            found: list[Piece] = []
            for number, (key, item) in enumerate(value.items()):
                found.append((b"," if number else b"{") + json_bytes(key) + b":")
                found += self._pieces(item, f"{where}.{key}")
            return [*found, b"}"] if found else [b"{}"]
        if isinstance(value, list | tuple):
            found = []
            for number, item in enumerate(value):
                found.append(b"," if number else b"[")
                found += self._pieces(item, f"{where}[{number}]")
            return [*found, b"]"] if found else [b"[]"]
        return [json_bytes(value)]
