"""Which operations of a document are those of REST resources, and why the others are not.

A resource is seen by its paths: `/pets` lists and creates, `/pets/{petId}` reads, replaces, changes and
deletes; `/users/{userId}/posts` are those of a user; `/profile` is one alone. Its schema has to have the id
that the path asks for. What is not clearly so stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Operation, Parameter
from understudy.openapi.stateful.listing import Listing
from understudy.openapi.stateful.shapes import (
    IDS,
    Facts,
    Held,
    answer_of,
    facts_of,
    held_like,
    held_list,
    held_record,
    identity,
    request_of,
    scalar_kind,
    words_of,
)
from understudy.simulate.resource.names import singular

LIST, CREATE, READ, REPLACE, CHANGE, DELETE = "list", "create", "read", "replace", "change", "delete"
KINDS = (LIST, CREATE, READ, REPLACE, CHANGE, DELETE)
"""What an operation does to the records of a resource."""
WRITERS = frozenset((CREATE, REPLACE, CHANGE, DELETE))
_SAYS = {
    LIST: "lists",
    CREATE: "adds to",
    READ: "reads one of",
    REPLACE: "replaces one of",
    CHANGE: "changes one of",
    DELETE: "deletes one of",
}
_WHOLE = re.compile(r"\{([^{}/]+)\}")
_ANY = "{}"

Segments = tuple[str, ...]


class Owner(NamedTuple):
    """A record that the path leads through: the path's parameter, and the field that names it in others.

    `hidden`: the schema has no such field; it is kept in the store and not shown.
    """

    parameter: str
    field: str
    hidden: bool


@dataclass(frozen=True)
class Action:
    """An operation of a resource.

    `key` is the path's parameter that names the record, "" if none does: then the body's id does.
    `answer` is where the record, or the list, stands in the answer, None if it has none; `request` where the
    record stands in the request.
    """

    kind: str
    operation: Operation
    key: str = ""
    owners: tuple[Owner, ...] = ()
    parent: str = ""
    answer: Held | None = None
    request: Held | None = None


@dataclass(frozen=True)
class Inferred:
    """A resource. `record` is the schema of its records, `id` the property that names them.

    `id_kind` is number or string. `parent` is the resource whose records it belongs to. `is_single`: there is
    one record, which has no id.
    """

    name: str
    path: str
    record: Node
    id: str
    id_kind: str
    owners: tuple[Owner, ...]
    parent: str
    actions: tuple[Action, ...]
    is_single: bool = False

    @property
    def owner(self) -> Owner | None:
        """The nearest of the owners."""
        return self.owners[-1] if self.owners else None


class Line(NamedTuple):
    """What became of an operation. `resource` is "" if it stays stateless; `why` is a sentence."""

    method: str
    path: str
    resource: str
    why: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.why}"


class Inference(NamedTuple):
    """The resources of a document, and a line about each operation, in its order."""

    resources: tuple[Inferred, ...]
    lines: tuple[Line, ...]


def infer(operations: tuple[Operation, ...]) -> Inference:
    """Which operations form resources, and why the others do not."""
    found = _Search(operations)
    resources = found.resources()
    taken = {
        (action.operation.method, action.operation.path): (resource, action)
        for resource in resources
        for action in resource.actions
    }
    lines = []
    for operation in operations:
        place = (operation.method, operation.path)
        if place in taken:
            resource, action = taken[place]
            verb = _SAYS[action.kind] if not resource.is_single else f"{action.kind}s"
            why = f"it {verb} {resource.name!r}"
            ignored = Listing(operation, facts_of(resource.record)).ignored if action.kind == LIST else ()
            if ignored:
                why += (
                    f"; of its query, {' and '.join(ignored)} {'is' if len(ignored) == 1 else 'are'} ignored"
                )
            lines.append(Line(*place, resource.name, why))
        else:
            why = found.reasons.get(place, "its path is neither that of a collection nor that of a record")
            lines.append(Line(*place, "", f"it stays stateless, as {why}"))
    return Inference(resources, tuple(lines))


def explain(inference: Inference) -> str:
    """The lines as text."""
    return "".join(f"{line}\n" for line in inference.lines)


@dataclass
class _Search:
    """Looks through the paths, the shorter ones first: what is nested needs to know its parent."""

    operations: tuple[Operation, ...]
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.paths: dict[Segments, dict[str, Operation]] = {}
        self.items: dict[Segments, Inferred] = {}
        """Resources by the path of their records."""
        self.roots: dict[str, Inferred] = {}
        """Those that belong to nobody, by their names."""
        for operation in self.operations:
            segments = _segments(operation.path)
            if segments is None:
                self._refuse(operation, "its path has parameters beside other text")
            else:
                self.paths.setdefault(segments, {}).setdefault(operation.method, operation)

    def _refuse(self, operation: Operation, why: str) -> None:
        self.reasons.setdefault((operation.method, operation.path), why)

    def _refuse_all(self, base: Segments, why: str) -> None:
        for path in (base, (*base, _ANY)):
            for operation in self.paths.get(path, {}).values():
                self._refuse(operation, why)

    def resources(self) -> tuple[Inferred, ...]:
        """All resources, in the order of the document."""
        bases: dict[Segments, None] = {}
        for path in self.paths:
            base = path[:-1] if path[-1] == _ANY else path
            if base and base[-1] != _ANY:
                bases[base] = None
        order = {base: number for number, base in enumerate(bases)}
        found: dict[Segments, Inferred] = {}
        for base in sorted(bases, key=len):
            resource = self._resource(base)
            if resource is not None:
                found[base] = resource
                if not resource.is_single:
                    self.items[*base, _ANY] = resource
                if not resource.is_single and not resource.owners:
                    self.roots.setdefault(resource.name, resource)
        found = {base: found[base] for base in sorted(found, key=order.__getitem__)}
        return tuple(_named(_merged(found)))

    def _resource(self, base: Segments) -> Inferred | None:
        here, below = self.paths.get(base, {}), self.paths.get((*base, _ANY), {})
        some = next(iter((here or below).values()))
        owners: tuple[Owner, ...] = ()
        parent: Inferred | None = None
        if _ANY in base:
            end = len(base) - base[::-1].index(_ANY)
            parent = self.items.get(base[:end])
            if parent is None:
                above = _beginning(some.path, end)
                self._refuse_all(base, f"{above} is no resource whose records could own it")
                return None
        names = _WHOLE.findall(some.path)
        if not below:
            single = self._single(base, here, parent)
            if single is not None:
                return single
        record = self._record(base, here, below)
        if record is None:
            return None
        schema, key, id = record
        facts = facts_of(schema)
        id_kind = scalar_kind(facts.properties[id]) or scalar_kind(_path_schema(below, key)) or "string"
        if id_kind == "boolean":
            self._refuse_all(base, f"the id `{id}` is a boolean")
            return None
        if parent is not None:
            named = names[: len(parent.owners) + 1]
            owners = tuple(
                _owner(name, one.field, facts)
                for name, one in zip(named, (*parent.owners, _key_of(parent)), strict=False)
            )
        resource = Inferred(
            name=base[-1],
            path="/" + "/".join(base),
            record=schema,
            id=id,
            id_kind=id_kind,
            owners=owners,
            parent=parent.path if parent is not None else "",
            actions=(),
        )
        actions = [
            replace(action, owners=owners, parent=resource.parent)
            for action in (*self._of_collection(resource, base, here), *self._of_record(resource, key, below))
        ]
        kinds = {action.kind for action in actions}
        if kinds.isdisjoint((LIST, READ)):
            self._refuse_all(base, "no operation reads what others write")
            return None
        is_view = owners and self._is_of_root(base, schema) and not any(one.hidden for one in owners)
        if kinds.isdisjoint(WRITERS) and not kinds >= {LIST, READ} and not is_view:
            self._refuse_all(base, "it is only read, and nothing writes it")
            return None
        return replace(resource, actions=tuple(actions))

    # --- what the records are ----------------------------------------------------------------------------

    def _record(
        self, base: Segments, here: dict[str, Operation], below: dict[str, Operation]
    ) -> tuple[Node, str, str] | None:
        """The schema of a record, the parameter that names one, and the property with its id."""
        if below:
            some = next(iter(below.values()))
            key = _WHOLE.findall(some.path)[-1]
            ids = _id_names(key, base[-1])
        else:
            key, ids = "", list(IDS)
        candidates: list[Held | None] = []
        if "GET" in below:
            candidates.append(held_record(answer_of(below["GET"]), ids))
        if "GET" in here:
            listed = held_list(answer_of(here["GET"]), base[-1])
            if listed is not None and (
                below or self._is_created(here, listed) or self._is_of_root(base, listed.schema)
            ):
                candidates.append(listed)
        for method in ("PUT", "PATCH", "POST"):
            if "GET" not in below and below.get(method) is not None:
                candidates.append(held_record(answer_of(below[method]), ids))
        for held in candidates:
            if held is None:
                continue
            properties = facts_of(held.schema).properties
            for id in ids:
                if id in properties and _may_name(key, base[-1], _path_schema(below, key), properties[id]):
                    return held.schema, key, id
        if below:
            why = f"no answer has an object with a property that is `{{{key}}}`"
        else:
            path = _beginning(next(iter(here.values())).path, len(base))
            why = f"{path} is no collection: no path leads to its records, and no POST adds what a GET lists"
        self._refuse_all(base, why)
        return None

    def _is_created(self, here: dict[str, Operation], listed: Held) -> bool:
        """Whether what is listed is what a POST brings: a list without paths for its records."""
        post = here.get("POST")
        return post is not None and held_like(request_of(post), facts_of(listed.schema)) is not None

    def _is_of_root(self, base: Segments, record: Node) -> bool:
        """Whether a collection of the same name, which belongs to nobody, has such records."""
        root = self.roots.get(base[-1])
        return len(base) > 1 and root is not None and identity(root.record) == identity(record)

    # --- what the operations do ----------------------------------------------------------------------------

    def _of_collection(
        self, resource: Inferred, base: Segments, here: dict[str, Operation]
    ) -> Iterator[Action]:
        facts = facts_of(resource.record)
        for method, operation in here.items():
            if method == "GET":
                listed = held_list(answer_of(operation), resource.name)
                if listed is None or not _is_like(listed.schema, resource, facts):
                    self._refuse(operation, "its answer has no list of the records")
                else:
                    yield Action(LIST, operation, answer=listed)
            elif method in {"POST", "PUT", "PATCH"}:
                request = held_like(request_of(operation), facts)
                if request is None:
                    self._refuse(operation, "its body is not a record")
                elif method == "POST":
                    yield Action(
                        CREATE, operation, answer=_answer(operation, facts, resource.id), request=request
                    )
                elif resource.id in facts_of(request.schema).properties:
                    kind = REPLACE if method == "PUT" else CHANGE
                    answer = _answer(operation, facts, resource.id)
                    yield Action(kind, operation, answer=answer, request=request)
                else:
                    self._refuse(operation, "nothing in it says which record it is about")
            else:
                self._refuse(operation, f"{method} of a whole collection is not simulated")
        yield from self._searches(resource, base, facts)

    def _searches(self, resource: Inferred, base: Segments, facts: Facts) -> Iterator[Action]:
        """Lists beside the collection, such as /pet/findByStatus: the query names what they look for."""
        for path, methods in self.paths.items():
            if len(path) != len(base) + 1 or path[:-1] != base or path[-1] == _ANY or "GET" not in methods:
                continue
            operation = methods["GET"]
            listed = held_list(answer_of(operation), resource.name)
            if listed is None or identity(listed.schema) != identity(resource.record):
                continue
            asked = [one for one in operation.parameters if one.where == "query"]
            if asked and all(_is_searchable(facts.properties.get(one.name)) for one in asked):
                yield Action(LIST, operation, answer=listed)
            else:
                self._refuse(operation, "its query asks for more than properties of the records")

    def _of_record(self, resource: Inferred, key: str, below: dict[str, Operation]) -> Iterator[Action]:
        facts = facts_of(resource.record)
        for method, operation in below.items():
            parameter = _WHOLE.findall(operation.path)[-1]
            answer = _answer(operation, facts, resource.id)
            if method == "GET":
                if answer is not None and _is_like(answer.schema, resource, facts):
                    yield Action(READ, operation, parameter, answer=answer)
                else:
                    self._refuse(operation, "its answer is not a record")
            elif method == "DELETE":
                yield Action(DELETE, operation, parameter, answer=answer)
            elif method in {"PUT", "PATCH", "POST"}:
                request = held_like(request_of(operation), facts)
                if request is None:
                    self._refuse(operation, "its body is not a record")
                elif method == "POST" and "PATCH" in below:
                    self._refuse(operation, "PATCH changes the record, and POST does something else")
                else:
                    kind = REPLACE if method == "PUT" else CHANGE
                    yield Action(kind, operation, parameter, answer=answer, request=request)
            else:
                self._refuse(operation, f"{method} of a record is not simulated")

    def _single(self, base: Segments, here: dict[str, Operation], parent: Inferred | None) -> Inferred | None:
        """One object alone: read by GET, and written by PUT or PATCH."""
        get = here.get("GET")
        if get is None or not {"PUT", "PATCH"} & here.keys():
            return None
        held = _single_record(answer_of(get))
        if held is None:
            return None
        if parent is not None:
            self._refuse_all(base, "a single object that belongs to a record is not simulated")
            return None
        facts = facts_of(held.schema)
        actions = [Action(READ, get, answer=held)]
        for method, operation in here.items():
            if method not in {"PUT", "PATCH"}:
                if method != "GET":
                    self._refuse(operation, f"{method} of a single object is not simulated")
                continue
            request = held_like(request_of(operation), facts)
            if request is None:
                self._refuse(operation, "its body is not what GET reads")
                continue
            kind = REPLACE if method == "PUT" else CHANGE
            actions.append(Action(kind, operation, answer=_answer(operation, facts), request=request))
        if len(actions) == 1:
            return None
        return Inferred(
            base[-1], "/" + "/".join(base), held.schema, "id", "string", (), "", tuple(actions), True
        )


def _segments(path: str) -> Segments | None:
    """The segments of a path, parameters without their names; None if some are only a part of a segment."""
    if "?" in path or "#" in path:
        return None
    parts = path.strip("/").split("/")
    if not all(_WHOLE.fullmatch(part) or not set("{}") & set(part) for part in parts):
        return None
    return tuple(_ANY if _WHOLE.fullmatch(part) else part for part in parts)


def _id_names(parameter: str, collection: str) -> list[str]:
    """Properties that a path's parameter may name, the likeliest first: itself, and the usual ids."""
    names = [parameter]
    plain = words_of(parameter)
    one = words_of(singular(collection))
    for id in IDS:
        tail = words_of(id)
        if plain in {tail, one + tail, one} or plain.endswith(tail):
            names.append(id)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()
    camel = re.sub(r"[_-]([a-z])", lambda found: found[1].upper(), parameter)
    names += [snake, camel]
    if plain == one:
        names += ["slug", "login", "name"]
    return list(dict.fromkeys(names))


