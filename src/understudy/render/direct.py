"""The direct lane: templates so plain that they need no template engine.

Most leaves are a path (`{{ query.name }}`) or a helper without arguments (`{{ uuid }}`), perhaps with text
around it. Where a whole template holds nothing else, its output is a join of constants and of what a few
Python functions give, which costs half of a call into the engine (`make bench`, templated reply). Its plain
twin is the engine itself: every such template is compiled for it too, and tests hold one against the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, AnyStr

from understudy.render.context import MISSING, Getter, Path, getter
from understudy.render.scope import Scope
from understudy.render.values import as_text, json_bytes

_BARE = re.compile(r"\{\{\n(.+)\n\}\}", re.DOTALL)
# A call without arguments as the rewriter leaves it: in parentheses, and shaped by filters.
_CALL = re.compile(r"\(*([a-z_][a-z0-9_]*)\(\)(\|string)?\)*(?:\|_json|\|_text)?")


class DirectBuilder:
    """Gathers constants and pieces beside the source for the engine, until one is too much for this lane."""

    def __init__(self, scope: Scope, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._scope = scope
        self._functions = functions
        self._json: list[bytes | Callable[[], bytes]] = []
        self._text: list[str | Callable[[], str]] = []
        self._possible = True

    def constant(self, text: str) -> None:
        """Add JSON that is put out as it is."""
        self._json.append(text.encode())

    def typed(self, source: str, names: Mapping[Path, str]) -> None:
        """Add a JSON leaf that is one expression."""
        find = self._getter(source, names)
        if find is None:
            self._possible = False
            return

        def piece() -> bytes:
            value = find()
            return b"null" if value is MISSING else json_bytes(value)

        self._json.append(piece)

    def text(self, sources: Sequence[tuple[str, bool]], names: Mapping[Path, str], *, quoted: bool) -> None:
        """Add a leaf of text; each source says whether it is an expression. `quoted`: as a JSON string."""
        parts: list[str | Callable[[], str]] = []
        for source, is_expression in sources:
            if not is_expression:
                if "{%" in source:  # a raw block, which the engine unwraps
                    self._possible = False
                parts.append(source)
                continue
            bare = _BARE.fullmatch(source)
            find = self._getter(bare[1], names) if bare else None
            if find is None:
                self._possible = False
                return
            parts.append(_text_piece(find))
        if quoted:
            join = joined(parts, "")
            self._json.append(lambda: json_bytes(join()))
        else:
            self._text += parts

    def finish_json(self) -> Callable[[], bytes] | None:
        """The renderer of a JSON template; None if it needs the engine."""
        return joined(self._json, b"") if self._possible else None

    def finish_text(self) -> Callable[[], str] | None:
        """The renderer of a text template; None if it needs the engine."""
        return joined(self._text, "") if self._possible else None

    def _getter(self, source: str, names: Mapping[Path, str]) -> Getter | None:
        for path, name in names.items():
            if name == source:
                return getter(path._replace(form=""), self._scope)
        call = _CALL.fullmatch("".join(source.split()))
        function = self._functions.get(call[1]) if call else None
        if call is None or function is None or source.count("(") != source.count(")"):
            return None
        return (lambda: str(function())) if call[2] else function


def joined(sequence: Sequence[AnyStr | Callable[[], AnyStr]], empty: AnyStr) -> Callable[[], AnyStr]:
    """What joins constants and pieces, in order. `empty` is the empty text or the empty bytes."""
    constants, pieces = [empty], []
    for part in sequence:
        if callable(part):
            pieces.append(part)
            constants.append(empty)
        else:
            constants[-1] += part
    first, pairs = constants[0], tuple(zip(pieces, constants[1:], strict=True))
    if len(pairs) == 1 and not first and not constants[1]:
        return pieces[0]
    join = empty.join

    def render() -> AnyStr:
        output = [first]
        for piece, constant in pairs:
            output.append(piece())
            output.append(constant)
        return join(output)

    return render


def _text_piece(find: Getter) -> Callable[[], str]:
    def piece() -> str:
        value = find()
        if type(value) is str:
            return value
        return "" if value is MISSING else as_text(value)

    return piece
