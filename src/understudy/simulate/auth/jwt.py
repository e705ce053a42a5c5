"""`jwt`: signed tokens (RFC 7519), checked as RFC 7519 section 4.1 and RFC 8725 say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.match import ConditionError
from understudy.match.kinds.dotted import values_at
from understudy.match.values import ValuesTest, compile_condition
from understudy.model import Jwt, Operators
from understudy.model.auth import ALGORITHMS
from understudy.model.match import Conditions
from understudy.simulate.auth.bearer import NO_TOKEN, NOT_BEARER
from understudy.simulate.auth.identity import (
    Identity,
    Refusal,
    Scheme,
    authorization,
    bearer_token,
    scopes_of,
)
from understudy.simulate.auth.jose import (
    JoseKey,
    KeyProblem,
    TokenError,
    jwk_keys,
    kind_of,
    read_keys,
    secret_key,
    sign,
    verify,
)
from understudy.simulate.auth.keyring import Keyring
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit, Place

MAX_REMEMBERED_TOKENS = 4096
"""Verified tokens that are known again without another look at their signature."""
MAX_REMEMBERED_BYTES = 4096
"""Of a header that is remembered; a longer one is verified each time."""
FOREVER = float("inf")
MAX_TIME_S = 1e15
"""Later times, in thirty million years' time, are milliseconds or nonsense."""
OWN_ALGORITHM = "RS256"
"""What this server signs with if nothing is said: the one that every client knows."""


class CannotSign(Exception):
    """A token cannot be made for a scheme; the text says why, and what helps."""


class _Verified(NamedTuple):
    identity: Identity
    expires_at: float


class OwnKey:
    """The key that this server signs with: from a file, or made at first use."""

    def __init__(self, algorithm: str, key: JoseKey | None = None) -> None:
        self.algorithm = algorithm
        self._given = key

    def known(self, keyring: Keyring) -> list[JoseKey]:
        """The key, if there is one yet."""
        key = self._given or keyring.peek(self.algorithm)
        return [] if key is None else [key]

    async def get(self, keyring: Keyring) -> JoseKey:
        """The private key."""
        return self._given or await keyring.key(self.algorithm)

    @property
    def is_made(self) -> bool:
        """Whether the key is this server's alone."""
        return self._given is None


class ClaimTest(NamedTuple):
    """A condition on one claim. `wanted` shows it."""

    name: str
    test: ValuesTest
    wanted: str

    def complaint(self, claims: dict[str, Any]) -> str | None:
        """What is wrong with the claim, if anything is."""
        values = values_at(claims, self.name)
        if self.test(values):
            return None
        found = f"is {', '.join(values)[:60]!r}" if values else "is missing"
        return f"the claim {self.name} {found}, wanted: {self.wanted}"


def compile_claims(written: Conditions, kit: Kit, place: Place) -> list[ClaimTest]:
    """Conditions on claims."""
    tests = []
    for name, condition in written.items():
        try:
            test = compile_condition(condition)
        except ConditionError as error:
            kit.problem((*place, name, *error.keys), error.message)
            continue
        tests.append(ClaimTest(name, test, msgspec.json.encode(_plain(condition)).decode()))
    return tests


def _plain(condition: Any) -> Any:
    if not isinstance(condition, Operators):
        return condition
    return {name: value for name, value in msgspec.to_builtins(condition).items() if value is not False}


class JwtScheme(Scheme):
    """Verifies tokens, and remembers those that were good."""

    token_type: str | None = None
    """What `typ` has to be; None: anything."""

    def __init__(
        self,
        name: str,
        realm: str,
        keys: Sequence[JoseKey],
        own: Sequence[OwnKey],
        allowed: Sequence[str],
        written: Jwt,
        claims: list[ClaimTest],
    ) -> None:
        super().__init__(name, realm)
        self._keys = tuple(keys)
        self._own = tuple(own)
        self._allowed = tuple(allowed)
        self._issuers = [written.issuer] if isinstance(written.issuer, str) else written.issuer
        self._audiences = [written.audience] if isinstance(written.audience, str) else written.audience
        self._leeway_s = written.leeway_s
        self._written = written
        self._claims = claims
        self._verified: dict[bytes, _Verified] = {}

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        header = authorization(exchange.request)
        if header is None:
            return self.missing(NO_TOKEN)
        known = self._verified.get(header)
        if known is not None and exchange.now < known.expires_at:
            return known.identity
        token = bearer_token(header)
        if token is None:
            return self.invalid(NOT_BEARER, "invalid_request")
        try:
            claims = self.verify(token, exchange.keys, exchange.now)
        except TokenError as error:
            return self.invalid(str(error))
        identity = Identity(claims, scopes_of(claims))
        if len(header) <= MAX_REMEMBERED_BYTES:
            if len(self._verified) >= MAX_REMEMBERED_TOKENS:
                self._verified.clear()
            expires_at = claims["exp"] + self._leeway_s if "exp" in claims else FOREVER
            self._verified[header] = _Verified(identity, expires_at)
        return identity

    def verify(self, token: str, keyring: Keyring, now: float) -> dict[str, Any]:
        """The claims of a token that is good now. Raises TokenError."""
        keys = self._keys or [key for own in self._own for key in own.known(keyring)]
        claims = verify(token, keys, self._allowed, self.token_type)
        _check_times(claims, now, self._leeway_s)
        if self._issuers and claims.get("iss") not in self._issuers:
            raise TokenError(_differs("iss", claims.get("iss"), self._issuers))
        if self._audiences:
            audience = claims.get("aud")
            listed = audience if isinstance(audience, list) else [audience]
            if not any(one in self._audiences for one in listed):
                raise TokenError(_differs("aud", audience, self._audiences))
        for test in self._claims:
            complaint = test.complaint(claims)
            if complaint is not None:
                raise TokenError(complaint)
        return claims

    @property
    def needs_server(self) -> bool:
        """Whether only the running server has the key to sign with."""
        return not self._keys and any(own.is_made for own in self._own)

    async def mint(
        self,
        keyring: Keyring,
        now: float,
        claims: dict[str, Any],
        scopes: Sequence[str] = (),
        expires_in_s: float = 3600,
        algorithm: str | None = None,
    ) -> str:
        """A token that this scheme lets in, unless `claims` say otherwise. Raises CannotSign."""
        if algorithm is not None and algorithm not in self._allowed:
            raise CannotSign(f"the scheme does not take {algorithm}: {', '.join(self._allowed)}")
        filled: dict[str, Any] = {"iat": int(now), "exp": int(now + expires_in_s), "jti": keyring.token(12)}
        if self._issuers:
            filled["iss"] = self._issuers[0]
        if self._audiences:
            filled["aud"] = self._audiences[0]
        filled |= {
            name: value for name, value in self._written.claims.items() if not isinstance(value, Operators)
        }
        if scopes:
            filled["scope"] = " ".join(scopes)
        signs_with, key = await self._signing_key(keyring, algorithm)
        return sign(key, signs_with, filled | claims, self.token_type or "JWT")

    async def _signing_key(self, keyring: Keyring, algorithm: str | None) -> tuple[str, JoseKey]:
        wanted = [algorithm] if algorithm else list(self._allowed)
        for own in self._own:
            if own.algorithm in wanted or algorithm is None:
                return own.algorithm, await own.get(keyring)
            if kind_of(own.algorithm) == kind_of(wanted[0]):
                return wanted[0], await own.get(keyring)
        for key in self._keys:
            fitting = [name for name in wanted if name in key.algorithms]
            if fitting and key.is_private:
                return fitting[0], key
        raise CannotSign(
            "the scheme has only public keys, which verify but cannot sign: give the private key"
        )


