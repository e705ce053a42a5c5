"""What of a body does not count: names of fields at any depth, and what JSONPath expressions find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from understudy.match.bodies.json_path import MAX_NODES, environment, has_more_than
from understudy.match.kinds.error import ConditionError

if TYPE_CHECKING:
    import jsonpath

_FIELD = re.compile(r"\$\.([\w-]+)|\$\[(?:'([^'\\]*)'|\"([^\"\\]*)\")\]")


class Expression(NamedTuple):
    """A JSONPath, and how many values a body may have for it; None for any number."""

    compiled: jsonpath.CompoundJSONPath | jsonpath.JSONPath
    most: int | None


class Ignored(NamedTuple):
    """What does not count. `fields` are those of forms, `names` those of JSON."""

    names: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    expressions: tuple[Expression, ...] = ()


def compile_ignored(written: Sequence[str]) -> Ignored:
    """Names, and JSONPath where it begins with `$`. Raises ConditionError, whose keys lead to the entry."""
    names = [text for text in written if not text.startswith("$")]
    expressions = tuple(
        _expression(text, number) for number, text in enumerate(written) if text.startswith("$")
    )
    fields = frozenset((*names, *filter(None, map(_field, written))))
    return Ignored(frozenset(names), fields, expressions)


def _field(text: str) -> str | None:
    """The field of a form that an expression such as `$.name` means."""
    found = _FIELD.fullmatch(text)
    return None if found is None else found[1] or found[2] or found[3]


def _expression(text: str, number: int) -> Expression:
    import jsonpath

    try:
        compiled = environment().compile(text)
    except jsonpath.JSONPathError as error:
        raise ConditionError(f"this is not a JSONPath: {error}", ("ignore_body", number)) from None
    wide = text.count("..") + text.count("?")
    is_bounded = wide or "*" in text or ":" in text
    return Expression(compiled, MAX_NODES[min(wide, len(MAX_NODES) - 1)] if is_bounded else None)


def without(value: Any, expressions: Sequence[Expression]) -> Any:
    """The value after what the expressions find was taken out, in place; None if that is all of it.

    An expression that is too costly for a value of this size finds nothing in it.
    """
    import jsonpath

    doomed: dict[int, tuple[Any, set[Any]]] = {}
    for compiled, most in expressions:
        if not isinstance(value, dict | list) or (most is not None and has_more_than(most, value)):
            continue
        try:
            for found in compiled.finditer(value):
                if found.parent is None:
                    return None
                holder = found.parent.obj
                doomed.setdefault(id(holder), (holder, set()))[1].add(found.parts[-1])
        except (jsonpath.JSONPathError, RecursionError):
            continue
    for holder, keys in doomed.values():
        if isinstance(holder, dict):
            for key in keys:
                del holder[key]
        else:
            holder[:] = [item for place, item in enumerate(holder) if place not in keys]
    return value
