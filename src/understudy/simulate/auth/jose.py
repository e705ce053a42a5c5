"""Keys and signatures of JSON Web Tokens (RFC 7515, 7517, 7519), done by joserfc.

What this file adds is what a token may not decide: the algorithm has to be an allowed one and to fit the
type of the key (RFC 8725 sections 3.1 and 3.2), keys that a token brings or points to are not looked at, and
each part has one spelling. joserfc is imported when the first key is.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from understudy.model.auth import ALGORITHMS, HMAC_ALGORITHMS

MAX_TOKEN_CHARACTERS = 16_384
MAX_SHOWN_CHARACTERS = 60
_RSA = tuple(name for name in ALGORITHMS if name[:2] in {"RS", "PS"})
_BY_CURVE = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA", "Ed448": "EdDSA"}
_SEGMENT = re.compile(r"[A-Za-z0-9_-]*")
_OWN_KEYS = ("jwk", "jku", "x5u", "x5c")


class TokenError(Exception):
    """A token that is no good; the text says why."""


class KeyProblem(Exception):
    """A key that cannot be used; the text says why."""


class JoseKey:
    """A key, what it may sign, and how tokens call it. Without a `kid` it answers to every name."""

    __slots__ = ("algorithms", "is_private", "key", "kid")

    def __init__(self, key: Any, kid: str | None, algorithms: Sequence[str]) -> None:
        self.key = key
        self.kid = kid
        self.algorithms = tuple(algorithms)
        self.is_private: bool = key.is_private

    def public_jwk(self) -> dict[str, Any]:
        """The public half, for a JWK Set."""
        named = {} if self.kid is None else {"kid": self.kid}
        return {**self.key.as_dict(private=False), **named, "use": "sig"}


# --- keys ---------------------------------------------------------------------------------------------------


def secret_key(secret: str) -> JoseKey:
    """The key of a shared secret. Raises KeyProblem."""
    from joserfc.jwk import OctKey

    if "-----BEGIN " in secret:
        raise KeyProblem("this is a key in PEM form, not a shared secret: put it into a file, in `key_file`")
    raw = secret.encode()
    return JoseKey(OctKey(raw, raw), None, HMAC_ALGORITHMS)  # `import_key` warns of short ones


def read_keys(data: bytes) -> list[JoseKey]:
    """The keys of a file: one in PEM form, a JWK, or a JWK Set. Raises KeyProblem."""
    text = data.strip()
    if text.startswith(b"{"):
        try:
            return jwk_keys(msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            raise KeyProblem(f"this is not JSON: {error}") from None
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    if not text.startswith(b"-----BEGIN "):
        raise KeyProblem("this is neither PEM (-----BEGIN …) nor a JWK ({…})")
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return [_key(kind.import_key(text))]
        except (JoseError, ValueError, TypeError):
            continue
    raise KeyProblem("this PEM file has no RSA, EC or Ed25519 key without a passphrase")


def jwk_keys(document: Any) -> list[JoseKey]:
    """The keys of a JWK or a JWK Set that are for signatures. Raises KeyProblem."""
    written = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(written, list):
        raise KeyProblem('a JWK Set looks like {"keys": [{"kty": "RSA", …}]}')
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    keys = []
    for number, jwk in enumerate(written):
        if isinstance(jwk, dict) and jwk.get("use", "sig") != "sig":
            continue
        try:
            keys.append(_key(import_key(jwk)))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise KeyProblem(f"key {number} of the set cannot be read: {error}") from None
    if not keys:
        raise KeyProblem("there is no key for signatures in it")
    return keys


def generate_key(algorithm: str) -> JoseKey:
    """A new private key for an algorithm; RSA takes a twentieth of a second and more."""
    from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

    key: Any
    if algorithm in HMAC_ALGORITHMS:
        key = OctKey.generate_key(512)
    elif algorithm in _RSA:
        key = RSAKey.generate_key(2048)
    elif algorithm == "EdDSA":
        key = OKPKey.generate_key("Ed25519")
    else:
        key = ECKey.generate_key(next(curve for curve, name in _BY_CURVE.items() if name == algorithm))
    return JoseKey(key, key.thumbprint(), _fitting(key))


def kind_of(algorithm: str) -> str:
    """Algorithms of the same kind use the same key."""
    return "RSA" if algorithm in _RSA else "oct" if algorithm in HMAC_ALGORITHMS else algorithm


def _key(key: Any) -> JoseKey:
    kid = key.kid
    algorithms = _fitting(key)
    if key.alg is not None:
        algorithms = [name for name in algorithms if name == key.alg]
    if not algorithms:
        raise KeyProblem(f"a key of type {key.key_type} for {key.alg or 'that curve'} signs no tokens")
    return JoseKey(key, kid if isinstance(kid, str) else None, algorithms)


def _fitting(key: Any) -> list[str]:
    if key.key_type == "oct":
        return list(HMAC_ALGORITHMS)
    if key.key_type == "RSA":
        return list(_RSA)
    name = _BY_CURVE.get(str(key.get("crv")))
    return [name] if name else []


# --- tokens -------------------------------------------------------------------------------------------------


def sign(key: JoseKey, algorithm: str, claims: dict[str, Any], type_: str = "JWT") -> str:
    """A signed token. The key is private, and fits the algorithm."""
    from joserfc import jws

    header = {"alg": algorithm, "typ": type_, **({} if key.kid is None else {"kid": key.kid})}
    return str(jws.serialize_compact(header, msgspec.json.encode(claims), key.key, registry=_registry()))


def verify(
    token: str, keys: Sequence[JoseKey], allowed: Sequence[str], type_: str | None = None
) -> dict[str, Any]:
    """The claims of a token, of that `typ` if one is given, that a key has signed. Raises TokenError."""
    header, payload = _take_apart(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise TokenError("the token is not signed (alg none), so anybody may have written it")
    if algorithm not in allowed:
        raise TokenError(f"the token is signed with {_shown(algorithm)}, accepted: {', '.join(allowed)}")
    if "crit" in header:
        raise TokenError(f"the token needs extensions that are not known here: crit {_shown(header['crit'])}")
    if type_ is not None and str(header.get("typ")).lower().removeprefix("application/") != type_:
        raise TokenError(f"the token is of the type {_shown(header.get('typ'))}, accepted: {type_}")
    kid = header.get("kid")
    named = [key for key in keys if kid is None or key.kid is None or key.kid == kid]
    if not named:
        known = ", ".join(str(key.kid) for key in keys) or "none yet: no token was signed by this server"
        raise TokenError(f"no key has the kid {_shown(kid)}; known: {known}")
    fitting = [key for key in named if algorithm in key.algorithms]
    if not fitting:
        raise TokenError(f"no key here is one for {algorithm}")
    if not any(_is_signed_by(token, key) for key in fitting):
        message = "the signature is wrong: another key signed the token, or it was changed since"
        brought = [name for name in _OWN_KEYS if name in header]
        if brought:
            message += f"; keys that a token brings itself ({', '.join(brought)}) are never trusted"
        raise TokenError(message)
    return payload


def _take_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise TokenError(f"the token is longer than {MAX_TOKEN_CHARACTERS} characters")
    parts = token.split(".")
    if len(parts) == 5:
        raise TokenError("the token is encrypted (five parts): only signed ones are read here")
    if len(parts) != 3:
        raise TokenError(f"the token is no JSON Web Token: three parts with dots between, found {len(parts)}")
    header, payload = _json(parts[0], "header"), _json(parts[1], "payload")
    _decode(parts[2], "signature")
    return header, payload


def _json(segment: str, name: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(_decode(segment, name))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise TokenError(f"the {name} of the token is not JSON") from None
    if not isinstance(value, dict):
        raise TokenError(f"the {name} of the token is not a JSON object")
    return value


def _decode(segment: str, name: str) -> bytes:
    """The bytes of a part. A second spelling of the same bytes is refused, so that no change goes unseen."""
    if _SEGMENT.fullmatch(segment) and len(segment) % 4 != 1:
        raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        if urlsafe_b64encode(raw).rstrip(b"=").decode() == segment:
            return raw
    raise TokenError(f"the {name} of the token is not base64url")


def _is_signed_by(token: str, key: JoseKey) -> bool:
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        jws.deserialize_compact(token, key.key, registry=_registry())
    except (JoseError, ValueError, TypeError, AttributeError):
        return False
    return True


@cache
def _registry() -> Any:
    """joserfc's, with our bounds. Which algorithms are allowed was decided before it is asked."""
    from joserfc.jws import JWSRegistry

    class Registry(JWSRegistry):
        max_header_length = MAX_TOKEN_CHARACTERS
        max_payload_length = MAX_TOKEN_CHARACTERS

        def get_alg(self, name: str) -> Any:
            return self.algorithms[name]

    return Registry(strict_check_header=False)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[: MAX_SHOWN_CHARACTERS - 1] + "…"
