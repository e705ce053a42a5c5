"""An exchange as the steps that replay it.

A failure is replayed as what a client of the real server saw through the proxy: a reply that tells of it, or
what had come before the connection broke.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from understudy.model.record import Record
from understudy.record.exchange import BodyInFile, Failed, RecordedExchange, RecordedReply
from understudy.record.failures import failure_reply, failure_steps
from understudy.record.replies.heads import CHUNKED, exact, framing_of, headers_of, led_here, without_length
from understudy.record.replies.latency import Fitted, compile_wait
from understudy.record.replies.parts import asks_for_part, part_step
from understudy.record.replies.pieces import body_steps, last_chunk, timed_pieces
from understudy.record.shift import MAX_SHIFTED_BYTES, shift_body, shift_headers, shift_of
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.steps import (
    BODILESS,
    Close,
    ExactReply,
    HangUp,
    Head,
    ReplaySocket,
    SendFile,
    Step,
    Wait,
)
from understudy.views.codings import codings_in, decoded, encoded

MAX_KEPT = 16_384
"""Replies that are kept ready. With more exchanges than this, they are made anew."""


class Replies:
    """Makes steps of exchanges.

    An exchange is taken for the one that it was as long as it is the same object: a change is a new one.
    """

    def __init__(self, settings: Record) -> None:
        self._settings = settings
        self._shift: Literal["", "headers", "all"] = (
            "all" if settings.shift_dates == "all" else "headers" if settings.shift_dates else ""
        )
        self._speed = 0.0 if settings.latency == "none" else settings.speed
        self._is_timeless = settings.latency == "none" and not self._shift
        # by id, or by object where there is none
        self._constants: dict[str | int, tuple[RecordedExchange, ExactReply | None]] = {}
        self._shifted: dict[str, tuple[RecordedExchange, int, RecordedReply]] = {}
        self.learn(())

    def learn(self, exchanges: Iterable[RecordedExchange]) -> None:
        """Fit `latency: fitted` to all these, and forget what was kept of others."""
        self._constants.clear()
        self._shifted.clear()
        self._wait_s = compile_wait(
            self._settings, Fitted(exchanges if self._settings.latency == "fitted" else ())
        )

    def forget(self, id: str) -> None:
        """Drop what was kept of the exchange with this id."""
        self._constants.pop(id, None)
        self._shifted.pop(id, None)

    def constant(self, exchange: RecordedExchange) -> ExactReply | None:
        """The reply, shared by all requests that do not ask for a part of it, if nothing of it depends on
        time, chance or who asks.

        None for all else: `steps` then.
        """
        key = exchange.id or id(exchange)
        kept = self._constants.get(key)
        if kept is not None and kept[0] is exchange:
            return kept[1]
        reply = self._constant(exchange)
        if len(self._constants) >= MAX_KEPT:
            self._constants.clear()
        self._constants[key] = (exchange, reply)
        return reply

    def _constant(self, exchange: RecordedExchange) -> ExactReply | None:
        reply = self._led(exchange)
        if reply is None or exchange.failed is not None or not self._is_timeless:
            return None
        if reply.status < 200 or exchange.request.method == "HEAD" or reply.framing == "close":
            return None
        if not isinstance(reply.body, bytes):
            return None
        made = _whole(reply, reply.body)
        made.is_shared = True
        return made

    def cuts(self, exchange: RecordedExchange, request: Request) -> bool:
        """Whether a request may get a part of the reply: `steps`, whatever `constant` is."""
        return asks_for_part(exchange, request)

    def steps(
        self, exchange: RecordedExchange, request: Request, draws: Draws | None, now: float
    ) -> tuple[Step, ...]:
        """The steps that replay an exchange for a request. `now` is in unix seconds.

        `draws` may be None unless `latency` is `fitted`.
        """
        reply = self._led(exchange)
        if reply is not None and reply.status == 101:
            return (ReplaySocket(exchange, request, self._speed),)
        wait_s = self._wait_s(exchange, draws)
        waiting: tuple[Step, ...] = (Wait(wait_s),) if wait_s > 0 else ()
        if exchange.failed is not None and (reply is None or reply.status < 200):
            return (*waiting, *_failed_before(exchange.failed))
        if reply is None:  # neither a reply nor a failure: a folder edited by hand
            failed = Failed("closed", "neither a reply nor a failure is recorded")
            return (*waiting, *_failed_before(failed))
        if self._shift:
            reply = self._moved(exchange, reply, shift_of(now, exchange.recorded_at))
        if exchange.failed is None and asks_for_part(exchange, request):
            part = part_step(reply, request)
            if part is not None:
                return (*waiting, part)
        return (*waiting, *self._reply_steps(exchange, reply, request))

    def _reply_steps(
        self, exchange: RecordedExchange, reply: RecordedReply, request: Request
    ) -> tuple[Step, ...]:
        is_head = request.method == "HEAD"
        body, failed = reply.body, exchange.failed
        if exchange.request.method == "HEAD" and not is_head:  # `match.method` is off
            reply, body = replace(reply, headers=without_length(reply.headers)), b""
        size = body.size if isinstance(body, BodyInFile) else len(body)
        framing = framing_of(reply, is_head=is_head, asked_version=request.version)
        if framing == "none":
            # HEAD says what GET would: no length is put right for a body that is not there
            told = (
                None if exchange.request.method == "HEAD" or reply.status in BODILESS else _told(reply, size)
            )
            made = exact(reply, headers_of(reply, told), b"")
            return (made,) if failed is None else (made, *self._broken(exchange, failed))
        pieces = timed_pieces(size, reply.chunks, exchange.wait_ms, self._speed)
        if failed is None and len(pieces) <= 1 and (not pieces or not pieces[0].wait_s):
            if isinstance(body, bytes):
                whole = _whole(reply, body, framing == "close")
                return (whole, Close()) if framing == "close" else (whole,)
            if isinstance(body, BodyInFile) and framing == "length":
                made = exact(reply, headers_of(reply, size), b"")
                made.length = size
                return (SendFile(made, body.path, 0, size),)
        headers = headers_of(reply, size if framing == "length" and failed is None else None)
        if framing != "length":
            headers = without_length(headers)
        made = exact(reply, headers, b"")
        made.length = size
        line = {"length": None, "close": b"", "chunked": CHUNKED}[framing]
        steps: list[Step] = [Head(made, line), *body_steps(body, pieces, framing)]
        if failed is not None:
            return (*steps, *self._broken(exchange, failed))
        if framing == "chunked":
            steps.append(last_chunk(reply.trailers))
        elif framing == "close":
            steps.append(HangUp())
        return tuple(steps)

    def _broken(self, exchange: RecordedExchange, failed: Failed) -> tuple[Step, ...]:
        """The end of a reply that was broken off."""
        reply = exchange.reply
        last_ms = exchange.wait_ms
        if reply is not None and reply.chunks:
            last_ms = max(last_ms, reply.chunks[-1].at_ms)
        wait_s = (failed.at_ms - last_ms) / 1000 / self._speed if self._speed else 0.0
        end = failure_steps(failed, has_begun=True)
        return (Wait(wait_s), *end) if wait_s > 0 else end

    def _led(self, exchange: RecordedExchange) -> RecordedReply | None:
        """The reply, whose redirects lead here if that is wanted."""
        reply, there = exchange.reply, self._settings.rewrite_location
        if reply is None or not there:
            return reply
        base = there.rstrip("/") if isinstance(there, str) else exchange.request.origin
        headers = led_here(reply.headers, base.encode("utf-8", "surrogateescape"))
        return reply if headers == reply.headers or not base else replace(reply, headers=headers)

    def _moved(self, exchange: RecordedExchange, reply: RecordedReply, by_s: int) -> RecordedReply:
        """The reply with its dates moved; that of this second is kept."""
        if not by_s:
            return reply
        kept = self._shifted.get(exchange.id)
        if kept is not None and kept[0] is exchange and kept[1] == by_s:
            return kept[2]
        moved = moved_reply(reply, by_s, has_bodies=self._shift == "all")
        if exchange.id:
            if len(self._shifted) >= MAX_KEPT:
                self._shifted.clear()
            self._shifted[exchange.id] = (exchange, by_s, moved)
        return moved


def _failed_before(failed: Failed) -> tuple[Step, ...]:
    """What a client gets of a failure before any reply."""
    return failure_steps(failed) or (failure_reply(failed),)


def _told(reply: RecordedReply, size: int) -> int | None:
    """The length that the answer to HEAD tells of a GET's recording, if that told one."""
    tells = any(name.lower() == b"content-length" for name, _ in reply.headers)
    return size if tells and reply.framing == "length" else None


