"""Which endpoints a profile or a live fault is for: by name, by path, by group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple, Protocol

from understudy.load.hints import nearest
from understudy.match import PathPattern
from understudy.model.chaos import Names, Profile


class Target(Protocol):
    """An endpoint as faults see it; `program.CompiledEndpoint` is one."""

    @property
    def name(self) -> str: ...
    @property
    def methods(self) -> frozenset[str]: ...
    @property
    def groups(self) -> frozenset[str]: ...
    @property
    def pattern(self) -> PathPattern: ...


Fits = Callable[[Target], bool]


class Missing(NamedTuple):
    """A text that no endpoint fits, with its place in what was written, and the nearest that one would."""

    keys: tuple[str | int, ...]
    message: str
    nearest: str | None


def compile_target(endpoints: Collection[str], groups: Collection[str]) -> Fits:
    """Whether an endpoint is meant. Without names and groups, all are.

    A text of `endpoints` is a name, a path as the endpoint has it, or a method and a path; `*` stands for
    any text.
    """
    if not endpoints and not groups:
        return lambda endpoint: True
    globs = [_Glob(text) for text in endpoints]
    wanted = frozenset(groups)

    def fits(endpoint: Target) -> bool:
        if not wanted.isdisjoint(endpoint.groups):
            return True
        return any(glob.fits(text) for text in _texts(endpoint) for glob in globs)

    return fits


def missing(written: Profile, known: Iterable[Target]) -> Iterator[Missing]:
    """What is written as an endpoint or a group and is none."""
    if not written.endpoints and not written.groups:
        return
    known = list(known)
    texts = dict.fromkeys(text for endpoint in known for text in _texts(endpoint))
    for keys, text in _placed("endpoints", written.endpoints):
        glob = _Glob(text)
        if text not in texts and not any(map(glob.fits, texts)):
            message = f"no endpoint has the name or the path {text!r}"
            yield Missing(keys, message, nearest(text, texts))
    there = dict.fromkeys(group for endpoint in known for group in sorted(endpoint.groups))
    for keys, group in _placed("groups", written.groups):
        if group not in there:
            yield Missing(keys, f"no endpoint is in a group {group!r}", nearest(group, there))


def _placed(key: str, written: Names) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(written, str):
        yield (key,), written
    else:
        for number, text in enumerate(written):
            yield (key, number), text


def _texts(endpoint: Target) -> Iterator[str]:
    """What an endpoint may be called."""
    path = endpoint.pattern.source
    yield endpoint.name
    yield path
    for method in sorted(endpoint.methods):
        yield f"{method} {path}"


class _Glob:
    """A text in which `*` stands for any text. Its time is linear: what comes first is taken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._first, *middle = text.split("*")
        self._middle = [part for part in middle[:-1] if part]
        self._last = middle[-1] if middle else None

    def fits(self, text: str) -> bool:
        """Whether it stands for the whole text."""
        if self._last is None or text == self._text:
            return text == self._text
        end = len(text) - len(self._last)
        if not (text.startswith(self._first) and text.endswith(self._last) and len(self._first) <= end):
            return False
        position = len(self._first)
        for part in self._middle:
            found = text.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True


__all__ = ["Fits", "Missing", "Target", "compile_target", "missing"]
