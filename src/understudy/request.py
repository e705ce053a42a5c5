"""One HTTP request as the engine sees it: raw parts, and views of them parsed at first use.

A view is parsed once per request, however many endpoints look at it, and not at all if none does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from understudy.views.claims import read_claims
from understudy.views.content import UNREAD, Content

if TYPE_CHECKING:
    from understudy.state.view import StateView
    from understudy.steps import Plan
    from understudy.views.graphql import GraphqlCall
    from understudy.views.multipart import Part

_NO_PARAMETERS: dict[str, Any] = {}  # shared, and so never written to
MAX_FIELDS = 10_000
"""Most query or form fields that are read: with more, none is, as a flood of them is an attack."""


class Rewritten(bytes):
    """A target that the config's `rewrites` have made; `sent` is the one that the client sent."""

    sent: bytes

    def __new__(cls, target: bytes, sent: bytes) -> Rewritten:
        """A target in the place of another."""
        made = super().__new__(cls, target)
        made.sent = sent
        return made


class Request(Content):
    """A request. Header names are lower-case; `path` keeps `%2F` and `%25` encoded (see `canonical_path`).

    `head_bytes` is the size of target and headers as they came, where the net has counted it.
    `state` is what is remembered, where an endpoint of the path looks at it. `pending` is the plan while it
    is being made, for who asks what became of a request that was given up.
    """

    __slots__ = (
        "_cookies",
        "_form",
        "_header_map",
        "_headers",
        "_query",
        "client",
        "head_bytes",
        "method",
        "params",
        "path",
        "pending",
        "raw_headers",
        "raw_target",
        "state",
        "version",
    )

    def __init__(
        self,
        method: str,
        raw_target: bytes,
        raw_headers: list[tuple[bytes, bytes]] | tuple[tuple[bytes, bytes], ...] = (),
        body: bytes = b"",
        client: str = "127.0.0.1",
        version: str = "1.1",
    ) -> None:
        self.method = method
        self.raw_target = raw_target
        self.raw_headers = raw_headers
        self.body = body
        self.client = client
        self.version = version
        self.head_bytes = 0
        self.path = ""
        self.params: dict[str, Any] = _NO_PARAMETERS
        self.state: StateView | None = None
        self.pending: Plan | None = None
        self._query: dict[str, list[str]] | None = None
        self._headers: list[tuple[str, str]] | None = None
        self._header_map: dict[str, str] | None = None
        self._cookies: dict[str, str] | None = None
        self._form: dict[str, list[str]] | None = None
        self._text = self._rare = None  # as `forget_views` does, without a call: this runs for each request
        self._json = UNREAD

    def forget_views(self) -> None:
        """Drop the parsed views of a request that is only kept for the log; they come back when asked for."""
        self._query = self._headers = self._header_map = self._cookies = self._form = None
        self.state = self.pending = None
        super().forget_views()

    def space(self, header: bytes) -> str:
        """The space that the request names in a header (given in lower case); "" if it names none."""
        size = len(header)
        for name, value in self.raw_headers:
            if len(name) == size and name.lower() == header:
                return value.decode("latin-1")
        return ""

    @property
    def target(self) -> str:
        """The request target as it was sent."""
        raw = self.raw_target
        return (raw.sent if isinstance(raw, Rewritten) else raw).decode("latin-1")

    @property
    def query_string(self) -> str:
        """What stands behind the first `?`, undecoded; of a rewritten target what it was made."""
        return self.raw_target.partition(b"?")[2].decode("latin-1")

    @property
    def query(self) -> dict[str, list[str]]:
        """Query parameters: all values of each name, in order; blank values are kept."""
        if self._query is None:
            self._query = _fields(self.query_string)
        return self._query

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Headers in the order they came; names in lower case."""
        if self._headers is None:
            self._headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self.raw_headers
            ]
        return self._headers

    def header(self, name: str) -> str | None:
        """A header's value; several of one name are joined by a comma (RFC 9110 section 5.2)."""
        if self._header_map is None:
            merged: dict[str, str] = {}
            for key, value in self.headers:
                joint = "; " if key == "cookie" else ", "
                merged[key] = f"{merged[key]}{joint}{value}" if key in merged else value
            self._header_map = merged
        return self._header_map.get(name.lower())

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name; the first of a name wins, as in most servers (RFC 6265 section 5.4)."""
        if self._cookies is None:
            cookies: dict[str, str] = {}
            for part in (self.header("cookie") or "").split(";"):
                name, equals, value = part.strip().partition("=")
                if equals and name:
                    cookies.setdefault(name, value.strip('"'))
            self._cookies = cookies
        return self._cookies

    @property
    def form(self) -> dict[str, list[str]]:
        """Fields of a form, urlencoded or multipart: all values of each name, in order; files are no fields.

        Empty for other bodies.
        """
        if self._form is None:
            self._form = self._read_form()
        return self._form

    def _read_form(self) -> dict[str, list[str]]:
        if self.content_type == "application/x-www-form-urlencoded":
            return _fields(self.body.decode("latin-1"))
        fields: dict[str, list[str]] = {}
        if self.content_type == "multipart/form-data":
            for part in self.multipart:
                if part.name is not None and part.filename is None:
                    fields.setdefault(part.name, []).append(part.text)
        return fields

    @property
    def multipart(self) -> tuple[Part, ...]:
        """The parts of a multipart body; none if there are none, or it is malformed."""
        parts: tuple[Part, ...] = self._view("multipart", self._read_multipart)
        return parts

    def _read_multipart(self) -> tuple[Part, ...]:
        if not self.content_type.startswith("multipart/"):
            return ()
        from understudy.views.multipart import read_multipart

        return read_multipart(self.header("content-type") or "", self.body)

    @property
    def claims_unverified(self) -> dict[str, Any]:
        """The claims of the bearer token, whoever may have signed it; empty if there are none."""
        claims: dict[str, Any] = self._view("claims", lambda: read_claims(self.header("authorization")))
        return claims

    @property
    def graphql(self) -> GraphqlCall | None:
        """The call of GraphQL over HTTP that the request is; None if it is none."""
        call: GraphqlCall | None = self._view("graphql", self._read_graphql)
        return call

    def _read_graphql(self) -> GraphqlCall | None:
        from understudy.views.graphql import from_fields, from_json

        if self.method in {"GET", "HEAD"}:
            return from_fields(self.query)
        kind = self.content_type
        if kind == "application/graphql":
            return from_fields(self.query, self.text)
        if kind and kind != "application/json" and not kind.endswith("+json"):
            return None
        try:
            return from_json(self.json())
        except ValueError:
            return None

    @property
    def host(self) -> str:
        """The `Host` header, without the port."""
        host = self.header("host") or ""
        if host.startswith("["):
            return host.partition("]")[0] + "]"
        return host.partition(":")[0]


def _fields(encoded: str) -> dict[str, list[str]]:
    """Fields of an urlencoded text (URL standard, section 5.1). A flood of them is not read at all."""
    fields: dict[str, list[str]] = {}
    if encoded.count("&") >= MAX_FIELDS:
        return fields
    for pair in encoded.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if "%" in pair or "+" in pair:
                name, value = unquote_plus(name), unquote_plus(value)
            if name in fields:
                fields[name].append(value)
            else:
                fields[name] = [value]
    return fields


def origin_form(raw: bytes) -> bytes:
    """The path and query of a target, also of one in absolute form, as sent to proxies (RFC 9112 section
    3.2).

    What is neither, such as `*`, stays.
    """
    if raw[:1] == b"/":
        return raw
    _, mark, rest = raw.partition(b"://")
    if not mark:
        return raw
    slash = rest.find(b"/")
    query = rest.find(b"?")
    if slash < 0 or 0 <= query < slash:
        return b"/" + rest[query:] if query >= 0 else b"/"
    return rest[slash:]


def origin_of(raw: bytes) -> str:
    """Scheme and authority of a target in absolute form; "" for others."""
    scheme, mark, rest = raw.partition(b"://")
    if not mark:
        return ""
    end = min((place for sign in (b"/", b"?") if (place := rest.find(sign)) >= 0), default=len(rest))
    return f"{scheme.decode('latin-1').lower()}://{rest[:end].decode('latin-1')}"


def canonical_path(raw: bytes) -> str:
    """The path in the one spelling that endpoints are compared in.

    Percent escapes are decoded as UTF-8, but `%2F` and `%25` stay encoded, so that an encoded slash never
    splits a segment and decoding twice never happens (RFC 3986 section 2.2). A `%` that begins no escape
    becomes `%25`. Bytes that are not UTF-8 become U+FFFD.
    """
    if b"%" in raw:
        raw = _ESCAPE.sub(_decode_escape, raw)
    return raw.decode("utf-8", "replace")


_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")


def _decode_escape(match: re.Match[bytes]) -> bytes:
    digits = match[1]
    if digits is None or digits == b"25":
        return b"%25"
    if digits in (b"2F", b"2f"):
        return b"%2F"
    return bytes((int(digits, 16),))


def decoded_value(text: str) -> str:
    """A path parameter's value from its canonical spelling: the last two escapes are decoded."""
    if "%" not in text:
        return text
    return text.replace("%2F", "/").replace("%25", "%")
