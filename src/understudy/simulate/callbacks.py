"""`callbacks` (webhooks): what is sent after the reply is rendered together with it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from understudy.match import ConditionError, Conditions, compile_match
from understudy.model import Callback as Written
from understudy.model import Endpoint, Retries, Signature, each_callback
from understudy.model.callbacks import statuses
from understudy.render import RenderError
from understudy.render.draws import Draws
from understudy.simulate.content import RESERVED_HEADERS, header_bytes
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.latency import compile_latency
from understudy.steps import Awaited, Callback, Header, Reply, SendCallbacks, SendFile, Step

REPLY = "reply"
"""What templates of a callback call the reply: `reply.status`, `reply.headers`, `reply.body`."""
DEPTH_HEADER = b"X-Understudy-Callback-Depth"
"""Counts how many callbacks have led to a request, so that two servers do not call each other for ever."""
MAX_DEPTH = 10


class _Template(NamedTuple):
    """A callback, compiled."""

    place: str
    url: Callable[[], str]
    method: str
    headers: tuple[tuple[bytes, Callable[[], bytes]], ...]
    body: Callable[[], bytes]
    delay_s: Callable[[Draws], float]
    timeout_s: float
    retry: Retries
    retry_statuses: frozenset[int]
    sign: Signature | None
    statuses: frozenset[int] | None
    conditions: Conditions | None


def add_callbacks(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add what makes the callbacks of an answer."""
    if endpoint.callbacks is UNSET:
        return
    several = isinstance(endpoint.callbacks, list)
    compiled = []
    for number, written in enumerate(each_callback(endpoint.callbacks)):
        where = (*place, "callbacks", number) if several else (*place, "callbacks")
        template = _compile(written, number, kit, where)
        if template is not None:
            compiled.append(template)

    async def finish(exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        status = _status(steps)
        wanted = [template for template in compiled if _is_wanted(template, exchange, status)]
        if not wanted:
            return steps
        depth = _depth(exchange)
        await exchange.prepare()
        exchange.scope.extra = {REPLY: _shown(steps)}
        try:
            made = tuple(_render(template, exchange, depth) for template in wanted)
        finally:
            exchange.scope.extra = {}
        return (*steps, SendCallbacks(made))

    parts.after.append(finish)


def _compile(written: Written, number: int, kit: Kit, place: Place) -> _Template | None:
    conditions = None
    if written.when is not UNSET and written.when.match is not UNSET:
        try:
            conditions = compile_match(written.when.match)
        except ConditionError as error:
            kit.problem((*place, "when", "match", *error.keys), error.message)
            return None
    with kit.speaking(written.templates):
        default_type, body = _body(written, kit, place)
        headers = _headers(written, default_type, kit, place)
        url = kit.text(written.url, "url", place, (REPLY,))
    if isinstance(url, str) and (wrong := url_fault(url)):
        kit.problem((*place, "url"), wrong, found=f'"{url}"')
    delay_s = compile_latency(written.delay_ms, kit, (*place, "delay_ms"), f"callback {number} delay")
    return _Template(
        place=f"callbacks[{number}]",
        url=_constant(url) if isinstance(url, str) else url,
        method=written.method.upper(),
        headers=headers,
        body=body,
        delay_s=delay_s or (lambda draws: 0.0),
        timeout_s=written.timeout_s,
        retry=written.retry,
        retry_statuses=statuses(written.retry.on),
        sign=None if written.sign is UNSET else written.sign,
        statuses=None if written.when is UNSET else written.when.statuses,
        conditions=conditions,
    )


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


def url_fault(url: str) -> str | None:
    """What is wrong with the address of a callback; None if it can be asked."""
    if url.startswith(("http://", "https://", "/")) and not any(character <= " " for character in url):
        return None
    return 'the address of a callback begins with "http://" or "https://", or with "/" for this server'


def _body(written: Written, kit: Kit, place: Place) -> tuple[bytes, Callable[[], bytes]]:
    """The default content type, and what renders the body."""
    names = (REPLY,)
    if written.response is not UNSET:
        content = kit.json(written.response, "response", place, names)
        return b"application/json", content if callable(content) else _constant(content)
    if written.body is not UNSET:
        text = kit.text(str(written.body), "body", place, names)
        return b"text/plain; charset=utf-8", _utf8(text)
    if written.form is not UNSET:
        fields = [
            (key, kit.text(value if isinstance(value, str) else _plain(value), f"form.{key}", place, names))
            for key, value in written.form.items()
        ]

        def encoded() -> bytes:
            pairs = [(key, value if isinstance(value, str) else value()) for key, value in fields]
            return urlencode(pairs, errors="replace").encode()

        return b"application/x-www-form-urlencoded", encoded
    return b"", _constant(b"")


def _headers(
    written: Written, default_type: bytes, kit: Kit, place: Place
) -> tuple[tuple[bytes, Callable[[], bytes]], ...]:
    headers: list[tuple[bytes, Callable[[], bytes]]] = []
    if default_type and not any(name.lower() == "content-type" for name in written.headers):
        headers.append((b"Content-Type", _constant(default_type)))
    for name, values in written.headers.items():
        if name.lower() in RESERVED_HEADERS:
            kit.problem((*place, "headers", name), f"{name} is set from the length of the body")
            continue
        for value in values if isinstance(values, list) else [values]:
            text = kit.text(
                value if isinstance(value, str) else _plain(value), f"headers.{name}", place, (REPLY,)
            )
            headers.append((name.encode(), _header(text)))
    return tuple(headers)


def _header(text: str | Callable[[], str]) -> Callable[[], bytes]:
    if isinstance(text, str):
        return _constant(header_bytes(text))
    return lambda: header_bytes(text())


def _utf8(text: str | Callable[[], str]) -> Callable[[], bytes]:
    if isinstance(text, str):
        return _constant(text.encode("utf-8", "replace"))
    return lambda: text().encode("utf-8", "replace")


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


# --- at each request ---------------------------------------------------------------------------------------


def _is_wanted(template: _Template, exchange: Exchange, status: int | None) -> bool:
    if template.statuses is not None and status not in template.statuses:
        return False
    return template.conditions is None or template.conditions.matches(exchange.request)


def _status(steps: tuple[Step, ...]) -> int | None:
    for step in steps:
        if isinstance(step, Reply | SendFile):
            return step.status if isinstance(step, Reply) else step.reply.status
    return None


def _shown(steps: tuple[Step, ...]) -> dict[str, Any]:
    """The reply as templates see it. Of a file or an application only what is known before it is sent."""
    for step in steps:
        if isinstance(step, Reply | SendFile):
            reply = step if isinstance(step, Reply) else step.reply
            headers = {
                name.decode("latin-1").lower(): value.decode("utf-8", "replace")
                for name, value in reply.headers
            }
            return {"status": reply.status, "headers": headers, "body": _content(reply)}
        if isinstance(step, Awaited):
            break
    return {"status": None, "headers": {}, "body": None}


def _content(reply: Reply) -> Any:
    try:
        return msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, RecursionError):
        return reply.body.decode("utf-8", "replace")


