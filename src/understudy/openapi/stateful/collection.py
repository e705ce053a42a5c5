"""Collections of a document: their first records are made when they are needed, and may have owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from understudy.openapi.stateful.records import Record
from understudy.simulate.exchange import Services
from understudy.simulate.resource.catalog import Collection, fingerprint
from understudy.simulate.resource.records import dig, text_of


@dataclass(eq=False)
class DocumentCollection(Collection):
    """A collection whose records at the beginning are made when it is first needed.

    `owner_fields` are those that name the owners: a row is named by them and the id, as an id is unique
    among the records of an owner only.
    """

    owner_fields: tuple[str, ...] = ()
    prepare: Callable[[], dict[str, Record]] | None = None

    async def fill(self, services: Services, space: str) -> None:
        self.begin()
        await super().fill(services, space)

    def begin(self) -> dict[str, Any]:
        """The records that it begins with."""
        if self.prepare is not None:
            prepare, self.prepare = self.prepare, None  # first, as collections may refer to each other
            self.seeds = prepare()
            self.fingerprint = fingerprint(self.seeds)
        return self.seeds

    def row(self, record: dict[str, Any]) -> str:
        return row_of([record.get(field) for field in self.owner_fields], dig(record, self.id_keys))


def row_of(owners: Iterable[Any], id: Any) -> str:
    """The row of a record: its id, behind the ids of its owners."""
    parts = [quote(text_of(owner), safe="") for owner in owners]
    return "/".join((*parts, text_of(id)))
