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
    """For each document that is served: itself, the page, and what that is made of."""
    for site in sites(kit.loaded):
        yield from _endpoints(site)


class Site(NamedTuple):
    """Where a document and its page are: paths."""

    spec: Spec
    settings: OpenApi
    page: str
    address: str

    @property
    def name(self) -> str:
        """What the config calls the document."""
        return self.settings.spec

    @property
    def kind(self) -> str:
        """Such as "OpenAPI 3.1"."""
        version = self.spec.api.version
        return f"{'Swagger' if version == '2.0' else 'OpenAPI'} {version}"


def sites(loaded: Loaded) -> Iterator[Site]:
    """Those of a config. Where several documents would be at one path, the later ones have numbers."""
    served: dict[int, tuple[Spec, OpenApi]] = {}
    for entry in loaded.origins.entries:
        if entry.driven is not None:
            served.setdefault(id(entry.driven.settings), (entry.driven.document, entry.driven.settings))
    taken: set[str] = set()

    def free(path: str, suffix: str = "") -> str:
        ends = ("", *(f"-{number}" for number in range(2, len(served) + 1)))
        found = next(one for end in ends if (one := f"{path}{end}{suffix}") not in taken)
        taken.add(found)
        return found

    for spec, settings in served.values():
        if settings.page is not None:
            address = free(f"{settings.prefix.rstrip('/')}/openapi", f".{format_of(spec.document)}")
            yield Site(spec, settings, free(settings.page), address)


def _endpoints(site: Site) -> Iterator[Generated]:
    spec, settings, path, address = site
    prefix = settings.prefix.rstrip("/")
    form = format_of(spec.document)
    title = spec.api.title

    @cache
    def document() -> Reply:
        body = spec_bytes(spec.document, prefix, servers=settings.servers)
        # whoever writes a client wants the document wherever the page is from
        return Reply(200, ((b"Content-Type", TYPES[form]), (b"Cache-Control", b"no-cache")), body)

    async def send_document(exchange: Exchange) -> tuple[Step, ...]:
        return (document(),)

    async def send_page(exchange: Exchange) -> tuple[Step, ...]:
        # relative, so that it works behind a proxy that takes a part of the path away
        up = "../" * (exchange.request.path.removeprefix(prefix).count("/") - 1)
        spec_at, own = address.removeprefix(f"{prefix}/"), path.removeprefix(f"{prefix}/")
        return (page(f"{up}{spec_at}", f"{up}{own}/assets", title),)

    async def send_asset(exchange: Exchange) -> tuple[Step, ...]:
        name = exchange.request.params["name"]
        return (asset(name) or json_reply(404, {"error": "no such file", "files": list(ASSETS)}),)

    def generated(what: str, at: str, produce: Produce) -> Generated:
        return Generated(f"openapi {what} {at}", at, METHODS, produce)

    yield generated("document", address, send_document)
    yield generated("page", path, send_page)
    yield generated("assets", f"{path}/assets/{{name}}", send_asset)
