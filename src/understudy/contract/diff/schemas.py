"""Two schemas compared: what has become valid, and what is no longer.

Schemas form a graph. Each pair of places is compared once, whatever leads to it, so that circles end and what
many operations share costs no more than what one has; a change is then told once, with all operations that
it concerns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from understudy.contract.diff.change import Change
from understudy.contract.diff.shape import LOWER, UPPER, Bound, Nodes, Shape, shape_of
from understudy.formats.openapi.document import Node, Unresolved
from understudy.load.words import show

MAX_PAIRS = 200_000
"""Pairs of places that are compared. The largest public document has some ten thousand."""
MAX_SAME = 5000
"""Steps in which two conditions, with all that they refer to, are held against each other."""
MAX_SHOWN = 8
"""Values that a detail lists."""
_WIDER_FORMATS = {("int32", "int64"), ("float", "double")}

Key = tuple[tuple[Any, ...], tuple[Any, ...], str]


class Root(NamedTuple):
    """What begins with a pair of schemas: the number of an operation, and the part of it."""

    operation: int
    where: str


class Found(NamedTuple):
    """A change at a pair, of which the check's name lacks the direction."""

    check: str
    detail: str
    step: str
    old: Node | None
    new: Node | None


@dataclass(eq=False)
class Pair:
    """Two places that mean the same, the one in the old and the one in the new document.

    `up` is what led here first, with the step from there. `operations` has a bit for each operation that it
    is part of, and `root` is the first part of one.
    """

    old: Nodes
    new: Nodes
    direction: str
    up: tuple[Pair, str] | None
    root: Root
    operations: int
    below: list[Pair] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    @property
    def pointer(self) -> str:
        """The way from the whole body, parameter or header to this place."""
        steps: list[str] = []
        pair = self
        while pair.up is not None:
            pair, step = pair.up
            steps.append(step)
        return "".join(reversed(steps))


class SchemaComparison:
    """Compares all pairs of schemas that it is given, and those below."""

    def __init__(self, old_is_new: bool, new_is_new: bool) -> None:
        self._old_is_new, self._new_is_new = old_is_new, new_is_new
        self._pairs: dict[Key, Pair] = {}
        self._waiting: deque[Pair] = deque()
        self.ended = False
        """Whether there was more than MAX_PAIRS."""

    def add(self, old: Node | None, new: Node | None, direction: str, root: Root) -> None:
        """Compare two schemas, in a request or a response; None: anything is valid."""
        self._pair(_nodes(old), _nodes(new), direction, None, root, 1 << root.operation)

    def changes(self, names: list[str]) -> Iterator[Change]:
        """All that has changed. `names` are those of the operations, by number."""
        while self._waiting:
            pair = self._waiting.popleft()
            _Comparer(self, pair).compare(
                shape_of(pair.old, self._old_is_new), shape_of(pair.new, self._new_is_new)
            )
        self._spread()
        for pair in self._pairs.values():
            if not pair.found:
                continue
            first = pair.root.operation
            others = [number for number in _bits(pair.operations) if number != first]
            operations = (names[first], *(names[number] for number in others))
            for found in pair.found:
                yield Change(
                    f"{pair.direction}-{found.check}",
                    found.detail,
                    operations,
                    pair.root.where,
                    pair.pointer + found.step,
                    found.old.origin() if found.old is not None else None,
                    found.new.origin() if found.new is not None else None,
                )

    def below(self, pair: Pair, old: Nodes, new: Nodes, step: str) -> None:
        """Compare two places below a pair."""
        self._pair(old, new, pair.direction, (pair, step), pair.root, pair.operations)

    def _pair(
        self,
        old: Nodes,
        new: Nodes,
        direction: str,
        up: tuple[Pair, str] | None,
        root: Root,
        operations: int,
    ) -> None:
        if not old and not new:
            return
        old, new = _targets(old), _targets(new)
        key = (_places(old), _places(new), direction)
        pair = self._pairs.get(key)
        if pair is None:
            if len(self._pairs) >= MAX_PAIRS:
                self.ended = True
                return
            pair = self._pairs[key] = Pair(old, new, direction, up, root, operations)
            self._waiting.append(pair)
        pair.operations |= operations
        if up is not None:
            up[0].below.append(pair)

    def _spread(self) -> None:
        """Give each pair the operations of those that lead to it."""
        waiting = deque(self._pairs.values())
        while waiting:
            pair = waiting.popleft()
            for one in pair.below:
                if pair.operations & ~one.operations:
                    one.operations |= pair.operations
                    waiting.append(one)


def _nodes(node: Node | None) -> Nodes:
    return () if node is None else (node,)


def _targets(nodes: Nodes) -> Nodes:
    """What plain references lead to, so that all that refer to one schema lead to one pair."""
    return tuple(_target(node) for node in nodes)


