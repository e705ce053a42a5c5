"""Why a request found no endpoint: the nearest ones, and the fields in which each differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, Protocol

from understudy.match.index import Entry, accepts
from understudy.match.path import PathPattern
from understudy.request import Request

MAX_COMPARED = 400
"""Endpoints compared letter by letter for one miss: a flood of misses must stay cheap."""


class NamedEntry(Entry, Protocol):
    """An endpoint that can be named in an explanation."""

    name: str


def explain_miss(entries: Sequence[NamedEntry], request: Request, *, limit: int = 3) -> list[dict[str, Any]]:
    """The nearest endpoints, best first: `{endpoint, path, method, differs: [{field, expected, found}]}`."""
    path, method = request.path, request.method
    scored = []
    for number, entry in enumerate(_pool(entries, path)):
        likeness = _likeness(entry, path, method)
        # Only where path and method are right do conditions tell which is nearer.
        unmet = len(entry.conditions.explain(request)) if entry.conditions and likeness > 1 else 0
        scored.append((likeness, -unmet, -number, entry))
    scored.sort(key=lambda row: row[:3], reverse=True)
    return [
        {
            "endpoint": entry.name,
            "method": _methods(entry),
            "path": entry.pattern.source,
            "differs": differences(entry, request),
        }
        for likeness, _, _, entry in scored[:limit]
        if likeness > 0
    ]


def differences(entry: Entry, request: Request) -> list[dict[str, Any]]:
    """Each field in which a request differs from what an endpoint takes. Empty if it takes the request."""
    path, method = request.path, request.method
    differs: list[dict[str, Any]] = []
    if not accepts(entry, method):
        differs.append({"field": "method", "expected": _methods(entry), "found": method})
    if not entry.pattern.fits(path):
        differs.append(path_difference(entry.pattern, path))
    if entry.conditions is not None:
        differs += entry.conditions.explain(request)
    return differs


def path_difference(pattern: PathPattern, path: str) -> dict[str, Any]:
    """How a path differs from a pattern that it does not fit: `{field, expected, found, why}`."""
    return {"field": "path", "expected": pattern.source, "found": path, **_why_not(pattern, path)}


def _why_not(pattern: PathPattern, path: str) -> dict[str, Any]:
    """In words, the first segment that does not fit."""
    offered = pattern.source.strip("/").split("/")
    asked = path.strip("/").split("/")
    if not pattern.segments:
        return {"why": "the regular expression does not match the whole path"}
    if lacking := _lacking(pattern, asked):
        return {"why": f"{lacking} is missing at the beginning"}
    for number, text in enumerate(offered):
        if number >= len(asked):
            return {"why": f"the path ends before {text!r}"}
        if text == asked[number] or (_is_pattern(text) and ":" not in text):
            continue
        if _is_pattern(text):
            if len(offered) == len(asked):
                return {"why": f"segment {number + 1}: {asked[number]!r} does not fit {text}"}
            continue
        if text.lower() == asked[number].lower():
            return {"why": f"segment {number + 1}: upper and lower case differ"}
        return {"why": f"segment {number + 1}: expected {text!r}, found {asked[number]!r}"}
    extra = len(asked) - len(offered)
    return {"why": f"the path has {extra} segment{'s' if extra > 1 else ''} more"} if extra > 0 else {}


def _lacking(pattern: PathPattern, asked: list[str]) -> str:
    """The beginning of a pattern, such as `/v1`, that a path lacks and is all that it lacks; else ""."""
    offered = pattern.source.strip("/").split("/")
    extra = len(offered) - len(asked)
    beginning = offered[: max(extra, 0)]
    if not beginning or asked == [""] or any(map(_is_pattern, beginning)):
        return ""
    prefix = "/" + "/".join(beginning)
    return prefix if pattern.fits(f"{prefix}/{'/'.join(asked)}") else ""


def _pool(entries: Sequence[NamedEntry], path: str) -> Iterable[NamedEntry]:
    """The endpoints worth comparing: all of them, or those that share most segments if there are many."""
    if len(entries) <= MAX_COMPARED:
        return entries
    asked = set(path.lower().split("/")) - {""}
    alike = [(len(asked.intersection(entry.pattern.source.lower().split("/"))), entry) for entry in entries]
    alike.sort(key=lambda pair: -pair[0])
    return [entry for _, entry in alike[:MAX_COMPARED]]


def _likeness(entry: NamedEntry, path: str, method: str) -> float:
    return path_likeness(entry.pattern, path) + (0.1 if accepts(entry, method) else 0)


def path_likeness(pattern: PathPattern, path: str) -> float:
    """How much of a path is as a pattern wants it, from 0 to 1."""
    asked = path.strip("/").lower().split("/")
    offered = pattern.source.strip("/").lower().split("/")
    total = 0.0
    for theirs, ours in zip(asked, offered, strict=False):
        total += 0.8 if _is_pattern(ours) else SequenceMatcher(None, theirs, ours).ratio()
    if pattern.fits(path):
        total = max(len(asked), len(offered))
    elif len(asked) < len(offered) and _lacking(pattern, path.strip("/").split("/")):
        return 0.95  # the base path of an API that is forgotten
    return total / max(len(asked), len(offered))


def _is_pattern(segment: str) -> bool:
    return "{" in segment or "*" in segment


def _methods(entry: Entry) -> str:
    return ", ".join(sorted(entry.methods))
