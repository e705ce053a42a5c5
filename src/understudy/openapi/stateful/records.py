"""The records of a resource: what a client sends, with what the server adds, always as the schema says.

The server adds what is `readOnly`, what is required and was not sent, and what answers have and requests
cannot. It is made up from the schema; times of creation and of the last change are those of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.generate import Lots, Part
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.infer import LIST, READ, WRITERS, Action, Inferred
from understudy.openapi.stateful.shapes import (
    facts_of,
    identity,
    media_of,
    scalar_kind,
    success_of,
    words_of,
)
from understudy.render.draws import Draws
from understudy.simulate.resource.catalog import ONLY_KEY
from understudy.simulate.resource.records import dig, is_id
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.schema import refusal
from understudy.simulate.validate.explain import Misfit
from understudy.state import Rows

SEEDS = 3
"""Records that a collection begins with where the document has no examples; so many for each owner."""
MAX_SEEDS = 100
"""Records that are made up for one collection, over all owners."""
MAX_EXAMPLES = 1_000
ATTEMPTS = 5
"""How often what the server adds is made up again, if it does not go with what was sent."""
MAX_DRAWS = 100
CREATED = frozenset(("created", "createdat", "createdon", "creationdate", "datecreated", "createddate"))
UPDATED = frozenset(
    (
        "updated",
        "updatedat",
        "updatedon",
        "modified",
        "modifiedat",
        "lastmodified",
        "lastupdated",
        "updateddate",
    )
)
"""Properties that have the time of creation, and of the last change, without their spelling."""

UNKNOWN = frozenset(("additionalProperties", "unevaluatedProperties"))
SHAPE = UNKNOWN | {"type", "required", "anyOf", "oneOf", "schema"}
"""Keywords of schemas that say what a value is, rather than how large or long."""

_MOST = {"int32": 2**31 - 1, "int64": 2**63 - 1}
"""The largest number of a format (OpenAPI 3.0 section 4.4)."""

Record = dict[str, Any]


class Records:
    """Makes, completes and checks the records of one resource."""

    def __init__(self, resource: Inferred, data: Data, shown: Schemas) -> None:
        self.resource = resource
        self.data = Fitting(resource.record, data, shown)
        self.facts = facts_of(resource.record)
        self.hidden = frozenset(one.field for one in resource.owners if one.hidden)
        self._id_node = self.facts.properties.get(resource.id)
        self._id = None if self._id_node is None else Fitting(self._id_node, data, shown)
        properties = self.facts.properties
        self.read_only = frozenset(name for name, one in properties.items() if one.flag("readOnly"))
        self.write_only = frozenset(name for name, one in properties.items() if one.flag("writeOnly"))
        self._times = {name: kind for name, one in properties.items() if (kind := _time_kind(one))}

    # --- what is shown, what is kept -----------------------------------------------------------------------

    def visible(self, record: Record) -> Record:
        """A record as clients see it."""
        if not self.hidden:
            return record
        return {key: value for key, value in record.items() if key not in self.hidden}

    def check(self, record: Record) -> None:
        """Raise Refused for a record that does not fit its schema."""
        found = self.data.misfits(self.visible(record))
        if found:
            raise refusal(found)

    def made_by_server(self, request: Node | None) -> frozenset[str]:
        """Properties that a request with this schema does not set, and answers have."""
        named: set[str] = set(self.read_only)
        if request is not None and identity(request) != identity(self.resource.record):
            sendable = facts_of(request).properties
            if sendable:
                named.update(self.facts.properties.keys() - sendable.keys())
        return frozenset(named - self.write_only)

    # --- writing -------------------------------------------------------------------------------------------

    def completed(
        self,
        sent: Record,
        fixed: Record,
        by_server: frozenset[str],
        lots: Lots,
        now_s: float,
        *,
        is_sound: bool,
    ) -> Record:
        """A new record: what was sent, and what the server adds. An id that it makes is still to come.

        Raises Refused if what was sent cannot be a part of a valid record. `is_sound`: the document allows
        it in a request, so that it is the shape of answers which is another: then that is what it gets.
        """
        id = self.resource.id
        sent = {key: value for key, value in sent.items() if key not in self.write_only}
        keeps_id = id not in self.read_only and is_id(sent.get(id))
        if not keeps_id:
            sent.pop(id, None)
        sent = {key: value for key, value in sent.items() if key not in self.read_only} | fixed
        needed = (self.facts.required | by_server | {id}) - self.write_only
        wrong: list[Misfit] = []
        for attempt in range(ATTEMPTS):
            made = self.data.make(Part(lots, f"record {attempt}"))
            made = made if isinstance(made, dict) else {}
            self._at(made, CREATED | UPDATED, now_s)
            for record in (self._together(sent, made, needed), _deep(sent, made, needed)):
                found = self.data.misfits(self.visible(record))
                if not found:
                    return self._without_id(record, keeps_id or id in fixed)
                wrong = wrong or found
            if is_sound:
                record = self.settled(self._together(sent, made, needed), made)
                if self.data.fits(self.visible(record)):
                    return self._without_id(record, keeps_id or id in fixed)
        raise refusal(wrong)

    def settled(self, record: Any, other: Record) -> Any:
        """A record in which what has not the shape of answers is as in another one, or left out.

        A value of the right type that is out of bounds stays, so that it is refused.
        """
        if not isinstance(record, dict):
            return record
        for _ in range(ATTEMPTS):
            found = [one for one in self.data.misfits(self.visible(record)) if one.keyword in SHAPE]
            names = {str(one.path[0]) for one in found if one.path}
            if any(not one.path and one.keyword in UNKNOWN for one in found):
                names |= record.keys() - self.facts.properties.keys() - self.hidden
            if not names:
                break
            record = {
                name: other.get(name) if name in names else value
                for name, value in record.items()
                if name not in names or name in other
            }
        return record

    def _without_id(self, record: Record, keeps_id: bool) -> Record:
        return {name: one for name, one in record.items() if keeps_id or name != self.resource.id}

    def _together(self, sent: Record, made: Record, needed: frozenset[str]) -> Record:
        """In the order of the schema: what was sent, and of what was made only what is needed."""
        record = {}
        for name in self.facts.properties:
            if name in sent:
                record[name] = sent[name]
            elif name in needed and name in made:
                record[name] = made[name]
        more = {name: value for name, value in made.items() if name in needed}
        return record | {key: value for key, value in (more | sent).items() if key not in record}

    def replaced(self, old: Record, sent: Record, by_server: frozenset[str], now_s: float) -> Record:
        """A record after PUT: what was sent, and what only the server sets as it was."""
        kept = self.read_only | by_server | self.hidden | {self.resource.id}
        sent = {name: value for name, value in sent.items() if name not in kept | self.write_only}
        record = {
            name: sent.get(name, old.get(name))
            for name in dict.fromkeys((*self.facts.properties, *old, *sent))
            if name in sent or (name in old and (name in kept or name in self.facts.required))
        }
        self._at(record, UPDATED, now_s)
        return record

    def changed(self, old: Record, new: Any, by_server: frozenset[str], now_s: float) -> Any:
        """A record after PATCH: what only the server sets is as it was."""
        if not isinstance(new, dict):
            return new
        kept = self.read_only | self.hidden | {self.resource.id}
        record = {
            name: old[name] if name in kept and name in old else value
            for name, value in new.items()
            if name not in self.write_only and (name not in kept or name in old)
        }
        kept |= by_server & self.facts.required
        record |= {name: value for name, value in old.items() if name in kept and name not in record}
        self._at(record, UPDATED, now_s)
        return record

    def _at(self, record: Record, names: frozenset[str], now_s: float) -> None:
        """Put the time into the properties that have it."""
        for name, kind in self._times.items():
            if name in record and words_of(name) in names:
                moment = datetime.fromtimestamp(now_s, UTC)
                if kind == "number":
                    record[name] = int(now_s)
                elif kind == "date":
                    record[name] = moment.date().isoformat()
                else:
                    record[name] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # --- ids -----------------------------------------------------------------------------------------------

    def drawer(self, lots: Lots, row: Callable[[int | str], str]) -> Callable[[Rows, int | None], int | str]:
        """What makes the id of a new record, from those that are there; `row` gives the row for an id."""

        def draw(rows: Rows, largest: int | None) -> int | str:
            if largest is not None:
                following = self._next_number(largest)
                while row(following) in rows.items:
                    following += 1
                if following > self.largest_number():
                    raise Refused(409, "all ids that the schema allows are taken")
                return following
            for number in range(MAX_DRAWS):
                drawn = self._drawn_id(Part(lots, f"id {number}"))
                if isinstance(drawn, int | str) and is_id(drawn) and row(drawn) not in rows.items:
                    return drawn
            raise Refused(409, f"{MAX_DRAWS} drawn ids were all taken")

        return draw

    def _next_number(self, largest: int) -> int:
        following = max(largest, 0) + 1
        if following > self.largest_number():  # a client has taken the last one: those before may be free
            return self.least_number()
        if self._id is not None and not self._id.fits(following):
            low = self.least_number()
            following = max(following, low)
        return following

    def least_number(self) -> int:
        """The least number that an id may be."""
        schema = self._id.bundle if self._id is not None else {}
        low = schema.get("minimum", 1) if isinstance(schema, dict) else 1
        return int(low) if isinstance(low, int | float) and not isinstance(low, bool) else 1

    def largest_number(self) -> int:
        """The largest number that an id may be."""
        schema = self._id.bundle if self._id is not None else {}
        schema = schema if isinstance(schema, dict) else {}
        high = schema.get("maximum")
        most = _MOST.get(str(schema.get("format")), _MOST["int64"])
        if isinstance(high, int | float) and not isinstance(high, bool) and -most <= high < most:
            return int(high)
        return most

    def _drawn_id(self, lots: Lots) -> Any:
        if self._id is None or self.is_free_text:
            return str(UUID(bytes=lots.raw("uuid", 16), version=4))
        return self._id.make(lots)

    @property
    def is_free_text(self) -> bool:
        """Whether any text may be an id; then a UUID is."""
        bundle = self._id.bundle if self._id is not None else {}
        said = {
            "pattern",
            "format",
            "enum",
            "const",
            "minLength",
            "maxLength",
            "allOf",
            "anyOf",
            "oneOf",
            "$ref",
        }
        return isinstance(bundle, dict) and bundle.get("type") == "string" and not said & bundle.keys()

    # --- what there is at the beginning --------------------------------------------------------------------

    def seeds(
        self,
        row: Callable[[Record], str],
        owners: Iterable[Record] | None,
        referred: Mapping[str, list[Any]],
    ) -> dict[str, Record]:
        """The records that the resource begins with, by their rows.

        `owners` has the fields that name each owner; None where the records belong to nobody. `referred` are
        the ids that there are for properties which name other records.
        """
        if self.resource.is_single:
            found = self._examples() or [self._made(0)]
            return {ONLY_KEY: found[0]} if isinstance(found[0], dict) else {}
        given = self._examples()
        whose = list(owners) if owners is not None else [{}]
        if not whose:
            return {}
        records: list[Record] = []
        if given:
            fields = frozenset(whose[0])
            for record in given:
                is_told = all(record.get(field) is not None for field in fields)
                records.append(record if is_told else {**record, **whose[0]})
        else:
            for number, owner in enumerate(whose[: -(-MAX_SEEDS // SEEDS)]):
                for count in range(SEEDS):
                    made = self._made(number * SEEDS + count)
                    if isinstance(made, dict):
                        names = {name: ids[len(records) % len(ids)] for name, ids in referred.items()}
                        related = {**made, **{name: id for name, id in names.items() if name in made}}
                        records.append({**(related if self.data.fits(related) else made), **owner})
        return self._by_row(records, row, renumber=not given)

    def _made(self, number: int) -> Any:
        """A record that is made up; the first has the examples that stand in the schema."""
        lots = Draws(0, self.resource.path, number)
        made = self.data.make(lots, examples=not number)
        return made if isinstance(made, dict) or number else self.data.make(lots)

    def _by_row(
        self, records: list[Record], row: Callable[[Record], str], renumber: bool
    ) -> dict[str, Record]:
        id = self.resource.id
        result: dict[str, Record] = {}
        following = max(self.least_number(), 1)
        for number, record in enumerate(records):
            value = record.get(id)
            if self.resource.id_kind == "number" and (renumber or not is_id(value)):
                candidate = {**record, id: following}
                if not renumber or self.data.fits(self.visible(candidate)):
                    record = candidate
            elif not is_id(value) or (renumber and self.is_free_text):
                record = {**record, id: self._drawn_id(Draws(0, f"{self.resource.path} id", number))}
            if not is_id(record.get(id)):
                continue
            key = row(record)
            if key not in result:
                result[key] = record
            if isinstance(record[id], int):
                following = max(following, record[id]) + 1
        return result

    def _examples(self) -> list[Record]:
        """The records in the examples of lists, else in those of other answers, as far as they are valid."""
        for kinds in ((LIST,), (READ,), tuple(WRITERS)):
            found: dict[Any, Record] = {}
            for action in self.resource.actions:
                if action.kind not in kinds or action.answer is None:
                    continue
                if action.kind != LIST and identity(action.answer.schema) != identity(self.resource.record):
                    continue
                for record in _in_examples(action):
                    completed = self._as_example(record, len(found))
                    if completed is not None and len(found) < MAX_EXAMPLES:
                        id = completed.get(self.resource.id)
                        found.setdefault(str(id) if is_id(id) else ("", len(found)), completed)
            if found:
                return list(found.values())
        return []

    def _as_example(self, record: Record, number: int) -> Record | None:
        """A documented record with what it lacks; None if it is not valid."""
        shown = {key: value for key, value in record.items() if key not in self.write_only}
        if self.data.fits(shown):
            return shown
        made = self.data.make(Draws(0, f"{self.resource.path} example", number))
        if not isinstance(made, dict):
            return None
        needed = self.facts.required | {self.resource.id}
        whole = self._together(shown, made, frozenset(needed))
        return whole if self.data.fits(whole) else None


def _in_examples(action: Action) -> Iterable[Record]:
    response = success_of(action.operation)
    media = media_of(response.media) if response is not None else None
    if media is None or action.answer is None:
        return
    for example in media.examples:
        value = dig(example.node.value, action.answer.keys)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield one


def _deep(sent: Record, made: Record, needed: frozenset[str]) -> Record:
    """What was sent, with what it lacks at any depth."""
    result = {}
    for name in dict.fromkeys((*made, *sent)):
        if name not in sent:
            if name in needed:
                result[name] = made[name]
        elif isinstance(sent[name], dict) and isinstance(made.get(name), dict):
            result[name] = _deep(sent[name], made[name], frozenset(made[name]))
        else:
            result[name] = sent[name]
    return result


def _time_kind(node: Node) -> str:
    format = node.text("format")
    if scalar_kind(node) == "number":
        return "number" if format not in {"float", "double"} else ""
    return format if format in {"date", "date-time"} else ""