def _target(node: Node) -> Node:
    for _ in range(10):
        if not isinstance(node.value, dict) or set(node.value) != {"$ref"}:
            break
        try:
            node = node.document.look_up(str(node.value["$ref"]))
        except Unresolved:  # told when its shape is taken
            break
    return node


def _places(nodes: Nodes) -> tuple[Any, ...]:
    return tuple((node.document.address, node.keys) for node in nodes)


def _bits(number: int) -> Iterator[int]:
    position = 0
    while number:
        zeros = (number & -number).bit_length() - 1
        position += zeros
        yield position
        number >>= zeros + 1
        position += 1


class _Comparer:
    """Compares the shapes of one pair."""

    def __init__(self, comparison: SchemaComparison, pair: Pair) -> None:
        self._comparison = comparison
        self._pair = pair
        self._is_request = pair.direction == "request"

    def compare(self, old: Shape, new: Shape) -> None:
        self._old, self._new = old, new
        if self._wrapped():
            return
        if not self._types():
            return
        self._values()
        self._bounds()
        self._texts("pattern", old.patterns, new.patterns)
        self._formats()
        if old.default != new.default:
            self._tell("default-changed", _change(_json(old.default), _json(new.default)), "default")
        if old.discriminator != new.discriminator:
            self._tell(
                "discriminator-changed", _change(old.discriminator, new.discriminator), "discriminator"
            )
        self._objects()
        if old.items or new.items:
            self._comparison.below(self._pair, old.items, new.items, "/*")
        self._choices(old.choices, new.choices)
        self._conditions()

    def _tell(self, check: str, detail: str, *keywords: str, step: str = "") -> None:
        self._pair.found.append(
            Found(check, detail, step, self._old.node(*keywords), self._new.node(*keywords))
        )

    def _types(self) -> bool:
        """Compare the types; whether there is more to compare."""
        old, new = self._old.types, self._new.types
        detail = _change(_names(old), _names(new))
        check = _set_change("type-", _spread_number(old), _spread_number(new))
        if check is not None:
            self._tell(check, detail, "type")
        if check == "type-changed" or (check is not None and not (self._old.nodes and self._new.nodes)):
            return False  # the rest would say the same again
        if old != frozenset(("null",)) != new and self._old.nullable != self._new.nullable and check is None:
            name = "became-nullable" if self._new.nullable else "became-not-nullable"
            self._tell(name, "null is valid" if self._new.nullable else "null is not valid", "type")
        return True

    def _values(self) -> None:
        old, new = self._old.values, self._new.values
        if old is None and new is not None:
            self._tell("enum-added", _listed(new.values()), "enum", "const")
        elif old is not None and new is None:
            self._tell("enum-removed", _listed(old.values()), "enum", "const")
        elif old is not None and new is not None:
            for check, left, right in (("enum-value-removed", old, new), ("enum-value-added", new, old)):
                gone = [one for key, one in left.items() if key not in right]
                if gone:
                    self._tell(check, _listed(gone), "enum", "const")

    def _bounds(self) -> None:
        for keys, old, new, sign in (
            (LOWER, self._old.lower, self._new.lower, 1),
            (UPPER, self._old.upper, self._new.upper, -1),
        ):
            for key in keys:
                before, after = old.get(key), new.get(key)
                if before != after:
                    tighter = before is None or (
                        after is not None and (sign * after[0], after[1]) > (sign * before[0], before[1])
                    )
                    self._tell(
                        "bound-tightened" if tighter else "bound-loosened",
                        f"{key} {_change(_bound(before), _bound(after))}",
                        key,
                        "exclusiveMinimum" if sign == 1 else "exclusiveMaximum",
                    )
        self._multiples()
        if self._old.unique != self._new.unique:
            check = "bound-tightened" if self._new.unique else "bound-loosened"
            self._tell(check, "uniqueItems", "uniqueItems")

    def _multiples(self) -> None:
        old, new = self._old.multiples, self._new.multiples
        if old == new:
            return
        tighter = all(any(_divides(one, other) for other in new) for one in old)
        looser = all(any(_divides(one, other) for other in old) for one in new)
        if tighter and looser:
            return
        check = "bound-tightened" if tighter else "bound-loosened" if looser else "bound-changed"
        detail = _change(_listed(sorted(old)) if old else "none", _listed(sorted(new)) if new else "none")
        self._tell(check, f"multipleOf {detail}", "multipleOf")

    def _texts(self, name: str, old: set[str], new: set[str]) -> None:
        if old == new:
            return
        check = f"{name}-added" if old < new else f"{name}-removed" if new < old else f"{name}-changed"
        self._tell(check, _change(_texts(old), _texts(new)), name)

    def _formats(self) -> None:
        old, new = self._old.formats, self._new.formats
        if old == new:
            return
        if old < new:
            check = "format-narrowed"
        elif new < old:
            check = "format-widened"
        else:
            step = (next(iter(old)), next(iter(new))) if len(old) == len(new) == 1 else ("", "")
            check = (
                "format-widened"
                if step in _WIDER_FORMATS
                else "format-narrowed"
                if step[::-1] in _WIDER_FORMATS
                else "format-changed"
            )
        self._tell(check, _change(_texts(old), _texts(new)), "format")

    # --- objects ---------------------------------------------------------------------------------------

    def _objects(self) -> None:
        old, new = self._old, self._new
        for name in dict.fromkeys(
            (*old.properties, *sorted(old.required), *new.properties, *sorted(new.required))
        ):
            self._property(name)
        if old.closed != new.closed:
            check = "additional-properties-refused" if new.closed else "additional-properties-allowed"
            self._tell(check, "additionalProperties", "additionalProperties")
        elif not old.closed and (old.additional or new.additional):
            self._comparison.below(self._pair, old.additional, new.additional, "/*")

    def _property(self, name: str) -> None:
        old, new = self._old, self._new
        before, after = old.properties.get(name, ()), new.properties.get(name, ())
        step = "/" + name.replace("~", "~0").replace("/", "~1")
        was, is_ = (
            name in shape.properties or (name in shape.required and not (old.closed or new.closed))
            for shape in (old, new)
        )
        first = shape_of(before, self._comparison._old_is_new)
        second = shape_of(after, self._comparison._new_is_new)
        hidden, hides = (
            shape.read_only if self._is_request else shape.write_only for shape in (first, second)
        )
        told = Found(
            "", "", step, _first(before) or old.node("properties"), _first(after) or new.node("properties")
        )

        def tell(check: str, detail: str = "") -> None:
            types = (second if is_ else first).types
            self._pair.found.append(told._replace(check=check, detail=detail or _names(types)))

        was, is_ = was and not (hidden and not is_), is_ and not (hides and not was)
        if not was and not is_:
            return
        if was and not is_:
            if new.closed and self._is_request:
                tell("property-refused")
            else:
                tell("required-property-removed" if name in old.required else "property-removed")
            return
        if is_ and not was:
            tell("required-property-added" if name in new.required else "property-added")
            return
        if hidden or hides:
            if hidden != hides:
                tell("property-hidden" if hides else "property-shown", _about_hidden(self._is_request))
            if hides:
                return
            if hidden and name in new.required:
                tell("property-became-required")
        elif (name in old.required) != (name in new.required):
            tell("property-became-required" if name in new.required else "property-became-optional")
        if second.deprecated and not first.deprecated:
            tell("property-deprecated")
        if not hidden:
            self._comparison.below(self._pair, before, after, step)

    # --- alternatives ----------------------------------------------------------------------------------

    def _wrapped(self) -> bool:
        """Whether a schema has become one of several alternatives, or the other way round; then told."""
        old, new = self._old, self._new
        for single, many, nodes in ((old, new, self._pair.old), (new, old, self._pair.new)):
            if single.choices or len(many.choices) != 1 or not many.says_little or not single.nodes:
                continue
            branches = many.choices[0]
            same = next((one for one in branches if any(_is_same(one, node) for node in nodes)), None)
            if same is None:
                continue
            if many.nullable and not single.nullable:
                name = "became-nullable" if many is new else "became-not-nullable"
                self._tell(name, "null as an alternative", "oneOf", "anyOf")
            check = "choice-added" if many is new else "choice-removed"
            for branch in branches:
                if branch is not same:
                    one, other = (None, branch) if many is new else (branch, None)
                    self._pair.found.append(Found(check, _branch_name(branch), "", one, other))
            return True
        return False

    def _choices(self, old: list[Nodes], new: list[Nodes]) -> None:
        if not old and not new:
            return
        if len(old) != len(new):
            if not old or not new:
                check = "choices-added" if new else "choices-removed"
                names = _listed_names((new or old)[0])
                self._tell(check, names, "oneOf", "anyOf")
            else:
                self._tell("choices-changed", f"{len(old)} → {len(new)} of them", "oneOf", "anyOf")
            return
        for before, after in zip(old, new, strict=True):
            self._branches(before, after)

    def _branches(self, old: Nodes, new: Nodes) -> None:
        """Compare alternatives: those of one name, those that are equal, then the others in their order."""
        left, right = list(old), list(new)
        matches: tuple[Callable[[Node, Node], bool], ...] = (_has_same_name, _is_same)
        for matcher in matches:
            for one in tuple(left):
                other = next((candidate for candidate in right if matcher(one, candidate)), None)
                if other is not None:
                    left.remove(one)
                    right.remove(other)
                    self._comparison.below(self._pair, (one,), (other,), "")
        if len(left) == len(right) and not any(map(_reference_name, (*left, *right))):
            for one, other in zip(left, right, strict=True):
                self._comparison.below(self._pair, (one,), (other,), "")
            return
        for one in left:
            self._pair.found.append(Found("choice-removed", _branch_name(one), "", one, self._new.node()))
        for one in right:
            self._pair.found.append(Found("choice-added", _branch_name(one), "", self._old.node(), one))

    def _conditions(self) -> None:
        old, new = self._old.conditions, self._new.conditions
        for key in dict.fromkeys((*old, *new)):
            before, after = old.get(key, ()), new.get(key, ())
            if len(before) != len(after) or not all(map(_is_same, before, after)):
                self._tell("condition-changed", key, key)


