"""`resource`: a collection of the database, served as a real API would.

    query string ── query ──▶ Query ── select ──▶ records ── relations ──▶ with others ── read ──▶ reply
    body ── body, patch ──▶ record ── write, schema, etag ──▶ store (one atomic step) ── persist ──▶ file

`catalog` has the collections of a program. This file makes the paths of a resource and sends its answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from understudy.model import WHOLE_DATABASE, Endpoint, Resource
from understudy.simulate.content import compile_headers, header_bytes
from understudy.simulate.exchange import Exchange, in_task
from understudy.simulate.feature import Parts, Route
from understudy.simulate.kit import Kit, Place
from understudy.simulate.resource.catalog import ONLY_KEY, Catalog, Collection, catalog_of, described
from understudy.simulate.resource.etag import etag, not_modified
from understudy.simulate.resource.names import foreign_key
from understudy.simulate.resource.read import Answer, read_list, read_one
from understudy.simulate.resource.records import dig
from understudy.simulate.resource.refused import PROBLEM_TYPE, Refused
from understudy.simulate.resource.write import change, create, delete, missing, replace
from understudy.steps import JSON_TYPE, Header, Reply, Step

EXPOSED = b"X-Total-Count, Link, Location, ETag"
"""Headers of replies that scripts of other origins may read."""

Handler = Callable[[Exchange], Awaitable[Reply]]


def add_resource(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the paths of a collection: itself, its records, and the records that refer to them."""
    if endpoint.resource is UNSET:
        return
    catalog = catalog_of(kit)
    resource = described(endpoint.resource)
    if not isinstance(endpoint.path, str) or "*" in endpoint.path:
        kit.problem((*place, "path"), "a resource has a path without wildcards, such as /api/users")
        return
    if resource.collection == WHOLE_DATABASE:
        parts.routes.append(Route(endpoint.path, ("GET",), _nothing))
        return
    collection = catalog.collections.get(resource.collection)
    if collection is None:  # a problem, which is told already
        parts.routes.append(Route(endpoint.path, ("GET",), _nothing))
        return
    served = _Served(endpoint, resource, collection, catalog, kit, place)
    parts.routes += served.routes(endpoint.path)


async def _nothing(exchange: Exchange) -> tuple[Step, ...]:
    return (Reply(200, (JSON_TYPE,), b"{}"),)


def live_database(endpoint: Endpoint, kit: Kit) -> Callable[[Exchange], Awaitable[Any]] | None:
    """What shows an endpoint's templates the database as resources have changed it; None if not needed."""
    catalog = kit.shared.get(Catalog) if endpoint.resource is not UNSET else catalog_of(kit)
    if not isinstance(catalog, Catalog) or not catalog.collections:
        return None
    written = msgspec.json.encode(endpoint, enc_hook=repr)
    if b"database" not in written and "database" not in kit.templates.roots:
        return None
    database = kit.loaded.database
    return lambda exchange: catalog.database(database, exchange)


