"""Which documented response a request gets, and in which media type.

The choice of the response is Prism's (its packages/http/src/mocker/negotiator); that of the media type is
that of RFC 9110 section 12.5.1. What a client likes alike it gets in the order in which it names it, as in
Prism; of what it does not name (`*/*`), JSON is first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from understudy.formats.openapi.bodies import JSON, XML, content_type
from understudy.formats.openapi.operations import Media, Response
from understudy.match.accept import best, read_range
from understudy.steps import BODILESS

REFUSALS: dict[int, tuple[int, ...]] = {401: (401,), 415: (415, 422, 400), 422: (422, 400)}
"""Where the answer to a request that is refused is looked for: who is not let in, a body in a wrong media
type, and whatever else is not as the document says. After these comes `default`."""

RANGES = {
    "*/*": ("application/json", "application/xml", "text/plain"),
    "application/*": ("application/json", "application/xml"),
    "text/*": ("text/plain",),
    "image/*": ("image/png",),
    "audio/*": ("audio/mpeg",),
    "video/*": ("video/mp4",),
    "font/*": ("font/woff2",),
    "model/*": ("model/gltf-binary",),
}
"""What is sent where a range of media types is documented; for other ranges `application/octet-stream`."""


class Offer(NamedTuple):
    """A media type that a response can be sent in: as it is negotiated, and the value of `Content-Type`."""

    type: str
    sent: str
    media: Media


def usual_response(responses: Sequence[Response]) -> tuple[Response, int] | None:
    """What a request gets that asks for nothing, and its status: the lowest success, else `default`, else the
    first of the others; None if nothing can be sent."""
    final = [one for one in responses if one.status[0] != "1"]  # a status below 200 ends no exchange
    ranks = {"2": 0, "d": 1}
    chosen = min(final, key=lambda one: (ranks.get(one.status[0], 2), one.status), default=None)
    if chosen is None:
        return None
    return chosen, 200 if chosen.status == "default" else int(chosen.status.replace("XX", "00"))


def response_for(responses: Sequence[Response], statuses: Sequence[int]) -> tuple[Response, int] | None:
    """The documented response for the first of these statuses that has one, by itself or by its range.

    Else `default`, as the first of them; None if there is neither.
    """
    for status in statuses:
        for written in (str(status), f"{status // 100}XX"):
            for one in responses:
                if one.status == written:
                    return one, status
    return next(((one, statuses[0]) for one in responses if one.status == "default"), None)


def offers_of(response: Response, status: int) -> tuple[Offer, ...]:
    """What a response can be sent as, the most usual first: JSON, and what has examples."""
    if status in BODILESS:
        return ()
    found: list[tuple[tuple[int, bool], Offer]] = []
    for media in response.media:
        for name, sent in _types(media.type):
            plain = name.partition(";")[0].strip()
            rank = 0 if media.type == "application/json" else 1 if JSON.fullmatch(plain) else 2
            found.append(((rank, not media.examples), Offer(name, sent, media)))
    return tuple(offer for _, offer in sorted(found, key=lambda one: one[0]))


def choose_offer(accept: str | None, offers: Sequence[Offer]) -> Offer | None:
    """What a client wants most, the first of what it wants alike; None if it wants nothing of it.

    Where it wants nothing, its parameters are left out (`application/json;version=2`, as Prism does), and
    then a type such as `application/problem+json` stands for plain JSON (RFC 6839): a client that reads JSON
    is better served with it than with a 406.
    """
    if accept is None or not accept.strip():
        return offers[0] if offers else None
    names = [offer.type for offer in offers]
    plain = _PARAMETER.sub("", accept)
    for header, kinds in (
        (accept, names),
        (plain, names),
        (plain, [_family(name, "application/xml") for name in names]),
        (plain, [_family(name, "text/xml") for name in names]),  # the same (RFC 7303 section 9.2)
    ):
        chosen = best(header, _as_named(plain, kinds))
        if chosen is not None:
            return offers[kinds.index(chosen)]
    return None


_PARAMETER = re.compile(
    r';[ \t]*(?!q[ \t]*=)[^,;="]*(?:=[ \t]*(?:"(?:[^"\\]|\\.)*"|[^,;"]*))?', re.IGNORECASE
)


def _as_named(accept: str, kinds: Sequence[str]) -> list[str]:
    """What is offered, in the order in which a client names it; what it does not name comes last."""
    named = [element.partition(";")[0].strip().lower() for element in accept.split(",")]
    return sorted(kinds, key=lambda kind: named.index(kind) if kind in named else len(named))


def _types(written: str) -> list[tuple[str, str]]:
    """The types that one in a document stands for: as they are negotiated, and as they are sent."""
    found = read_range(written)
    if found is None:  # no media type: whoever takes anything gets it
        return [("*/*", written)]
    if found.subtype != "*":
        return [(written, content_type(written))]
    names = RANGES.get(f"{found.type}/*", ("application/octet-stream",))
    return [(name, content_type(name)) for name in names]


def _family(name: str, xml: str) -> str:
    """A type by its syntax, if that is JSON or XML; `xml` is how that is called."""
    plain = name.partition(";")[0].strip()
    if JSON.fullmatch(plain) and plain != "*/*":
        return "application/json"
    return xml if XML.fullmatch(plain) else plain
