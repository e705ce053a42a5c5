"""Changing a part of a record: JSON Patch (RFC 6902). (`load.merge_patch` has the other kind.)

It does not change what it is given: records are shared with whoever reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from understudy.simulate.resource.refused import Refused

MAX_OPERATIONS = 1_000
"""Operations in one patch."""
MAX_COPIED_BYTES = 8 * 1024 * 1024
"""What the `copy` operations of one patch may add, as JSON: each can double a record."""

_MISSING: Any = object()
_STRAY_TILDE = re.compile(r"~(?![01])")


def json_patch(target: Any, patch: Any) -> Any:
    """A value with the operations applied, all or none.

    Raises Refused: 400 for what is no patch, 409 for one that does not fit the value or whose test fails.
    """
    if not isinstance(patch, list):
        raise _bad("a JSON Patch is a list of operations")
    if len(patch) > MAX_OPERATIONS:
        raise _bad(f"a JSON Patch has at most {MAX_OPERATIONS:,} operations")
    steps = [_step(number, operation) for number, operation in enumerate(patch)]
    document = _Document(_copy(target))
    for step in steps:
        step.apply(document, step)
    return document.root


class _Step(NamedTuple):
    number: int
    apply: Callable[[_Document, _Step], None]
    path: tuple[str, ...]
    origin: tuple[str, ...]
    value: Any

    def conflict(self, why: str) -> Refused:
        return Refused(
            409,
            f"operation {self.number}: {why}",
            violations=[{"location": "body", "pointer": f"/{self.number}", "message": why}],
        )


class _Document:
    """The value while it is changed: a copy that nobody else sees."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.copied_bytes = 0


def _step(number: int, operation: Any) -> _Step:
    if not isinstance(operation, dict):
        raise _bad(f"operation {number} is not an object")
    name = operation.get("op")
    apply = _OPERATIONS.get(name) if isinstance(name, str) else None
    if apply is None:
        raise _bad(f"operation {number} has no `op`: one of {', '.join(_OPERATIONS)}")
    path = _pointer(number, operation, "path")
    origin = _pointer(number, operation, "from") if name in {"move", "copy"} else ()
    if name in {"add", "replace", "test"} and "value" not in operation:
        raise _bad(f"operation {number} ({name}) has no `value`")
    return _Step(number, apply, path, origin, operation.get("value"))


def _pointer(number: int, operation: dict[str, Any], key: str) -> tuple[str, ...]:
    """The keys of a JSON Pointer (RFC 6901)."""
    text = operation.get(key)
    if not isinstance(text, str):
        raise _bad(f"operation {number} has no `{key}`: a JSON Pointer such as /name")
    if not text:
        return ()
    if not text.startswith("/"):
        raise _bad(f'operation {number}: the JSON Pointer {text!r} does not begin with "/"')
    parts = text[1:].split("/")
    if _STRAY_TILDE.search(text):
        raise _bad(f'operation {number}: a "~" in the JSON Pointer {text!r} is neither ~0 nor ~1')
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _bad(detail: str) -> Refused:
    return Refused(400, detail)


def _index(key: str, length: int) -> int | None:
    """An element's place in a list: digits without a leading zero."""
    if not (key.isascii() and key.isdigit()) or (key[0] == "0" and key != "0") or len(key) > 9:
        return None
    return index if (index := int(key)) < length else None


def _get(document: _Document, keys: tuple[str, ...], step: _Step) -> Any:
    value = document.root
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, _MISSING)
        elif isinstance(value, list) and (index := _index(key, len(value))) is not None:
            value = value[index]
        else:
            value = _MISSING
        if value is _MISSING:
            raise step.conflict(f"there is nothing at {_text(keys)}")
    return value


def _add(document: _Document, step: _Step) -> None:
    _put(document, step, _copy(step.value))


def _put(document: _Document, step: _Step, value: Any) -> None:
    if not step.path:
        document.root = value
        return
    *parents, key = step.path
    parent = _get(document, tuple(parents), step)
    if isinstance(parent, dict):
        parent[key] = value
    elif isinstance(parent, list):
        index = len(parent) if key == "-" else _index(key, len(parent) + 1)
        if index is None:
            raise step.conflict(f"{_text(step.path)} is no place in a list of {len(parent)}")
        parent.insert(index, value)
    else:
        raise step.conflict(f"what is at {_text(tuple(parents))} has no members")


def _take(document: _Document, keys: tuple[str, ...], step: _Step) -> Any:
    value = _get(document, keys, step)
    if not keys:
        document.root = None
        return value
    parent = _get(document, keys[:-1], step)
    if isinstance(parent, dict):
        del parent[keys[-1]]
    else:
        del parent[int(keys[-1])]
    return value


def _remove(document: _Document, step: _Step) -> None:
    _take(document, step.path, step)


def _replace(document: _Document, step: _Step) -> None:
    _get(document, step.path, step)
    if not step.path:
        document.root = _copy(step.value)
        return
    parent = _get(document, step.path[:-1], step)
    key: Any = step.path[-1]
    parent[int(key) if isinstance(parent, list) else key] = _copy(step.value)


def _move(document: _Document, step: _Step) -> None:
    if step.path[: len(step.origin)] == step.origin and step.path != step.origin:
        raise _bad(f"operation {step.number}: nothing can be moved into itself")
    if step.path == step.origin:
        _get(document, step.origin, step)
        return
    _put(document, step, _take(document, step.origin, step))


def _copy_over(document: _Document, step: _Step) -> None:
    encoded = msgspec.json.encode(_get(document, step.origin, step))
    document.copied_bytes += len(encoded)
    if document.copied_bytes > MAX_COPIED_BYTES:
        raise _bad(f"the `copy` operations add more than {MAX_COPIED_BYTES // 2**20} MB")
    _put(document, step, msgspec.json.decode(encoded))


def _test(document: _Document, step: _Step) -> None:
    if not same(_get(document, step.path, step), step.value):
        raise step.conflict(f"the test fails: {_text(step.path)} has another value")


_OPERATIONS: dict[str, Callable[[_Document, _Step], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy_over,
    "test": _test,
}


def same(one: Any, other: Any) -> bool:
    """Equality of JSON (RFC 6902 section 4.6): 1 equals 1.0, but true is no number."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _copy(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _text(keys: tuple[str, ...]) -> str:
    return '""' if not keys else "/" + "/".join(key.replace("~", "~0").replace("/", "~1") for key in keys)