def _whole(reply: RecordedReply, body: bytes, is_closing: bool = False) -> ExactReply:
    """A reply that is sent at once."""
    if reply.status in BODILESS:
        return exact(reply, headers_of(reply, None), b"")
    if is_closing or reply.framing in {"chunked", "close"}:
        headers = without_length(headers_of(reply, None))
        return exact(reply, headers, body, is_chunked=reply.framing == "chunked" and not is_closing)
    return exact(reply, headers_of(reply, len(body)), body)


def moved_reply(reply: RecordedReply, by_s: int, *, has_bodies: bool) -> RecordedReply:
    """A reply with its dates moved by so many seconds; those in its body if `has_bodies`.

    A body that is kept in a file, or cannot be decoded, keeps its dates.
    """
    moved = replace(reply, headers=shift_headers(reply.headers, by_s))
    body = reply.body
    if not has_bodies or not isinstance(body, bytes) or not body:
        return moved
    codings = codings_in(reply.headers)
    try:
        plain = decoded(body, codings, MAX_SHIFTED_BYTES) if codings else body
        shifted = shift_body(plain, media_type_of(reply), by_s)
        if shifted == plain:
            return moved
        return replace(moved, body=encoded(shifted, codings) if codings else shifted)
    except ValueError:
        return moved


def media_type_of(reply: RecordedReply) -> str:
    """The media type of a reply, in lower case, without parameters; "" if it says none."""
    for name, value in reply.headers:
        if name.lower() == b"content-type":
            return value.decode("latin-1").partition(";")[0].strip().lower()
    return ""
