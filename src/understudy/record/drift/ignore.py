"""What a user does not want to hear of: names of headers, JSONPath in bodies, kinds of drift."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from understudy.record.drift.checks import CHECKS, Drift
from understudy.record.looks import is_id

_STEP = re.compile(
    r"""(?P<deep>\.\.)?\.?(?:
        \[(?P<index>\d+|\*|-\d+|-?\d*:-?\d*)\]
      | \[(?P<quote>['"])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)\]
      | (?P<name>\*|[^.\[\]'"\s?@()]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ANY = r"(?:\.[^.\[]+|\[\*\]|\['(?:\\.|[^'\\])*'\])"
"""A step of a place."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
MAX_DEEP = 3
"""Each `..` multiplies the work of looking at a place."""
WANTED = "the name of a header, a JSONPath such as $.items[*].price, or a kind of drift"


def check_ignored(written: str) -> str | None:
    """What is wrong with an entry of `ignore`; None: nothing."""
    if not written or written != written.strip():
        return f"{written!r} is nothing to ignore: write {WANTED}"
    if not written.startswith("$"):
        return None
    return None if _pattern(written) else f"{written!r} is no JSONPath of names, [*] and .. alone"


def ignoring(ignore: Sequence[str]) -> Callable[[Drift], bool]:
    """Whether a difference is ignored. Entries that `check_ignored` refuses ignore nothing."""
    return _ignoring(tuple(ignore))


@lru_cache(maxsize=64)
def _ignoring(ignore: tuple[str, ...]) -> Callable[[Drift], bool]:
    kinds = frozenset(one for one in ignore if one in CHECKS)
    paths = [found for one in ignore if one.startswith("$") and (found := _pattern(one))]
    names = [one.lower() for one in ignore if not one.startswith("$")]
    exact = frozenset(name for name in names if not name.endswith("*"))
    begins = tuple(name[:-1] for name in names if name.endswith("*") and len(name) > 1)

    def is_ignored(one: Drift) -> bool:
        if one.kind in kinds:
            return True
        part, _, name = one.where.partition(" ")
        if part in {"header", "trailer"}:
            return name.lower() in exact or name.lower().startswith(begins)
        if part == "cookie":
            return "set-cookie" in exact
        return one.where.startswith("$") and any(pattern.match(one.where) for pattern in paths)

    return is_ignored


def child(place: str, name: str) -> str:
    """The JSONPath of a member of an object; `*` stands for all of them."""
    if name == "*" or _PLAIN.fullmatch(name):
        return f"{place}.{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{place}['{quoted}']"


@lru_cache(maxsize=512)
def _pattern(written: str) -> re.Pattern[str] | None:
    """What fits a place, and all that is in it; indices are folded as the places' are."""
    at, made, deep = 1, "\\$", 0
    while at < len(written):
        found = _STEP.match(written, at)
        if found is None or found.end() == at:
            return None
        at = found.end()
        if found["deep"]:
            made += f"{_ANY}*"
            deep += 1
        if deep > MAX_DEEP:
            return None
        name = found["name"]
        if found["quoted"] is not None:
            name = re.sub(r"\\(.)", r"\1", found["quoted"], flags=re.DOTALL)
        if found["index"] is not None:
            # in JSONPath `[*]` is every member, too
            made += _ANY if found["index"] == "*" else r"\[\*\]"
        elif found["name"] == "*":
            made += _ANY
        else:
            # a place has `.*` for keys that are ids
            step = re.escape(child("", name))
            made += rf"(?:{step}|\.\*)" if is_id(name) else step
    return re.compile(made + r"(?=\Z|\.|\[)", re.DOTALL)