def _may_name(parameter: str, collection: str, written: Node | None, id: Node) -> bool:
    """Whether values of a parameter can be those of a property that has a fitting name.

    Many documents have `{petId}` as a text where the id is a number. That is meant; but `{pet}` as a text is
    not a number, and a number is never an id that is any text.
    """
    of_path, of_record = scalar_kind(written), scalar_kind(id)
    facts = facts_of(id)
    is_plain = of_record in {"number", "string"} or not (facts.types or facts.properties)
    if not is_plain or (of_path == "number" and of_record == "string"):
        return False
    is_weak = words_of(parameter) == words_of(singular(collection))
    return not (is_weak and of_path == "string" and of_record == "number")


def _path_schema(operations: dict[str, Operation], key: str) -> Node | None:
    """The schema of a path's parameter, as the first operation has it."""
    return next((one.schema for op in operations.values() for one in _path_parameters(op, key)), None)


def _path_parameters(operation: Operation, name: str) -> list[Parameter]:
    return [one for one in operation.parameters if one.where == "path" and one.name == name]


def _key_of(resource: Inferred) -> Owner:
    """What a record of a resource is to those that belong to it."""
    return Owner("", f"{singular(resource.name)}Id", True)


def _owner(parameter: str, usual: str, facts: Facts) -> Owner:
    """The owner that a parameter names, and the property that has it."""
    wanted = {words_of(parameter), words_of(usual)}
    for name, node in facts.properties.items():
        if words_of(name) in wanted - {"id"} and scalar_kind(node) in {"number", "string"}:
            return Owner(parameter, name, False)
    field = parameter if words_of(parameter) != "id" else usual
    while field in facts.properties:
        field = f"_{field}"
    return Owner(parameter, field, True)


