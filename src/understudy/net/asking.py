"""Sends recorded requests to a real server, and gives what it answers as exchanges.

Bodies stay as they come, encoded or not; redirects are not followed, cookies are not kept. Trailers are not
seen: aiohttp drops them.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter, time
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from understudy.model.proxy import Tls
from understudy.net.upstream.base import HOP_BY_HOP
from understudy.record.exchange import (
    BodyInFile,
    Chunk,
    Failed,
    FailureKind,
    Payload,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
)
from understudy.steps import BODILESS, Header

MAX_IN_MEMORY = 8 * 1024 * 1024
"""Larger bodies go to files."""
MAX_CHUNKS = 100_000
STREAM_MS = 100.0
"""A body that takes longer, in several pieces, is a stream: when each piece came is kept."""
MAX_AHEAD = 64
"""Answers that wait for an earlier one, so that they are given in order."""

NO_CONNECTION: frozenset[FailureKind] = frozenset({"dns", "refused", "unreachable", "tls"})
"""Failures of a server that cannot be reached at all."""

_NOT_SENT = HOP_BY_HOP | {b"host", b"content-length", b"expect"}
"""Headers of a recorded request that are those of this connection instead."""
_OURS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add by itself."""


class CannotAsk(Exception):
    """What a user gave for a connection cannot be used, such as a file of certificates. Says why."""


