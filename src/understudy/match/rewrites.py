"""`rewrites`: targets of requests changed before an endpoint is looked for.

A rule is a pattern of a path, perhaps with a query, and what stands in the place of what fits it. Rules are
asked in their order, each about what those before it have made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus

from understudy.match.path import PathPattern, PathSyntaxError
from understudy.request import canonical_path

MAX_TARGET_BYTES = 65_536
"""A rule that would make a target longer than this is passed over: rules can double what they are given."""
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PATH_SAFE = "/%:@!$&'()*+,;=-._~"
"""What stays as it is in a path (RFC 3986 section 3.3); `%` since a canonical path has escapes left."""

Rewrite = Callable[[bytes], bytes]
"""The target, in origin form, that is answered in the place of another one; the same if no rule fits."""


class RewriteError(ValueError):
    """A rule that cannot be read; the text says why."""


class _Rule(NamedTuple):
    """`demands` are the query parameters that the pattern names, each with the text or the name it has."""

    pattern: PathPattern
    demands: tuple[tuple[str, str, bool], ...]
    path: str
    query: str

    def apply(self, path: str, query: str, ignore_slash: bool) -> tuple[str, str] | None:
        """The new path and query; None if the rule does not fit."""
        values = self.pattern.match(path)
        if values is None and ignore_slash and path.endswith("/") and path != "/":
            values = self.pattern.match(path[:-1])
        if values is None:
            return None
        rest = [pair for pair in query.split("&") if pair]
        for name, wanted, is_parameter in self.demands:
            pair = next((pair for pair in rest if unquote_plus(pair.partition("=")[0]) == name), None)
            if pair is None:
                return None
            value = unquote_plus(pair.partition("=")[2])
            if is_parameter:
                values[wanted] = value
            elif value != wanted:
                return None
            rest.remove(pair)
        in_path = {name: _segment(value, self._is_rest(name)) for name, value in values.items()}
        in_query = {name: quote(str(value), safe="") for name, value in values.items()}
        added = _filled(self.query, in_query)
        return _filled(self.path, in_path), "&".join([*([added] if added else []), *rest])

    def _is_rest(self, name: str) -> bool:
        return f"{{{name}:path}}" in self.pattern.source


def compile_rewrites(written: Mapping[str, str], *, ignore_slash: bool = True) -> Rewrite | None:
    """The rules as one function; None if there are none.

    Raises RewriteError, whose arguments are what is wrong and the pattern.
    """
    rules = tuple(_rule(source, target) for source, target in written.items())
    if not rules:
        return None

    def rewrite(raw: bytes) -> bytes:
        if raw[:1] != b"/":  # `*`, which stands for the server itself
            return raw
        before, _, after = raw.partition(b"?")
        path, query = canonical_path(before), after.decode("latin-1")
        fitted = False
        for rule in rules:
            found = rule.apply(path, query, ignore_slash)
            if found is not None and len(found[0]) + len(found[1]) <= MAX_TARGET_BYTES:
                path, query = found
                fitted = True
        if not fitted:
            return raw
        return quote(path, safe=_PATH_SAFE).encode() + (b"?" + query.encode("latin-1") if query else b"")

    return rewrite


def _rule(source: str, target: str) -> _Rule:
    path, _, query = source.partition("?")
    try:
        pattern = PathPattern(path)
    except PathSyntaxError as error:
        raise RewriteError(str(error), source) from None
    demands: list[tuple[str, str, bool]] = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        parameter = _PARAMETER.fullmatch(value)
        wanted = parameter[1] if parameter else unquote_plus(value)
        demands.append((unquote_plus(name), wanted, parameter is not None))
    known = {*pattern.parameters, *(wanted for _, wanted, is_parameter in demands if is_parameter)}
    for name in _PARAMETER.findall(target):
        if name not in known:
            there = ", ".join(f"{{{one}}}" for one in sorted(known)) or "no parameters"
            raise RewriteError(f"{{{name}}} is no parameter of the pattern, which has {there}", source)
    to_path, _, to_query = target.partition("?")
    if not path.startswith("/") or not to_path.startswith("/"):
        raise RewriteError('both the pattern and what it becomes start with "/"', source)
    rest = _PARAMETER.sub("", target)
    if "{" in rest or "}" in rest:
        raise RewriteError("what it becomes has parameters as {name}, and no other braces", source)
    return _Rule(pattern, tuple(demands), canonical_path(to_path.encode()), to_query)


def _segment(value: Any, is_rest: bool) -> str:
    """A parameter's value as it stands in a canonical path."""
    text = str(value).replace("%", "%25")
    return text if is_rest else text.replace("/", "%2F")


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: values.get(found[1], ""), template)