def _is_like(schema: Node, resource: Inferred, facts: Facts) -> bool:
    """Whether a schema is that of the record, or has its id too."""
    return identity(schema) == identity(resource.record) or resource.id in facts_of(schema).properties


def _answer(operation: Operation, facts: Facts, id: str = "") -> Held | None:
    """Where the record stands in an answer: what has its id, else what has some of its properties."""
    schema = answer_of(operation)
    return (held_record(schema, (id,)) if id else None) or held_like(schema, facts)


def _single_record(schema: Node | None) -> Held | None:
    facts = facts_of(schema)
    if schema is None or not facts.is_object:
        return None
    if len(facts.properties) == 1:
        ((key, one),) = facts.properties.items()
        if facts_of(one).is_object:
            return Held((key,), one)
    return Held((), schema)


def _is_searchable(node: Node | None) -> bool:
    """Whether a query can look for a property: it is plain, or a list of what is."""
    items = facts_of(node).items
    return bool(scalar_kind(node) or (items is not None and scalar_kind(items)))


def _merged(found: dict[Segments, Inferred]) -> list[Inferred]:
    """Nested views of a collection, such as /users/{userId}/posts beside /posts, are put into it.

    That is so where the records are the same and say themselves whose they are.
    """
    roots = {
        (resource.name, identity(resource.record)): resource
        for resource in found.values()
        if not resource.owners and not resource.is_single
    }
    more: dict[str, list[Action]] = {}
    result = []
    for resource in found.values():
        root = roots.get((resource.name, identity(resource.record)))
        is_view = resource.owners and root is not None and not any(one.hidden for one in resource.owners)
        if is_view and root is not None and root.id == resource.id:
            more.setdefault(root.path, []).extend(resource.actions)
        else:
            result.append(resource)
    return [
        replace(one, actions=(*one.actions, *more[one.path])) if one.path in more else one for one in result
    ]


def _named(resources: list[Inferred]) -> Iterator[Inferred]:
    """The same with names of their own: where two have one, the path says which is which."""
    names: dict[str, str] = {}
    for resource in sorted(resources, key=lambda one: one.path.count("/")):
        name = resource.name or "records"  # those of the path /
        if name in names.values():
            name = resource.path.replace(f"/{_ANY}", "").strip("/")
        while name in names.values():
            name += "_"
        names[resource.path] = name
    for resource in resources:
        yield replace(resource, name=names[resource.path])


def _beginning(path: str, count: int) -> str:
    """The first segments of a path, as it is written."""
    return "/" + "/".join(path.strip("/").split("/")[:count])


__all__ = ["Action", "Inference", "Inferred", "Line", "Owner", "explain", "infer"]
