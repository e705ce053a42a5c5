"""Exchanges for tests."""

import json

from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest

JSON = ("Content-Type", "application/json")


def raw(pairs):
    return tuple((name.encode(), value.encode()) for name, value in pairs)


def exchange(
    content=None,
    *,
    body=None,
    status=200,
    headers=(),
    kind=JSON,
    target="/",
    method="GET",
    origin="https://api.example.com",
    failed=None,
    reply=True,
    id="",
    request_headers=(),
    request_body=b"",
    recorded_at=0.0,
    secrets=None,
    **of_reply,
):
    """An exchange whose reply has JSON `content`, or `body`; `kind` is its Content-Type header, or None."""
    payload = body if body is not None else b"" if content is None else json.dumps(content).encode()
    pairs = [*([kind] if kind else []), *headers]
    return RecordedExchange(
        request=RecordedRequest(
            method=method, origin=origin, target=target, headers=raw(request_headers), body=request_body
        ),
        reply=RecordedReply(status=status, headers=raw(pairs), body=payload, **of_reply) if reply else None,
        failed=failed,
        id=id,
        recorded_at=recorded_at,
        secrets=secrets or {},
    )
