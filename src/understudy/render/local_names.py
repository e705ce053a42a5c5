"""The names that a template leaf gives to its own values and macros."""

from __future__ import annotations

from itertools import pairwise

from understudy.render.lexer import Piece, Token, tokens

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class LocalNames:
    """What the blocks of a leaf declare; the whole leaf knows it, wherever it stands.

    `special` are the names that minijinja declares: `loop` and `caller`.
    """

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.macros: set[str] = set()
        self.special: set[str] = set()

    def declare(self, piece: Piece) -> None:
        """Take in what the block declares."""
        found = tokens(piece.inner)
        texts = [token.text for token in found]
        match texts[:1]:
            case ["set"]:
                end = next((at for at, text in enumerate(texts) if text in {"=", "|"}), len(texts))
                self._values(found[1:end])
            case ["for"]:
                end = texts.index("in") if "in" in texts else len(texts)
                self._values(found[1:end])
                self.special.add("loop")
            case ["with"]:
                self._values([a for a, b in pairwise(found) if b.text == "="])
            case ["macro"]:
                self.macros.update(texts[1:2])
                self._parameters(found[2:])
                self.special.add("caller")
            case ["call"] if texts[1:2] == ["("]:
                self._parameters(found[1:])

    def _values(self, found: list[Token]) -> None:
        self.values.update(
            token.text
            for before, token in zip([None, *found], found, strict=False)
            if token.kind == "name" and (before is None or before.text != ".")
        )

    def _parameters(self, found: list[Token]) -> None:
        depth = 0
        for before, token in pairwise(found):
            depth += (before.text in _OPENING) - (before.text in _CLOSING)
            if depth == 0:
                return
            if depth == 1 and before.text in {"(", ","} and token.kind == "name":
                self.values.add(token.text)
