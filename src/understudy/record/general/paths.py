"""Path templates: which parts of the recorded paths are parameters, and which are names.

The paths are a tree by their segments. Below each node, segments that are a number, a UUID, a ULID or a long
hash are always a parameter; dates are if several came up, and words if what is below them is alike. All
others stay as they are, so that `/users/me` is beside `/users/{user_id:int}`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from understudy.formats.har.bodies import NOT_PLAIN
from understudy.formats.imported import literal_path
from understudy.match.path import PARAMETER_TYPES
from understudy.record.general.rules import Book
from understudy.record.general.sample import Sample

Segments = tuple[str, ...]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_WORD = re.compile(r"[^{}*%]{1,120}")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*|api|rest|public|internal|latest", re.ASCII | re.IGNORECASE)
_PARAMETER = re.compile(r"\{([A-Za-z_]\w*)(?::([a-z]+))?\}", re.ASCII)
NAMES = frozenset(
    {
        "me", "self", "current", "new", "all", "search", "count", "latest", "first", "last", "default",
        "status", "health", "config", "settings", "profile", "login", "logout", "register", "refresh",
        "token", "export", "import", "stats", "summary", "batch", "bulk", "upload", "download",
    }
)  # fmt: skip
"""Words in a path that are never a value, whatever stands beside them."""
ENOUGH_WORDS = 3
"""Words that must be alike to be values; two are enough where the replies repeat them."""


class Look(NamedTuple):
    """A look of segments that are values: the type of their parameter, and how many there must be of them."""

    name: str
    type: str
    fits: Callable[[str], bool]
    at_least: int = 1


def _fully(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


LOOKS: tuple[Look, ...] = (
    Look("numbers", "int", _fully(r"-?[0-9]+")),
    Look("UUIDs", "uuid", _fully(PARAMETER_TYPES["uuid"].pattern)),
    Look("ULIDs", "slug", _fully(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")),
    Look("hashes", "slug", _fully(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}")),
    Look("dates", "date", _fully(PARAMETER_TYPES["date"].pattern), 2),
)


class _Family(NamedTuple):
    """Segments that are values of one parameter. `suffix` is that of its name."""

    name: str
    type: str
    values: tuple[str, ...]


def templates_of(samples: Iterable[Sample], book: Book) -> dict[Segments, str]:
    """The path of the endpoint for each recorded path."""
    tree = _Tree(samples, book)
    tree.below(sorted(tree.paths), 0, [], [])
    return tree.made


class _Tree:
    def __init__(self, samples: Iterable[Sample], book: Book) -> None:
        self.paths: dict[Segments, list[Sample]] = defaultdict(list)
        for one in samples:
            self.paths[one.segments].append(one)
        self.made: dict[Segments, str] = {}
        self._book = book
        self._known: dict[str, list[re.Match[str]]] = defaultdict(list)
        for rule in book.known_of("path"):
            before, _, last = rule.where.rpartition("/")
            found = _PARAMETER.fullmatch(last)
            if rule.on and found is not None and found[2] in (None, *PARAMETER_TYPES):
                self._known[before].append(found)

    def below(self, paths: list[Segments], depth: int, raw: list[str], names: list[str]) -> None:
        """Templates for paths that are alike as far as `depth`; `raw` is their template so far."""
        by_value: dict[str, list[Segments]] = defaultdict(list)
        for path in paths:
            if len(path) == depth:
                self.made[path] = "".join(f"/{one}" for one in raw)
            else:
                by_value[path[depth]].append(path)
        for parameter, name, values in self._parameters(by_value, depth, raw, names):
            inner = [path for value in values for path in by_value.pop(value)]
            self.below(inner, depth + 1, [*raw, parameter], [*names, name])
        for inner in by_value.values():
            # as it was sent first; what looks like a parameter in it is none
            spelled = self.paths[inner[0]][0].path.split("/")[1:]
            text = spelled[depth] if len(spelled) == len(inner[0]) else inner[0][depth]
            self.below(inner, depth + 1, [*raw, literal_path(text)], names)

    def _parameters(
        self, by_value: dict[str, list[Segments]], depth: int, raw: list[str], names: list[str]
    ) -> list[tuple[str, str, tuple[str, ...]]]:
        """Parameters at this place: how they are written, their names, and the segments that they take."""
        before = "".join(f"/{one}" for one in raw)
        left = dict(by_value)
        found: list[tuple[str, str, tuple[str, ...]]] = []
        for known in self._known.get(before, ()):
            fits = _fully(PARAMETER_TYPES[known[2] or "str"].pattern)
            values = tuple(value for value in left if value and fits(value))
            found += self._taken(before, known[0], known[1], values, "a rule of before", left)
        families = _families(left, lambda words: self._alike(words, depth, raw))
        for family in families:
            name = _name(raw, family, {*names, *(one for _, one, _ in found)})
            written = f"{{{name}:{family.type}}}" if family.type != "str" else f"{{{name}}}"
            why = f"{family.name}, {len(family.values)} of them" if len(family.values) > 1 else family.name
            found += self._taken(before, written, name, family.values, why, left)
        return found

    def _taken(
        self,
        before: str,
        written: str,
        name: str,
        values: tuple[str, ...],
        why: str,
        left: dict[str, list[Segments]],
    ) -> list[tuple[str, str, tuple[str, ...]]]:
        samples = [one for value in values for path in left[value] for one in self.paths[path]]
        samples.sort(key=lambda one: one.at)
        if not values or not self._book.add("path", f"{before}/{written}", written, why, samples):
            return []
        for value in values:
            del left[value]
        return [(written, name, values)]

    def _alike(self, words: dict[str, list[Segments]], depth: int, raw: list[str]) -> tuple[str, ...]:
        """Those of the words whose replies have the same shape at the same place below, the most there
        are."""
        if not raw or raw[-1].startswith("{") or _VERSION.fullmatch(raw[-1]):
            return ()
        shapes: dict[Any, dict[str, bool]] = defaultdict(dict)
        for word, paths in words.items():
            if word.lower() in NAMES or not _WORD.fullmatch(word) or _VERSION.fullmatch(word):
                continue
            for path in paths:
                for sample in self.paths[path]:
                    shape = _shape(sample.json)
                    if 200 <= sample.status < 300 and shape is not None:
                        rest = tuple("{}" if _INTEGER.fullmatch(one) else one for one in path[depth + 1 :])
                        words_of = shapes[sample.request.method, rest, shape]
                        words_of[word] = words_of.get(word, False) or _says(sample.json, word)
        best = max(shapes.values(), key=lambda one: (len(one), sorted(one)), default={})
        says = sum(best.values())
        enough = len(best) >= ENOUGH_WORDS or (len(best) > 1 and says == len(best))
        return tuple(sorted(best)) if enough else ()


def _families(
    left: dict[str, list[Segments]], alike: Callable[[dict[str, list[Segments]]], tuple[str, ...]]
) -> list[_Family]:
    families: list[_Family] = []
    rest = dict(left)
    for look in LOOKS:
        values = tuple(value for value in rest if look.fits(value))
        if len(values) < look.at_least or not values:
            continue
        # 007 would come out as 7, and what is longer is no number to the config
        type_ = look.type if look.type != "int" or all(map(_INTEGER.fullmatch, values)) else "str"
        families.append(_Family(look.name, type_, values))
        for value in values:
            del rest[value]
    if words := alike(rest):
        is_slug = all(map(_fully(PARAMETER_TYPES["slug"].pattern), words))
        families.append(_Family("words with replies of one shape", "slug" if is_slug else "str", words))
    if len(families) > 1 and any(one.type in {"slug", "str"} for one in families):
        # a slug takes numbers and dates too: those that have no type of their own share a parameter of none
        typed = [one for one in families if one.type not in {"slug", "str"}]
        loose = [one for one in families if one.type in {"slug", "str"}]
        values = tuple(value for one in loose for value in one.values)
        families = [*typed, _Family(" and ".join(one.name for one in loose), "str", values)]
    return families


def _name(raw: list[str], family: _Family, taken: set[str]) -> str:
    """A name for a parameter: that of what stands before it, in the singular."""
    before = raw[-1] if raw and not raw[-1].startswith("{") else ""
    noun = "" if _VERSION.fullmatch(before) else singular(before)
    if family.type == "date":
        name = "date"
    elif family.name.startswith("words"):
        name = noun or "name"
    else:
        name = f"{noun}_id" if noun else "id"
    if not re.match(r"[A-Za-z_]", name):
        name = f"value_{name}"
    plain, count = name, 1
    while name in taken:
        count += 1
        name = f"{plain}_{count}"
    return name


def singular(word: str) -> str:
    """A word of a path in the singular, in snake case: `lineItems` → `line_item`. Good enough for names."""
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word.partition(".")[0])
    word = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")[:40]
    for end, instead in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x")):
        if word.endswith(end) and len(word) > len(end) + 1:
            return word[: -len(end)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _shape(value: Any) -> tuple[str, ...] | None:
    """The keys of an object, or of the first one of a list, if there are at least two; else None."""
    if value is NOT_PLAIN:
        return None
    if isinstance(value, list):
        inner = _shape(value[0]) if value and isinstance(value[0], dict) else None
        return ("[]", *inner) if inner else None
    return tuple(sorted(value)) if isinstance(value, dict) and len(value) > 1 else None


def _says(value: Any, word: str, depth: int = 0) -> bool:
    """Whether a word is among the texts of a JSON value."""
    if isinstance(value, str):
        return value == word
    if depth > 4 or not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value[:10]
    return any(_says(item, word, depth + 1) for item in items)
