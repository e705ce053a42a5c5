"""One resource as it is served: its collection, its records, and whom they belong to."""

from __future__ import annotations

from typing import Any

from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.collection import DocumentCollection
from understudy.openapi.stateful.infer import Inferred, Owner
from understudy.openapi.stateful.records import Record, Records
from understudy.openapi.stateful.shapes import scalar_kind, words_of
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit
from understudy.simulate.resource.names import foreign_key
from understudy.simulate.resource.records import number_of, text_of


class Served:
    """One resource: its collection, its records, and its parent and children among the others."""

    def __init__(
        self,
        resource: Inferred,
        name: str,
        data: Data,
        shown: Schemas,
        asked: Schemas,
        kit: Kit,
        others: dict[str, Served],
    ) -> None:
        self.resource = resource
        self.data = data
        self.shown = shown
        """The schemas as answers have to fit them."""
        self.asked = asked
        """The same for requests."""
        self.records = Records(resource, data, shown)
        self.others = others
        state = kit.config.state
        self.collection = DocumentCollection(
            name,
            resource.id,
            resource.id_kind,
            is_single=resource.is_single,
            schema=self.records,
            read_only=False,
            keeps=state.persist and state.store != "memory",
            owner_fields=tuple(owner.field for owner in resource.owners),
            prepare=self._seeds,
        )

    @property
    def parent(self) -> Served | None:
        """What the records belong to."""
        return self.others.get(self.resource.parent)

    def children(self) -> list[Served]:
        """The resources whose records belong to one of these."""
        return [one for one in self.others.values() if one.resource.parent == self.resource.path]

    def _seeds(self) -> dict[str, Record]:
        parent = self.parent
        owners = None if parent is None else [self._owned_by(one) for one in parent.owners_to_be()]
        return self.records.seeds(self.collection.row, owners, self._referred())

    def _referred(self) -> dict[str, list[Any]]:
        """The ids that there are for properties which name records of other resources, such as `userId`."""
        found = {}
        for name, node in self.records.facts.properties.items():
            for other in self.others.values():
                resource = other.resource
                if resource.owners or resource.is_single or other is self:
                    continue
                is_named = words_of(name) == words_of(foreign_key(resource.name))
                if is_named and scalar_kind(node) == resource.id_kind:
                    ids = [record[resource.id] for record in other.collection.begin().values()]
                    if ids:
                        found[name] = ids
        return found

    def owners_to_be(self) -> list[list[Any]]:
        """What leads to each record that there is at the beginning: the ids of its owners, and its own."""
        records = self.collection.begin().values()
        fields = (*self.collection.owner_fields, self.resource.id)
        return [[record.get(field) for field in fields] for record in records]

    def _owned_by(self, ids: list[Any]) -> Record:
        return {
            owner.field: self.typed(owner, id) for owner, id in zip(self.resource.owners, ids, strict=True)
        }

    def typed(self, owner: Owner, id: Any) -> Any:
        """The id of an owner, of the type that the field has which names it."""
        kind = "" if owner.hidden else scalar_kind(self.records.facts.properties.get(owner.field))
        if kind == "string":
            return text_of(id)
        number = number_of(id) if isinstance(id, str) else None
        return number if kind == "number" and number is not None else id


async def delete_owned(served: Served, record: Record, exchange: Exchange) -> None:
    """Delete what belongs to a record that was deleted, and what belongs to that."""
    for child in served.children():
        owners = child.resource.owners
        ids = [record.get(field) for field in (*served.collection.owner_fields, served.resource.id)]
        wanted = [child.typed(owner, id) for owner, id in zip(owners, ids, strict=True)]
        snapshot = await child.collection.snapshot(exchange)
        for one in list(snapshot.group(owners[-1].field).get(text_of(wanted[-1]), [])):
            if all(one.get(owner.field) == value for owner, value in zip(owners, wanted, strict=True)):
                row = child.collection.row(one)
                await exchange.store.delete(exchange.space, child.collection.table, row)
                await delete_owned(child, one, exchange)
