"""What in a value does not fit a schema: bounded in number, size and time, whatever the value is.

The library copies the value that an error is about into the error, and makes all errors at once: for a
hostile body that is gigabytes. So a large value is first walked down to the small parts of it that are wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import unquote

import msgspec

from understudy.simulate.validate.schema import MASK

if TYPE_CHECKING:
    import jsonschema_rs

    Tell = Callable[[jsonschema_rs.ValidationError], Iterable["Misfit"]]
    """What is said of one error: a misfit or several, with paths from the value that was checked."""

MAX_VALUES = 5000
MAX_CHARACTERS = 100_000
"""Values and characters of text up to which a value is explained as a whole."""
MAX_SHOWN = 120
"""Characters of a value that a message shows."""
MAX_MESSAGE = 600
MAX_POINTER = 600
"""Characters of a pointer: the keys in it are the client's, and there is one pointer for each misfit."""
MAX_ALTERNATIVES = 4
"""Alternatives of `anyOf` and `oneOf` whose reasons are told."""

TOO_DEEP = "is nested too deeply to be compared with the schema"
TOO_LARGE = "does not fit the schema, and is too large to say where"


class Misfit(NamedTuple):
    """One thing that does not fit: the keys that lead to the value, the keyword of the schema, and why."""

    path: tuple[str | int, ...]
    keyword: str
    message: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901); the beginning of a long one."""
        found = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.path)
        return found if len(found) <= MAX_POINTER else f"{found[:MAX_POINTER]}…"


class Schema(Protocol):
    """What is needed of a compiled schema (see `schema.Schema`)."""

    document: Any

    @property
    def validator(self) -> jsonschema_rs.Validator:
        """The whole of it."""

    def part(self, pointer: str) -> jsonschema_rs.Validator | None:
        """The validator of a schema within it, by its place."""


def misfits(schema: Schema, value: Any, most: int, tell: Tell | None = None) -> list[Misfit]:
    """What in the value does not fit, at most so much of it; nothing if it is valid.

    `tell` has the words for it, if they are to be others.
    """
    if _is_valid(schema.validator, value):
        return []
    tell = tell or _tell
    found = _walk(schema, value, tell) if is_large(value) else _all(schema.validator, value, (), tell)
    return list(islice(found, most)) or [Misfit((), "schema", f"{shown(value)} {TOO_DEEP}")]


def shown(value: Any) -> str:
    """A value for a message: its JSON, or the beginning of that."""
    try:
        text = msgspec.json.encode(value).decode()
    except RecursionError:
        return "what was sent"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def is_large(value: Any) -> bool:
    """Whether explaining the value as a whole may cost too much."""
    count = characters = 0
    stack = [value]
    while stack:
        top = stack.pop()
        count += 1
        if type(top) is str:
            characters += len(top)
        elif type(top) is dict:
            characters += sum(map(len, top))
            stack += top.values()
        elif type(top) is list:
            stack += top
        if count + len(stack) > MAX_VALUES or characters > MAX_CHARACTERS:
            return True
    return False


def _is_valid(validator: jsonschema_rs.Validator, value: Any) -> bool:
    try:
        return validator.is_valid(value)
    except ValueError:  # the library's own bound on depth
        return False


def _all(
    validator: jsonschema_rs.Validator, value: Any, above: tuple[str | int, ...], tell: Tell
) -> Iterator[Misfit]:
    try:
        errors = validator.iter_errors(value)
    except ValueError:
        yield Misfit(above, "schema", f"the value {TOO_DEEP}")
        return
    for error in errors:
        for one in tell(error):
            yield one._replace(path=(*above, *one.path)) if above else one


def _tell(error: jsonschema_rs.ValidationError) -> Iterator[Misfit]:
    keyword, message = _told(error)
    yield Misfit(tuple(error.instance_path), keyword, message)


def _told(error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    """The keyword and the message of one error."""
    keyword = error.kind.name
    last = error.schema_path[-1] if error.schema_path else ""
    value = shown(error.instance)
    if last in {"minContains", "maxContains"}:
        amount = "few" if last == "minContains" else "many"
        return str(last), f"{value} has too {amount} items that `contains` accepts"
    if last == "dependentRequired":
        keyword = str(last)
    if keyword == "falseSchema":
        if last == "additionalProperties":  # told of the object, where `properties` names none at all
            return str(last), "no properties are allowed here"
        return keyword, f"{value} is not allowed here"
    message = error.message.replace(MASK, value, 1)
    reasons = []
    for branch in getattr(error.kind, "context", None) or ():
        if branch:
            first = branch[0]
            at = Misfit(tuple(first.instance_path[len(error.instance_path) :]), "", "").pointer
            reasons.append(_told(first)[1] + (f" (at {at})" if at else ""))
    if reasons:
        message += ": " + "; or ".join(reasons[:MAX_ALTERNATIVES])
    return keyword, message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"


# --- large values -------------------------------------------------------------------------------------------


def _walk(schema: Schema, value: Any, tell: Tell) -> Iterator[Misfit]:
    """The misfits of a large value, from the small parts of it that are wrong."""
    stack: list[tuple[str, Any, tuple[str | int, ...]]] = [("#", value, ())]
    while stack:
        pointer, part, path = stack.pop()
        pointer, node = _resolved(schema.document, pointer)
        validator = schema.part(pointer)
        if validator is not None and not is_large(part):
            yield from _all(validator, part, path, tell)
            continue
        wrong = [
            (below, child, (*path, key))
            for below, child, key in _children(pointer, node, part)
            if (inner := schema.part(below)) is not None and not _is_valid(inner, child)
        ]
        if not wrong:
            yield Misfit(path, "schema", f"the value {TOO_LARGE}")
        stack += reversed(wrong)


def _children(pointer: str, node: Any, value: Any) -> Iterator[tuple[str, Any, str | int]]:
    """The parts of a value that have a schema of their own: its place, the part, its key."""
    if not isinstance(node, dict):
        return
    properties, items = node.get("properties"), node.get("items")
    if isinstance(value, dict) and isinstance(properties, dict):
        for key in properties:
            if key in value:
                escaped = key.replace("~", "~0").replace("/", "~1")
                yield f"{pointer}/properties/{escaped}", value[key], key
    elif isinstance(value, list) and isinstance(items, dict) and "prefixItems" not in node:
        for number, item in enumerate(value):
            yield f"{pointer}/items", item, number


def _resolved(document: Any, pointer: str) -> tuple[str, Any]:
    """A place in a schema, and what stands there, after the references within the document."""
    for _ in range(16):
        node = document
        for key in pointer.split("/")[1:]:
            key = key.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            break
        pointer = unquote(reference)
    return pointer, node
