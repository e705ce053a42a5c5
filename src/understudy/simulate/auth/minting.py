"""Making tokens for the schemes of a config: for `understudy token` and `/__token`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from understudy.simulate.auth.jwt import CannotSign, JwtScheme
from understudy.simulate.auth.keyring import Keyring
from understudy.simulate.auth.setup import Setup


class TokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token shall be like. Without a scheme: the only one that takes signed tokens."""

    scheme: str | None = None
    claims: dict[str, Any] = {}
    scopes: list[str] = []
    expires_in_s: Annotated[float, Meta(ge=-1e9, le=1e10)] = 3600.0
    algorithm: str | None = None


def minting_scheme(setup: Setup | None, name: str | None) -> JwtScheme:
    """The scheme to make a token for. Raises CannotSign."""
    schemes = {} if setup is None else dict(setup.schemes)
    signing = {known: one for known, one in schemes.items() if isinstance(one, JwtScheme)}
    if name is None:
        if len(signing) == 1:
            return next(iter(signing.values()))
        if not signing and setup is not None and setup.provider is not None:
            return setup.provider
        what = f"several: {', '.join(signing)}" if signing else "none"
        raise CannotSign(f"name the scheme: of those for signed tokens (jwt, oauth) the config has {what}")
    found = schemes.get(name)
    if isinstance(found, JwtScheme):
        return found
    if found is not None:
        raise CannotSign(f"the scheme {name} has fixed secrets in the config, and takes no signed tokens")
    raise CannotSign(f"there is no scheme {name!r} for signed tokens, only: {', '.join(signing) or 'none'}")


async def make_token(setup: Setup | None, wanted: TokenRequest, keyring: Keyring, now: float) -> str:
    """A token. Raises CannotSign."""
    scheme = minting_scheme(setup, wanted.scheme)
    return await scheme.mint(
        keyring, now, wanted.claims, wanted.scopes, wanted.expires_in_s, wanted.algorithm
    )
