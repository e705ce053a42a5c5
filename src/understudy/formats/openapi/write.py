"""A config as an OpenAPI 3.1 document: what its endpoints take and answer, with real answers as examples."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from msgspec import UNSET

from understudy.formats.access import place_of, schemes_of
from understudy.formats.emit import yaml_text
from understudy.formats.exported import Exported, Outgoing, Sample
from understudy.formats.openapi.bundle import Bundle
from understudy.formats.openapi.write_callbacks import callbacks_of
from understudy.formats.openapi.write_operation import Member, OperationWriter
from understudy.formats.openapi.write_paths import Template, template_of
from understudy.formats.openapi.write_resources import ResourceWriter
from understudy.formats.openapi.write_security import Requirements, SecurityWriter
from understudy.formats.outgoing import Place
from understudy.model import WHOLE_DATABASE, Config, Endpoint, Resource
from understudy.model.chaos import names

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Those that a path item has (OpenAPI 3.1 section 4.8.9)."""
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What is written of an endpoint for any method."""
SCHEMAS = "#/components/schemas/"

Written = dict[str, Any]


def write_openapi(outgoing: Outgoing) -> Exported:
    """The document, as JSON for the suffix `.json`, else as YAML."""
    writer = _Document(outgoing)
    document = writer.written()
    if outgoing.suffix == ".json":
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml_text(document)
    return Exported({"": text.encode("utf-8", "replace")}, tuple(writer.place.warnings))


class _Document:
    """A document as it comes together."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._loaded = outgoing.loaded
        self.place = Place(outgoing.loaded)
        self._bundle = Bundle(outgoing.loaded, SCHEMAS)
        self._operations = OperationWriter(self._bundle, self.place)
        self._security = SecurityWriter(outgoing.loaded.config, outgoing.base_url)
        self._resources = ResourceWriter(outgoing.loaded, outgoing.samples, self._bundle)
        self._templates: dict[str, Template] = {}
        self._groups: dict[tuple[str, str], list[Member]] = {}
        self._samples: dict[int, list[Sample]] = {}
        for sample in outgoing.samples:
            self._samples.setdefault(sample.endpoint, []).append(sample)
        self._ids: set[str] = set()

    def written(self) -> Written:
        """The whole document."""
        config = self._loaded.config
        for number, endpoint in enumerate(config.endpoints):
            self._take(number, endpoint, self.place.at("endpoints", number))
        paths: dict[str, Written] = {}
        requirements: list[tuple[Written, Requirements]] = []
        for (shape, method), members in self._groups.items():
            item = paths.setdefault(self._templates[shape].text, {})
            operation, needed = self._operation(members, method)
            requirements.append((operation, needed))
            item[method] = operation
        usual = _usual([needed for _, needed in requirements])
        for operation, needed in requirements:
            if needed != usual:
                operation["security"] = needed
        document: Written = {
            "openapi": "3.1.0",
            "info": {"title": self._outgoing.title or "API", "version": "1.0.0"},
        }
        if self._outgoing.base_url:
            document["servers"] = [{"url": self._outgoing.base_url}]
        if usual:
            document["security"] = usual
        tags = dict.fromkeys(tag for operation, _ in requirements for tag in operation.get("tags", ()))
        if tags:
            document["tags"] = [{"name": tag} for tag in tags]
        document["paths"] = paths
        components: Written = {}
        if self._bundle.definitions:
            components["schemas"] = self._bundle.definitions
        if self._security.schemes:
            components["securitySchemes"] = self._security.schemes
        if components:
            document["components"] = components
        self._warn_of_the_rest(config)
        return document

    # ---- which operations there are

    def _take(self, number: int, endpoint: Endpoint, place: Place) -> None:
        samples = self._samples.get(number, [])
        if endpoint.resource is not UNSET:
            self._take_resource(number, endpoint, samples, place)
            return
        template = template_of(endpoint.path, samples[0] if samples else None, place)
        if template is None:
            return
        for method in _ANY if endpoint.methods == ("ANY",) else endpoint.methods:
            own = [one for one in samples if one.method == method] or samples
            # only the usual method has all answers: they are those of the others too
            labelled = [one for one in samples if one.label and one not in own]
            self._add(number, endpoint, template, method, [*own, *labelled], place)

    def _take_resource(self, number: int, endpoint: Endpoint, samples: list[Sample], place: Place) -> None:
        written = endpoint.resource
        name = written.collection if isinstance(written, Resource) else written
        if name == WHOLE_DATABASE:
            return
        for sample in samples:
            template = template_of(sample.path, sample, place)
            if template is not None:
                schemas = self._resources.schemas(endpoint, sample.path, sample.method, place)
                if sample.status >= 300:  # what is refused is no record, nor is why
                    schemas = {}
                self._add(number, endpoint, template, sample.method, [sample], place, schemas)

    def _add(
        self,
        number: int,
        endpoint: Endpoint,
        template: Template,
        method: str,
        samples: list[Sample],
        place: Place,
        schemas: dict[str, Any] | None = None,
    ) -> None:
        if method.lower() not in METHODS:
            place.at("method").warn(f"{method} is no method there: it is left out")
            return
        first = self._templates.setdefault(template.shape, template)
        parameters = dict(zip(first.parameters, template.parameters.values(), strict=True))
        hidden = frozenset(
            place_of(scheme.api_key)
            for _, scheme in schemes_of(endpoint, self._loaded.config)
            if scheme.api_key is not UNSET
        )
        member = Member(number, endpoint, parameters, samples, schemas or {}, hidden)
        self._groups.setdefault((template.shape, method.lower()), []).append(member)

    # ---- one operation

    def _operation(self, members: list[Member], method: str) -> tuple[Written, Requirements]:
        operation: Written = {}
        tags = dict.fromkeys(
            tag for one in members if one.endpoint.group is not UNSET for tag in names(one.endpoint.group)
        )
        if tags:
            operation["tags"] = list(tags)
        name = next((one.endpoint.name for one in members if one.endpoint.name), None)
        if name:
            operation["operationId"] = self._id(name, method)
        operation |= self._operations.written(members, method.upper())
        first = members[0]
        callbacks = callbacks_of(first.endpoint, self._outgoing, self.place.at("endpoints", first.number))
        if callbacks:
            operation["callbacks"] = callbacks
        needed = self._security.of(first.endpoint)
        for other in members[1:]:
            if self._security.of(other.endpoint) != needed:
                self.place.at("endpoints", other.number).warn(
                    "endpoints with one path and method have one `auth` there: that of the first"
                )
        return operation, needed

    def _id(self, name: str, method: str) -> str:
        """An id that no other operation has."""
        wanted, count = name, 1
        while wanted in self._ids:
            wanted = f"{name}-{method}" if count == 1 else f"{name}-{method}-{count}"
            count += 1
        self._ids.add(wanted)
        return wanted

    def _warn_of_the_rest(self, config: Config) -> None:
        for number in range(len(config.statics)):
            self.place.at("static", number).warn("static folders are not described")
        if config.auth.provider is not UNSET:
            self.place.at("auth", "provider").warn("the provider's own endpoints are not described")


def _usual(requirements: list[Requirements]) -> Requirements:
    """What more than half of the operations need; nothing if there is no such thing."""
    counts = Counter(json.dumps(one) for one in requirements)
    for text, count in counts.most_common(1):
        if count * 2 > len(requirements):
            found: Requirements = json.loads(text)
            return found
    return []


__all__ = ["METHODS", "write_openapi"]
