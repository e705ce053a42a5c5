"""Requests that are not carried out, answered with the error that the document has for them."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.formats.openapi.operations import Operation, Response
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.shapes import facts_of, media_of, scalar_kind, words_of
from understudy.render.draws import Draws
from understudy.simulate.resource.refused import PROBLEM_TYPE, Refused, title_of
from understudy.steps import Header

INSTEAD = {422: ("400",), 400: ("422",), 415: ("400",), 412: ("409",)}
"""Documented statuses that say nearly the same as one that is not."""
MESSAGES = frozenset(("message", "detail", "details", "errormessage", "errordescription", "msg", "reason"))
"""Properties of an error that say what is wrong, without their spelling."""
TITLES = frozenset(("title", "reasonphrase", "statustext"))
CODES = frozenset(("status", "statuscode", "code", "httpstatus"))


class Refusals:
    """The documented errors of one operation, compiled when one is first needed."""

    def __init__(self, operation: Operation, data: Data, shown: Schemas) -> None:
        self._operation = operation
        self._data = data
        self._shown = shown
        self._made: dict[str, tuple[Fitting | None, Any, bool]] = {}

    def answer(self, refused: Refused) -> tuple[int, tuple[Header, ...], bytes]:
        """Status, headers and body for a refusal; problem details (RFC 9457) where nothing is documented."""
        response = self._documented(refused.status)
        if response is None:
            return refused.status, (PROBLEM_TYPE, *refused.headers), refused.body()
        status = int(response.status) if response.status.isdigit() else refused.status
        media = media_of(response.media)
        if media is None:
            if response.media:
                return status, (PROBLEM_TYPE, *refused.headers), refused.body()
            return status, refused.headers, b""
        kind = media.type if "*" not in media.type else "application/json"
        content = self._content(response, refused, status)
        return status, ((b"Content-Type", kind.encode()), *refused.headers), msgspec.json.encode(content)

    def _documented(self, status: int) -> Response | None:
        known = {one.status: one for one in self._operation.responses}
        wanted = (str(status), *INSTEAD.get(status, ()), f"{status // 100}XX", "default")
        found = next((known[one] for one in wanted if one in known), None)
        return None if found is not None and found.status == "default" and len(known) == 1 else found

    def _content(self, response: Response, refused: Refused, status: int) -> Any:
        if response.status not in self._made:
            self._made[response.status] = self._make(response)
        data, value, is_example = self._made[response.status]
        if is_example or data is None or not isinstance(value, dict):
            return value
        told = _told(value, data, refused.detail, status)
        return told if data.fits(told) else value

    def _make(self, response: Response) -> tuple[Fitting | None, Any, bool]:
        media = media_of(response.media)
        assert media is not None
        if media.examples:
            return None, media.examples[0].node.value, True
        if media.schema is None:
            return None, {}, True
        data = Fitting(media.schema, self._data, self._shown)
        name = f"{self._operation.method} {self._operation.path} {response.status}"
        return data, data.make(Draws(0, name, 0), examples=True), False


def _told(value: dict[str, Any], data: Fitting, detail: str, status: int) -> dict[str, Any]:
    """An error that was made up, with what is really wrong where it says so."""
    result = dict(value)
    for name, node in facts_of(data.node).properties.items():
        kind, word = scalar_kind(node), words_of(name)
        if kind == "string" and word in MESSAGES:
            result[name] = detail
        elif kind == "string" and word in TITLES:
            result[name] = title_of(status)
        elif kind == "number" and word in CODES:
            result[name] = status
        elif word == "error" and kind == "string":
            result[name] = detail
        elif word == "error" and isinstance(result.get(name), dict):
            inner = facts_of(node).properties
            result[name] = {
                key: detail if words_of(key) in MESSAGES and scalar_kind(inner.get(key)) == "string" else item
                for key, item in result[name].items()
            }
    return result
