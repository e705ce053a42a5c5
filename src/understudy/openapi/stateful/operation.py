"""What the operations of a resource do with a request: the engine of `resource`, as the document asks for it.

request ── the document's names ──▶ simulate/resource (rows, query, write) ── replies ──▶ documented reply
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from understudy.formats.openapi.paths import path_of
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.from_xml import FromXml, is_xml
from understudy.openapi.media import bare, covers
from understudy.openapi.shapes import shape_of
from understudy.openapi.stateful.collection import row_of
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.envelope import Slice
from understudy.openapi.stateful.infer import CHANGE, CREATE, DELETE, LIST, READ, REPLACE, Action
from understudy.openapi.stateful.listing import Listing
from understudy.openapi.stateful.records import Record
from understudy.openapi.stateful.refusals import Refusals
from understudy.openapi.stateful.replies import Replies
from understudy.openapi.stateful.served import Served, delete_owned
from understudy.openapi.stateful.shapes import facts_of, scalar_kind
from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.simulate.resource import values
from understudy.simulate.resource.body import FORM, JSON_PATCH, MERGE_PATCH, read_object
from understudy.simulate.resource.catalog import ONLY_KEY, Catalog
from understudy.simulate.resource.etag import etag, not_modified
from understudy.simulate.resource.query import Clause
from understudy.simulate.resource.records import dig, is_id, number_of, text_of
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.select import Snapshot
from understudy.simulate.resource.write import Edit, delete, edit, insert, missing, read_change
from understudy.steps import Header, Reply

Handler = Callable[[Exchange], Awaitable[Reply]]
Selected = list[Record]


class Operation:
    """One operation of a resource."""

    def __init__(self, served: Served, action: Action) -> None:
        self.served = served
        self.action = action
        self.collection = served.collection
        self.records = served.records
        operation = action.operation
        self.name = f"{operation.method} {operation.path}"
        path = path_of(operation)
        self._names = path.names if path is not None else {}
        self.refusals = Refusals(operation, served.data, served.shown)
        self.listing = Listing(operation, self.records.facts)
        self.by_server = self.records.made_by_server(action.request.schema if action.request else None)
        self._asked = (
            None if action.request is None else Fitting(action.request.schema, served.data, served.asked)
        )
        self._is_nested = action.parent != ""
        self._readers: dict[str, FromXml] = {}
        self.replies = Replies(served, action)
        self.handler: Handler = {
            LIST: self.list,
            CREATE: self.create,
            READ: self.read,
            REPLACE: self.replace,
            CHANGE: self.change,
            DELETE: self.delete,
        }[action.kind]

    # --- what a request is about ---------------------------------------------------------------------------

    def _parameter(self, exchange: Exchange, name: str) -> Any:
        return exchange.request.params[self._names.get(name, name)]

    async def owners(self, exchange: Exchange) -> Record:
        """The fields that name the owners that the path leads through. Raises Refused if there is none."""
        if not self._is_nested:
            return {}
        ids = [self._parameter(exchange, owner.parameter) for owner in self.action.owners]
        parent = self.served.others[self.action.parent]
        above = zip(parent.resource.owners, ids, strict=False)
        row = row_of([parent.typed(owner, id) for owner, id in above], ids[-1])
        rows = (await parent.collection.rows(exchange)).items
        if row not in rows:
            raise missing(parent.collection, str(ids[-1]))
        fields = (*parent.collection.owner_fields, parent.resource.id)
        return {
            owner.field: self.served.typed(owner, rows[row].get(field))
            for owner, field in zip(self.action.owners, fields, strict=True)
        }

    async def key(self, exchange: Exchange) -> str:
        """The row of the record that a request is about."""
        if self.collection.is_single:
            return ONLY_KEY
        owners = await self.owners(exchange)
        if self.action.key:
            id = self._parameter(exchange, self.action.key)
        else:
            id = self.sent(exchange.request).get(self.collection.id)
            if not is_id(id):
                raise Refused(422, f"the body has no {self.collection.id!r}, which says what it is about")
        row = row_of([owners.get(field) for field in self.collection.owner_fields], id)
        if not self.collection.owner_fields and owners:  # a view of a collection: others' are not in it
            record = (await self.collection.rows(exchange)).items.get(row)
            if record is not None and any(record.get(field) != value for field, value in owners.items()):
                raise missing(self.collection, row)
        return row

    def sent(self, request: Request) -> Record:
        """The record that a request brings, out of what stands around it; where the document asks for no body
        there may be none, and then all of it is made up. Raises Refused."""
        asked = self.action.operation.body
        if not request.body and (asked is None or not asked.required):
            return {}
        body: Any = self._xml(request) if is_xml(request.content_type) else read_object(request)
        held = self.action.request
        keys = held.keys if held is not None else ()
        found = dig(body, keys)
        if not isinstance(found, dict):
            raise Refused(422, f"the body has no object {'.'.join(keys)!r}")
        return self._read_form(found) if request.content_type == FORM else found

    def _xml(self, request: Request) -> Any:
        """XML as what the document says that it is. Raises Refused: 415 where it says nothing of it, 400."""
        asked = self.action.operation.body
        kind = request.content_type
        media = (one for one in asked.media if covers(bare(one.type), kind)) if asked is not None else ()
        found = next(iter(media), None)
        if found is None or found.schema is None:
            raise Refused(415, f"the document does not say what a record is as {kind}")
        reader = self._readers.get(found.type)
        if reader is None:
            schemas = Schemas(self.served.data.is_new)
            reader = self._readers[found.type] = FromXml(shape_of(schemas.of(found.schema)))
        try:
            return reader.shape.conform(reader.read(request.xml()))
        except ValueError as error:
            raise Refused(400, str(error)) from None

    def _read_form(self, fields: Record) -> Record:
        """The fields of a form with the types that the record has: a form has texts."""
        properties = self.records.facts.properties
        result: Record = {}
        for name, value in fields.items():
            kind = scalar_kind(properties.get(name))
            if kind == "number" and isinstance(value, str):
                number = number_of(value)
                value = value if number is None else number
            elif kind == "boolean" and value in {"true", "false"}:
                value = value == "true"
            elif name in properties and facts_of(properties[name]).items is not None:
                value = value if isinstance(value, list) else [value]
            result[name] = value
        return result

    # --- what it does --------------------------------------------------------------------------------------

    async def list(self, exchange: Exchange) -> Reply:
        request = exchange.request
        owners = await self.owners(exchange)
        snapshot = await self.collection.snapshot(exchange)
        likes_xml = self.replies.likes_xml(request)
        known_as = (self.name, request.raw_target, tuple(owners.items()), likes_xml)
        known = snapshot.answer(known_as)
        if known is None:
            records, part = self._part(snapshot, owners, request)
            body = self.replies.list_body(records, part, likes_xml)
            known = (part, body, etag(body))
            snapshot.remember(known_as, known, len(body) + len(request.raw_target))
        part, body, tag = known
        if not_modified(request, tag):
            return Reply(304, ((b"ETag", tag),), b"")
        return self.replies.reply(body, likes_xml, ((b"ETag", tag),), self.replies.status, part)

    def _part(self, snapshot: Snapshot, owners: Record, request: Request) -> tuple[Selected, Slice]:
        wanted = self.listing.read(request)
        query, group = wanted.query, None
        if owners:
            *others, (field, value) = owners.items()
            group = (field, text_of(value))
            clauses = tuple(Clause(name, values.equals(text_of(one))) for name, one in others)
            key = tuple((f"\0owner {name}", text_of(one)) for name, one in others)
            query = query._replace(clauses=query.clauses + clauses, key=query.key + key)
        found = snapshot.select(query, group)
        start, size = wanted.start, wanted.size
        records = found[start:] if size is None else found[start : start + size]
        step = size or len(found) or 1
        first = self.listing.first_page
        end = start + len(records)
        has_next = bool(records) and end < len(found)
        return records, Slice(
            total=len(found),
            start=start,
            length=len(records),
            size=step,
            page=start // step + first,
            next=self._link(request, end, step) if has_next else "",
            previous=self._link(request, max(start - step, 0), step) if start else "",
            cursor=str(end) if has_next else "",
        )

    def _link(self, request: Request, start: int, size: int) -> str:
        """The address of another part of a list; "" if no parameter says where it begins."""
        roles = self.listing.roles
        if "page" in roles:
            name, value = roles["page"].name, str(start // size + self.listing.first_page)
        elif "offset" in roles or "cursor" in roles:
            name, value = roles["offset" if "offset" in roles else "cursor"].name, str(start)
        else:
            return ""
        pairs = [(key, text) for key, found in request.query.items() if key != name for text in found]
        return (
            f"{request.raw_target.partition(b'?')[0].decode('latin-1')}?{urlencode([*pairs, (name, value)])}"
        )

    async def create(self, exchange: Exchange) -> Reply:
        owners = await self.owners(exchange)
        record = self._completed(self.sent(exchange.request), owners, exchange)
        return await self._created(record, exchange, self.replies.status)

    def _completed(self, sent: Record, fixed: Record, exchange: Exchange) -> Record:
        is_sound = self._is_sound(sent)
        return self.records.completed(
            sent, fixed, self.by_server, exchange.draws, exchange.now, is_sound=is_sound
        )

    def _is_sound(self, sent: Record) -> bool:
        """Whether the document allows what was sent, however records look in answers."""
        return self._asked is not None and self._asked.fits(sent)

    async def _created(self, record: Record, exchange: Exchange, status: int) -> Reply:
        fields = [record.get(field) for field in self.collection.owner_fields]
        draw = self.records.drawer(exchange.draws, lambda id: row_of(fields, id))
        key, record, encoded = await insert(self.collection, exchange, record, draw)
        headers: tuple[Header, ...] = ((b"ETag", etag(encoded)),)
        id = text_of(record[self.collection.id])
        base = exchange.request.path.rstrip("/")
        address = base if self.action.key else f"{base}/{quote(id, safe='')}"
        headers += ((b"Location", quote(address, safe="/%!$&'()*+,;=:@").encode()),)
        return self.replies.one(record, key, exchange.request, headers, status)

    async def read(self, exchange: Exchange) -> Reply:
        key = await self.key(exchange)
        record = (await self.collection.rows(exchange)).items.get(key)
        if record is None:
            raise missing(self.collection, key)
        tag = etag(msgspec.json.encode(record))
        if not_modified(exchange.request, tag):
            return Reply(304, ((b"ETag", tag),), b"")
        return self.replies.one(record, key, exchange.request, ((b"ETag", tag),), self.replies.status)

    async def replace(self, exchange: Exchange) -> Reply:
        key = await self.key(exchange)
        sent = self.sent(exchange.request)
        is_there = key in (await self.collection.rows(exchange)).items
        if not is_there and self.replies.has_upsert and self.action.key and not self.collection.is_single:
            return await self._put(sent, exchange)
        is_sound = self._is_sound(sent)

        def become(old: Record) -> Record:
            new = self.records.replaced(old, sent, self.by_server, exchange.now)
            return self.records.settled(new, old) if is_sound else new

        record, encoded = await edit(self.collection, key, exchange, become)
        status = 200 if self.replies.has_upsert and self.replies.status == 201 else self.replies.status
        return self.replies.one(record, key, exchange.request, ((b"ETag", etag(encoded)),), status)

    async def _put(self, sent: Record, exchange: Exchange) -> Reply:
        """Create a record under the id that the path has: the document says that PUT may (201)."""
        id = self._parameter(exchange, self.action.key)
        owners = await self.owners(exchange)
        fixed = {**owners, self.collection.id: id}
        record = self._completed(sent, fixed, exchange)
        return await self._created(record, exchange, 201)

    async def change(self, exchange: Exchange) -> Reply:
        request = exchange.request
        key = await self.key(exchange)
        kind = request.content_type
        held = self.action.request
        is_sound = False
        if kind == JSON_PATCH or (kind == MERGE_PATCH and not (held and held.keys)):
            patched: Edit = read_change(request)
        else:
            sent = self.sent(request)
            is_sound = self._is_sound(sent)
            patched = partial(_merged, sent)

        def become(old: Record) -> Any:
            new = self.records.changed(old, patched(self.records.visible(old)), self.by_server, exchange.now)
            return self.records.settled(new, old) if is_sound else new

        record, encoded = await edit(self.collection, key, exchange, become)
        return self.replies.one(
            record, key, exchange.request, ((b"ETag", etag(encoded)),), self.replies.status
        )

    async def delete(self, exchange: Exchange) -> Reply:
        key = await self.key(exchange)
        record = (await self.collection.rows(exchange)).items.get(key)
        await delete(self.collection, key, Catalog(), exchange)
        assert record is not None, "what is not there is not deleted"
        await delete_owned(self.served, record, exchange)
        return self.replies.one(record, key, exchange.request, (), self.replies.status)


def _merged(sent: Record, old: Record) -> Record:
    return {**old, **sent}