def open_session(connections: int, tls: Tls | None = None) -> aiohttp.ClientSession:
    """What `ask` asks with. Raises CannotAsk. Must be called, and closed, in an event loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ssl=tls_context(tls or Tls())),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=_OURS,
        max_line_size=64 * 1024,
        max_field_size=64 * 1024,
    )


def tls_context(tls: Tls) -> ssl.SSLContext:
    """How certificates are checked. Raises CannotAsk."""
    try:
        context = ssl.create_default_context()
        if tls.ca_file is not None:
            context.load_verify_locations(tls.ca_file)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(filter(None, (tls.ca_file, tls.cert_file, tls.key_file)))
        raise CannotAsk(f"{files} cannot be used: {error.strerror or error}") from None
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def ask(
    session: aiohttp.ClientSession,
    request: RecordedRequest,
    target: str,
    *,
    timeout_s: float,
    spool: Callable[[], Path],
) -> RecordedExchange:
    """Send a request to `target` (`https://host:port/prefix`), and wait for all of the answer.

    `spool` gives a new file for a body that is larger than MAX_IN_MEMORY. What goes wrong is `failed` in the
    exchange; nothing is raised but OSError of files.
    """
    parts = urlsplit(target)
    sent = RecordedRequest(
        method=request.method,
        origin=f"{parts.scheme}://{parts.netloc}",
        target=parts.path.rstrip("/") + request.target,
        headers=request.headers,
        body=request.body,
    )
    recorded_at, began = time(), perf_counter()
    reply: RecordedReply | None = None
    wait_ms = 0.0
    body = _Body(spool, began)
    failed: Failed | None = None
    with _opened(request.body) as data:
        try:
            async with session.request(
                sent.method,
                URL(sent.url, encoded=True),
                data=data or None,
                headers=_headers_to_send(request.headers),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as answer:
                wait_ms = (perf_counter() - began) * 1000
                reply = _head_of(answer, sent.method)
                async for piece in answer.content.iter_any():
                    body.take(piece)
        except Exception as error:  # an answer may be wrong in more ways than a client has errors for
            if isinstance(error, _OfFiles):
                raise error.error from None
            at_ms = (perf_counter() - began) * 1000
            kind = failure_of(error)
            failed = Failed(kind, _message(kind, error, timeout_s), at_ms)
        finally:
            body.close()
    if reply is not None:
        reply = body.fill(reply)
    return RecordedExchange(
        request=sent,
        reply=reply,
        failed=failed,
        recorded_at=recorded_at,
        wait_ms=wait_ms,
        total_ms=(perf_counter() - began) * 1000,
    )


async def ask_all(
    requests: Sequence[RecordedRequest],
    target: str,
    *,
    concurrency: int = 1,
    rate: float | None = None,
    timeout_s: float = 30.0,
    tls: Tls | None = None,
    spool: Callable[[], Path],
) -> AsyncGenerator[RecordedExchange, None]:
    """What `target` answers to each request, in their order.

    So many `concurrency` are asked at the same time, begun in their order, and at most `rate` in a second.
    Raises CannotAsk.
    """
    loop = asyncio.get_running_loop()
    async with open_session(concurrency, tls) as session:
        slots = asyncio.Semaphore(concurrency)
        start = loop.time()

        async def one(number: int, request: RecordedRequest) -> RecordedExchange:
            async with slots:
                if rate is not None:
                    await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
                return await ask(session, request, target, timeout_s=timeout_s, spool=spool)

        waiting: list[asyncio.Task[RecordedExchange]] = []
        try:
            for number, request in enumerate(requests):
                waiting.append(loop.create_task(one(number, request), name="ask"))
                if len(waiting) >= max(MAX_AHEAD, concurrency) or concurrency == 1:
                    yield await waiting.pop(0)
            while waiting:
                yield await waiting.pop(0)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def failure_of(error: Exception) -> FailureKind:
    """Why there was no (whole) reply, from what the client raised."""
    # aiohttp wraps what happened to the connection, sometimes twice
    causes = list(_causes(error))
    for kind, tells in _KINDS:
        if any(tells(one) for one in causes):
            return kind
    return "protocol"


def _causes(error: BaseException | None) -> Any:
    for _ in range(8):
        if error is None:
            return
        yield error
        if isinstance(inner := getattr(error, "os_error", None), OSError) and inner is not error:
            yield inner
        error = error.__cause__ or error.__context__


def _has_code(*codes: int) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, OSError) and error.errno in codes


_KINDS: tuple[tuple[FailureKind, Callable[[BaseException], bool]], ...] = (
    ("dns", lambda error: isinstance(error, aiohttp.ClientConnectorDNSError)),
    (
        "tls",
        lambda error: isinstance(error, aiohttp.ClientSSLError | ssl.SSLError | ssl.CertificateError),
    ),
    ("timeout", lambda error: isinstance(error, TimeoutError)),
    ("reset", lambda error: isinstance(error, ConnectionResetError) or _has_code(errno.ECONNRESET)(error)),
    ("refused", _has_code(errno.ECONNREFUSED)),
    ("unreachable", lambda error: isinstance(error, aiohttp.ClientConnectorError)),
    # the end of the connection before that of the body, which is a "payload" that is wrong for aiohttp
    (
        "closed",
        lambda error: isinstance(error, aiohttp.ClientPayloadError) and "Not enough data" in str(error),
    ),
    (
        "protocol",
        lambda error: isinstance(error, aiohttp.ClientResponseError | aiohttp.http_exceptions.BadHttpMessage),
    ),
    (
        "closed",
        lambda error: isinstance(
            error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | aiohttp.ClientOSError
        ),
    ),
)
"""Kinds of failures, and what tells of them; the first that does, counts."""


def _message(kind: FailureKind, error: Exception, timeout_s: float) -> str:
    if kind == "timeout":
        return f"no whole answer within {timeout_s:g} s"
    said = getattr(error, "os_error", error)
    text = getattr(said, "strerror", None) or getattr(error, "message", None) or str(error)
    return str(text) or type(error).__name__


def _headers_to_send(headers: Sequence[Header]) -> list[tuple[str, str]]:
    named = _named_by_connection(headers)
    return [
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, value in headers
        if (lower := name.lower()) not in _NOT_SENT and lower not in named
    ]


def _named_by_connection(headers: Sequence[Header]) -> frozenset[bytes]:
    return frozenset(
        part.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for part in value.split(b",")
    )


def _head_of(answer: aiohttp.ClientResponse, method: str) -> RecordedReply:
    raw: tuple[Header, ...] = tuple(answer.raw_headers)
    named = _named_by_connection(raw)
    version = answer.version
    return RecordedReply(
        status=answer.status,
        reason=answer.reason or "",
        version="1.1" if version is None else f"{version.major}.{version.minor}",
        headers=tuple(
            pair for pair in raw if (lower := pair[0].lower()) not in HOP_BY_HOP and lower not in named
        ),
        framing=_framing_of(answer, method),
    )


def _framing_of(answer: aiohttp.ClientResponse, method: str) -> Literal["length", "chunked", "close", "none"]:
    """How the end of the body is told (RFC 9112 section 6.3)."""
    if method == "HEAD" or answer.status in BODILESS or answer.status < 200:
        return "none"
    if "chunked" in answer.headers.get("Transfer-Encoding", "").lower():
        return "chunked"
    return "length" if "Content-Length" in answer.headers else "close"


class _OfFiles(Exception):
    """A file of ours cannot be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class _Body:
    """A body that comes: in memory, or in a file once it is large."""

    def __init__(self, spool: Callable[[], Path], began: float) -> None:
        self._spool = spool
        self._began = began
        self._pieces: list[bytes] = []
        self._size = 0
        self._chunks: list[Chunk] = []
        self._path: Path | None = None
        self._file: Any = None

    def take(self, piece: bytes) -> None:
        """More of it has come. Raises _OfFiles."""
        self._size += len(piece)
        if len(self._chunks) < MAX_CHUNKS:
            self._chunks.append(Chunk((perf_counter() - self._began) * 1000, len(piece)))
        try:
            if self._file is None and self._size > MAX_IN_MEMORY:
                self._path = self._spool()
                self._file = self._path.open("wb")
                self._file.write(b"".join(self._pieces))
                self._pieces.clear()
            if self._file is None:
                self._pieces.append(piece)
            else:
                self._file.write(piece)
        except OSError as error:
            raise _OfFiles(error) from None

    def close(self) -> None:
        """No more comes."""
        if self._file is not None:
            self._file.close()

    def fill(self, head: RecordedReply) -> RecordedReply:
        """The reply with it."""
        body: Payload = b"".join(self._pieces) if self._path is None else BodyInFile(self._path, self._size)
        chunks = self._chunks
        is_stream = len(chunks) > 1 and chunks[-1].at_ms - chunks[0].at_ms > STREAM_MS
        kept = tuple(chunks) if is_stream and len(chunks) < MAX_CHUNKS else ()
        return RecordedReply(
            status=head.status,
            reason=head.reason,
            version=head.version,
            headers=head.headers,
            body=body,
            framing=head.framing,
            chunks=kept,
        )


def _opened(body: Payload) -> AbstractContextManager[Any]:
    return body.path.open("rb") if isinstance(body, BodyInFile) else nullcontext(body)
