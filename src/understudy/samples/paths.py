"""Paths that a pattern takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from understudy.match import PathPattern
from understudy.model import RegexPath
from understudy.samples.draft import Draft, Unmet
from understudy.samples.values import text_for

PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}")
_USUAL: dict[str, tuple[str, ...]] = {
    "int": ("1", "2", "42"),
    "float": ("1.5", "2.5"),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000",),
    "path": ("some/path", "any"),
    "slug": ("a-slug", "another-slug"),
    "date": ("2026-01-31", "2026-02-28"),
}
_WORDS = ("any", "other")


def paths_for(path: str | RegexPath, draft: Draft, given: Mapping[str, str] | None = None) -> Iterator[str]:
    """Decoded paths with the parameters of a draft, else those of `given`, else usual ones. Raises Unmet."""
    if isinstance(path, RegexPath):
        text = text_for(path.regex)
        if text is None or not text.startswith("/"):
            raise Unmet("the regular expression of the path")
        yield text
        return
    known = {**(given or {}), **draft.params}
    for number in range(3):
        yield _filled("/**" if path in {"*", "**"} else path, known, number)


def _filled(path: str, known: Mapping[str, str], number: int) -> str:
    def value(found: re.Match[str]) -> str:
        name, kind = found.groups()
        if name in known:
            text = known[name]
            return text if kind == "path" else text.replace("%", "%25").replace("/", "%2F")
        usual = _USUAL.get(kind or "")
        if usual is None:
            usual = ("1", "2", "42") if name.lower().endswith("id") else (name, "1", "other")
        return usual[number % len(usual)]

    filled = PARAMETER.sub(value, path)
    word = _WORDS[number % len(_WORDS)]
    return filled.replace("**", word).replace("*", word)


def parameters_of(path: str | RegexPath) -> tuple[str, ...]:
    """The names of a path's parameters."""
    return PathPattern(path).parameters