def compile_jwt(
    written: Jwt | str, name: str, realm: str, kit: Kit, place: Place, provided: OwnKey | None
) -> Scheme | None:
    """Compile the scheme. `provided` is the provider's key, which stands for the server's own."""
    if isinstance(written, str):
        written = Jwt()
    try:
        keys = _read(written, kit, place)
    except KeyProblem as problem:
        kit.problem(place, str(problem))
        return None
    if keys is None:
        return None
    own: list[OwnKey] = []
    if keys:
        fitting = [one for one in ALGORITHMS if any(one in key.algorithms for key in keys)]
        usual = ["HS256"] if written.secret is not UNSET else fitting
        allowed: Sequence[str] = written.algorithms or usual
        stray = [one for one in allowed if one not in fitting]
        if stray:
            kit.problem(
                (*place, "algorithms"),
                f"{stray[0]} does not fit the key, which is for {', '.join(fitting)}",
            )
            return None
    else:
        allowed, own = _own_keys(written, provided)
    return JwtScheme(
        name, realm, keys, own, allowed, written, compile_claims(written.claims, kit, (*place, "claims"))
    )


def _own_keys(written: Jwt, provided: OwnKey | None) -> tuple[Sequence[str], list[OwnKey]]:
    if not written.algorithms:
        own = provided or OwnKey(OWN_ALGORITHM)
        return [own.algorithm], [own]
    return written.algorithms, [
        provided if provided is not None and provided.algorithm == one else OwnKey(one)
        for one in written.algorithms
    ]


def _read(written: Jwt, kit: Kit, place: Place) -> list[JoseKey] | None:
    """The given keys, none if the server's own are meant; None after a problem. Raises KeyProblem."""
    if written.secret is not UNSET:
        return [secret_key(written.secret)]
    if isinstance(written.jwks, dict):
        return jwk_keys(written.jwks)
    for key in ("key_file", "jwks"):
        relative = getattr(written, key)
        if relative is not UNSET:
            return read_key_file(relative, kit, (*place, key))
    return []


def read_key_file(relative: str, kit: Kit, place: Place) -> list[JoseKey] | None:
    """The keys of a file; None after a problem."""
    data = kit.read(relative, place)
    if data is None:
        return None
    try:
        return read_keys(data)
    except KeyProblem as problem:
        kit.problem(place, str(problem), found=relative)
        return None


# --- claims -------------------------------------------------------------------------------------------------


def _check_times(claims: dict[str, Any], now: float, leeway_s: float) -> None:
    """Expiry, not before, and issued at (RFC 7519 sections 4.1.4 to 4.1.6)."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TokenError(f"{name} is not a number of seconds since 1970: {value!r:.60}")
        if not -MAX_TIME_S < value < MAX_TIME_S:
            raise TokenError(f"{name} is too far away to be a time in seconds since 1970")
    if "exp" in claims and now >= claims["exp"] + leeway_s:
        raise TokenError(f"the token expired {_ago(now - claims['exp'])} ago")
    if claims.get("nbf", 0) > now + leeway_s:
        raise TokenError(f"the token is not good before {_ago(claims['nbf'] - now)} from now (nbf)")
    if claims.get("iat", 0) > now + leeway_s:
        raise TokenError(f"the token was issued {_ago(claims['iat'] - now)} in the future (iat)")


def _ago(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _differs(name: str, found: Any, wanted: Sequence[str]) -> str:
    shown = f"is {found!r:.100}" if found is not None else "is missing"
    return f"the claim {name} {shown}, wanted: {' or '.join(wanted)}"
