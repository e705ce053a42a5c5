"""Two documents compared: paths, operations, and the parts of each operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from understudy.contract.diff.change import Change, in_order
from understudy.contract.diff.schemas import Root, SchemaComparison
from understudy.contract.diff.security import SecurityComparison
from understudy.contract.spec import PARAMETER, Spec, shown_operation, template_key
from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Body, Header, Media, Operation, Parameter, Response

T = TypeVar("T")

_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
"""Header parameters that mean nothing (OpenAPI 3.1 section 4.7.12.1)."""


def compare(old: Spec, new: Spec) -> tuple[Change, ...]:
    """What has changed from one document to the other, the worst first."""
    return _Comparison(old, new).changes()


class _Told(NamedTuple):
    """A change that is told of one operation, and perhaps of others in the same words."""

    check: str
    detail: str
    where: str
    old: Node | None
    new: Node | None


class _Comparison:
    def __init__(self, old: Spec, new: Spec) -> None:
        self._old, self._new = old, new
        self._schemas = SchemaComparison(old.is_new, new.is_new)
        self._security = SecurityComparison(old, new)
        self._names: list[str] = []
        self._told: dict[tuple[Any, ...], tuple[_Told, list[str]]] = {}

    def changes(self) -> tuple[Change, ...]:
        pairs, removed, added = _matched(self._old.api.operations, self._new.api.operations)
        self._gone(removed, self._old, self._new, "removed")
        self._gone(added, self._new, self._old, "added")
        for check, detail, before, after in self._security.schemes():
            self._tell(check, detail, "", before, after)
        for old, new in pairs:
            self._names.append(shown_operation(new))
            self._operation(old, new)
        found = [
            Change(
                told.check,
                told.detail,
                tuple(dict.fromkeys(operations)),
                told.where,
                "",
                told.old.origin() if told.old is not None else None,
                told.new.origin() if told.new is not None else None,
            )
            for told, operations in self._told.values()
        ]
        found += self._schemas.changes(self._names)
        if self._schemas.ended:
            found.append(Change("comparison-ended", "the schemas are too many"))
        return in_order(found)

    def _tell(
        self, check: str, detail: str, where: str, old: Node | None, new: Node | None, name: str | None = None
    ) -> None:
        """Note a change of the operation that is looked at; once, if others have it at the same place."""
        key = (check, detail, where, *(_place(one) for one in (old, new)))
        operations = [name] if name is not None else self._names[-1:]
        known = self._told.get(key)
        if known is None:
            self._told[key] = (_Told(check, detail, where, old, new), operations)
        else:
            known[1].extend(operations)

    def _gone(self, operations: list[Operation], own: Spec, other: Spec, what: str) -> None:
        """Tell of operations that only one of the documents has; of whole paths as one."""
        kept = {template_key(one.prefix + one.path) for one in other.api.operations}
        kept |= {template_key(one.path) for one in other.api.operations}
        paths: dict[str, list[Operation]] = {}
        for one in operations:
            paths.setdefault(one.path, []).append(one)
        for path, group in paths.items():
            deprecated = what == "removed" and all(one.deprecated for one in group)
            if template_key(path) in kept or deprecated:
                for one in group:
                    check = f"{'deprecated-' * (what == 'removed' and one.deprecated)}operation-{what}"
                    self._lone(check, one.id or one.summary, one.node, what, shown_operation(one))
            else:
                methods = ", ".join(one.method for one in group)
                self._lone(f"path-{what}", methods, group[0].node, what, path)

    def _lone(self, check: str, detail: str, node: Node, what: str, name: str) -> None:
        old, new = (node, None) if what == "removed" else (None, node)
        self._tell(check, detail, "", old, new, name)

    def _operation(self, old: Operation, new: Operation) -> None:
        nodes = old.node, new.node
        if old.prefix != new.prefix and template_key(old.prefix + old.path) != template_key(
            new.prefix + new.path
        ):
            self._tell("server-prefix-changed", f"{old.prefix or '/'} → {new.prefix or '/'}", "", None, None)
        if old.id != new.id and old.id:
            self._tell("operation-id-changed", f"{old.id} → {new.id or 'none'}", "", *nodes)
        if old.deprecated != new.deprecated:
            check = "operation-deprecated" if new.deprecated else "operation-reactivated"
            self._tell(check, new.id or new.summary, "", *nodes)
        self._parameters(old, new)
        self._body(old, new)
        self._responses(old, new)
        self._callbacks(old, new)
        for check, detail, before, after in self._security.operations(old, new):
            self._tell(check, detail, "", before, after)

    def _schema(self, old: Node | None, new: Node | None, direction: str, where: str) -> None:
        self._schemas.add(old, new, direction, Root(len(self._names) - 1, where))

    # --- requests --------------------------------------------------------------------------------------

    def _parameters(self, old: Operation, new: Operation) -> None:
        before, after = _by_place(old), _by_place(new)
        removed = {key: one for key, one in before.items() if key not in after}
        added = {key: one for key, one in after.items() if key not in before}
        for (where, name), one in list(removed.items()):
            if where == "path":
                continue
            moved = next((key for key in added if key[1] == name and key[0] != "path"), None)
            if moved is not None:
                other = added.pop(moved)
                del removed[where, name]
                self._tell("parameter-moved", f"{name}: {where} → {moved[0]}", "", one.node, other.node)
        for one in removed.values():
            self._tell("parameter-removed", _about(one), "", one.node, new.node)
        for one in added.values():
            is_needed = one.required and one.where != "path"  # that of a path was matched with the path
            check = "required-parameter-added" if is_needed else "parameter-added"
            self._tell(check, _about(one), "", old.node, one.node)
        for key, one in before.items():
            if key in after:
                self._parameter(one, after[key])

    def _parameter(self, old: Parameter, new: Parameter) -> None:
        nodes, about = (old.node, new.node), _about(new)
        if old.required != new.required:
            check = "parameter-became-required" if new.required else "parameter-became-optional"
            self._tell(check, about, "", *nodes)
        if _written(old) != _written(new):
            detail = f"{about}: {_written(old)} → {_written(new)}"
            self._tell("parameter-serialization-changed", detail, "", *nodes)
        if new.node.flag("deprecated") and not old.node.flag("deprecated"):
            self._tell("parameter-deprecated", about, "", *nodes)
        self._schema(old.schema, new.schema, "request", about)

    def _body(self, old: Operation, new: Operation) -> None:
        before, after = old.body, new.body
        if before is None or after is None:
            if after is not None:
                check = "required-request-body-added" if after.required else "request-body-added"
                self._tell(check, _types(after), "", old.node, after.node)
            elif before is not None:
                self._tell("request-body-removed", _types(before), "", before.node, new.node)
            return
        if before.required != after.required:
            check = f"request-body-became-{'required' if after.required else 'optional'}"
            self._tell(check, _types(after), "", before.node, after.node)
        self._media(before.media, after.media, "request", "request body", before.node, after.node)

    def _media(
        self,
        old: Sequence[Media],
        new: Sequence[Media],
        direction: str,
        where: str,
        before: Node,
        after: Node,
    ) -> None:
        left, right = _by_type(old), _by_type(new)
        if direction == "request" and not (left and right):  # nothing is said of the body
            return
        for name, one, other in _joined(left, right, _covering, divides=direction == "response"):
            if one is None and other is not None:
                self._tell(f"{direction}-media-type-added", name, where, before, other.node)
            elif one is not None and other is None:
                self._tell(f"{direction}-media-type-removed", name, where, one.node, after)
            elif one is not None and other is not None:
                self._schema(one.schema, other.schema, direction, f"{where} {name}")

    # --- responses -------------------------------------------------------------------------------------

    def _responses(self, old: Operation, new: Operation) -> None:
        left = {one.status: one for one in old.responses}
        right = {one.status: one for one in new.responses}
        for status, one, other in _joined(left, right, _status_covering, divides=True):
            if one is None and other is not None:
                self._tell(f"response-{_kind(status)}-added", status, "", old.node, other.node)
            elif one is not None and other is None:
                self._tell(f"response-{_kind(status)}-removed", status, "", one.node, new.node)
            elif one is not None and other is not None:
                self._response(one, other, f"response {status}")

    def _response(self, old: Response, new: Response, where: str) -> None:
        self._media(old.media, new.media, "response", where, old.node, new.node)
        left = {one.name.lower(): one for one in old.headers}
        right = {one.name.lower(): one for one in new.headers}
        for name in dict.fromkeys((*left, *right)):
            self._header(left.get(name), right.get(name), where, old.node, new.node)

    def _header(self, old: Header | None, new: Header | None, where: str, before: Node, after: Node) -> None:
        if old is None or new is None:
            if new is not None:
                self._tell("response-header-added", new.name, where, before, new.node)
            elif old is not None:
                check = f"{'required-' * old.node.flag('required')}response-header-removed"
                self._tell(check, old.name, where, old.node, after)
            return
        is_required = new.node.flag("required")
        if old.node.flag("required") != is_required:
            check = f"response-header-became-{'required' if is_required else 'optional'}"
            self._tell(check, new.name, where, old.node, new.node)
        self._schema(old.schema, new.schema, "response", f"{where} header {new.name}")

    def _callbacks(self, old: Operation, new: Operation) -> None:
        left = {(one.name, one.url, one.method): one for one in old.callbacks}
        right = {(one.name, one.url, one.method): one for one in new.callbacks}
        for key in dict.fromkeys((*left, *right)):
            one, other = left.get(key), right.get(key)
            about = f"{key[0]}: {key[2]} {key[1]}"
            if one is None or other is None:
                check = "callback-added" if one is None else "callback-removed"
                self._tell(
                    check,
                    about,
                    "",
                    one.node if one is not None else old.node,
                    other.node if other is not None else new.node,
                )
            elif one.body is not None and other.body is not None:
                # the server sends it, so it is like a response
                self._media(
                    one.body.media, other.body.media, "response", f"callback {key[0]}", one.node, other.node
                )


# --- what belongs together ---------------------------------------------------------------------------------


def _matched(
    old: Sequence[Operation], new: Sequence[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """The operations that are in both, and those that are in one.

    They are matched by the whole path, as clients ask for it, then by the path without that of the server.
    """
    partner: dict[int, Operation] = {}
    left, right = list(enumerate(old)), list(new)
    for whole in (True, False):
        known: dict[tuple[str, str], list[Operation]] = {}
        for one in right:
            known.setdefault(_key(one, whole), []).append(one)
        rest: list[tuple[int, Operation]] = []
        taken: set[int] = set()
        for number, one in left:
            candidates = known.get(_key(one, whole))
            if candidates:
                other = next((c for c in candidates if c.path == one.path), candidates[0])
                candidates.remove(other)
                partner[number] = other
                taken.add(id(other))
            else:
                rest.append((number, one))
        left, right = rest, [one for one in right if id(one) not in taken]
    pairs = [(old[number], partner[number]) for number in sorted(partner)]
    return pairs, [one for _, one in left], right


def _key(operation: Operation, whole: bool) -> tuple[str, str]:
    return operation.method, template_key((operation.prefix if whole else "") + operation.path)


def _by_place(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """The parameters by where they are and their names; those of the path by their number in it."""
    numbers = {name[1:-1]: str(number) for number, name in enumerate(PARAMETER.findall(operation.path))}
    found = {}
    for one in operation.parameters:
        if one.where == "path":
            if one.name in numbers:
                found["path", numbers[one.name]] = one
        elif one.where == "header":
            if one.name.lower() not in _IGNORED_HEADERS:
                found["header", one.name.lower()] = one
        else:
            found[one.where, one.name] = one
    return found


def _by_type(media: Sequence[Media]) -> dict[str, Media]:
    """By type without parameters; the first of each."""
    found: dict[str, Media] = {}
    for one in media:
        found.setdefault(one.type.partition(";")[0].strip(), one)
    return found


def _joined(
    left: dict[str, T],
    right: dict[str, T],
    covering: Callable[[dict[str, T], str], T | None],
    divides: bool,
) -> Iterator[tuple[str, T | None, T | None]]:
    """What belongs together: each with what covers it on the other side, each pair once.

    What nothing covers comes alone, but if `divides` not a range of which the other side names a part.
    """
    pairs: dict[tuple[int, int], tuple[str, T | None, T | None]] = {}
    for name, one in left.items():
        other = covering(right, name)
        if other is not None or not (divides and _divided(name, left, right, covering)):
            pairs.setdefault((id(one), id(other)), (name, one, other))
    for name, other in right.items():
        known = covering(left, name)
        if known is not None or not (divides and _divided(name, right, left, covering)):
            pairs.setdefault((id(known), id(other)), (name, known, other))
    yield from pairs.values()


def _divided(
    name: str, own: dict[str, T], others: dict[str, T], covering: Callable[[dict[str, T], str], T | None]
) -> bool:
    """Whether a range has something in it that the other side names."""
    return any(other not in own and covering({name: own[name]}, other) is not None for other in others)


def _covering(media: dict[str, Media], name: str) -> Media | None:
    """What is said of a media type: itself, or a range that has it."""
    main = name.partition("/")[0]
    return next((media[key] for key in (name, f"{main}/*", "*/*") if key in media), None)


def _status_covering(responses: dict[str, Response], status: str) -> Response | None:
    keys = (status, f"{status[0]}XX", "default")
    return next((responses[key] for key in keys if key in responses), None)


def _kind(status: str) -> str:
    return "success" if status[0] in "23" else "status"


def _place(node: Node | None) -> Any:
    return None if node is None else (node.document.address, node.keys)


# --- words -------------------------------------------------------------------------------------------------


def _about(parameter: Parameter) -> str:
    return f"{parameter.where} parameter {parameter.name}"


def _written(parameter: Parameter) -> str:
    """How a parameter is written; the same where it makes no difference for its type."""
    if parameter.is_json:
        return "JSON"
    schema = parameter.schema
    kind = schema.text("type") if schema is not None else ""
    if kind in ("string", "integer", "number", "boolean"):
        return "plain"
    return f"{parameter.style}{', exploded' * parameter.explode}"


def _types(body: Body) -> str:
    return ", ".join(_by_type(body.media)) or "any type"
