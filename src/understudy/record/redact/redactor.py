"""Taking secrets out of whole exchanges, in the order in which they happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from understudy.model.record import Redact
from understudy.record.exchange import (
    BodyInFile,
    Chunk,
    Payload,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
from understudy.record.redact.bodies import redact_body
from understudy.record.redact.chunks import moved
from understudy.record.redact.forms import redact_url
from understudy.record.redact.headers import redact_headers
from understudy.record.redact.placeholders import placeholder
from understudy.record.redact.rules import Rules
from understudy.record.redact.spool import rewrite
from understudy.record.redact.values import Found, Values
from understudy.steps import Header
from understudy.views.codings import codings_in

MIN_ECHO = 8
"""A secret of the request that is as long as this is looked for in the reply, too."""
MIN_ECHO_COOKIE = 16
"""Cookies hold settings, too."""
MAX_ECHOES = 64


class Redactor:
    """Takes secrets out of whatever is to be kept, written or shown.

    `Redactor(False)` changes nothing. Raises ValueError for rules that `check` refuses. It is made once per
    config, and may be used from any thread.
    """

    def __init__(self, rules: bool | Redact = True) -> None:
        self._rules = None if rules is False else Rules(Redact() if rules is True else rules)

    @property
    def is_on(self) -> bool:
        """Whether anything is taken out."""
        return self._rules is not None

    def exchange(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange without its secrets; `secrets` says how many of each rule there were.

        Bodies in files are rewritten where they are.
        """
        if self._rules is None:
            return exchange
        found: list[Found] = []
        request = self._request(exchange.request, found, rewrites=True)
        asked = _echoes(found)
        reply = None if exchange.reply is None else self._reply(exchange.reply, found, asked)
        failed = exchange.failed
        if failed is not None:
            failed = failed._replace(message=_without(asked, self._text(failed.message, found)))
        messages = tuple(self._message(one, found, asked) for one in exchange.messages)
        counts = Counter(exchange.secrets) + Counter(one.rule for one in found)
        return replace(
            exchange, request=request, reply=reply, failed=failed, messages=messages, secrets=dict(counts)
        )

    def request(self, request: RecordedRequest) -> RecordedRequest:
        """A request as it would have been recorded: so that it is found. A body in a file stays as it is."""
        return request if self._rules is None else self._request(request, [], rewrites=False)

    def target(self, target: str) -> str:
        """A request target, or a whole address."""
        if self._rules is None:
            return target
        return self._target(target, [])

    def text(self, text: str) -> str:
        """A line for logs, or an error message."""
        return text if self._rules is None else self._text(text, [])

    def body(
        self, data: bytes, content_type: str = "", content_encoding: str = "", *, of_reply: bool = True
    ) -> bytes:
        """A body alone."""
        if self._rules is None:
            return data
        return redact_body(data, content_type, content_encoding, self._rules, [], keeps_shape=of_reply)

    def headers(self, headers: tuple[Header, ...], *, of_reply: bool = True) -> tuple[Header, ...]:
        """Headers alone."""
        return (
            headers if self._rules is None else redact_headers(headers, self._rules, [], keeps_shape=of_reply)
        )

    def spooled(
        self,
        path: Path,
        content_type: str = "",
        content_encoding: str = "",
        *,
        to: Path | None = None,
        of_reply: bool = True,
    ) -> dict[str, int]:
        """A body in a file, read in pieces: what was taken out, by rule.

        The file is replaced if anything was found, else it is not touched; with `to`, the result is written
        there if anything was found, and the file stays. Raises OSError.
        """
        found: list[Found] = []
        if self._rules is not None:
            rewrite(path, content_type, content_encoding, self._rules, found, to=to, keeps_shape=of_reply)
        return dict(Counter(one.rule for one in found))

    def _request(self, request: RecordedRequest, found: list[Found], *, rewrites: bool) -> RecordedRequest:
        assert self._rules is not None
        headers = redact_headers(request.headers, self._rules, found, keeps_shape=False)
        body = request.body
        if request.is_whole or not _coded(headers):
            body = self._body(body, headers, found, keeps_shape=False, rewrites=rewrites)
        else:  # half of a compressed body cannot be looked into, though what is in it can be got out
            if isinstance(body, BodyInFile) and rewrites:
                body.path.unlink(missing_ok=True)
            body = b""
        return replace(
            request,
            origin=self._target(request.origin, found),
            target=self._target(request.target, found),
            headers=_measured(headers, request.body, body) if request.is_whole else headers,
            body=body,
        )

    def _reply(self, reply: RecordedReply, found: list[Found], asked: list[Found]) -> RecordedReply:
        assert self._rules is not None
        headers = redact_headers(reply.headers, self._rules, found, keeps_shape=True)
        headers = tuple((name, _without_bytes(asked, value)) for name, value in headers)
        body = self._body(reply.body, headers, found, keeps_shape=True, rewrites=True)
        if isinstance(body, bytes) and not _coded(headers):
            body = _without_bytes(asked, body)
        chunks: tuple[Chunk, ...] = reply.chunks
        if chunks and body is not reply.body:
            chunks = moved(chunks, reply.body, body, is_coded=_coded(headers))
        return replace(
            reply,
            reason=self._text(reply.reason, found),
            headers=_measured(headers, reply.body, body),
            body=body,
            trailers=redact_headers(reply.trailers, self._rules, found, keeps_shape=True),
            chunks=chunks,
        )

    def _body(
        self,
        body: Payload,
        headers: tuple[Header, ...],
        found: list[Found],
        *,
        keeps_shape: bool,
        rewrites: bool,
    ) -> Payload:
        assert self._rules is not None
        content_type, coding = _value(headers, b"content-type"), _codings(headers)
        if isinstance(body, bytes):
            return redact_body(body, content_type, coding, self._rules, found, keeps_shape=keeps_shape)
        if rewrites and rewrite(body.path, content_type, coding, self._rules, found, keeps_shape=keeps_shape):
            return BodyInFile(body.path, body.path.stat().st_size)
        return body

    def _message(self, message: SocketMessage, found: list[Found], asked: list[Found]) -> SocketMessage:
        assert self._rules is not None
        if message.kind == "close":
            data = message.data[:2] + self._text(message.data[2:].decode("utf-8", "replace"), found).encode()
            return (
                message if data == message.data else message._replace(data=data[:125])
            )  # RFC 6455 section 5.5
        keeps_shape = message.sender == "server"
        data = redact_body(message.data, "", "", self._rules, found, keeps_shape=keeps_shape)
        if message.kind == "text":
            data = _without_bytes(asked, data)
        if message.kind in {"ping", "pong"}:
            data = data[:125]
        return message if data == message.data else message._replace(data=data)

    def _target(self, target: str, found: list[Found]) -> str:
        assert self._rules is not None
        if not self._rules.may_hold(target):
            return target
        return redact_url(target, Values(self._rules, found, target, keeps_shape=False))

    def _text(self, text: str, found: list[Found]) -> str:
        assert self._rules is not None
        if len(text) < 5 or not self._rules.may_hold(text):
            return text
        return Values(self._rules, found, text, keeps_shape=False).free(text)


