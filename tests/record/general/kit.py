"""Exchanges that were never recorded, and configs that are asked without a server."""

import json

from understudy.build import build
from understudy.engine import Suspended, World, decide
from understudy.formats.write import escaped
from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.general import Wishes, generalise
from understudy.request import Request

T0 = 1_767_225_600.0  # 2026-01-01T00:00:00Z
NOTHING = b""
JSON = ((b"Content-Type", b"application/json"),)


def exchange(
    method, target, answer=NOTHING, status=200, *, at=T0, body=None, headers=(), reply_headers=None, **more
):
    """An exchange; `answer` and `body` are JSON, or bytes."""
    asked = tuple((name.encode(), value.encode()) for name, value in headers)
    if body is not None and not isinstance(body, bytes):
        body, asked = json.dumps(body).encode(), (*asked, *JSON)
    if reply_headers is None:
        reply_headers = () if isinstance(answer, bytes) else (("Content-Type", "application/json"),)
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    reply = RecordedReply(
        status=status,
        headers=tuple((name.encode(), value.encode()) for name, value in reply_headers),
        body=content,
    )
    origin = more.pop("origin", "https://api.test")
    fields = {"reply": reply, "recorded_at": at, **more}
    return RecordedExchange(
        request=RecordedRequest(method=method, origin=origin, target=target, headers=asked, body=body or b""),
        **fields,
    )


def made(*exchanges, **wishes):
    """What becomes of exchanges, which are a second apart if they have no time of their own."""
    from dataclasses import replace

    spread = [
        replace(one, recorded_at=T0 + n) if one.recorded_at == T0 else one for n, one in enumerate(exchanges)
    ]
    wishes = {key: frozenset(value) if key == "without" else value for key, value in wishes.items()}
    return generalise(
        [replace(one, id=one.id or f"e{n}") for n, one in enumerate(spread, 1)], Wishes(**wishes)
    )


def rules(general, kind):
    """Where and what of the rules of a kind."""
    return [(rule.where, rule.what) for rule in general.rules if rule.kind == kind]


class Served:
    """A config that is asked in memory."""

    def __init__(self, config, now=T0 + 1000):
        self.program = build(escaped(config))
        self.world = World(1, lambda: now)

    def plan(self, method, target, headers=(), body=b""):
        raw = [(name.lower(), value) for name, value in headers]
        plan = decide(self.program, Request(method, target.encode(), raw, body), self.world)
        assert not isinstance(plan, Suspended)
        return plan

    def ask(self, method, target, headers=(), body=b""):
        """Status, headers and body."""
        reply = self.plan(method, target, headers, body).reply
        return reply.status, dict(reply.headers), reply.body

    def json(self, method, target, body=None, headers=()):
        content = b"" if body is None else json.dumps(body).encode()
        typed = JSON if body is not None else ()
        status, _, found = self.ask(method, target, (*headers, *typed), content)
        return status, json.loads(found) if found else None

    def replay(self, one):
        """What a recorded request is answered now."""
        request = one.request
        host = ((b"host", request.origin.partition("://")[2].encode()),)
        return self.ask(request.method, request.target, (*host, *request.headers), request.body)
