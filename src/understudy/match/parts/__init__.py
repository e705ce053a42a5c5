"""What conditions of a `match` look at: one TABLE, one file per family.

To add one: a key in `model.match.Match`, a compiler in the file of its family, a row here, a request that
fits and one that differs in the family's test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.match.check import Check
from understudy.match.parts import accept, body, connection, graphql, jwt, multipart, named, state
from understudy.match.path import PathPattern
from understudy.request import Request

Compile = Callable[[Any, PathPattern | None], list[Check[Request]]]
"""Compiles what was written, for an endpoint of this path. May raise ConditionError, seen from the match."""

PARTS: dict[str, Compile] = {  # the cheap ones first, as checks are made in this order
    "query": named.query,
    "headers": named.headers,
    "cookies": named.cookies,
    "params": named.params,
    "url": connection.url,
    "host": connection.host,
    "client": connection.client,
    "state": state.state,
    "accept": accept.accept,
    "jwt": jwt.jwt,
    "form": named.form,
    "graphql": graphql.graphql,
    "multipart": multipart.multipart,
    "body": body.body,
}
IN_ANY_CASE: dict[str, Compile] = {"query": named.query_in_any_case, "form": named.form_in_any_case}
"""Those in their place where names are compared without regard to case."""
BODY_PARTS = frozenset({"form", "graphql", "multipart", "body"})
"""Those that look at the body."""

__all__ = ["BODY_PARTS", "IN_ANY_CASE", "PARTS", "Compile"]
