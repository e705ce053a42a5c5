"""The syntax of an endpoint's path, as far as a file can get it wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.model.endpoint import PARAMETER_TYPES

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER_STYLES = (
    (re.compile(r"(?:^|/):([A-Za-z_][A-Za-z0-9_]*)(?=/|$)"), "Express"),
    (re.compile(r"<(?:[a-z]+:)?([A-Za-z_][A-Za-z0-9_]*)>"), "Flask"),
)


def path_faults(path: str) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    """(message, found, accepted, suggestion) for each mistake in a path."""
    rest = _PARAMETER.sub("", path)
    for bracket, other in (("{", "}"), ("}", "{")):
        if bracket in rest:
            yield f'a "{bracket}" has no "{other}"', f'"{path}"', "/users/{id}", None
            return
    names: list[str] = []
    for content in _PARAMETER.findall(path):
        name, colon, kind = content.partition(":")
        if not _NAME.fullmatch(name):
            what = "a parameter has no name" if not name else f'"{name}" cannot be the name of a parameter'
            yield what, f'"{{{content}}}"', "letters, digits and _, as in {user_id}", None
        elif name in names:
            yield f'two parameters are named "{name}"', f'"{path}"', None, None
        names.append(name)
        if colon and kind not in PARAMETER_TYPES:
            from understudy.load import hints

            meant = hints.PARAMETER_ALIASES.get(kind.lower()) or hints.nearest(kind, PARAMETER_TYPES)
            suggestion = f'"{{{name}:{meant}}}"' if meant else None
            message = (
                f'unknown type of a parameter: "{kind}"' if kind else "the type of a parameter is missing"
            )
            yield message, f'"{{{content}}}"', ", ".join(PARAMETER_TYPES), suggestion


def path_warning(path: str) -> tuple[str, str] | None:
    """(message, suggestion) for a path that other tools would read differently."""
    for pattern, _ in _OTHER_STYLES:
        match = pattern.search(path)
        if match:
            instead = pattern.sub(lambda found: ("/" if found[0][0] == "/" else "") + f"{{{found[1]}}}", path)
            return f'"{match[0].strip("/")}" is literal text here, not a parameter', f'"{instead}"'
    return None


def path_key(path: str) -> str:
    """The same text for paths that take the same requests: the names of parameters do not matter."""
    return _PARAMETER.sub(lambda match: "{:" + (match[1].partition(":")[2] or "str") + "}", path)
