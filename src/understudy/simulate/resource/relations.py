"""Records with those that they refer to (`_expand`), and those that refer to them (`_embed`), inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.simulate.exchange import Exchange
from understudy.simulate.resource.catalog import Catalog, Collection
from understudy.simulate.resource.names import FOREIGN_KEY_SUFFIX, foreign_key, singular
from understudy.simulate.resource.query import Query
from understudy.simulate.resource.records import dig, text_of
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.select import Record

MAX_RELATIONS = 20
Join = Callable[[Record], Record]
"""Gives a record with one relation inside."""


async def joins(
    query: Query, collection: Collection, catalog: Catalog, exchange: Exchange
) -> tuple[list[Collection], list[Join], tuple[int, ...]]:
    """What puts the wanted relations into a record, and the collections it reads with their versions.

    `_embed` takes the name of a collection for its records, and the singular of one for the one record.
    Raises Refused for a relation that does not exist.
    """
    if len(query.embed) + len(query.expand) > MAX_RELATIONS:
        raise Refused(400, f"_embed and _expand name at most {MAX_RELATIONS} relations")
    related: list[Collection] = []
    found: list[Join] = []
    versions: list[int] = []
    for parameter, names in (("_embed", query.embed), ("_expand", query.expand)):
        for name in names:
            child = catalog.collections.get(name) if parameter == "_embed" else None
            if child is not None and not child.is_single:
                snapshot = await child.snapshot(exchange)
                related.append(child)
                found.append(_children(name, collection, snapshot.group(foreign_key(collection.name))))
            else:
                parent = catalog.parent(name)
                if parent is None:
                    raise Refused(400, _unknown(parameter, name, collection, catalog))
                snapshot = await parent.snapshot(exchange)
                related.append(parent)
                found.append(_parent(name, snapshot.by_id(parent.id_keys)))
            versions.append(snapshot.version)
    return related, found, tuple(versions)


def _children(name: str, collection: Collection, groups: dict[str, list[Record]]) -> Join:
    keys = collection.id_keys
    return lambda record: {**record, name: groups.get(text_of(dig(record, keys)), [])}


def _parent(name: str, rows: Any) -> Join:
    key = name + FOREIGN_KEY_SUFFIX

    def join(record: Record) -> Record:
        wanted = record.get(key)
        parent = None if wanted is None else rows.get(text_of(wanted))
        return record if parent is None else {**record, name: parent}

    return join


def _unknown(parameter: str, name: str, collection: Collection, catalog: Catalog) -> str:
    children = [child.name for child in catalog.children(collection) if child is not collection]
    parents = [
        singular(parent.name)
        for parent in catalog.collections.values()
        if not parent.is_single and parent is not collection
    ]
    accepted = (children if parameter == "_embed" else []) + parents
    there_are = f"; there are {', '.join(accepted)}" if accepted else ""
    return f"{parameter} names no relation of {collection.name}: {name[:80]!r}{there_are}"
