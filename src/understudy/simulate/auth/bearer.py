"""`bearer`: fixed tokens (RFC 6750)."""

from __future__ import annotations

from understudy.model import Bearer
from understudy.simulate.auth.identity import (
    ANYBODY,
    Identity,
    Refusal,
    Scheme,
    authorization,
    bearer_token,
    known,
)
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit, Place

NO_TOKEN = "a token is needed: Authorization: Bearer TOKEN"  # noqa: S105 - a message
NOT_BEARER = "the Authorization header is not of the kind Bearer, or stands there twice"


class BearerScheme(Scheme):
    """Knows tokens, or takes any if `tokens` is None."""

    def __init__(self, name: str, realm: str, tokens: dict[str, Identity] | None) -> None:
        super().__init__(name, realm)
        self._tokens = tokens

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        header = authorization(exchange.request)
        if header is None:
            return self.missing(NO_TOKEN)
        token = bearer_token(header)
        if token is None:
            return self.invalid(NOT_BEARER, "invalid_request")
        if self._tokens is None:
            return ANYBODY if token else self.invalid("there is no token behind Bearer", "invalid_request")
        return self._tokens.get(token) or self.invalid("the token is not a known one")


def compile_bearer(
    written: str | list[str] | Bearer, name: str, realm: str, kit: Kit, place: Place
) -> Scheme | None:
    """Compile the scheme."""
    if isinstance(written, str):
        written = [written]
    tokens = written if isinstance(written, list) else written.tokens
    return BearerScheme(name, realm, known(tokens, "token"))
