"""One entry of an archive: the request, and the reply as it was recorded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote, urlsplit

from understudy.formats.har.bodies import answer_body, body_bytes, form_bytes, is_json
from understudy.formats.har.headers import host_of, is_elsewhere, kept_headers
from understudy.formats.har.notes import Notes
from understudy.formats.spot import Spot
from understudy.model import Headers
from understudy.model.parts import TOKEN
from understudy.request import Request, canonical_path
from understudy.steps import BODILESS

ASSETS = frozenset(
    {
        "document", "stylesheet", "script", "image", "imageset", "font", "media", "texttrack", "manifest",
        "signed-exchange", "prefetch", "favicon", "subdocument",
    }
)  # fmt: skip
"""Values of Chrome's `_resourceType` for what a page is made of."""
CALLS = frozenset({"xhr", "fetch", "eventsource", "beacon", "ping"})
"""Those for what a page asks an API."""
_ASSET_TYPES = ("text/html", "text/css", "javascript", "image/", "font", "audio/", "video/", "wasm")
_DEFAULT_TYPES = {"response": "application/json", "body": "text/plain; charset=utf-8"}
_AN_HOUR_MS = 3_600_000


class Recorded(NamedTuple):
    """A request and its reply.

    `url` is the whole URL, `host` its host, as `host_of` gives it, and `path` its path as written. `headers`
    and `body` are those of the reply, and `kind` its Content-Type. `was_text`: the archive has the body as
    text. `started` is when, and `wait_ms` how long the reply took, if the archive says so.
    """

    url: str
    host: str
    path: str
    request: Request
    status: int
    headers: list[tuple[str, str]]
    kind: str
    body: bytes
    was_text: bool
    is_asset: bool
    started: datetime | None
    wait_ms: float | None
    spot: Spot

    @property
    def is_call(self) -> bool:
        """Whether it looks like a call of an API."""
        return not self.is_asset and (is_json(self.kind) or self.request.method != "GET")


def read_entry(written: Any, notes: Notes, spot: Spot) -> Recorded:
    """The exchange that an entry holds. Raises LeftOut for what is none, or cannot be answered again."""
    entry = spot.mapping(written)
    asked = spot.at("request")
    request = asked.mapping(entry.get("request"))
    url = asked.at("url").text(request.get("url") or "")
    host, path, target = _address(url, spot)
    method = asked.at("method").text(request.get("method") or "GET").upper()
    if not TOKEN.fullmatch(method):
        asked.at("method").leave("its method is no name")
    if method == "CONNECT":
        spot.leave("CONNECT opens a tunnel through a proxy")
    headers = _pairs(request.get("headers"), asked.at("headers"))
    if method == "OPTIONS" and any(name.lower() == "access-control-request-method" for name, _ in headers):
        spot.leave("a preflight, which `cors` answers")
    body = _request_body(request, headers, notes, asked)
    replied = spot.at("response")
    reply = replied.mapping(entry.get("response"))
    status = _status(reply, entry, replied)
    reply_headers = _pairs(reply.get("headers"), replied.at("headers"))
    content = replied.at("content").mapping(reply.get("content") or None)  # mitmproxy has []
    kind = _kind(reply_headers, content)
    found = body_bytes(content, kind, replied.at("content"))
    if status == 304:
        if not found:
            spot.leave("304 says that the browser has it already (switch its cache off while recording)")
        status = 200  # browsers save what their cache had
    if found is None and method != "HEAD" and status not in BODILESS and _had_body(reply_headers, content):
        notes.add("its body is not in the file, so it is served empty", replied.at("content"))
    if not any(name.lower() == "location" for name, _ in reply_headers) and reply.get("redirectURL"):
        reply_headers.append(("Location", replied.at("redirectURL").text(reply["redirectURL"])))
    if kind and not any(name.lower() == "content-type" for name, _ in reply_headers):
        reply_headers.append(("Content-Type", kind))
    made = Request(method, target, tuple(_raw(headers)), body)
    made.path = canonical_path(target.partition(b"?")[0])
    return Recorded(
        url=url,
        host=host,
        path=path,
        request=made,
        status=status,
        headers=reply_headers,
        kind=kind,
        body=b"" if status in BODILESS else found or b"",
        was_text=str(content.get("encoding") or "").lower() != "base64",
        is_asset=_is_asset(entry, kind),
        started=_time(entry.get("startedDateTime")),
        wait_ms=_waited(entry),
        spot=spot,
    )


def read_answer(recorded: Recorded, hosts: Collection[str], notes: Notes) -> dict[str, Any]:
    """The keys of an answer that sends this reply again.

    Raises LeftOut for a redirect to what is the same path here.
    """
    answer: dict[str, Any] = {}
    if recorded.status != 200:
        answer["status"] = recorded.status
    for name, _ in recorded.headers:
        if not name.startswith(":") and not TOKEN.fullmatch(name):
            notes.add(
                "a header that cannot have its name is left out", recorded.spot.at("response", "headers")
            )
    headers = kept_headers(recorded.headers, hosts, recorded.started)
    if 300 <= recorded.status < 400 and _leads_back(headers, recorded):
        recorded.spot.leave("a redirect to the same path on another host, or with TLS")
    body = {} if recorded.status in BODILESS else answer_body(recorded.body, recorded.kind, recorded.was_text)
    headers = without_usual_type(headers, body)
    if headers:
        answer["headers"] = headers
    return answer | body


