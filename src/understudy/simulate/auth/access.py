"""The key `auth` of an endpoint → the stage that lets a request through or turns it away."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from understudy.load.hints import nearest
from understudy.model import Access, Endpoint
from understudy.request import Request
from understudy.simulate.auth.identity import Identity, Refusal, Scheme, authorization
from understudy.simulate.auth.jwt import ClaimTest, compile_claims
from understudy.simulate.auth.setup import setup_of
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Header, Reply, json_reply

OPEN = "none"


def add_auth(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the stage that asks who it is."""
    written = endpoint.auth
    if written is UNSET or written is False:
        return
    place = (*place, "auth")
    access = written if isinstance(written, Access) else Access()
    if isinstance(written, Access) and written.use is UNSET:
        if written.kind is not None:
            scheme = setup_of(kit).compile(written, "inline", place)
            schemes = [] if scheme is None else [scheme]
        else:
            schemes = _named(True, kit, place)
    else:
        names = access.use if isinstance(written, Access) else written
        if names == OPEN and OPEN not in kit.config.auth.schemes:
            return
        schemes = _named(names, kit, place if access.use is UNSET else (*place, "use"))
    claims = compile_claims(access.claims, kit, (*place, "claims"))
    if schemes:
        parts.before.append(Gate(schemes, access.scopes, claims, kit.constant_headers))


def _named(names: Any, kit: Kit, place: Place) -> list[Scheme]:
    """The schemes of these names; True stands for the only one."""
    known = kit.config.auth.schemes
    if names is True:
        if len(known) != 1:
            message = "`auth.schemes` is empty" if not known else f"there are several: {', '.join(known)}"
            kit.problem(place, f"`true` means the only scheme, but {message}")
            return []
        names = next(iter(known))
    found = []
    for number, name in enumerate([names] if isinstance(names, str) else names):
        if name not in known:
            near = nearest(name, list(known))
            kit.problem(
                place if isinstance(names, str) else (*place, number),
                f"there is no scheme {name!r} under `auth.schemes`, only {', '.join(known)}"
                if known
                else f"there is no scheme {name!r}: `auth.schemes`, at the top of the config, has none yet",
                suggestion=f'"{near}"' if near else None,
            )
            continue
        scheme = setup_of(kit).schemes[name]
        if scheme is not None:
            found.append(scheme)
    return found


class Gate:
    """Lets a request through that one of the schemes knows, if it has the scopes and claims."""

    __slots__ = ("_claims", "_headers", "_schemes", "_scopes")

    def __init__(
        self,
        schemes: list[Scheme],
        scopes: list[str],
        claims: list[ClaimTest],
        headers: tuple[Header, ...],
    ) -> None:
        self._schemes = tuple(schemes)
        self._scopes = frozenset(scopes)
        self._claims = tuple(claims)
        self._headers = headers

    async def __call__(self, exchange: Exchange) -> Reply | None:
        refusals = []
        for scheme in self._schemes:
            found = await scheme.identify(exchange)
            if type(found) is Identity:
                exchange.claims = found.claims
                if self._scopes or self._claims:
                    return self._check(scheme, found)
                return None
            refusals.append((scheme, found))
        return self._refuse(refusals, exchange.request)

    def _check(self, scheme: Scheme, identity: Identity) -> Reply | None:
        """403 for somebody who is known, but may not do this."""
        lacking = sorted(self._scopes - identity.scopes)
        if lacking:
            has = " ".join(sorted(identity.scopes)) or "none"
            message = f"the scope {' '.join(lacking)} is needed; there is {has}"
            wanted = " ".join(sorted(self._scopes))
            challenge = scheme.challenge(error="insufficient_scope", error_description=message, scope=wanted)
            return self._reply(403, "insufficient_scope", message, scheme, [challenge])
        for test in self._claims:
            complaint = test.complaint(identity.claims)
            if complaint is not None:
                return self._reply(403, "insufficient_claims", complaint, scheme, [])
        return None

    def _refuse(self, refusals: list[tuple[Scheme, Any]], request: Request) -> Reply:
        """The refusal of what the client tried; if it tried nothing, all that it may try."""
        tried: list[tuple[Scheme, Refusal]] = [pair for pair in refusals if not pair[1].is_empty_handed]
        if len(tried) > 1:  # a Bearer token is no bad try at Basic where tokens are taken too
            kind = (authorization(request) or b"").partition(b" ")[0].lower().decode("latin-1")
            tried.sort(key=lambda pair: pair[0].type.lower() != kind)
        scheme, refusal = (tried or refusals)[0]
        challenges = [refusal.challenge] if tried else [one.challenge for _, one in refusals]
        message = refusal.message if tried else "; or ".join(one.message for _, one in refusals)
        return self._reply(refusal.status, refusal.code, message, scheme, challenges)

    def _reply(
        self, status: int, code: str | None, message: str, scheme: Scheme, challenges: list[str]
    ) -> Reply:
        body = {
            "error": "Forbidden" if status == 403 else "Unauthorized",
            **({"code": code} if code else {}),
            "message": message,
            "scheme": scheme.name,
        }
        headers = tuple((b"WWW-Authenticate", one.encode("ascii", "replace")) for one in challenges)
        return json_reply(status, body, (*headers, *self._headers))
