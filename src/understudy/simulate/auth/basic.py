"""`basic`: user name and password with every request (RFC 7617)."""

from __future__ import annotations

import binascii

from understudy.model import Users
from understudy.simulate.auth.identity import Identity, Refusal, Scheme, authorization
from understudy.simulate.auth.users import People
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit, Place


class BasicScheme(Scheme):
    """Knows users and their passwords, or takes any if `people` is None."""

    type = "Basic"

    def __init__(self, name: str, realm: str, people: People | None) -> None:
        super().__init__(name, realm)
        self._people = people
        # What nearly every client sends is known beforehand, down to the byte.
        self._headers = {
            b"Basic " + binascii.b2a_base64(f"{user}:{person.password}".encode(), newline=False): person
            for user, person in (people.by_name.items() if people is not None else ())
        }

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        header = authorization(exchange.request)
        if header is None:
            return self.missing("a user name and a password are needed: Authorization: Basic")
        known = self._headers.get(header)
        if known is not None:
            return known.identity
        scheme, _, encoded = header.partition(b" ")
        if scheme.lower() != b"basic":
            return self.invalid("the Authorization header is not of the kind Basic")
        try:
            text = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
        except ValueError:  # binascii.Error, UnicodeDecodeError
            return self.invalid("what follows Basic is not base64 of UTF-8 text")
        user, colon, password = text.partition(":")
        if not colon:
            return self.invalid("user name and password are separated by a colon")
        if self._people is None:
            return Identity({"sub": user})
        found = self._people.check(user, password)
        return self.invalid(found) if isinstance(found, str) else found.identity

    def challenge(self, **parameters: str) -> str:
        return super().challenge(charset="UTF-8")


def compile_basic(written: Users, name: str, realm: str, kit: Kit, place: Place) -> Scheme | None:
    """Compile the scheme."""
    if isinstance(written.users, str):
        return BasicScheme(name, realm, None)
    for user in written.users:
        if ":" in user:
            kit.problem((*place, "users", user), "a user name has no colon here (RFC 7617 section 2)")
            return None
    return BasicScheme(name, realm, People(written.users))
