"""`auth` at the top of the config → compiled schemes, and the endpoints that they bring along.

`SCHEMES` is the TABLE of them.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.model import Scheme as Written
from understudy.simulate.auth.api_key import compile_api_key
from understudy.simulate.auth.basic import compile_basic
from understudy.simulate.auth.bearer import compile_bearer
from understudy.simulate.auth.identity import Compile, Scheme
from understudy.simulate.auth.jwt import OwnKey, compile_jwt
from understudy.simulate.auth.oauth import OauthScheme, oauth_scheme
from understudy.simulate.auth.session import SessionScheme, compile_session
from understudy.simulate.feature import Generated
from understudy.simulate.kit import Kit, Place

SCHEMES: dict[str, Compile] = {
    "api_key": compile_api_key,
    "basic": compile_basic,
    "bearer": compile_bearer,
    "session": compile_session,
}
"""Those that need nothing but what is written; `jwt` and `oauth` also look at the provider."""


class Setup:
    """The compiled `auth` of a config."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        written = kit.config.auth
        self.schemes: dict[str, Scheme | None] = {}  # None: it has a problem
        self.endpoints: list[Generated] = []
        self.key: OwnKey | None = None
        self.provider: OauthScheme | None = None
        """The scheme of the provider's own tokens."""
        if written.provider is not UNSET:
            self._add_provider(written.provider)
        for name, scheme in written.schemes.items():
            self.schemes[name] = compiled = self.compile(scheme, name, ("auth", "schemes", name))
            if isinstance(compiled, SessionScheme):
                self.endpoints += compiled.endpoints()

    def compile(self, written: Written, name: str, place: Place) -> Scheme | None:
        """One scheme; None after a problem."""
        kit, kind = self._kit, written.kind
        if kind is None:
            kit.problem(place, f"a scheme has one of {', '.join([*SCHEMES, 'jwt', 'oauth'])}")
            return None
        inner = (*place, kind)
        if kind == "jwt":
            return compile_jwt(getattr(written, kind), name, written.realm, kit, inner, self.key)
        if kind == "oauth":
            provider = kit.config.auth.provider
            if provider is UNSET:
                kit.problem(
                    inner, "there is no provider whose tokens these could be: describe `auth.provider`"
                )
                return None
            return oauth_scheme(name, written.realm, provider, self.key) if self.key else None
        return SCHEMES[kind](getattr(written, kind), name, written.realm, kit, inner)

    def _add_provider(self, written: Any) -> None:
        from understudy.simulate.oauth.provider import own_key, provider_endpoints

        self.key = own_key(written, self._kit)
        if self.key is not None:
            self.provider = oauth_scheme("provider", "understudy", written, self.key)
            self.endpoints += provider_endpoints(written, self.key, self.provider, self._kit)


def setup_of(kit: Kit) -> Setup:
    """The compiled `auth` of the config that is being compiled."""
    if kit.auth is None:
        kit.auth = Setup(kit)
    return kit.auth


def auth_endpoints(kit: Kit) -> list[Generated]:
    """The endpoints that schemes and the provider bring along."""
    written = kit.config.auth
    return setup_of(kit).endpoints if written.schemes or written.provider is not UNSET else []
