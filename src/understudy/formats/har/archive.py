"""Exchanges as an archive: HAR 1.2 with all fields that its schema requires."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from understudy.formats.har.bodies import charset_of
from understudy.views.codings import CodingError, codings_of, decoded

CREATOR = "Understudy"
MAX_DECODED_BYTES = 64 * 1024 * 1024
"""What a compressed body may become."""
_OF_URLS = ":/?#[]@!$&'()*+,;=%"
"""Characters that may stand in a URL as they are (RFC 3986 section 2)."""
UNKNOWN = -1
"""What HAR has for sizes and times that are not known."""

Pairs = tuple[tuple[str, str], ...]


class Exchange(NamedTuple):
    """A request and its reply, as they went over the wire.

    `started` is in unix seconds; `wait_ms` until the reply began, `receive_ms` until it was there. Bodies are
    without transfer coding, and a reply's with its `Content-Encoding`.
    """

    started: float
    method: str
    url: str
    headers: Pairs
    body: bytes
    status: int
    reply_headers: Pairs
    reply_body: bytes
    wait_ms: float = 0
    receive_ms: float = 0
    http_version: str = "HTTP/1.1"
    comment: str = ""


def har_of(exchanges: Iterable[Exchange], version: str, comment: str = "") -> dict[str, Any]:
    """The archive of exchanges, in the order of time, as plain data. `version` is that of the creator."""
    log: dict[str, Any] = {
        "version": "1.2",
        "creator": {"name": CREATOR, "version": version},
        "pages": [],
        "entries": [_entry(one) for one in sorted(exchanges, key=lambda one: one.started)],
    }
    if comment:
        log["comment"] = comment
    return {"log": log}


def readable(body: bytes, headers: Pairs) -> bytes | None:
    """A body without its `Content-Encoding`; None if that is not known, or it cannot be read."""
    try:
        return decoded(body, codings_of(_value(headers, "content-encoding")), MAX_DECODED_BYTES)
    except CodingError:
        return None


def _entry(one: Exchange) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "startedDateTime": _time(one.started),
        "time": one.wait_ms + one.receive_ms,
        "request": _request(one),
        "response": _response(one),
        "cache": {},
        "timings": {"send": 0, "wait": one.wait_ms, "receive": one.receive_ms},
    }
    if one.comment:
        entry["comment"] = one.comment
    return entry


def _request(one: Exchange) -> dict[str, Any]:
    url = quote(one.url, safe=_OF_URLS)
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    request = {
        "method": one.method,
        "url": url,
        "httpVersion": one.http_version,
        "cookies": [
            {"name": name.strip(), "value": value.strip()}
            for part in _value(one.headers, "cookie").split(";")
            if part.strip()
            for name, _, value in (part.partition("="),)
        ],
        "headers": _named(one.headers),
        "queryString": _named(query),
        "headersSize": UNKNOWN,
        "bodySize": len(one.body),
    }
    if one.body:
        kind = _value(one.headers, "content-type")
        # `encoding` is of HAR 1.3 as proposed: 1.2 has nothing for a request that is not text
        request["postData"] = {"mimeType": kind, **text_of(one.body, kind)}
    return request


def _response(one: Exchange) -> dict[str, Any]:
    kind = _value(one.reply_headers, "content-type")
    body = readable(one.reply_body, one.reply_headers)
    content: dict[str, Any] = {"size": len(one.reply_body if body is None else body), "mimeType": kind}
    if body is not None and len(body) != len(one.reply_body):
        content["compression"] = len(body) - len(one.reply_body)
    return {
        "status": one.status,
        "statusText": HTTPStatus(one.status).phrase if one.status in _STATUSES else "",
        "httpVersion": one.http_version,
        "cookies": [_cookie(value) for name, value in one.reply_headers if name.lower() == "set-cookie"],
        "headers": _named(one.reply_headers),
        "content": {**content, **text_of(one.reply_body if body is None else body, kind)},
        "redirectURL": _value(one.reply_headers, "location"),
        "headersSize": UNKNOWN,
        "bodySize": len(one.reply_body),
    }


_STATUSES = frozenset(map(int, HTTPStatus))


def text_of(body: bytes, kind: str) -> dict[str, str]:
    """A body as text in the charset of its type, if it is the same again; else as base64."""
    charset = charset_of(kind)
    try:
        text = body.decode(charset)
        if text.encode(charset) == body:
            return {"text": text}
    except (ValueError, LookupError):
        pass
    return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _cookie(value: str) -> dict[str, Any]:
    """A Set-Cookie as HAR has it (RFC 6265 section 4.1)."""
    pair, *attributes = value.split(";")
    name, _, content = pair.partition("=")
    cookie: dict[str, Any] = {"name": name.strip(), "value": content.strip()}
    for attribute in attributes:
        key, _, setting = attribute.strip().partition("=")
        match key.lower():
            case "path" | "domain" as known:
                cookie[known] = setting
            case "expires":
                try:
                    cookie["expires"] = _time(parsedate_to_datetime(setting).timestamp())
                except (ValueError, TypeError, IndexError, OverflowError):
                    continue
            case "httponly":
                cookie["httpOnly"] = True
            case "secure":
                cookie["secure"] = True
    return cookie


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _value(headers: Pairs, name: str) -> str:
    return ", ".join(value for key, value in headers if key.lower() == name)


def _time(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
