"""Requests held against an operation of the document.

Everything that can be is worked out when the operation is compiled: how each parameter is read, what it may
be, and whether anything is asked at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from understudy.formats.openapi.operations import Operation
from understudy.formats.openapi.paths import Path
from understudy.openapi.bodies import compile_body
from understudy.openapi.checker import MAX_VIOLATIONS, Checkers
from understudy.openapi.parameters import compile_parameters
from understudy.openapi.violation import Violation
from understudy.request import Request


class Incoming(NamedTuple):
    """What an operation asks of requests.

    - `look`: what is wrong with a request, at most MAX_VIOLATIONS; empty if nothing is. It says nothing of a
      body that `media_refused` refuses.
    - `media_refused`: the media types that are accepted, as the document writes them, if the body is of none
      of them; empty where there should be no body (as in Prism). None if there is nothing to refuse.
    - `is_trivial`: `look` never finds anything. A request without a body then needs no look at all.
    """

    look: Callable[[Request], list[Violation]]
    media_refused: Callable[[Request], tuple[str, ...] | None]
    is_trivial: bool


def compile_requests(
    operation: Operation, path: Path, is_new: bool, checkers: Checkers | None = None
) -> Incoming:
    """What an operation asks of requests, whose `params` are those of `path`.

    `is_new`: the document is OpenAPI 3.1 or later. `checkers`: those for requests, shared by all operations
    of the document, so that their schemas are read once.
    """
    checkers = checkers or Checkers(is_new, "Request")
    body = compile_body(operation.body, checkers)
    looks = compile_parameters(operation.parameters, path, checkers)
    if body.look is not None:
        looks.insert(0, body.look)
    if not looks:
        return Incoming(_nothing, body.media_refused, is_trivial=True)
    if len(looks) == 1:
        only = looks[0]
        return Incoming(lambda request: only(request)[:MAX_VIOLATIONS], body.media_refused, is_trivial=False)

    def look(request: Request) -> list[Violation]:
        found: list[Violation] = []
        for one in looks:
            found += one(request)
        return found[:MAX_VIOLATIONS]

    return Incoming(look, body.media_refused, is_trivial=False)


def _nothing(request: Request) -> list[Violation]:
    return []
