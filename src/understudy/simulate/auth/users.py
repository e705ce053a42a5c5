"""People with passwords, wherever a config lists some."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from understudy.model import User
from understudy.simulate.auth.identity import Identity, scopes_of


class Person(NamedTuple):
    """Somebody with a password. The claims have the name as `sub`."""

    name: str
    password: str
    claims: dict[str, Any]
    identity: Identity


class People:
    """Everybody who can log in, by name."""

    def __init__(self, written: Mapping[str, str | User]) -> None:
        self.by_name: dict[str, Person] = {}
        for name, user in written.items():
            password = user if isinstance(user, str) else user.password
            claims = {"sub": name, **({} if isinstance(user, str) else user.claims)}
            self.by_name[name] = Person(name, password, claims, Identity(claims, scopes_of(claims)))

    @property
    def first(self) -> Person | None:
        """The first one that the config lists."""
        return next(iter(self.by_name.values()), None)

    def check(self, name: str, password: str) -> Person | str:
        """The person, or what is wrong: a mock server may say which of the two it is."""
        person = self.by_name.get(name)
        if person is None:
            return f"there is no user {name[:60]!r}"
        if not hmac.compare_digest(person.password.encode(), password.encode("utf-8", "replace")):
            return f"the password of {name!r} is another"
        return person
