"""Documents from the web, when a user names their address."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from time import monotonic
from urllib.parse import urlsplit

from understudy.errors import ConfigError, Problem
from understudy.load.foreign import Document

MAX_BYTES = 64 * 1024 * 1024
TIMEOUT_S = 30.0
"""For the whole of a document, slow servers included."""
_PIECE = 64 * 1024


def is_url(text: str) -> bool:
    """Whether this is an address on the web."""
    if not text.startswith(("http://", "https://")):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def fetch(url: str, *, max_bytes: int = MAX_BYTES, timeout_s: float = TIMEOUT_S) -> bytes:
    """What is at an address. Raises ConfigError."""
    deadline = monotonic() + timeout_s
    if not is_url(url):
        raise _problem(url, "this is no address on the web")
    request = urllib.request.Request(url, headers={"User-Agent": "understudy", "Accept": "*/*"})  # noqa: S310 - checked
    try:
        with _OPENER.open(request, timeout=timeout_s) as reply:
            pieces: list[bytes] = []
            size = 0
            while piece := reply.read1(_PIECE):
                size += len(piece)
                if size > max_bytes:
                    raise _problem(url, f"larger than {max_bytes // 2**20} MB")
                if monotonic() > deadline:
                    raise TimeoutError
                pieces.append(piece)
            return b"".join(pieces)
    except TimeoutError:
        raise _problem(url, f"cannot be read: no end after {timeout_s:g} seconds") from None
    except urllib.error.HTTPError as error:
        with error:
            raise _problem(url, f"cannot be read: the server says {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _problem(url, f"cannot be read: {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _problem(url, f"cannot be read: {error}") from None


def open_document(url: str) -> Document:
    """The document at an address. What it refers to is fetched when it is first asked for, and remembered.

    Raises ConfigError.
    """
    known: dict[str, bytes] = {}

    def remembered(other: str) -> bytes:
        if other not in known:
            known[other] = fetch(other)
        return known[other]

    return Document(url, text_of(url, remembered(url)), remembered)


def text_of(url: str, data: bytes) -> str:
    """What an address has given, as text. Raises ConfigError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _problem(url, "the document is not UTF-8") from None


class _OnTheWeb(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not to other kinds of addresses."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        """The next request."""
        if not is_url(newurl):
            fp.close()
            raise urllib.error.URLError(f"it leads to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_OnTheWeb)


def _problem(url: str, message: str) -> ConfigError:
    return ConfigError([Problem(message, file=url)])