def _depth(exchange: Exchange) -> int:
    """How many callbacks have led to this request."""
    text = exchange.request.header(DEPTH_HEADER.decode()) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _render(template: _Template, exchange: Exchange, depth: int) -> Callback:
    """The callback for a request. A template that fails is noted, and hurts neither reply nor others."""
    draws = exchange.draws
    made = Callback(
        "", template.method, (), b"", template.delay_s(draws), template.timeout_s, retry_errors=False
    )
    try:
        made.url = template.url()
        made.body = template.body()
        headers = [(name, render()) for name, render in template.headers]
    except RenderError as error:
        made.error = f"{template.place}.{error.where}: {error.expression}: {error.message}"
        return made
    made.error = url_fault(made.url)
    if depth >= MAX_DEPTH:
        made.error = f"{MAX_DEPTH} callbacks have led to this request: no more are sent"
    headers.append((DEPTH_HEADER, str(depth + 1).encode()))
    if template.sign is not None:
        headers.append(signature(template.sign, made.body, exchange.now))
    made.headers = tuple(headers)
    made.waits_s = backoff(template.retry, draws, template.place)
    made.retry_statuses = template.retry_statuses
    made.retry_errors = "error" in template.retry.on
    return made


def backoff(retry: Retries, draws: Draws, purpose: str) -> tuple[float, ...]:
    """The waits between the attempts, in seconds: growing, bounded, and some of each drawn by lot."""
    waits = []
    wait_s, longest_s = retry.backoff_ms / 1000, retry.max_backoff_ms / 1000
    for number in range(retry.attempts - 1):
        bounded = min(wait_s, longest_s)
        if retry.jitter:
            bounded *= 1 - retry.jitter * draws.unit(f"{purpose} backoff {number}")
        waits.append(bounded)
        wait_s = min(wait_s * retry.multiplier, longest_s)
    return tuple(waits)


def signature(sign: Signature, body: bytes, now: float) -> Header:
    """The header that signs a body at `now` (unix seconds)."""
    signed = b"%d.%b" % (int(now), body) if sign.scheme == "stripe" else body
    digest = hmac.new(sign.secret.encode(), signed, getattr(hashlib, sign.hash_name)).hexdigest()
    if sign.scheme == "stripe":
        value = f"t={int(now)},v1={digest}"
    else:
        value = (f"{sign.hash_name}=" if sign.prefix is UNSET else sign.prefix) + digest
    return sign.header_name.encode(), value.encode()
