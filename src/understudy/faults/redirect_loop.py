"""A redirect that leads back to where it came from."""

from __future__ import annotations

from urllib.parse import quote

from understudy.faults.pieces import Steps
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import RedirectLoop
from understudy.simulate.kit import Kit, Place
from understudy.steps import Reply


def compile_redirect_loop(fault: RedirectLoop, kit: Kit, place: Place) -> Strike:
    """A redirect to the request's own target, without its scheme and host."""
    status, headers = fault.status, kit.constant_headers

    def strike(ignored: Steps, moment: Moment) -> Steps:
        location = (b"Location", own_location(moment.request.target).encode())
        return (Reply(status, (location, *headers), b""),)

    return strike


def own_location(target: str) -> str:
    """A request's target as a path with its query."""
    if not target.startswith("/"):
        scheme, separator, rest = target.partition("://")
        slash, query = rest.find("/"), rest.find("?")
        if not separator or not scheme.isalpha():
            target = "/"
        elif slash >= 0 and (query < 0 or slash < query):
            target = rest[slash:]
        else:
            target = "/" + (rest[query:] if query >= 0 else "")
    path, mark, query_string = target.partition("?")
    # `//host` would lead elsewhere (open redirect): the path begins with exactly one slash
    path = "/" + path.lstrip("/\\")
    return _quoted(path) + mark + _quoted(query_string)


def _quoted(text: str) -> str:
    """What may stand in a header as it is (RFC 3986), and the rest encoded; what is encoded remains so."""
    return quote(
        text.encode("latin-1", "replace"), safe="/%:@!$&'()*+,;=~-._?[]|^`{}\"<>\\".replace("\\", "")
    )
