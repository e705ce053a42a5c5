"""Endpoints with one path and method as an operation: parameters, body, responses with examples.

What the config says of a request comes first: `validate`, `match`, types in the path. Beyond that, what the
samples show. Schemas of answers are inferred from the samples, as a config has none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import UNSET

from understudy.formats.exported import Sample
from understudy.formats.openapi.bundle import Bundle, CannotBundle
from understudy.formats.openapi.infer import schema_of
from understudy.formats.openapi.requests import IGNORED
from understudy.formats.outgoing import Place
from understudy.match.path import PathPattern
from understudy.model import BodyConditions, Condition, Endpoint, Match, Operators, Validate
from understudy.request import canonical_path

Schema = Any
JSON = re.compile(r"application/json|[\w.-]+/[\w.-]+\+json", re.ASCII)
_TEXT = re.compile(r"text/.*|application/(?:xml|.*\+xml|javascript|x-www-form-urlencoded|graphql)", re.ASCII)
_OWN_HEADERS = frozenset(("content-type", "content-length", "date", "connection", "transfer-encoding"))
_NOT_SHOWN = frozenset((*IGNORED, "cookie", "host", "prefer"))
"""Request headers that a document has no parameter for, or a better place."""
_FIELDS = (("params", "path"), ("query", "query"), ("headers", "header"))
_NO_BODY = frozenset(("GET", "HEAD", "DELETE", "TRACE", "OPTIONS"))


@dataclass
class Member:
    """An endpoint that takes part in an operation, with its samples there.

    `schemas` are those of the bodies that it is known to have: of requests under `request`, of replies under
    `reply`. `hidden` are parameters that stand elsewhere, as keys of `auth` do: place and name.
    """

    number: int
    endpoint: Endpoint
    parameters: dict[str, Schema]
    samples: list[Sample]
    schemas: dict[str, Schema] = field(default_factory=dict)
    hidden: frozenset[tuple[str, str]] = frozenset()


class OperationWriter:
    """Writes operations whose schemas stand in one document."""

    def __init__(self, bundle: Bundle, place: Place) -> None:
        self._bundle = bundle
        self._place = place

    def written(self, members: list[Member], method: str) -> dict[str, Any]:
        """The operation of one or more endpoints, without its name, tags and security."""
        made: dict[str, Any] = {}
        parameters = self._parameters(members)
        if parameters:
            made["parameters"] = parameters
        body = self._body(members, method)
        if body:
            made["requestBody"] = body
        samples = [sample for member in members for sample in member.samples]
        if _all_deprecated(samples):
            made["deprecated"] = True
        made["responses"] = self._responses(members)
        return made

    # ---- parameters

    def _parameters(self, members: list[Member]) -> list[dict[str, Any]]:
        found: dict[tuple[str, str], list[tuple[Schema, bool]]] = {}
        for member in members:
            for key, schema, required in self._own(member):
                found.setdefault(key, []).append((schema, required))
        shown = [_shown(member) for member in members]
        parameters = []
        for (where, name), several in found.items():
            one: dict[str, Any] = {"name": name, "in": where}
            in_all = len(several) == len(members) and all(required for _, required in several)
            if where == "path" or in_all:
                one["required"] = True
            one["schema"] = _either([schema for schema, _ in several])
            example = next((values[where, name] for values in shown if (where, name) in values), None)
            if example is not None and not _is_fixed(one["schema"]):
                value = _typed(example, one["schema"])
                if value is not None:
                    one["example"] = value
            parameters.append(one)
        return parameters

    def _own(self, member: Member) -> list[tuple[tuple[str, str], Schema, bool]]:
        """The parameters of one endpoint: place and name, schema, and whether it is required."""
        found: dict[tuple[str, str], tuple[Schema, bool]] = {
            ("path", name): (schema, True) for name, schema in member.parameters.items()
        }
        for where, name, condition in _conditions(member.endpoint):
            if where == "path" and (where, name) not in found:
                continue
            if where != "header" or name.lower() not in _NOT_SHOWN:
                schema = schema_for(condition)
                known = found.get((where, name))
                if known is not None and where == "path":
                    schema = {**known[0], **schema}
                found[where, name] = (schema, _must_be(condition))
        validate = _validate(member.endpoint)
        for key, where in _FIELDS:
            written = getattr(validate, key) if validate is not None else UNSET
            if written is not UNSET:
                self._add_validated(member, key, where, written, found)
        known_names = {(where, name.lower()) for where, name in found}
        for (where, name), _ in _shown(member).items():
            if (where, name.lower()) not in known_names and where != "path":
                found[where, name] = ({"type": "string"}, False)
        return [(key, schema, required) for key, (schema, required) in found.items()]

    def _add_validated(
        self,
        member: Member,
        key: str,
        where: str,
        written: Schema,
        found: dict[tuple[str, str], tuple[Schema, bool]],
    ) -> None:
        place = self._place.at("endpoints", member.number, "validate", key)
        schema = self._schema(written, place)
        schema = self._resolved(schema)  # it may be in a file, or only a reference
        if not isinstance(schema, dict):
            return
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        if schema.keys() - {"properties", "required", "type", "additionalProperties"}:
            place.warn("of this schema the properties are carried over, and nothing else")
        for name in dict.fromkeys((*properties, *required)):
            if where == "path" and (where, name) not in found:
                continue
            if where == "header" and name.lower() in _NOT_SHOWN:
                continue
            own = properties.get(name, {"type": "string"})
            known = found.get((where, name))
            if known is not None and isinstance(own, dict) and isinstance(known[0], dict):
                own = {**known[0], **own}
            is_required = name in required or (known is not None and known[1])
            found[where, name] = (own, is_required)

    def _schema(self, written: Schema, place: Place, name: str = "Schema") -> Schema:
        try:
            return self._bundle.add(written, name)
        except CannotBundle as error:
            place.warn(f"the schema is not carried over: {error}")
            return {}

    # ---- bodies of requests

    def _body(self, members: list[Member], method: str) -> dict[str, Any]:
        content: dict[str, dict[str, Any]] = {}
        required = []
        for member in members:
            own, must_be = self._own_body(member, method)
            required.append(must_be)
            for kind, media in own.items():
                known = content.get(kind)
                if known is None:
                    content[kind] = dict(media)
                elif known.get("schema") != media.get("schema"):
                    known["schema"] = _either([known.get("schema", {}), media.get("schema", {})])
        if not content:
            return {}
        body: dict[str, Any] = {"content": content}
        if all(required):
            body["required"] = True
        return body

    def _own_body(self, member: Member, method: str) -> tuple[dict[str, dict[str, Any]], bool]:
        """The media types that an endpoint takes, and whether there must be a body."""
        validate = _validate(member.endpoint)
        place = self._place.at("endpoints", member.number, "validate", "body")
        examples = _request_examples(member.samples)
        if "request" in member.schemas:
            return _with_examples({"application/json": {"schema": member.schemas["request"]}}, examples), True
        if validate is not None and (
            validate.body is not UNSET or validate.needs_body or validate.media_types
        ):
            media: dict[str, Any] = {}
            if validate.body is not UNSET:
                media["schema"] = self._schema(validate.body, place, "Body")
            usual = "application/json" if validate.body is not UNSET else "*/*"
            types = validate.media_types or (usual,)
            content = {kind: dict(media) for kind in types}
            form = "application/x-www-form-urlencoded"
            if form in content and "schema" in media:
                examples[form] = [self._as_typed(one, media["schema"]) for one in examples.get(form, [])]
            return _with_examples(content, examples), validate.needs_body
        if not examples or method in _NO_BODY:
            return {}, False
        asked = _asked_body(member.endpoint)
        found: dict[str, dict[str, Any]] = {}
        for kind, values in examples.items():
            schema: Schema = {}
            if JSON.fullmatch(kind):
                schema = schema_of(values)
                if isinstance(asked, BodyConditions) and asked.json_schema is not UNSET:
                    schema = self._schema(asked.json_schema, place)
            elif kind == "application/x-www-form-urlencoded":
                schema = schema_of(values)
            elif _TEXT.fullmatch(kind):
                schema = {"type": "string"}
            found[kind] = {"schema": schema} if schema else {}
        return _with_examples(found, examples), asked is not UNSET

    def _as_typed(self, fields: Any, schema: Schema) -> Any:
        """The fields of a form, which are texts, as the schema has them."""
        schema = self._resolved(schema)
        properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
        made = {}
        for name, text in fields.items():
            value = _typed(text, self._resolved(properties.get(name)))
            made[name] = text if value is None else value
        return made

    def _resolved(self, schema: Schema) -> Schema:
        """What a schema that is only a reference leads to."""
        for _ in range(8):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if reference is None:
                break
            schema = self._bundle.definitions[reference.rpartition("/")[2]]
        return schema

    # ---- responses

    def _responses(self, members: list[Member]) -> dict[str, Any]:
        by_status: dict[int, list[tuple[Member, Sample]]] = {}
        for member in members:
            for sample in member.samples:
                by_status.setdefault(sample.status, []).append((member, sample))
        if not by_status:
            status = members[0].endpoint.status
            return {str(status): {"description": _phrase(status)}}
        return {str(status): self._response(status, found) for status, found in by_status.items()}

    def _response(self, status: int, found: list[tuple[Member, Sample]]) -> dict[str, Any]:
        made: dict[str, Any] = {"description": _phrase(status)}
        headers = _headers([sample for _, sample in found])
        if headers:
            made["headers"] = headers
        by_type: dict[str, list[tuple[Member, Sample]]] = {}
        for member, sample in found:
            kind = _type(sample.reply_headers)
            if kind and (sample.reply_body or status not in {204, 304}):
                by_type.setdefault(kind, []).append((member, sample))
        content = {kind: self._media(kind, several) for kind, several in by_type.items()}
        if content:
            made["content"] = content
        return made

    def _media(self, kind: str, found: list[tuple[Member, Sample]]) -> dict[str, Any]:
        values: list[tuple[str, Any]] = []
        for member, sample in found:
            label = sample.label or (member.endpoint.name or "" if len(found) > 1 else "")
            read = _value(kind, sample.reply_body)
            if read is not None:
                values.append((label, read[0]))
        if not values:
            return {}
        known = [member.schemas.get("reply") for member, _ in found]
        if all(one is not None for one in known) and all(one == known[0] for one in known):
            schema = known[0]
        else:
            schema = schema_of([value for _, value in values]) if JSON.fullmatch(kind) else {"type": "string"}
        return {"schema": schema, **_examples(values)}


# ---- what the config says


def _validate(endpoint: Endpoint) -> Validate | None:
    if endpoint.validate is UNSET:
        return None
    return Validate(body=endpoint.validate) if isinstance(endpoint.validate, str) else endpoint.validate


def _conditions(endpoint: Endpoint) -> list[tuple[str, str, Condition]]:
    """What `match` asks of single values: place, name, condition."""
    found: list[tuple[str, str, Condition]] = []

    def take(match: Match) -> None:
        for ours, where in (
            ("params", "path"),
            ("query", "query"),
            ("headers", "header"),
            ("cookies", "cookie"),
        ):
            found.extend((where, name, condition) for name, condition in getattr(match, ours).items())
        for inner in match.all:
            take(inner)

    if endpoint.match is not UNSET:
        take(endpoint.match)
    return [one for one in found if not _must_not_be(one[2])]


def _must_not_be(condition: Condition) -> bool:
    return isinstance(condition, Operators) and (condition.absent is True or condition.present is False)


def _must_be(condition: Condition) -> bool:
    """Whether a condition can only hold of what is there."""
    if not isinstance(condition, Operators):
        return True
    rest = msgspec.structs.replace(condition, not_=UNSET, any=UNSET, ignore_case=False, every=False)
    return rest != Operators() or condition == Operators()


def schema_for(condition: Condition) -> dict[str, Any]:
    """The schema of a value that a condition is about, as far as schemas say the same."""
    if not isinstance(condition, Operators):
        return _constants([condition])
    if condition.equals is not UNSET and not condition.ignore_case:
        return _constants([condition.equals])
    if condition.one_of is not UNSET and not condition.ignore_case:
        return _constants(condition.one_of)
    bounds = {
        theirs: getattr(condition, ours)
        for ours, theirs in (
            ("gt", "exclusiveMinimum"), ("gte", "minimum"), ("lt", "exclusiveMaximum"), ("lte", "maximum"),
        )
        if getattr(condition, ours) is not UNSET
    }  # fmt: skip
    if bounds:
        return {"type": "number", **bounds}
    if condition.matches is not UNSET and not condition.ignore_case and _is_ecma(condition.matches):
        return {"type": "string", "pattern": f"^(?:{condition.matches})$"}
    return {"type": "string"}


def _is_ecma(pattern: str) -> bool:
    """Whether a pattern surely means the same to JSON Schema (ECMA-262)."""
    return re.search(r"\(\?[^:]|\\[AzZQEpPC]|\[\[:", pattern) is None


def _constants(values: list[Any]) -> dict[str, Any]:
    schema = schema_of(values)
    return {"type": schema["type"], "enum": values} if "type" in schema else {"enum": values}


def _asked_body(endpoint: Endpoint) -> Any:
    if endpoint.match is UNSET:
        return UNSET
    if endpoint.match.body is not UNSET:
        return endpoint.match.body
    return endpoint.match.form or UNSET


# ---- what samples show


def _shown(member: Member) -> dict[tuple[str, str], str]:
    """Parameters of the usual sample, by place and name."""
    usual = next((one for one in member.samples if not one.label), None)
    if usual is None:
        return {}
    path, _, query = usual.target.partition("?")
    found = {("query", name): value for name, value in parse_qsl(query, keep_blank_values=True)}
    for name, value in usual.headers:
        if name.lower() not in _NOT_SHOWN:
            found["header", name] = value
    if isinstance(member.endpoint.path, str):
        values = PathPattern(usual.path).match(canonical_path(path.encode())) or {}
        found |= {("path", name): unquote(str(value)) for name, value in values.items()}
    return {key: value for key, value in found.items() if key not in member.hidden}


def _request_examples(samples: list[Sample]) -> dict[str, list[Any]]:
    """The bodies of samples by media type."""
    found: dict[str, list[Any]] = {}
    for sample in samples:
        kind = _type(sample.headers)
        if not sample.body:
            continue
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(sample.body.decode("latin-1"), keep_blank_values=True)
            found.setdefault(kind, []).append(dict(pairs))
            continue
        read = _value(kind or "text/plain", sample.body)
        if read is not None and not kind.startswith("multipart/"):
            found.setdefault(kind or "text/plain", []).append(read[0])
    return found


def _with_examples(
    content: dict[str, dict[str, Any]], examples: dict[str, list[Any]]
) -> dict[str, dict[str, Any]]:
    """The media types with one example each, where a sample has had one."""
    return {
        kind: {**media, "example": examples[kind][0]} if examples.get(kind) else media
        for kind, media in content.items()
    }


def _type(headers: tuple[tuple[str, str], ...]) -> str:
    """The media type; its `charset` only where that is no UTF-8."""
    for name, value in headers:
        if name.lower() == "content-type":
            kind, _, rest = value.partition(";")
            usual = not rest or rest.strip().lower() in {"charset=utf-8", 'charset="utf-8"'}
            return kind.strip().lower() if usual or "boundary" in rest else value
    return ""


def _value(kind: str, body: bytes) -> tuple[Any] | None:
    """What a body is as an example, in a tuple; None if it is none."""
    plain = kind.partition(";")[0].strip()
    try:
        text = body.decode()
        if JSON.fullmatch(plain):
            return (json.loads(text),)
    except (UnicodeDecodeError, ValueError, RecursionError):
        return None
    return (text,) if _TEXT.fullmatch(plain) else None


def _examples(values: list[tuple[str, Any]]) -> dict[str, Any]:
    """`example`, or `examples` by their names where they differ. An answer with a name goes before one
    without that is the same."""
    named: dict[str, Any] = {}
    usual = values[0]
    for label, value in values:
        if not label and any(other == value for name, other in values if name):
            continue
        if any(other == value and type(other) is type(value) for other in named.values()) and label == "":
            continue
        name = plain = re.sub(r"[^A-Za-z0-9._-]", "-", label) or "usual"
        count = 1
        while name in named and named[name] != value:
            count += 1
            name = f"{plain}-{count}"
        named[name] = value
    if len(named) == 1:
        return {"example": next(iter(named.values()))}
    first = sorted(named, key=lambda name: named[name] != usual[1])  # the usual answer stands first
    return {"examples": {name: {"value": named[name]} for name in first}}


def _headers(samples: list[Sample]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for sample in samples:
        for name, value in sample.reply_headers:
            is_own = name.lower() in _OWN_HEADERS or (name.lower(), value) == ("deprecation", "true")
            if not is_own and name.lower() not in {known.lower() for known in found}:
                found[name] = {"schema": {"type": "string"}, "example": value}
    return found


def _all_deprecated(samples: list[Sample]) -> bool:
    return bool(samples) and all(
        any(name.lower() == "deprecation" and value == "true" for name, value in sample.reply_headers)
        for sample in samples
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


# ---- schemas


def _either(schemas: list[Schema]) -> Schema:
    """One schema for what is valid under one of these."""
    distinct: list[Schema] = []
    for one in schemas:
        if one not in distinct:
            distinct.append(one)
    # one that only allows some values of another is no other
    distinct = [
        one
        for one in distinct
        if not (isinstance(one, dict) and "enum" in one and _without_enum(one) in distinct)
    ]
    if len(distinct) == 1:
        return distinct[0]
    if all(isinstance(one, dict) and "enum" in one for one in distinct):
        values: list[Any] = []
        for one in distinct:
            values += [value for value in one["enum"] if value not in values]
        return _constants(values)
    return {"anyOf": distinct}


def _without_enum(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "enum"}


def _is_fixed(schema: Schema) -> bool:
    return isinstance(schema, dict) and ("enum" in schema or "const" in schema)


def _typed(text: str, schema: Schema) -> Any:
    """A parameter's text as its schema has it; None if it is not."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    return text if kind == "string" else None
