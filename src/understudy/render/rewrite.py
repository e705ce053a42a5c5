"""A template as its author wrote it → the template that minijinja gets.

Four things change: a static path into the request becomes a variable, a bare helper name becomes a call, a
`fake` provider becomes an argument, and an expression gets a filter that prints values as JSON users expect.
All of it works on tokens, so strings and local names are left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from understudy.render.context import ROOTS
from understudy.render.errors import Rejected
from understudy.render.expression import Expression, Known, Variables
from understudy.render.helpers.base import Function
from understudy.render.lexer import Piece, pieces
from understudy.render.local_names import LocalNames

TEXT_FILTER, JSON_FILTER = "_text", "_json"


class Part(NamedTuple):
    """A piece of a rewritten leaf: what minijinja gets, and the expression it came from ("" for text)."""

    source: str
    expression: str


class Leaf(NamedTuple):
    """A rewritten leaf. A `typed` one is a single expression, whose bare source is its only part."""

    parts: list[Part]
    typed: bool


class Rewriter:
    """Rewrites the leaves of one template. `functions` are the bound helpers, `extra` further known names."""

    def __init__(self, functions: Mapping[str, Function], extra: Collection[str] = ()) -> None:
        self.known = Known(functions, ROOTS | frozenset(extra), Variables())

    def leaf(self, text: str, typed: bool) -> Leaf:
        """Rewrite a leaf; `typed` says whether a leaf of one expression keeps its type. Raises Rejected."""
        try:
            told = [piece for piece in pieces(text) if piece.kind != "comment"]
        except ValueError as error:
            raise Rejected(text, str(error)) from None
        local = LocalNames()
        for piece in told:
            if piece.kind == "block":
                local.declare(piece)
        if typed and len(told) == 1 and told[0].kind == "expression":
            inner = told[0].inner
            return Leaf([Part(self._formed(inner, local, "json"), inner.strip())], True)
        return Leaf([self._part(piece, local) for piece in told], False)

    def _part(self, piece: Piece, local: LocalNames) -> Part:
        # the line breaks tell the lines of two expressions apart when one fails
        if piece.kind == "expression":
            source = self._formed(piece.inner, local, "text")
            return Part(f"{{{{{piece.left}\n{source}\n{piece.right}}}}}", piece.inner.strip())
        if piece.kind == "block":
            source = Expression(self.known, piece.inner, local, block=True).rewrite().source
            return Part(f"{{%{piece.left}\n{source}\n{piece.right}%}}", piece.source)
        return Part(piece.source, "")

    def _formed(self, inner: str, local: LocalNames, form: Literal["text", "json"]) -> str:
        """The source of an expression that is put out as text or JSON."""
        rewritten = Expression(self.known, inner, local).rewrite()
        is_formed = rewritten.returns in _FORMED[form]
        if rewritten.path is not None:
            return self.known.variables.name(rewritten.path._replace(form="" if is_formed else form))
        if is_formed:
            return rewritten.source
        return f"({rewritten.source})|{TEXT_FILTER if form == 'text' else JSON_FILTER}"


_FORMED = {"text": frozenset({"text"}), "json": frozenset({"text", "plain"})}
"""What an expression may return for minijinja to put it out rightly by itself."""
