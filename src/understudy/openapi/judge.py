"""Replies of a real server, held against the operation that they are for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from understudy.openapi.media import bare
from understudy.openapi.problems import violated, violations_header
from understudy.openapi.violation import ERROR, Violation, told
from understudy.request import Request
from understudy.steps import Header, Judgement, Reply
from understudy.views.codings import CodingError, codings_in, decoded
from understudy.views.content import MAX_JSON_BYTES

if TYPE_CHECKING:
    from understudy.openapi.drive import DrivenOperation

MAX_HELD_BYTES = MAX_JSON_BYTES
"""The largest body that is looked at: JSON that is longer is not read anywhere."""
NOT_IMPLEMENTED = 501
MOCKED = "mocked"
_EVENTS = "text/event-stream"
"""It may never end, so nobody waits for its end."""
_NO_BODY_OF_ITS_OWN = (206, 304)
"""What is only a part, or nothing, of a reply that is documented (RFC 9110 sections 15.3.7 and 15.4.5)."""


class ReplyJudge:
    """Judges the reply to one request, with what was found in the request: a `steps.Judge`."""

    __slots__ = ("_found", "_operation", "_request")

    def __init__(self, operation: DrivenOperation, request: Request, found: tuple[Violation, ...]) -> None:
        self._operation = operation
        self._request = request
        self._found = found

    def reads(self, status: int, headers: tuple[Header, ...]) -> int:
        """How much of the body is waited for.

        Also that of a reply which is refused anyhow, so that it is recorded as a whole.
        """
        check = self._operation.ready().outgoing
        media_type = media_type_of(headers)
        if bare(media_type) == _EVENTS:
            return 0
        if status == NOT_IMPLEMENTED and self._is_missing(status):
            return MAX_HELD_BYTES
        if check is None or status in _NO_BODY_OF_ITS_OWN:
            return 0
        is_refused = self._is_strict and _has_error(check(status, headers, None, media_type))
        return MAX_HELD_BYTES if is_refused or check.reads(status, media_type) else 0

    def judged(self, reply: Reply, *, is_whole: bool) -> Judgement:
        """What is told of the reply, or sent in its place."""
        if reply.status == NOT_IMPLEMENTED and self._is_missing(reply.status):
            return self._mocked()
        check = self._operation.ready().outgoing
        wrong: tuple[Violation, ...] = ()
        note = ""
        if check is not None and (reply.status != 304 or check.has(304)):
            media_type = media_type_of(reply.headers)
            body: bytes | None = None
            if reply.status not in _NO_BODY_OF_ITS_OWN and check.reads(reply.status, media_type):
                body, note = self._body(reply, media_type, is_whole)
            wrong = tuple(check(reply.status, reply.headers, body, media_type))
        told_of = self._found + wrong
        headers = (violations_header(told_of),) if told_of else ()
        instead = None
        if self._is_strict and _has_error(wrong):
            instead = self._operation.dressed(violated(wrong)).with_headers(headers)
        return Judgement(told(wrong), headers, instead, note=note)

    @property
    def _is_strict(self) -> bool:
        return self._operation.settings.validate_responses == "strict"

    def _is_missing(self, status: int) -> bool:
        """Whether the real server says that it does not have the operation yet, as nothing else is meant."""
        check = self._operation.ready().outgoing
        return check is None or not check.has(status)

    def _mocked(self) -> Judgement:
        """The answer that the document has, as in Prism (its packages/http/src/forwarder)."""
        reply = self._operation.answer(self._request, None)
        if self._found:
            reply = reply.with_headers((violations_header(self._found),))
        return Judgement((), (), reply, MOCKED)

    def _body(self, reply: Reply, media_type: str, is_whole: bool) -> tuple[bytes | None, str]:
        """The body to be looked at, or None and why it is not."""
        if not is_whole:
            if bare(media_type) == _EVENTS:
                return None, ""
            return None, f"the body of the reply was not checked: it has more than {MAX_HELD_BYTES:,} bytes"
        try:
            return decoded(reply.body, codings_in(reply.headers), MAX_HELD_BYTES), ""
        except CodingError as error:
            return None, f"the body of the reply was not checked: {error}"


def media_type_of(headers: Iterable[Header]) -> str:
    """The value of Content-Type; "" if there is none."""
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.decode("latin-1")
    return ""


def _has_error(found: Iterable[Violation]) -> bool:
    """Whether there is more than warnings."""
    return any(one.severity == ERROR for one in found)