def without_usual_type(headers: Headers, body: dict[str, Any]) -> Headers:
    """The headers of an answer without a Content-Type that is sent anyhow."""
    usual = [default for kind, default in _DEFAULT_TYPES.items() if kind in body]
    return {
        name: value for name, value in headers.items() if name.lower() != "content-type" or value not in usual
    }


def _leads_back(headers: Headers, recorded: Recorded) -> bool:
    """Whether a redirect to another origin is here one to itself, which clients would follow for ever."""
    written = next((value for name, value in recorded.headers if name.lower() == "location"), "")
    if not is_elsewhere(written, recorded.url):
        return False
    local = next((value for name, value in headers.items() if name.lower() == "location"), "")
    return str(local).partition("#")[0].encode("utf-8", "replace") == recorded.request.raw_target


def _address(url: str, spot: Spot) -> tuple[str, str, bytes]:
    """Host, path and request target of a URL."""
    scheme = url.partition(":")[0].lower()
    if scheme in {"ws", "wss"}:
        spot.leave("WebSockets are not recorded")
    host = host_of(url)
    if host is None:
        spot.at("request", "url").leave("its URL is not one of HTTP")
    parts = urlsplit(url)
    path = "".join(_quoted(parts.path)) or "/"
    target = f"{path}?{_quoted(parts.query)}" if parts.query else path
    return host, path, target.encode()


def _quoted(text: str) -> str:
    """A part of a URL with what may not stand there percent-encoded; what is encoded stays."""
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~{}|^`\\\"<>")


def _status(reply: dict[str, Any], entry: dict[str, Any], spot: Spot) -> int:
    status = reply.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or status == 0:
        spot.leave("it has no answer: it was given up, blocked, or still under way")
    if status == 101:
        spot.leave("WebSockets are not recorded")
    if not 200 <= status <= 599:
        spot.at("status").leave("a status is from 200 to 599")
    return status


def _pairs(written: Any, spot: Spot) -> list[tuple[str, str]]:
    """A list of headers; values that are no text are left out."""
    found = []
    for number, one in enumerate(spot.sequence(written)):
        pair = one if isinstance(one, dict) else spot.at(number).mapping(one)
        name, value = pair.get("name"), pair.get("value")
        if isinstance(name, str) and isinstance(value, str | int | float):
            found.append((name.strip(), str(value)))
    return found


def _raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as a Request has them, without those of HTTP/2 that begin with a colon."""
    return [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers
        if not name.startswith(":")
    ]


def _request_body(request: dict[str, Any], headers: list[tuple[str, str]], notes: Notes, spot: Spot) -> bytes:
    """The body of a request. Its Content-Type is added to the headers if it is not among them."""
    inner = spot.at("postData")
    data = inner.mapping(request.get("postData"))
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if not kind and isinstance(data.get("mimeType"), str) and "/" in data["mimeType"]:
        kind = data["mimeType"]
        headers.append(("Content-Type", kind))
    body = body_bytes(data, kind, inner)
    if body is None and "urlencoded" in kind:
        body = form_bytes(data, inner)
    return body or b""


def _kind(headers: list[tuple[str, str]], content: dict[str, Any]) -> str:
    """The Content-Type of a reply; "" if it is not known."""
    for name, value in headers:
        if name.lower() == "content-type":
            return value.strip()
    kind = content.get("mimeType")
    return kind.strip() if isinstance(kind, str) and "/" in kind and "\n" not in kind else ""


def _had_body(headers: list[tuple[str, str]], content: dict[str, Any]) -> bool:
    size = content.get("size")
    if isinstance(size, int) and size > 0:
        return True
    return any(name.lower() == "content-length" and value.strip("0 ") for name, value in headers)


def _is_asset(entry: dict[str, Any], kind: str) -> bool:
    """Whether it is a page, or a part of one."""
    written = str(entry.get("_resourceType"))
    if written in ASSETS or written in CALLS:
        return written in ASSETS
    return any(part in kind.lower() for part in _ASSET_TYPES)


def _time(written: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _waited(entry: dict[str, Any]) -> float | None:
    """Milliseconds from when the request was sent to the whole reply, else all of them."""
    timings = entry.get("timings")
    parts = [timings.get("wait"), timings.get("receive")] if isinstance(timings, dict) else []
    known: list[float] = [part for part in parts if _is_time(part)]
    if known:
        return round(sum(known), 1)
    return entry["time"] if _is_time(entry.get("time")) else None


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _AN_HOUR_MS