# --- whether two schemas are the same ----------------------------------------------------------------------


def _is_same(left: Node, right: Node) -> bool:
    """Whether two schemas say the same, with all that they refer to, as far as that is followed."""
    waiting: list[tuple[Node, Node]] = [(left, right)]
    seen: set[tuple[Any, ...]] = set()
    while waiting:
        one, other = waiting.pop()
        mark = _places((one, other))
        if mark in seen:
            continue
        seen.add(mark)
        if len(seen) > MAX_SAME:
            return bool(left.value == right.value)
        one, other = _target(one), _target(other)
        if isinstance(one.value, dict) and isinstance(other.value, dict):
            keys = {key for key in one.value if key not in _WORDS}
            if keys != {key for key in other.value if key not in _WORDS}:
                return False
            waiting += [(_below(one, key), _below(other, key)) for key in keys]
        elif isinstance(one.value, list) and isinstance(other.value, list):
            if len(one.value) != len(other.value):
                return False
            waiting += [(_below(one, n), _below(other, n)) for n in range(len(one.value))]
        elif type(one.value) is not type(other.value) or one.value != other.value:
            return False
    return True


_WORDS = frozenset(("title", "description", "example", "examples", "externalDocs", "xml"))
"""Keys that are for readers."""


def _below(node: Node, key: str | int) -> Node:
    return Node(node.value[key], node.document, (*node.keys, key))


