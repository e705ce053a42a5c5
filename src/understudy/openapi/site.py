"""The document and a page that shows it, as endpoints of the server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from understudy.load import Loaded
from understudy.model import OpenApi
from understudy.openapi.page import ASSETS, asset, page
from understudy.openapi.published import TYPES, format_of, spec_bytes
from understudy.openapi.spec import Spec
from understudy.simulate.exchange import Exchange, Produce
from understudy.simulate.feature import Generated
from understudy.simulate.kit import Kit
from understudy.steps import Reply, Step, json_reply

METHODS = ("GET",)


def site_endpoints(kit: Kit) -> Iterator[Generated]:
    """For each document that is served: itself, the page, and what that is made of.

    Of several documents below one prefix the first has them.
    """
    taken: set[str] = set()
    for spec, settings in _served(kit.loaded):
        for one in _of(spec, settings):
            if one.path not in taken:
                taken.add(one.path)
                yield one


class Site(NamedTuple):
    """Where a document and its page are: paths. `kind` is such as "OpenAPI 3.1"."""

    name: str
    kind: str
    page: str
    address: str


def sites(loaded: Loaded) -> Iterator[Site]:
    """The pages of a config."""
    taken: set[str] = set()
    for spec, settings in _served(loaded):
        assert settings.page is not None, "else it has none"
        if settings.page not in taken:
            taken.add(settings.page)
            version = spec.api.version
            kind = f"{'Swagger' if version == '2.0' else 'OpenAPI'} {version}"
            yield Site(settings.spec, kind, settings.page, _address(spec, settings))


def _served(loaded: Loaded) -> Iterator[tuple[Spec, OpenApi]]:
    """The documents that have a page."""
    served: dict[int, tuple[Spec, OpenApi]] = {}
    for entry in loaded.origins.entries:
        if entry.driven is not None:
            served.setdefault(id(entry.driven.settings), (entry.driven.document, entry.driven.settings))
    return (one for one in served.values() if one[1].page is not None)


def _address(spec: Spec, settings: OpenApi) -> str:
    return f"{settings.prefix.rstrip('/')}/openapi.{format_of(spec.document)}"


def _of(spec: Spec, settings: OpenApi) -> Iterator[Generated]:
    path = settings.page
    assert path is not None, "asked for"
    prefix = settings.prefix.rstrip("/")
    form = format_of(spec.document)
    address = _address(spec, settings)
    title = spec.api.title

    @cache
    def document() -> Reply:
        body = spec_bytes(spec.document, prefix, servers=settings.servers)
        # whoever writes a client wants the document wherever the page is from
        return Reply(200, ((b"Content-Type", TYPES[form]), (b"Cache-Control", b"no-cache")), body)

    async def send_document(exchange: Exchange) -> tuple[Step, ...]:
        return (document(),)

    async def send_page(exchange: Exchange) -> tuple[Step, ...]:
        behind = exchange.request.path.removeprefix(prefix).count("/") - 1
        up = "../" * behind
        own = path.removeprefix(f"{prefix}/")
        return (page(f"{up}openapi.{form}", f"{up}{own}/assets", title),)

    async def send_asset(exchange: Exchange) -> tuple[Step, ...]:
        name = exchange.request.params["name"]
        return (asset(name) or json_reply(404, {"error": "no such file", "files": list(ASSETS)}),)

    def generated(what: str, at: str, produce: Produce) -> Generated:
        return Generated(f"openapi {what} {at}", at, METHODS, produce)

    yield generated("document", address, send_document)
    yield generated("page", path, send_page)
    yield generated("assets", f"{path}/assets/{{name}}", send_asset)
