"""`session`: logging in with a password gives a cookie (RFC 6265), which endpoints then ask for."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.model import Session, duration_s
from understudy.request import Request
from understudy.simulate.auth.identity import Identity, Refusal, Scheme
from understudy.simulate.auth.rows import put_bounded
from understudy.simulate.auth.users import People
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Generated
from understudy.simulate.kit import Kit, Place
from understudy.steps import Header, Step, json_reply

SESSIONS = "sessions"
"""The table: session id → {scheme, user, expires_at}."""
NO_STORE: Header = (b"Cache-Control", b"no-store")


class SessionScheme(Scheme):
    """Knows who has logged in."""

    type = "Cookie"

    def __init__(self, name: str, realm: str, written: Session, headers: tuple[Header, ...]) -> None:
        super().__init__(name, realm)
        self.written = written
        self._people = People(written.users)
        self._ttl_s = duration_s(written.ttl)
        self._headers = (NO_STORE, *headers)

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        sid = exchange.request.cookies.get(self.written.cookie)
        if sid is None:
            return self.missing(
                f"nobody is logged in: POST {self.written.login} with username and password gives the cookie"
                f" {self.written.cookie}"
            )
        session = await exchange.store.get(exchange.space, SESSIONS, sid)
        if session is None or session["scheme"] != self.name:
            return self.invalid(f"the cookie {self.written.cookie} belongs to no session")
        if exchange.now >= session["expires_at"]:
            await exchange.store.delete(exchange.space, SESSIONS, sid)
            return self.invalid("the session has expired: log in again")
        person = self._people.by_name.get(session["user"])
        return person.identity if person is not None else self.invalid("the user is no longer there")

    def challenge(self, **parameters: str) -> str:
        place = {"form-action": self.written.login, "cookie-name": self.written.cookie}
        return super().challenge(**place, **parameters)

    def endpoints(self) -> tuple[Generated, ...]:
        """Those that log in and out."""
        return (
            Generated(f"{self.name} login", self.written.login, ("POST",), self.log_in),
            Generated(f"{self.name} logout", self.written.logout, ("POST",), self.log_out),
        )

    async def log_in(self, exchange: Exchange) -> tuple[Step, ...]:
        """200 and a cookie, or what is wrong."""
        written = credentials(exchange.request)
        if written is None:
            message = "username and password are needed, as JSON or as a form"
            return (json_reply(400, {"error": "Bad request", "message": message}, self._headers),)
        found = self._people.check(*written)
        if isinstance(found, str):
            return (json_reply(401, {"error": "Unauthorized", "message": found}, self._headers),)
        sid = exchange.keys.token()
        session = {"scheme": self.name, "user": found.name, "expires_at": exchange.now + self._ttl_s}
        old = exchange.request.cookies.get(self.written.cookie)
        if old is not None:
            await exchange.store.delete(exchange.space, SESSIONS, old)
        await put_bounded(exchange, SESSIONS, sid, session)
        cookie = self._cookie(sid, max(1, int(self._ttl_s)))
        return (json_reply(200, {"user": found.name}, (cookie, *self._headers)),)

    async def log_out(self, exchange: Exchange) -> tuple[Step, ...]:
        """200, whether or not anybody was logged in."""
        sid = exchange.request.cookies.get(self.written.cookie)
        if sid is not None:
            await exchange.store.delete(exchange.space, SESSIONS, sid)
        return (json_reply(200, {"message": "Logged out"}, (self._cookie("", 0), *self._headers)),)

    def _cookie(self, value: str, max_age_s: int) -> Header:
        text = f"{self.written.cookie}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax"
        return b"Set-Cookie", text.encode()


def credentials(request: Request) -> tuple[str, str] | None:
    """`username` and `password` from a form or from JSON; None if one is missing."""
    values: dict[str, Any] = {name: found[0] for name, found in request.form.items()}
    if not values or request.body.lstrip().startswith(b"{"):  # `curl -d '{…}'` calls its JSON a form
        try:
            body = request.json()
        except ValueError:
            body = None
        values = body if isinstance(body, dict) else {}
    username, password = values.get("username", UNSET), values.get("password", UNSET)
    return (username, password) if isinstance(username, str) and isinstance(password, str) else None


def compile_session(written: Session, name: str, realm: str, kit: Kit, place: Place) -> Scheme | None:
    """Compile the scheme."""
    if place[:2] != ("auth", "schemes"):
        kit.problem(
            place, "a session scheme adds endpoints: describe it under `auth.schemes`, and name it here"
        )
        return None
    if written.login == written.logout:
        kit.problem((*place, "logout"), "logging in and logging out need paths of their own")
        return None
    return SessionScheme(name, realm, written, kit.constant_headers)