class _Served:
    """One endpoint with a resource."""

    def __init__(
        self,
        endpoint: Endpoint,
        resource: Resource,
        collection: Collection,
        catalog: Catalog,
        kit: Kit,
        place: Place,
    ) -> None:
        self.collection = collection
        self.catalog = catalog
        self.dialect = resource.dialect
        self.read_only = resource.read_only
        written = {} if endpoint.headers is UNSET else endpoint.headers
        headers = compile_headers(written, b"", kit, place, 204)
        if kit.cors is not None:
            headers.append((b"Access-Control-Expose-Headers", EXPOSED))
        self.constant = tuple((name, value) for name, value in headers if isinstance(value, bytes))
        self.rendered = [(name, value) for name, value in headers if not isinstance(value, bytes)]
        self.has_type = any(name.lower() == b"content-type" for name, _ in headers)
        self.parameter = "id"
        self.child_parameter = "id"

    # --- paths ---------------------------------------------------------------------------------------------

    def routes(self, path: str) -> list[Route]:
        base = path.rstrip("/")
        while "{" + self.parameter + "}" in base or "{" + self.parameter + ":" in base:
            self.parameter += "_"
        here: dict[str, Handler]
        if self.collection.is_single:
            here = {"GET": self.one}
            if not self.read_only:
                here |= {"PUT": self.put, "POST": self.put, "PATCH": self.patch}
            return [self._route(path, here)]
        here = {"GET": self.list}
        item: dict[str, Handler] = {"GET": self.one}
        if not self.read_only:
            here["POST"] = self.post
            item |= {"PUT": self.put, "PATCH": self.patch, "DELETE": self.delete}
        routes = [self._route(path, here), self._route(f"{base}/{{{self.parameter}}}", item)]
        for child in self.catalog.children(self.collection):
            if child is not self.collection and not set("{}*") & set(child.name):
                below = f"{base}/{{{self.parameter}}}/{quote(child.name, safe='')}"
                routes.append(self._route(below, self._nested(child)))
        return routes

    def _route(self, path: str, handlers: dict[str, Handler]) -> Route:
        async def produce(exchange: Exchange) -> tuple[Step, ...]:
            method = exchange.request.method
            handler = handlers["GET" if method == "HEAD" else method]
            try:
                return (await handler(exchange),)
            except Refused as refused:
                return (
                    await self.reply(
                        exchange, refused.status, refused.body(), (PROBLEM_TYPE, *refused.headers)
                    ),
                )

        return Route(path, tuple(handlers), produce)

    def _nested(self, child: Collection) -> dict[str, Handler]:
        key = foreign_key(self.collection.name)

        async def read(exchange: Exchange) -> Reply:
            parent = await self._parent(exchange)
            answer = await read_list(child, self.catalog, self.dialect, exchange, (key, str(parent)))
            return await self._read(exchange, answer)

        async def post(exchange: Exchange) -> Reply:
            parent = await self._parent(exchange)
            return await self._create(child, child.path, exchange, {key: parent})

        return {"GET": read} if self.read_only or child.read_only else {"GET": read, "POST": post}

    # --- handlers ------------------------------------------------------------------------------------------

    async def list(self, exchange: Exchange) -> Reply:
        answer = await read_list(self.collection, self.catalog, self.dialect, exchange)
        return await self._read(exchange, answer)

    async def one(self, exchange: Exchange) -> Reply:
        answer = await read_one(self.collection, self._key(exchange), self.catalog, self.dialect, exchange)
        return await self._read(exchange, answer)

    async def post(self, exchange: Exchange) -> Reply:
        return await self._create(self.collection, exchange.request.path, exchange, {})

    async def put(self, exchange: Exchange) -> Reply:
        _, encoded = await replace(self.collection, self._key(exchange), exchange)
        return await self._written(exchange, encoded)

    async def patch(self, exchange: Exchange) -> Reply:
        _, encoded = await change(self.collection, self._key(exchange), exchange)
        return await self._written(exchange, encoded)

    async def delete(self, exchange: Exchange) -> Reply:
        touched = await delete(self.collection, self._key(exchange), self.catalog, exchange)
        await _keep(exchange, *touched)
        return await self.reply(exchange, 200, b"{}", (JSON_TYPE,))

    async def _create(
        self, collection: Collection, path: str | None, exchange: Exchange, fixed: dict[str, Any]
    ) -> Reply:
        key, _, encoded = await create(collection, exchange, fixed)
        await _keep(exchange, collection)
        headers: tuple[Header, ...] = (JSON_TYPE, (b"ETag", etag(encoded)))
        if path is not None:
            base = quote(path.rstrip("/"), safe="/%!$&'()*+,;=:@")
            headers = (*headers, (b"Location", f"{base}/{quote(key, safe='')}".encode()))
        return await self.reply(exchange, 201, encoded, headers)

    async def _written(self, exchange: Exchange, encoded: bytes) -> Reply:
        await _keep(exchange, self.collection)
        return await self.reply(exchange, 200, encoded, (JSON_TYPE, (b"ETag", etag(encoded))))

    async def _read(self, exchange: Exchange, answer: Answer) -> Reply:
        tag = (b"ETag", answer.tag)
        if not_modified(exchange.request, answer.tag):
            return await self.reply(exchange, 304, b"", (tag, *answer.headers))
        return await self.reply(exchange, 200, answer.body, (JSON_TYPE, tag, *answer.headers))

    async def _parent(self, exchange: Exchange) -> Any:
        """The id of the record that the path leads through."""
        key = self._key(exchange)
        record = (await self.collection.rows(exchange)).items.get(key)
        if record is None:
            raise missing(self.collection, key)
        return dig(record, self.collection.id_keys)

    def _key(self, exchange: Exchange) -> str:
        return ONLY_KEY if self.collection.is_single else str(exchange.request.params[self.parameter])

    async def reply(self, exchange: Exchange, status: int, body: bytes, headers: tuple[Header, ...]) -> Reply:
        """A reply with the endpoint's own headers behind."""
        if self.has_type and status < 400:
            headers = tuple(header for header in headers if header is not JSON_TYPE)
        if self.rendered:
            await exchange.prepare()
            headers += tuple((name, header_bytes(value())) for name, value in self.rendered)
        return Reply(status, headers + self.constant, body)


async def _keep(exchange: Exchange, *collections: Collection) -> None:
    """Write what has changed back to its file, where that is asked for."""
    if exchange.space or exchange.writer is None:
        return
    for file in {collection.file for collection in collections if collection.file is not None}:
        await in_task()
        await file.save(exchange)


__all__ = ["add_resource", "live_database"]