def _reference_name(node: Node) -> str:
    reference = node.value.get("$ref") if isinstance(node.value, dict) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def _has_same_name(one: Node, other: Node) -> bool:
    name = _reference_name(one) or (one.text("title") and f"title {one.text('title')}")
    return bool(name) and name == (
        _reference_name(other) or (other.text("title") and f"title {other.text('title')}")
    )


# --- words -------------------------------------------------------------------------------------------------


def _branch_name(node: Node) -> str:
    named = _reference_name(node) or node.text("title")
    return named if named else show(node.value)


def _listed_names(nodes: Nodes) -> str:
    return ", ".join(map(_branch_name, nodes[:MAX_SHOWN])) + (", …" if len(nodes) > MAX_SHOWN else "")


def _change(old: str, new: str) -> str:
    return f"{old or 'none'} → {new or 'none'}"


def _names(types: frozenset[str] | None) -> str:
    return "any" if types is None else ", ".join(sorted(types)) or "none"


def _texts(texts: set[str]) -> str:
    return ", ".join(show(one) for one in sorted(texts)) or "none"


def _listed(values: Any) -> str:
    values = list(values)
    shown = ", ".join(show(one) for one in values[:MAX_SHOWN])
    return shown + (f", and {len(values) - MAX_SHOWN} more" if len(values) > MAX_SHOWN else "")


def _json(value: bytes | None) -> str:
    return "none" if value is None else value.decode()[:100]


def _bound(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    return show(bound[0]) + (" (exclusive)" if bound[1] else "")


def _about_hidden(is_request: bool) -> str:
    return "readOnly" if is_request else "writeOnly"


def _first(nodes: Nodes) -> Node | None:
    return nodes[0] if nodes else None


# --- sets --------------------------------------------------------------------------------------------------


def _spread_number(types: frozenset[str] | None) -> frozenset[str] | None:
    """With integers named, as each number type has them."""
    return types | {"integer"} if types is not None and "number" in types else types


def _set_change(prefix: str, old: frozenset[str] | None, new: frozenset[str] | None) -> str | None:
    if old == new:
        return None
    if old is None or (new is not None and new < old):
        return f"{prefix}narrowed"
    if new is None or old < new:
        return f"{prefix}widened"
    return f"{prefix}changed"


def _divides(one: float, other: float) -> bool:
    """Whether each multiple of `other` is one of `one`."""
    try:
        quotient = other / one
        round(quotient)
    except (OverflowError, ValueError):  # too far apart for floats
        return other == one
    return abs(quotient - round(quotient)) < 1e-9 * max(1.0, abs(quotient)) and round(quotient) > 0
