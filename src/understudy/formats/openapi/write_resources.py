"""Collections of the database as component schemas, and what the operations on them take and answer."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET

from understudy.formats.exported import Sample
from understudy.formats.openapi.bundle import Bundle, CannotBundle
from understudy.formats.openapi.infer import schema_of
from understudy.formats.outgoing import Place
from understudy.load import Loaded
from understudy.model import Endpoint, Resource
from understudy.simulate.resource.names import singular

MAX_RECORDS = 10_000
"""Records of a collection that are looked at for its schema."""
_BELOW = re.compile(r".*\{[^{}]*\}/([^/{}]+)")


class ResourceWriter:
    """The schemas of collections: each becomes a component once."""

    def __init__(self, loaded: Loaded, samples: tuple[Sample, ...], bundle: Bundle) -> None:
        self._loaded = loaded
        self._bundle = bundle
        self._components: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._seen: dict[str, list[Any]] = {}
        endpoints = loaded.config.endpoints
        for sample in samples:
            resource = endpoints[sample.endpoint].resource
            if resource is not UNSET:
                name = self._collection(endpoints[sample.endpoint], sample.path)
                self._seen.setdefault(name, []).extend(_records(sample))

    def schemas(self, endpoint: Endpoint, path: str, method: str, place: Place) -> dict[str, Any]:
        """The schemas under `request` and `reply` of an operation, as far as they are the collection's."""
        name = self._collection(endpoint, path)
        if method == "DELETE":
            return {}
        record, partial = self._component(name, place)
        if method in {"POST", "PUT"}:
            return {"request": record, "reply": record}
        if method == "PATCH":
            return {"request": partial, "reply": record}
        is_list = isinstance(self._data(name), list) and not path.endswith("}")
        return {"reply": {"type": "array", "items": record} if is_list else record}

    @staticmethod
    def _collection(endpoint: Endpoint, path: str) -> str:
        """The collection that a path is about: below `/users/{id}/posts` it is posts."""
        below = _BELOW.fullmatch(path) if path != endpoint.path else None
        if below:
            return below[1]
        written = endpoint.resource
        return written.collection if isinstance(written, Resource) else str(written)

    def _described(self, name: str) -> Resource | None:
        """The longer form of a collection, from whichever endpoint has it; the first with a schema."""
        written = [one.resource for one in self._loaded.config.endpoints]
        found = [one for one in written if isinstance(one, Resource) and one.collection == name]
        return min(found, key=lambda one: one.schema is UNSET, default=None)

    def _data(self, name: str) -> Any:
        database = self._loaded.database
        return database.get(name, []) if isinstance(database, dict) else []

    def _component(self, name: str, place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
        """References to the schema of a record, and one to what a change of it is."""
        if name not in self._components:
            data = self._data(name)
            records = [*(data[:MAX_RECORDS] if isinstance(data, list) else [data]), *self._seen.get(name, [])]
            schema = self._given(name, records, place)
            is_given = schema is not None
            if schema is None:
                schema = schema_of(records)
            described = self._described(name)
            key = "id" if described is None else described.id
            properties = schema.get("properties")
            if isinstance(data, list) and isinstance(properties, dict) and key in properties and not is_given:
                # it is the server's: what is created has none yet (JSON Schema validation, section 9.4)
                schema = {**schema, "properties": {**properties, key: {**properties[key], "readOnly": True}}}
                schema["required"] = [one for one in schema.get("required", []) if one != key]
            if not schema.get("required", True):
                del schema["required"]
            title = re.sub(r"[^A-Za-z0-9]+", " ", singular(name)).title().replace(" ", "") or "Record"
            record = self._bundle.named(title, schema)
            changed = {key: item for key, item in schema.items() if key not in {"required", "allOf"}}
            partial = self._bundle.named(f"{title}Change", changed)
            self._components[name] = record, partial
        return self._components[name]

    def _given(self, name: str, records: list[Any], place: Place) -> dict[str, Any] | None:
        """The schema that the config gives, if all records are valid under it."""
        import jsonschema_rs

        resource = self._described(name)
        if resource is None or resource.schema is UNSET:
            return None
        try:
            schema = self._bundle.add(resource.schema, name)
            own = Bundle(self._loaded, "#/$defs/")
            alone = own.add(resource.schema, name)
        except CannotBundle as error:
            place.at("resource", "schema").warn(f"the schema is not carried over: {error}")
            return None
        if not isinstance(schema, dict):
            return None
        try:
            check = jsonschema_rs.validator_for({**alone, "$defs": own.definitions})
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
            return None
        if all(check.is_valid(record) for record in records):
            return schema
        place.at("resource", "schema").warn("not all records fit the schema: it is inferred from them")
        return None


def _records(sample: Sample) -> list[Any]:
    """The records that a sample shows, in what was sent or answered."""
    if sample.method == "DELETE" or sample.status >= 300:
        return []
    try:
        found = msgspec.json.decode(sample.reply_body)
    except msgspec.DecodeError:
        return []
    return found if isinstance(found, list) else [found]
