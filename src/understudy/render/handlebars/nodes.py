"""What a Handlebars template is made of, once it is parsed."""

from __future__ import annotations

from typing import Any, NamedTuple


class Literal(NamedTuple):
    """A text, number, truth value or nothing, written in an expression."""

    value: Any


class Path(NamedTuple):
    """`a.b`, `../a`, `this.a`, `@index`: `up` levels, then `parts`. `scoped` ones never name a helper."""

    parts: tuple[str, ...]
    up: int = 0
    is_data: bool = False
    scoped: bool = False
    source: str = ""


class Call(NamedTuple):
    """An expression with what stands behind its name: `helper a b key=c`."""

    target: Path | Literal
    arguments: tuple[Expression, ...]
    named: tuple[tuple[str, Expression], ...]
    source: str


Expression = Literal | Path | Call


class Text(NamedTuple):
    """What is put out as it is."""

    text: str


class Mustache(NamedTuple):
    """`{{call}}`; not `escaped` in three braces or behind `&`."""

    call: Call
    escaped: bool


class Block(NamedTuple):
    """`{{#call}}body{{else}}inverse{{/call}}`; a `raw` one has a text as its body."""

    call: Call
    names: tuple[str, ...]
    body: Nodes
    inverse: Nodes
    raw: bool = False


Node = Text | Mustache | Block
Nodes = tuple[Node, ...]
