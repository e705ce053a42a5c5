"""Why a request found no endpoint: the nearest ones, and the fields in which each differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, Protocol

from understudy.match.index import Entry, accepts
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
        differs.append({"field": "path", "expected": entry.pattern.source, "found": path})
        differs[-1] |= _why_not(entry, path)
    if entry.conditions is not None:
        differs += entry.conditions.explain(request)
    return differs


def _why_not(entry: Entry, path: str) -> dict[str, Any]:
    """In words, the first segment that does not fit."""
    offered = entry.pattern.source.strip("/").split("/")
    asked = path.strip("/").split("/")
    if not entry.pattern.segments:
        return {"why": "the regular expression does not match the whole path"}
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


def _pool(entries: Sequence[NamedEntry], path: str) -> Iterable[NamedEntry]:
    """The endpoints worth comparing: all of them, or those that share most segments if there are many."""
    if len(entries) <= MAX_COMPARED:
        return entries
    asked = set(path.lower().split("/")) - {""}
    alike = [(len(asked.intersection(entry.pattern.source.lower().split("/"))), entry) for entry in entries]
    alike.sort(key=lambda pair: -pair[0])
    return [entry for _, entry in alike[:MAX_COMPARED]]


def _likeness(entry: NamedEntry, path: str, method: str) -> float:
    asked = path.strip("/").lower().split("/")
    offered = entry.pattern.source.strip("/").lower().split("/")
    total = 0.0
    for theirs, ours in zip(asked, offered, strict=False):
        total += 0.8 if _is_pattern(ours) else SequenceMatcher(None, theirs, ours).ratio()
    if entry.pattern.match(path) is not None:
        total = max(len(asked), len(offered))
    return total / max(len(asked), len(offered)) + (0.1 if accepts(entry, method) else 0)


def _is_pattern(segment: str) -> bool:
    return "{" in segment or "*" in segment


def _methods(entry: Entry) -> str:
    return ", ".join(sorted(entry.methods))
