"""Changes of endpoints, written back into the text of a config: only what changes is touched.

Each format is a module with `replace`, `remove` and `insert`, from text to text. What comes out is read
again and compared with what was meant, so that a style that nobody foresaw is refused and never garbled. The
modules are imported when a file of theirs is written.
"""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from typing import Any

from understudy.errors import UnderstudyError
from understudy.load.fault import Keys, NotReadable
from understudy.load.syntax import parse

_SUFFIX = {"json": ".json", "yaml": ".yaml", "toml": ".toml"}


class CannotWrite(UnderstudyError):
    """A file cannot be changed as was asked: the text says why."""


def replace(text: str, syntax: str, keys: Keys, value: Any) -> str:
    """The text with another endpoint at `keys`. Raises CannotWrite."""
    data = _parse(text, syntax)
    wanted, old = _at(data, keys, lambda holder, key: holder.__setitem__(key, value))
    return _checked(syntax, wanted if keys else value, "replace", text, keys, old, value)


def remove(text: str, syntax: str, keys: Keys) -> str:
    """The text without the endpoint at `keys`. Raises CannotWrite."""
    if not keys:
        raise CannotWrite("the endpoint is all that is in its file: delete the file instead")
    wanted, _ = _at(_parse(text, syntax), keys, lambda holder, key: holder.pop(key))
    return _checked(syntax, wanted, "remove", text, keys)


def insert(text: str, syntax: str, value: Any) -> str:
    """The text with one more endpoint, before the others of `endpoints`. Raises CannotWrite."""
    wanted = _parse(text, syntax)
    if not isinstance(wanted.setdefault("endpoints", []), list):
        raise CannotWrite("`endpoints` is not a list")
    wanted["endpoints"] = [value, *wanted["endpoints"]]
    return _checked(syntax, wanted, "insert", text, value)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; `1`, `1.0` and `true` are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def merge(node: Any, old: dict[str, Any], new: dict[str, Any], made: Any) -> None:
    """Turn a document's own node, which stands for `old`, into `new`, leaving what is equal as it is written.

    `made` turns a plain value into one that the document can hold.
    """
    for key in old:
        if key not in new:
            del node[key]
    for key, value in new.items():
        before = old.get(key)
        if key in old and is_same(before, value):
            continue
        if isinstance(before, dict) and isinstance(value, dict) and value:
            merge(node[key], before, value, made)
        else:
            node[key] = made(value)


def _parse(text: str, syntax: str) -> Any:
    try:
        return parse(text, _SUFFIX[syntax])[0]
    except NotReadable as error:
        raise CannotWrite(f"the file cannot be read: {error.faults[0].message}") from None


def _at(data: Any, keys: Keys, change: Any) -> tuple[Any, Any]:
    """A copy of `data`, changed at `keys`, and what stood there."""
    if not keys:
        return data, data
    data = holder = deepcopy(data)
    try:
        for key in keys[:-1]:
            holder = holder[key]
        old = holder[keys[-1]]
        change(holder, keys[-1])
    except (KeyError, IndexError, TypeError):
        raise CannotWrite("the endpoint is no longer where it was in its file") from None
    return data, old


def _checked(syntax: str, wanted: Any, work: str, *arguments: Any) -> str:
    module = import_module(f"understudy.load.write.{syntax}")
    text = arguments[0]
    line_end = "\r\n" if "\r\n" in text else "\n"
    try:
        done: str = getattr(module, work)(text.replace("\r\n", "\n"), *arguments[1:])
    except CannotWrite:
        raise
    except Exception as error:  # a library met a style that it does not know
        raise CannotWrite(f"the file cannot be changed: {type(error).__name__}: {error}") from None
    done = done.replace("\n", line_end)
    try:
        is_right = is_same(parse(done, _SUFFIX[syntax])[0], wanted)
    except NotReadable:
        is_right = False
    if not is_right:
        raise CannotWrite("the file is written in a way that cannot be changed safely: edit it by hand")
    return done
