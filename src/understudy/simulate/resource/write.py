"""Creating, replacing, changing and deleting records, each in one atomic step of the store."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from understudy.load.merge_patch import merge_patch
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.simulate.resource.body import ACCEPT_PATCH, JSON_PATCH, MERGE_PATCH, read_json, read_object
from understudy.simulate.resource.catalog import ONLY_KEY, Catalog, Collection
from understudy.simulate.resource.etag import check_write, etag
from understudy.simulate.resource.names import foreign_key
from understudy.simulate.resource.patch import json_patch
from understudy.simulate.resource.records import MISSING, dig, is_id, largest_number, with_value
from understudy.simulate.resource.refused import Refused
from understudy.state import ABSENT, DELETE, Duplicate, Rows, StoreError, StoreFull

Record = dict[str, Any]
Edit = Callable[[Record], Any]
"""From what a record is to what it shall be."""
DrawId = Callable[[Rows, int | None], int | str]
"""Makes an id, from the records that are there and the largest of their ids, if those are numbers."""
MAX_DRAWS = 100
"""How often an id is drawn again that is taken."""


async def create(collection: Collection, exchange: Exchange, fixed: Record) -> tuple[str, Record, bytes]:
    """Add the record that the request brings, with some fields fixed; its key, itself, its JSON."""
    return await insert(collection, exchange, {**read_object(exchange.request), **fixed})


async def insert(
    collection: Collection, exchange: Exchange, record: Record, draw: DrawId | None = None
) -> tuple[str, Record, bytes]:
    """Add a record; its key, itself, its JSON. `draw` makes the id of one that has none."""
    request = exchange.request
    keys = collection.id_keys
    given = dig(record, keys)
    if given is None:
        given = MISSING
    if given is not MISSING:
        given = _checked_id(given, collection)
    encoded = b""
    largest: int | None = None

    def make(rows: Rows) -> tuple[str, Any]:
        nonlocal encoded, largest
        largest = _largest(collection, rows, exchange.space, must_know=given is MISSING)
        new_id = given
        if given is MISSING and draw is not None:
            new_id = draw(rows, largest)
        elif given is MISSING:
            new_id = _new_id(collection, rows, exchange.draws, largest)
        new = with_value(record, keys, new_id)
        if collection.schema is not None:
            collection.schema.check(new)
        key = collection.row(new)
        if key in rows.items:
            raise Duplicate(key)
        encoded = msgspec.json.encode(new)
        return key, new

    await collection.rows(exchange)  # fills the table where it is new
    try:
        key, new = await exchange.store.insert(exchange.space, collection.table, make)
    except Duplicate as taken:
        if request.header("if-none-match") is not None:
            current = await exchange.store.get(exchange.space, collection.table, taken.key)
            check_write(request, etag(msgspec.json.encode(current)))
        raise Refused(409, f"{collection.name} has a record with the id {taken.key} already") from None
    except StoreFull:
        raise
    except StoreError as error:
        raise Refused(422, str(error)) from None
    new_id = dig(new, keys)
    if largest is not None and new_id.__class__ is int:
        version = (await exchange.store.rows(exchange.space, collection.table)).version
        collection.largest[exchange.space] = (version, max(largest, new_id))
    return key, new, encoded


def _checked_id(given: Any, collection: Collection) -> Any:
    if collection.id_type == "number":
        if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 15:
            return int(given)
        if not isinstance(given, int) or isinstance(given, bool):
            raise _bad_id(collection, "a whole number")
    if collection.id_type == "uuid":
        try:
            return str(UUID(given))
        except (ValueError, AttributeError, TypeError):
            raise _bad_id(collection, "a UUID") from None
    if not is_id(given):
        raise _bad_id(collection, "a whole number or a text")
    return str(given) if collection.id_type == "string" else given


def _bad_id(collection: Collection, accepted: str) -> Refused:
    detail = f"the id ({collection.id}) is not {accepted}"
    pointer = "/" + "/".join(collection.id_keys)
    return Refused(
        422, detail, violations=[{"location": "body", "pointer": pointer, "message": f"is not {accepted}"}]
    )


def _largest(collection: Collection, rows: Rows, space: str, *, must_know: bool) -> int | None:
    """The largest id if new ones are numbers. Remembered, as looking at all records takes its time."""
    kind = collection.id_type
    if kind not in {"auto", "number"}:
        return None
    version, largest = collection.largest.pop(space, (None, None))
    if version == rows.version or not must_know:
        return largest if version == rows.version else None
    largest = largest_number(rows.items.values(), collection.id_keys)
    if largest is None and kind == "number":
        numbers = (dig(record, collection.id_keys) for record in rows.items.values())
        largest = max((one for one in numbers if one.__class__ is int), default=0)
    return largest


def _new_id(collection: Collection, rows: Rows, draws: Draws, largest: int | None) -> int | str:
    if largest is not None:
        following = max(largest, 0) + 1
        while str(following) in rows.items:
            following += 1
        return following
    for number in range(MAX_DRAWS):
        drawn = _draw(draws, collection.id_type, number)
        if drawn not in rows.items:
            return drawn
    raise Refused(409, f"{MAX_DRAWS} drawn ids were all taken")


def _draw(draws: Draws, kind: str, number: int) -> str:
    if kind == "string":
        return urlsafe_b64encode(draws.raw(f"resource id {number}", 8)).rstrip(b"=").decode()
    return str(UUID(bytes=draws.raw(f"resource id {number}", 16), version=4))


async def replace(collection: Collection, key: str, exchange: Exchange) -> tuple[Record, bytes]:
    """Put the record that the request brings in the place of the one that is there."""
    body = read_object(exchange.request)
    return await edit(collection, key, exchange, lambda old: body)


async def change(collection: Collection, key: str, exchange: Exchange) -> tuple[Record, bytes]:
    """Change a part of a record, as the request says."""
    return await edit(collection, key, exchange, read_change(exchange.request))


def read_change(request: Request) -> Edit:
    """What a request makes of a record, as the media type of its body says. Raises Refused.

    Plain JSON and forms replace the fields they name, as with json-server: `null` is a value, and an object
    takes the place of the one that is there.
    """
    kind = request.content_type
    if kind == JSON_PATCH:
        patch = read_json(request)
        return lambda old: json_patch(old, patch)
    try:
        part = read_object(request)
    except Refused as refused:
        if refused.status == 415:
            refused = Refused(
                415,
                f"a change is sent as {ACCEPT_PATCH}, not {kind}",
                headers=((b"Accept-Patch", ACCEPT_PATCH.encode()),),
            )
        raise refused from None
    if kind == MERGE_PATCH:
        return lambda old: merge_patch(old, part)
    return lambda old: {**old, **part}


async def edit(collection: Collection, key: str, exchange: Exchange, become: Edit) -> tuple[Record, bytes]:
    """Make of a record what `become` makes of it; itself, its JSON. Its id stays."""
    request = exchange.request
    keys = collection.id_keys

    def how(old: Any) -> tuple[Any, tuple[Record, bytes]]:
        if old is ABSENT:
            raise missing(collection, key)
        new = become(old)
        if not isinstance(new, dict):
            raise Refused(422, "a record is an object, and this change would make it something else")
        if not collection.is_single:
            new = with_value(new, keys, dig(old, keys))
        if collection.schema is not None:
            collection.schema.check(new)
        check_write(request, etag(msgspec.json.encode(old)))
        return new, (new, msgspec.json.encode(new))

    await collection.rows(exchange)
    try:
        return await exchange.store.change(exchange.space, collection.table, key, how)
    except StoreFull:
        raise
    except (StoreError, RecursionError) as error:
        detail = "the record is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Refused(422, detail) from None


async def delete(collection: Collection, key: str, catalog: Catalog, exchange: Exchange) -> list[Collection]:
    """Delete a record, and those that depend on it as far as the request names them; what was touched."""
    request = exchange.request
    names = [name.strip() for text in request.query.get("_dependent", ()) for name in text.split(",")]
    dependents = []
    for name in filter(None, names):
        child = catalog.collections.get(name)
        if child is None or child.is_single or child is collection:
            accepted = ", ".join(one.name for one in catalog.children(collection) if one is not collection)
            message = f"_dependent names no relation of {collection.name}: {name[:80]!r}"
            raise Refused(400, f"{message}; there are {accepted or 'none'}")
        dependents.append(child)

    def how(old: Any) -> tuple[Any, None]:
        if old is ABSENT:
            raise missing(collection, key)
        check_write(request, etag(msgspec.json.encode(old)))
        return DELETE, None

    await collection.rows(exchange)
    await exchange.store.change(exchange.space, collection.table, key, how)
    reference = foreign_key(collection.name)
    for child in dependents:
        snapshot = await child.snapshot(exchange)
        for record in snapshot.group(reference).get(key, []):
            await exchange.store.delete(exchange.space, child.table, str(dig(record, child.id_keys)))
    return [collection, *dependents]


def missing(collection: Collection, key: str) -> Refused:
    """There is no such record."""
    if key == ONLY_KEY and collection.is_single:
        return Refused(404, f"{collection.name} is not there")
    return Refused(404, f"there is no record {key[:80]!r} in {collection.name}")
