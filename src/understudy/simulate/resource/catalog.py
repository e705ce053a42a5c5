"""The collections of one program: what they begin with, how their ids look, who refers to whom.

The catalog is made once per compilation, from the resources of all endpoints and the data of the config.
Records live in the store, in a table per collection; the first request of a space fills it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec import UNSET

from understudy.load.hints import nearest
from understudy.match.path import PathPattern, PathSyntaxError
from understudy.model import WHOLE_DATABASE, Endpoint, Resource
from understudy.simulate.exchange import Exchange, Services
from understudy.simulate.kit import Kit, Place
from understudy.simulate.resource.names import foreign_key, singular
from understudy.simulate.resource.records import MISSING, Keys, dig, is_id, with_value
from understudy.simulate.resource.select import Snapshot
from understudy.state import CheckedRows, Rows

if TYPE_CHECKING:
    from understudy.simulate.resource.persist import DatabaseFile


class Rule(Protocol):
    """What records have to be like, such as a JSON Schema (`schema.Schema`)."""

    def check(self, record: Any) -> None:
        """Raise Refused for a record that is not like that."""


TABLE_PREFIX = "collection:"
ONLY_KEY = "value"
"""The key of the one row of a collection that is a single object."""
MAX_SNAPSHOTS = 32
"""Spaces per collection whose prepared answers are kept."""
_SAMPLE = 1_000
"""Records looked at to see whether a collection refers to another one."""


@dataclass(eq=False)
class Collection:
    """Records under one name. `is_single`: it is one object, such as a profile, and has no ids."""

    name: str
    id: str = "id"
    id_type: str = "auto"
    seeds: dict[str, Any] = field(default_factory=dict)
    is_single: bool = False
    schema: Rule | None = None
    path: str | None = None  # where it is served, if the path has no parameters
    read_only: bool = True  # no endpoint writes it
    keeps: bool = False  # what was written stays when the data of the config changes
    file: DatabaseFile | None = None  # where what is written is kept
    fingerprint: str = ""
    largest: dict[str, tuple[int, int]] = field(default_factory=dict)  # by space: version, largest id
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _mark: str = ""

    def __post_init__(self) -> None:
        self.table = TABLE_PREFIX + self.name
        self.id_keys: Keys = tuple(self.id.split("."))

    async def rows(self, exchange: Exchange) -> Rows:
        """The records as they are now, by id. Good until the next await."""
        await self.fill(exchange, exchange.space)
        return await exchange.store.rows(exchange.space, self.table)

    async def fill(self, services: Services, space: str) -> None:
        """Put the records of the config into a space that has had none yet."""
        mark = self._mark or self._new_mark(services)
        await services.store.seed(space, self.table, mark, self._given, not self.keeps)

    def _given(self) -> CheckedRows:
        return CheckedRows(self.seeds)

    def _new_mark(self, services: Services) -> str:
        """What stands for the data that the collection begins with, as `Store.seed` compares it."""
        self._mark = self.fingerprint
        if self.file is not None and services.writer is not None:
            self._mark = services.writer.mark(self.file.path, self.table, self.fingerprint)
        return self._mark

    async def keep(self, services: Services) -> None:
        """Write the file that it is kept in, if there is one."""
        if self.file is not None:
            await self.file.save(services)

    def key(self, record: Any, number: int) -> str:
        """The row of a record. Raises ValueError for the `number`th of a list if it has no id."""
        if self.is_single:
            return ONLY_KEY
        found = dig(record, self.id_keys) if isinstance(record, dict) else MISSING
        if not is_id(found):
            raise ValueError(f"record {number} has no {self.id!r}")
        return self.row(record)

    def row(self, record: dict[str, Any]) -> str:
        """The row of a record that has an id."""
        return str(dig(record, self.id_keys))

    async def snapshot(self, exchange: Exchange) -> Snapshot:
        """The records as they are now, with what was prepared from them."""
        rows = await self.rows(exchange)
        known = self._snapshots.get(exchange.space)
        if known is None or known.version != rows.version:
            if len(self._snapshots) >= MAX_SNAPSHOTS:
                self._snapshots.clear()
            known = self._snapshots[exchange.space] = Snapshot(rows.version, list(rows.items.values()))
        return known


@dataclass(eq=False)
class Catalog:
    """The collections that endpoints serve, by name. Other data cannot be reached through these."""

    collections: dict[str, Collection] = field(default_factory=dict)
    _named: tuple[int, dict[str, dict[int, Collection]], dict[int, Collection]] | None = None

    def children(self, parent: Collection) -> list[Collection]:
        """The collections whose records name one of the parent's; one without records might."""
        if self._named is None or self._named[0] != len(self.collections):
            self._named = (len(self.collections), *self._keys())
        _, by_key, unknown = self._named
        found = {**by_key.get(foreign_key(parent.name), {}), **unknown}
        return [found[number] for number in sorted(found)]

    def _keys(self) -> tuple[dict[str, dict[int, Collection]], dict[int, Collection]]:
        """The collections, by their number, of which some record has a key; and those without records."""
        by_key: dict[str, dict[int, Collection]] = defaultdict(dict)
        unknown: dict[int, Collection] = {}
        for number, child in enumerate(self.collections.values()):
            if child.is_single:
                continue
            if not child.seeds:
                unknown[number] = child
            for record in islice(child.seeds.values(), _SAMPLE):
                for key in record:
                    by_key[key][number] = child
        return by_key, unknown

    def parent(self, name: str) -> Collection | None:
        """The collection of which `name` is the singular."""
        return next(
            (
                found
                for found in self.collections.values()
                if not found.is_single and singular(found.name) == name
            ),
            None,
        )

    async def database(self, written: Any, exchange: Exchange) -> Any:
        """The config's data with what was written since, for templates."""
        if not isinstance(written, dict):
            for collection in self.collections.values():
                return (await collection.snapshot(exchange)).records
        live = dict(written) if isinstance(written, dict) else {}
        for name, collection in self.collections.items():
            records = (await collection.snapshot(exchange)).records
            live[name] = (records[0] if records else {}) if collection.is_single else records
        return live


