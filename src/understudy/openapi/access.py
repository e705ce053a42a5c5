"""Who may ask: whether a request has what the document's security schemes ask for.

A mock cannot know which keys the real API accepts: any will do, if it looks like one. So it is in Prism.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Operation
from understudy.formats.openapi.security import Alternatives
from understudy.request import Request

MESSAGE = "Invalid security scheme used"

_BASIC = 'Basic realm="*"'
_DIGEST = 'Digest realm="*", nonce="abc123"'
_DIGEST_NEEDS = ("username", "realm", "nonce", "uri", "response")
_BEARER = re.compile(r"Bearer\s+\S.*", re.IGNORECASE)


class Refusal(NamedTuple):
    """Why a request is refused with 401.

    `challenges` are the values of `WWW-Authenticate`, as Prism has them. There is none for a scheme that the
    header has no name for, such as a key in the query.
    """

    challenges: tuple[str, ...]
    message: str = MESSAGE

    @property
    def header(self) -> str:
        """The challenges as one value; "" if the header is to be left out."""
        return ",".join(self.challenges)


Access = Callable[[Request], Refusal | None]
Challenge = Callable[[Request], str | None]
"""None if the request has what the scheme asks for; else the challenge, "" if there is none to name."""


def compile_access(
    operation: Operation, api_security: Alternatives | None, schemes: Mapping[str, Node]
) -> Access | None:
    """What decides whether a request may pass; None if any may.

    `api_security` is for operations that do not say. Each alternative needs all its schemes; an empty one
    lets everybody in, and so does one whose schemes cannot be checked (`mutualTLS`).
    """
    alternatives = api_security if operation.security is None else operation.security
    compiled: list[tuple[Challenge, ...]] = []
    for alternative in alternatives or ():
        needed = tuple(
            check for name in alternative if (check := _scheme(name, operation, schemes)) is not None
        )
        if not needed:
            return None
        compiled.append(needed)
    if not compiled:
        return None

    def access(request: Request) -> Refusal | None:
        challenges: list[str] = []
        for needed in compiled:
            missing = [found for check in needed if (found := check(request)) is not None]
            if not missing:
                return None
            challenges += missing
        return Refusal(tuple(dict.fromkeys(filter(None, challenges))))

    return access


def _scheme(name: str, operation: Operation, schemes: Mapping[str, Node]) -> Challenge | None:
    node = schemes.get(name)
    if node is None:
        operation.node.warn(
            "there is no security scheme of this name: nothing is asked for", "security", name
        )
        return None
    kind = node.text("type")
    compile_scheme = SCHEMES.get(f"http {node.text('scheme').lower()}" if kind == "http" else kind)
    made = compile_scheme(node) if compile_scheme is not None else None
    if made is None:
        node.warn("there is no scheme like this: nothing is asked for", found=kind)
    return made


# --- schemes ------------------------------------------------------------------------------------------------


def _api_key(node: Node) -> Challenge | None:
    name = node.text("name")
    lower = name.lower()
    where = node.text("in")
    if not name:
        return None
    if where == "header":
        return lambda request: None if request.header(lower) else ""
    if where == "query":
        return lambda request: None if any(request.query.get(name, ())) else ""
    if where == "cookie":
        return lambda request: None if request.cookies.get(name) else ""
    return None


def _bearer(challenge: str) -> Callable[[Node], Challenge]:
    def look(request: Request) -> str | None:
        return None if _BEARER.fullmatch(request.header("authorization") or "") else challenge

    return lambda node: look


def _basic(node: Node) -> Challenge:
    def look(request: Request) -> str | None:
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return _BASIC
        return None if _has_colon(token.strip()) else ""

    return look


def _has_colon(token: str) -> bool:
    """Whether it is user and password in base64 (RFC 7617 section 2)."""
    try:
        return b":" in base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return False


def _digest(node: Node) -> Challenge:
    def look(request: Request) -> str | None:
        scheme, _, rest = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "digest":
            return _DIGEST
        return None if all(f"{name}=" in rest for name in _DIGEST_NEEDS) else ""

    return look


SCHEMES: dict[str, Callable[[Node], Challenge | None]] = {
    "apiKey": _api_key,
    "http basic": _basic,
    "http digest": _digest,
    "http bearer": _bearer("Bearer"),
    "oauth2": _bearer("OAuth2"),
    "openIdConnect": _bearer("OpenID"),
}
"""What each type of scheme asks for; those that are not here cannot be checked."""
