"""Which response headers a mock sends too, and which belong to the server or the moment of the recording."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from understudy.formats.imported import literal
from understudy.model import Headers
from understudy.model.parts import TOKEN


class Dropped(NamedTuple):
    """Headers that are not kept, by lower-case name, or by its beginning before a `*`; and why.

    `about` is what they tell of: the `message` itself, the `moment` and way in which it came, or the `api`.
    """

    why: str
    names: tuple[str, ...]
    about: Literal["message", "moment", "api"] = "moment"


DROPPED: tuple[Dropped, ...] = (
    Dropped(
        "the server frames its own messages (RFC 9112 section 6), and bodies are decoded already",
        ("content-length", "transfer-encoding", "content-encoding", "content-md5", "digest", "content-digest",
         "repr-digest", "trailer"),
        "message",
    ),
    Dropped(
        "about one connection (RFC 9110 section 7.6.1)",
        ("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "te", "upgrade",
         "http2-settings", "alt-svc", "alt-used"),
        "message",
    ),
    Dropped(
        "of the moment, so that no two replies would be the same",
        ("date", "age", "expires", "server-timing", "x-runtime", "x-response-time", "x-timer",
         "x-ratelimit-*", "ratelimit", "ratelimit-*"),
    ),
    Dropped(
        "names of one request, for whoever looks into logs",
        ("x-request-id", "request-id", "x-correlation-id", "x-trace-id", "x-transaction-id", "traceparent",
         "tracestate", "x-b3-*", "x-cloud-trace-context", "x-amzn-requestid", "x-amzn-trace-id",
         "x-amz-request-id", "x-amz-id-2", "x-ms-request-id", "x-github-request-id", "x-vercel-id",
         "fly-request-id", "x-datadog-*"),
    ),
    Dropped(
        "of the software, proxies and caches in front of the API",
        ("server", "via", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-served-by", "x-cache",
         "x-cache-*", "x-varnish", "cf-*", "x-amz-cf-*", "x-amz-apigw-id", "x-fastly-*", "x-akamai-*",
         "x-envoy-*", "x-backend-*", "accept-ranges"),
    ),
    Dropped(
        "would have a browser insist on HTTPS, or report to others",
        ("strict-transport-security", "expect-ct", "public-key-pins", "public-key-pins-report-only",
         "report-to", "reporting-endpoints", "nel"),
        "api",
    ),
    Dropped(
        "the `cors` of the config allows it, whatever the origin",
        ("access-control-*", "timing-allow-origin"),
        "api",
    ),
)  # fmt: skip
"""All others are kept: `Content-Type`, `Set-Cookie`, `Location`, `ETag`, `Cache-Control`, an API's own."""

_NAMES = frozenset(name for row in DROPPED for name in row.names if not name.endswith("*"))
_BEGINNINGS = tuple(name[:-1] for row in DROPPED for name in row.names if name.endswith("*"))

_LINKED = frozenset({"location", "content-location", "link", "refresh"})
"""Headers with URLs: those to a recorded host lead to the mock instead."""
_ORIGIN = re.compile(r"https?://[^/?#<>\"'\s,;]+", re.IGNORECASE)


def is_dropped(name: str) -> bool:
    """Whether a header is not kept."""
    lower = name.lower()
    return lower in _NAMES or lower.startswith(_BEGINNINGS)


def about(name: str) -> Literal["message", "moment", "api"]:
    """What a header tells of, as `Dropped` has it; those that are kept tell of the API."""
    lower = name.lower()
    for row in DROPPED:
        if lower in row.names or any(one[-1] == "*" and lower.startswith(one[:-1]) for one in row.names):
            return row.about
    return "api"


def kept_headers(
    pairs: Iterable[tuple[str, str]],
    hosts: Collection[str],
    at: datetime | None = None,
    *,
    dropped: Callable[[str], bool] = is_dropped,
    as_template: Callable[[str], str] = literal,
) -> Headers:
    """The headers of a reply that a config sends too. Values say what they said, whatever looks like a
    template in them.

    `hosts` are those that were recorded, as `host_of` gives them, and `at` is when. HTTP/2 pseudo-headers
    (RFC 9113 section 8.3) and what is no header name are left out, and those that are `dropped`.
    `as_template` makes a template of a value.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for name, written in pairs:
        if not TOKEN.fullmatch(name) or dropped(name):
            continue
        lower = name.lower()
        values = found.setdefault(lower, (name, []))[1]
        for value in re.split(r"[\r\n\0]+", written):  # Chrome has several Set-Cookie in one text
            if lower == "set-cookie":
                value = local_cookie(value, at)
            elif lower in _LINKED:
                value = local_links(value, hosts)
            values.append(as_template(value.strip()))
    return {name: values[0] if len(values) == 1 else list(values) for name, values in found.values()}


def local_links(value: str, hosts: Collection[str]) -> str:
    """A header's value with URLs to the recorded hosts as paths (RFC 9110 section 10.2.2 allows them)."""

    def shortened(found: re.Match[str]) -> str:
        if host_of(found[0]) not in hosts:
            return found[0]
        behind = found.string[found.end() : found.end() + 1]
        return "" if behind == "/" else "/"

    return _ORIGIN.sub(shortened, value)


def is_elsewhere(link: str, url: str) -> bool:
    """Whether a link is a whole URL with another scheme, host or port than `url`."""
    there, here = _ORIGIN.match(link), _ORIGIN.match(url)
    return there is not None and here is not None and there[0].lower() != here[0].lower()


def host_of(url: str) -> str | None:
    """Host and port of a URL in lower case, the port left out where it is the usual; None: none to serve."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in {"http", "https"}:
        return None
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, 80, 443} else f"{host}:{port}"


def local_cookie(value: str, at: datetime | None) -> str:
    """A Set-Cookie (RFC 6265 section 4.1) that clients take from a mock: on another host, without TLS, later.

    `Domain` and `Expires` go, and `Secure` with what needs it; a cookie that was deleted, as it had expired
    at the time, stays deleted.
    """
    pair, *attributes = value.split(";")
    keeps_secure = pair.strip().startswith(("__Secure-", "__Host-"))
    kept = [pair]
    for attribute in attributes:
        name, _, setting = attribute.strip().partition("=")
        match name.strip().lower(), setting.strip().lower():
            case ("domain", _):
                continue
            case ("expires", _) if not _has_expired(setting, at):
                continue
            case ("secure" | "partitioned", _) | ("samesite", "none") if not keeps_secure:
                continue
        kept.append(attribute)
    return ";".join(kept)


def _has_expired(text: str, at: datetime | None) -> bool:
    try:
        expires = parsedate_to_datetime(text.strip().replace("-", " "))
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    return expires <= (at or datetime(1990, 1, 1, tzinfo=UTC))
