"""Who is let in: the security requirements of two operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from understudy.contract.diff.shape import json_of
from understudy.contract.spec import Spec
from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Operation

Alternative = dict[str, tuple[str, ...]]


class SecurityComparison:
    """Compares what operations ask for. Schemes go by their names, or by what they are if those differ."""

    def __init__(self, old: Spec, new: Spec) -> None:
        self._old, self._new = old, new
        gone = [name for name in old.api.schemes if name not in new.api.schemes]
        come = [name for name in new.api.schemes if name not in old.api.schemes]
        self._renamed: dict[str, str] = {}
        for name in gone:
            what = _what(old.api.schemes[name])
            other = next((one for one in come if _what(new.api.schemes[one]) == what), None)
            if other is not None:
                come.remove(other)
                self._renamed[name] = other

    def schemes(self) -> Iterator[tuple[str, str, Node, Node]]:
        """The schemes that are sent in another way: check, detail, and the places."""
        for name, before in self._old.api.schemes.items():
            after = self._new.api.schemes.get(name)
            if after is not None and _what(before) != _what(after):
                yield "security-scheme-changed", f"{name}: {_shown(before)} → {_shown(after)}", before, after

    def operations(self, old: Operation, new: Operation) -> Iterator[tuple[str, str, Node, Node]]:
        """What has changed between two operations: check, detail, and the places."""
        before = [self._as_new(one) for one in _asked(self._old, old)]
        after = list(_asked(self._new, new))
        places = _place(self._old, old), _place(self._new, new)
        if before == after:
            return
        if not _needed(before) and not _needed(after):
            return
        if not _needed(before):
            yield "security-added", _all_words(after), *places
            return
        if not _needed(after):
            yield "security-removed", _all_words(before), *places
            return
        for one in before:
            if one and not any(_is_enough(one, other) for other in after):
                yield "security-alternative-removed", f"{_words(one)}; needed: {_all_words(after)}", *places
        for other in after:
            if other and not any(_is_enough(other, one) for one in before):
                yield "security-alternative-added", _words(other), *places

    def _as_new(self, alternative: Alternative) -> Alternative:
        return {self._renamed.get(name, name): scopes for name, scopes in alternative.items()}


def _asked(spec: Spec, operation: Operation) -> tuple[Alternative, ...]:
    own = operation.security
    return own if own is not None else spec.api.security or ()


def _place(spec: Spec, operation: Operation) -> Node:
    own = operation.node.child("security")
    return own or spec.root.child("security") or operation.node


def _needed(alternatives: list[Alternative]) -> bool:
    """Whether nobody is let in without credentials."""
    return bool(alternatives) and all(alternatives)


def _is_enough(given: Alternative, asked: Alternative) -> bool:
    """Whether whoever has the one has what the other asks for."""
    return all(name in given and set(scopes) <= set(given[name]) for name, scopes in asked.items())


def _what(scheme: Node) -> Any:
    """What a scheme asks of a request; equal for schemes that ask for the same."""
    kind = scheme.text("type")
    if kind == "apiKey":
        return kind, scheme.text("in"), scheme.text("name")
    if kind == "http":
        return kind, scheme.text("scheme").lower()
    return ("http", "bearer") if kind in ("oauth2", "openIdConnect") else (kind, json_of(scheme.value))


def _shown(scheme: Node) -> str:
    words = [scheme.text(key) for key in ("type", "scheme", "in", "name")]
    return " ".join(filter(None, words)) or "nothing"


def _words(alternative: Alternative) -> str:
    return " and ".join(
        f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in alternative.items()
    )


def _all_words(alternatives: list[Alternative]) -> str:
    return " or ".join(_words(one) for one in alternatives if one)
