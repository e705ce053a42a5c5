"""A request that somebody has written down, sent once for its real answer, when a user asks for it."""

from __future__ import annotations

import http.client
from time import monotonic
from urllib.parse import quote, urlsplit

from understudy.formats.asked import MARK, Answer, Asked
from understudy.net.fetch import TIMEOUT_S, is_url

MAX_BYTES = 16 * 1024 * 1024
_PIECE = 64 * 1024
_OURS = frozenset({"accept-encoding", "connection", "content-length", "host", "transfer-encoding"})
"""Headers that belong to the connection that is used here."""


class NotSent(Exception):
    """Why a request has no answer."""


def send(asked: Asked, *, timeout_s: float = TIMEOUT_S, max_bytes: int = MAX_BYTES) -> Answer:
    """What the request is answered. Redirects are answers, and are not followed. Raises NotSent."""
    url = asked.url if "://" in asked.url else f"http://{asked.url.removeprefix('//')}"
    texts = [url, asked.body, *(value for _, value in asked.headers)]
    if any(MARK in text for text in texts):
        raise NotSent("some of its variables have no value")
    if asked.parts:
        raise NotSent("it is a multipart form")
    if not is_url(url):
        raise NotSent("its address is none on the web")
    deadline = monotonic() + timeout_s
    try:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        assert parts.hostname is not None, "is_url has looked"
        connection = kind(parts.hostname, parts.port, timeout=timeout_s)
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
        if parts.query:
            target += "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=-._~[]")
        body = asked.body.encode() if asked.body else None
        headers = {name: value for name, value in asked.headers if name.lower() not in _OURS}
        try:
            connection.request(asked.method, target, body, {"User-Agent": "understudy", **headers})
            reply = connection.getresponse()
            pieces: list[bytes] = []
            size = 0
            while piece := reply.read1(_PIECE):
                size += len(piece)
                if size > max_bytes:
                    raise NotSent(f"its answer is larger than {max_bytes // 2**20} MB")
                if monotonic() > deadline:
                    raise TimeoutError
                pieces.append(piece)
            return Answer(reply.status, tuple(reply.getheaders()), b"".join(pieces))
        finally:
            connection.close()
    except TimeoutError:
        raise NotSent(f"no answer within {timeout_s:g} seconds") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(str(error) or type(error).__name__) from None
