"""What an endpoint's templates look at in a request, so that a sample can have it."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from understudy.model import Endpoint
from understudy.samples.draft import MISSING, Draft

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_NAME = re.compile(r"""\b(?:request\.)?(query|body)(?:\.([A-Za-z_]\w*)|\[\s*\\?["']([\w-]+)\\?["']\s*\])""")
_LOOKING = ("response", "body", "headers", "responses")
MAX_NAMES = 20


class Used(NamedTuple):
    """Names of query parameters and of keys of a JSON body."""

    query: tuple[str, ...]
    body: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.query or self.body)

    def put(self, draft: Draft, *, has_body: bool) -> None:
        """Add what is not there yet. A key of a JSON body is seen as `query` too, where there may be one."""
        body = (*self.body, *self.query) if has_body else ()
        known = {name for name, _ in draft.query}
        if has_body and draft.json is MISSING and not draft.body()[1]:
            draft.json = {}
        if isinstance(draft.json, dict):
            draft.json = {**{name: _value(name) for name in body}, **draft.json}
        elif not has_body:
            draft.query += [(name, _value(name)) for name in self.query if name not in known]


def used_by(endpoint: Endpoint) -> Used:
    """What is used by the texts of an endpoint's answers."""
    written = [getattr(endpoint, key) for key in _LOOKING if getattr(endpoint, key) is not UNSET]
    try:
        text = msgspec.json.encode(written).decode()
    except (TypeError, ValueError):  # what only Python can say has no templates
        return Used((), ())
    found: dict[str, dict[str, None]] = {"query": {}, "body": {}}
    for tag in _TAG.findall(text):
        for root, name, quoted in _NAME.findall(tag):
            found[root][name or quoted] = None
    return Used(tuple(found["query"])[:MAX_NAMES], tuple(found["body"])[:MAX_NAMES])


def _value(name: str) -> str:
    return "1" if name.lower().endswith(("id", "page", "limit", "count", "number", "size")) else name
