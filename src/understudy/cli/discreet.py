"""Lines of the log without secrets, where what is logged are exchanges with a real server.

They end up in terminals, in files, and in the logs of CI. `/__logs` shows the requests as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.journal import Entry
from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.request import Request
from understudy.steps import Header, Reply

if TYPE_CHECKING:
    from understudy.program import Program
    from understudy.record.redact import Redactor


def redactor_of(program: Program) -> Redactor | None:
    """What takes secrets out of the lines: that of a recording which takes them out, too, and can reach a
    real server. None where there is none."""
    for tape in program.tapes:
        if tape.has_target and tape.redactor.is_on:
            found: Redactor = tape.redactor
            return found
    return None


def without_secrets(entry: Entry, redactor: Redactor, max_body_bytes: int) -> Entry:
    """The entry as it may be shown. Of bodies there is not more than the log shows."""
    request, plan = entry.request, entry.plan
    reply = None
    if plan.reply is not None:
        body = _shown(plan.reply.headers, plan.reply.body, plan.reply.length, max_body_bytes)
        reply = RecordedReply(status=plan.reply.status, headers=plan.reply.headers, body=body)
    seen = redactor.exchange(
        RecordedExchange(
            request=RecordedRequest(
                method=request.method,
                origin="",
                target=request.raw_target.decode("latin-1"),
                headers=tuple(request.raw_headers),
                body=_shown(request.raw_headers, request.body, len(request.body), max_body_bytes),
            ),
            reply=reply,
        )
    )
    asked, answered = seen.request, seen.reply
    assert isinstance(asked.body, bytes)
    twin = Request(
        request.method,
        asked.target.encode("latin-1", "replace"),
        asked.headers,
        asked.body,
        request.client,
        request.version,
    )
    twin.path = redactor.target(request.path)
    if plan.reply is not None and answered is not None:
        assert isinstance(answered.body, bytes)
        shown = Reply(answered.status, answered.headers, answered.body, length=plan.reply.length)
        plan = replace(plan, reply=shown)
    if plan.error is not None:
        plan = replace(plan, error=redactor.text(plan.error))
    return entry._replace(request=twin, plan=plan)


def _shown(headers: Sequence[Header], body: bytes, size: int, most: int) -> bytes:
    """The part of a body that is shown. None of one with a coding that is not whole: it cannot be looked
    into."""
    is_coded = any(name.lower() == b"content-encoding" for name, _ in headers)
    return b"" if is_coded and min(len(body), most) < size else body[:most]


__all__ = ["redactor_of", "without_secrets"]
