"""Requests that were sent on, as they are shown: in the log, on the console, to whoever asks.

What is kept for the log is raw, and costs nothing while requests are answered. Secrets are taken out when
somebody reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.request import Request, canonical_path, origin_form
from understudy.steps import BODILESS, Plan, Reply

if TYPE_CHECKING:
    from understudy.record.redact.redactor import Redactor


def shown(redactor: Redactor, request: Request, plan: Plan) -> tuple[Request, Plan]:
    """Twins of both without secrets. A coded body of which not all is there cannot be read: it is left out.

    The twins are for reading only. The reply's `length` is what was sent.
    """
    reply = plan.reply
    exchange = RecordedExchange(
        request=RecordedRequest(
            method=request.method,
            origin="",
            target=request.target,
            headers=tuple(request.raw_headers),
            body=request.body,
        ),
        reply=None
        if reply is None
        else RecordedReply(status=reply.status, headers=reply.headers, body=_readable(reply)),
    )
    redacted = redactor.exchange(exchange)
    twin = _request(request, redacted.request)
    answer = None if reply is None or redacted.reply is None else _reply(reply, redacted.reply)
    text = redactor.text
    return twin, replace(
        plan,
        reply=answer,
        error=None if plan.error is None else text(plan.error),
        violations=tuple(
            {key: text(value) if isinstance(value, str) else value for key, value in one.items()}
            for one in plan.violations
        ),
        callbacks=tuple(replace(one, url=redactor.target(one.url)) for one in plan.callbacks),
    )


def _request(request: Request, redacted: RecordedRequest) -> Request:
    body = redacted.body
    assert isinstance(body, bytes), "what the log has is in memory"
    target = redacted.target.encode("latin-1", "replace")
    twin = Request(request.method, target, redacted.headers, body, request.client, request.version)
    twin.path = request.path
    if redacted.target != request.target:
        twin.path = canonical_path(origin_form(target).partition(b"?")[0])
    return twin


def _reply(reply: Reply, redacted: RecordedReply) -> Reply:
    body = redacted.body
    assert isinstance(body, bytes), "what the log has is in memory"
    return Reply(reply.status, redacted.headers, body, length=reply.length, dated=reply.dated)


def _readable(reply: Reply) -> bytes:
    coded = any(
        name.lower() == b"content-encoding" and value.strip().lower() not in (b"", b"identity")
        for name, value in reply.headers
    )
    is_whole = reply.status in BODILESS or len(reply.body) == reply.length
    return b"" if coded and not is_whole else reply.body