def catalog_of(kit: Kit) -> Catalog:
    """The catalog of a compilation. Mistakes in it are added to the kit's problems, once."""
    found = kit.shared.get(Catalog)
    if isinstance(found, Catalog):
        return found
    catalog = kit.shared[Catalog] = _make_catalog(kit)
    return catalog


def described(written: str | Resource) -> Resource:
    """A resource in its long form."""
    return Resource(collection=written) if isinstance(written, str) else written


def _make_catalog(kit: Kit) -> Catalog:
    catalog = Catalog()
    places: dict[str, tuple[Place, Resource]] = {}
    data = kit.loaded.database
    for number, endpoint in enumerate(kit.config.endpoints):
        if endpoint.resource is UNSET:
            continue
        place: Place = ("endpoints", number, "resource")
        resource = described(endpoint.resource)
        name = resource.collection
        if name == WHOLE_DATABASE:
            continue  # the loader has put one endpoint per collection in its place, if there are any
        if isinstance(data, list) and data and places and name not in places:
            message = f"the database is one list, and {next(iter(places))!r} is its name already"
            kit.problem(place, f"{message}: name collections in `database`, as in {{users: […]}}")
            continue
        known = places.get(name)
        if known is None:
            places[name] = (place, resource)
            _doubt(name, data, kit, place)
            catalog.collections[name] = _collection(name, resource, _data_of(data, name), kit, place)
        elif (known[1].id, known[1].id_type) != (resource.id, resource.id_type):
            kit.problem(place, f"another endpoint gives {name!r} other ids: `id` and `id_type` must be equal")
        _serve(catalog.collections[name], resource, endpoint, kit, place)
    if places and kit.config.state.persist and kit.config.state.store == "memory":
        from understudy.simulate.resource.persist import find_files

        find_files(catalog.collections, kit)
    kit.collections.update(catalog.collections)
    return catalog


def _doubt(name: str, data: Any, kit: Kit, place: Place) -> None:
    """Warn of a collection that begins empty where another has nearly its name."""
    if isinstance(data, dict) and name not in data:
        near = nearest(name, data, 0.8)
        if near is not None:
            message = f"the database has no collection {name!r}, which begins without records"
            kit.warning(place, f"{message}; did you mean {near!r}?")


def _data_of(data: Any, name: str) -> Any:
    return data.get(name, []) if isinstance(data, dict) else data


def _serve(collection: Collection, resource: Resource, endpoint: Endpoint, kit: Kit, place: Place) -> None:
    if isinstance(endpoint.path, str) and collection.path is None:
        try:
            pattern = PathPattern(endpoint.path)
        except PathSyntaxError:
            return
        collection.path = pattern.literal
    collection.read_only = collection.read_only and resource.read_only
    if resource.schema is not UNSET:
        from understudy.simulate.resource.schema import compile_schema

        collection.schema = compile_schema(resource.schema, kit, place)


def _collection(name: str, resource: Resource, data: Any, kit: Kit, place: Place) -> Collection:
    persists, in_memory = kit.config.state.persist, kit.config.state.store == "memory"
    collection = Collection(name, resource.id, resource.id_type, keeps=persists and not in_memory)
    where: Place = ("database", name) if isinstance(kit.loaded.database, dict) else ("database",)
    if isinstance(data, dict):
        collection.is_single = True
        collection.seeds = {ONLY_KEY: data}
    elif isinstance(data, list):
        collection.seeds = _seeds(collection, data, kit, where)
    else:
        kit.problem(where, f"the collection {name!r} is neither a list of objects nor an object")
    collection.fingerprint = fingerprint(collection.seeds)
    return collection


def fingerprint(rows: Mapping[str, Any]) -> str:
    """What tells this data from other data."""
    return blake2b(msgspec.json.encode(list(rows.values())), digest_size=16).hexdigest()


def _seeds(collection: Collection, data: list[Any], kit: Kit, where: Place) -> dict[str, Any]:
    seeds: dict[str, Any] = {}
    keys = collection.id_keys
    nameless = False
    for number, record in enumerate(data):
        if not isinstance(record, dict):
            kit.problem((*where, number), f"a record of {collection.name!r} is an object with keys")
            return {}
        value = dig(record, keys)
        if value is MISSING or value is None:
            nameless = True
            continue
        if not is_id(value):
            kit.problem(
                (*where, number), f"the id of a record (`{collection.id}`) is a whole number or a text"
            )
            return {}
        key = str(value)
        if key in seeds:
            kit.problem((*where, number), f"two records of {collection.name!r} have the id {key}")
            return {}
        seeds[key] = record
    return _numbered(collection, data, seeds) if nameless else seeds


def _numbered(collection: Collection, data: list[Any], seeds: dict[str, Any]) -> dict[str, Any]:
    """All records in their order, those without an id with numbers behind the largest one."""
    keys = collection.id_keys
    numbers = [value for record in seeds.values() if isinstance(value := dig(record, keys), int)]
    following = max(numbers, default=0) + 1
    result: dict[str, Any] = {}
    for record in data:
        value = dig(record, keys)
        if not is_id(value):
            while str(following) in seeds:
                following += 1
            value, following = following, following + 1
            record = with_value(record, keys, value)
        result[str(value)] = record
    return result


__all__ = ["Catalog", "Collection", "catalog_of", "described", "fingerprint"]