def _echoes(found: list[Found]) -> list[Found]:
    """Secrets that are telling enough to be looked for where a server repeats them, the longest first."""
    telling = {one for one in found if _is_telling(one)}
    return sorted(telling, key=lambda one: (-len(one.raw), one.raw))[:MAX_ECHOES]


def _is_telling(one: Found) -> bool:
    """Neither a word nor a number, both of which stand elsewhere by chance."""
    raw, least = one.raw, MIN_ECHO_COOKIE if one.rule == "cookie" else MIN_ECHO
    return len(raw) >= least and any(map(str.isalpha, raw)) and not (raw.isalpha() and raw.islower())


def _without(asked: list[Found], text: str) -> str:
    for one in asked:
        if one.raw in text:
            text = text.replace(one.raw, placeholder(one.rule))
    return text


def _without_bytes(asked: list[Found], data: bytes) -> bytes:
    for one in asked:
        raw = one.raw.encode("utf-8", "replace")
        if raw in data:
            data = data.replace(raw, placeholder(one.rule).encode())
    return data


def _codings(headers: tuple[Header, ...]) -> str:
    """Content-Encoding, which may stand in several lines."""
    return ", ".join(value.decode("latin-1") for key, value in headers if key.lower() == b"content-encoding")


def _value(headers: tuple[Header, ...], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def _coded(headers: tuple[Header, ...]) -> bool:
    return bool(codings_in(headers))


def _measured(headers: tuple[Header, ...], old: Payload, new: Payload) -> tuple[Header, ...]:
    """The headers with the length of a body that was changed. What told another length before (HEAD)
    stays."""
    before, after = _size(old), _size(new)
    if before == after:
        return headers
    told = str(before).encode()
    return tuple(
        (name, str(after).encode() if name.lower() == b"content-length" and value.strip() == told else value)
        for name, value in headers
    )


def _size(body: Payload) -> int:
    return len(body) if isinstance(body, bytes) else body.size
