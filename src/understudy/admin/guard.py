"""Who may use the control endpoints.

A page in the user's browser must not reach them: it could by a name that it points at 127.0.0.1 (DNS
rebinding; hence the check of `Host`) or by a plain cross-site request (hence `Origin`). Where the server
listens on more than this machine, a token is needed instead.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TOKEN_HEADER = "x-understudy-token"  # noqa: S105 - the header's name


class Guard:
    """ASGI middleware: lets a request through or answers 401 or 403 with the reason."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        origin = headers.get(b"origin")
        if origin is not None and not _is_of(origin, host):
            return _refuse(403, f"control endpoints are not for pages of other sites ({origin})")
        if self.token is None:
            if not is_local_name(host):
                return _refuse(
                    403, f"control endpoints are asked by a local name, not as {host!r}: use http://127.0.0.1"
                )
            return None
        if not self._has_token(headers, scope):
            refusal = _refuse(401, "control endpoints need the token that was printed at start")
            refusal.headers["www-authenticate"] = 'Bearer realm="understudy"'
            return refusal
        return None

    def _has_token(self, headers: dict[bytes, str], scope: Scope) -> bool:
        scheme, _, bearer = headers.get(b"authorization", "").partition(" ")
        offered = [
            headers.get(TOKEN_HEADER.encode(), ""),
            bearer if scheme.lower() == "bearer" else "",
            parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0],
        ]
        return any(hmac.compare_digest(one.encode(), (self.token or "").encode()) for one in offered)


def _is_of(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # such as `http://[`
        return False


def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine by a name that no DNS server can point elsewhere."""
    name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    name = name.lower()
    return name in {"localhost", "::1"} or name.endswith(".localhost") or _is_loopback_v4(name)


def _is_loopback_v4(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "127" and len(parts) == 4 and all(part.isdigit() for part in parts)


def _refuse(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)
