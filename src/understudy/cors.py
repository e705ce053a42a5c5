"""Cross-origin resource sharing, as browsers ask for it (Fetch standard, section 3.3).

With any origin allowed and no credentials, the headers are the same for all requests and become part of the
prebuilt replies. Otherwise they depend on `Origin` and are added per request.
"""

from __future__ import annotations

from understudy.model import Cors
from understudy.request import Request
from understudy.steps import Header

_VARY: tuple[Header, ...] = ((b"Vary", b"Origin"),)


class CorsPolicy:
    """A compiled `cors`."""

    def __init__(self, cors: Cors) -> None:
        self._cors = cors
        self._any = "*" in cors.origins
        self.is_constant = self._any and not cors.credentials
        expose = ((b"Access-Control-Expose-Headers", ", ".join(cors.expose).encode()),) if cors.expose else ()
        self._expose: tuple[Header, ...] = expose
        self.constant_headers: tuple[Header, ...] = (
            ((b"Access-Control-Allow-Origin", b"*"), *expose) if self.is_constant else ()
        )

    @classmethod
    def of(cls, written: bool | Cors) -> CorsPolicy | None:
        """The policy for what stands in the config; None if there is none."""
        if isinstance(written, Cors):
            return cls(written)
        return cls(Cors()) if written else None

    def headers(self, request: Request) -> tuple[Header, ...]:
        """What a reply to this request gets on top of `constant_headers`."""
        if self.is_constant:
            return ()
        for name, _ in request.raw_headers:
            if len(name) == 6 and name.lower() == b"origin":
                break
        else:
            return _VARY
        origin = request.header("origin")
        if origin is None or not (self._any or origin in self._cors.origins):
            return _VARY
        headers = (
            (b"Access-Control-Allow-Origin", origin.encode("latin-1")),
            *self._expose,
            *_VARY,
        )
        if self._cors.credentials:
            headers = (*headers, (b"Access-Control-Allow-Credentials", b"true"))
        return headers

    def preflight(self, request: Request, allowed: list[str]) -> tuple[Header, ...]:
        """The headers of the answer to a preflight, on top of those of any reply."""
        asked_method = request.header("access-control-request-method")
        asked_headers = request.header("access-control-request-headers")
        methods = self._cors.methods or sorted({*allowed, *([asked_method] if asked_method else [])})
        headers: list[Header] = [
            (b"Access-Control-Allow-Methods", ", ".join(methods).encode("latin-1")),
            (b"Access-Control-Max-Age", str(self._cors.max_age_s).encode()),
        ]
        allow_headers = ", ".join(self._cors.headers) or asked_headers
        if allow_headers:
            headers.append((b"Access-Control-Allow-Headers", allow_headers.encode("latin-1")))
        return tuple(headers)
