"""A server that requests are sent on to: compiled settings, without any connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from understudy.model import ForwardProxy, Headers, Proxy, Tls
from understudy.steps import Header

PORTS = {"http": 80, "https": 443}

_Resolve = Callable[[str, str], Path | None]
"""(a file as it is written, the key) → its absolute path; None after a problem that was told."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How a server's certificate is checked, and which is shown to it. Files are absolute paths."""

    verify: bool = True
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A server and how it is spoken to. Equal ones share their connections.

    `prefix` stands before each path, `strip` is taken off before. `headers` replace those of a request, and
    `removed` are left out; names in lower case.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int
    prefix: bytes = b""
    strip: bytes = b""
    keep_host: bool = False
    headers: tuple[Header, ...] = ()
    removed: frozenset[bytes] = frozenset()
    rewrite_location: bool = False
    http2: Literal["auto", "never", "always"] = "auto"
    trust: Trust = Trust()
    connect_timeout_s: float = 10.0
    timeout_s: float = 60.0
    max_connections: int = 256

    authority: str = field(init=False, compare=False)
    """What stands in `Host`: no port if it is the scheme's."""
    host_header: bytes = field(init=False, compare=False)
    _hash: int = field(init=False, compare=False, repr=False)
    """Each request asks for the pool of its target."""

    def __post_init__(self) -> None:
        host = f"[{self.host}]" if ":" in self.host else self.host
        authority = host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"
        object.__setattr__(self, "authority", authority)
        object.__setattr__(self, "host_header", authority.encode())
        compared = tuple(getattr(self, one.name) for one in fields(self) if one.compare)
        object.__setattr__(self, "_hash", hash(compared))

    def __hash__(self) -> int:
        return self._hash

    @property
    def origin(self) -> str:
        """Such as `https://api.example.com`."""
        return f"{self.scheme}://{self.authority}"


def target_of(proxy: Proxy, resolve: _Resolve) -> Target:
    """The compiled form of a proxy."""
    parts = urlsplit(proxy.target)
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return Target(
        scheme,
        _ascii(parts.hostname or ""),
        parts.port or PORTS[scheme],
        parts.path.rstrip("/").encode(),
        proxy.strip_prefix.rstrip("/").encode(),
        proxy.keep_host,
        tuple(header_lines(proxy.headers)),
        frozenset(name.lower().encode() for name in proxy.remove_headers),
        proxy.rewrite_location,
        proxy.http2,
        trust_of(proxy.tls, resolve),
        proxy.connect_timeout_s,
        proxy.timeout_s,
        proxy.max_connections,
    )


class Origins:
    """Targets of clients whose proxy this server is: any origin, each compiled once."""

    def __init__(self, settings: ForwardProxy, resolve: _Resolve) -> None:
        self._base = Target(
            "http",
            "",
            0,
            keep_host=True,
            http2=settings.http2,
            trust=trust_of(settings.tls, resolve),
            connect_timeout_s=settings.connect_timeout_s,
            timeout_s=settings.timeout_s,
            max_connections=settings.max_connections,
        )
        self.of = lru_cache(maxsize=1024)(self._of)

    def _of(self, origin: str) -> Target | None:
        """The target for an origin such as `https://api.example.com`; None if it is none."""
        try:
            parts = urlsplit(origin)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
            return None
        scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
        return replace(self._base, scheme=scheme, host=parts.hostname, port=port or PORTS[scheme])


def trust_of(tls: Tls, resolve: _Resolve) -> Trust:
    """The compiled form of what is written about certificates."""
    files = {
        name: None if written is None else resolve(written, name)
        for name, written in (
            ("ca_file", tls.ca_file),
            ("cert_file", tls.cert_file),
            ("key_file", tls.key_file),
        )
    }
    return Trust(tls.verify, **files)


def header_lines(headers: Headers) -> list[Header]:
    """Headers as they are sent, a list as several."""
    return [
        (name.encode(), _text(value).encode("latin-1", "replace"))
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ascii(host: str) -> str:
    """A host name as it is looked up (RFC 5891); addresses stay."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
