"""From a path to the endpoints that may answer it, without looking at the others.

The rule (for users: docs/matching.md): higher `priority`; then the more specific path, segment by segment
from the left; then endpoints with conditions; then the order in the file. `sort_key` is that rule, and
`plain_scan` is the rule applied to all endpoints one by one. The index must give the same, only sooner:

- Literal paths stand in a dict. Its values were completed when it was built with the patterns that match
  the same path, so that a hit needs nothing else.
- The other paths stand in a tree by segment. Its walk collects every pattern that has the right shape;
  where that is not all that a pattern asks for, its own regex then has the last word.
- Regular expressions over the whole path are tried one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from understudy.match.conditions import Conditions
from understudy.match.narrow import Narrowing, narrowed
from understudy.match.path import LITERAL, REST, REST_PARAMETER, PathPattern
from understudy.request import Request

SortKey = tuple[int, tuple[int, ...], int, int]


class Entry(Protocol):
    """What the index needs to know of an endpoint."""

    pattern: PathPattern
    methods: frozenset[str]
    conditions: Conditions | None
    sort_key: SortKey


E = TypeVar("E", bound=Entry)


def sort_key(priority: int, pattern: PathPattern, conditional: bool, order: int) -> SortKey:
    """The place of an endpoint in the order of evaluation: the smallest answers."""
    return (-priority, pattern.specificity, 0 if conditional else 1, order)


def accepts(entry: Entry, method: str) -> bool:
    """Whether an endpoint takes a method; a GET endpoint also takes HEAD."""
    methods = entry.methods
    return method in methods or "ANY" in methods or (method == "HEAD" and "GET" in methods)


def in_order(entries: Iterable[E], method: str) -> tuple[E, ...]:
    """The endpoints that take a method, the one to ask first in front.

    Between two that are equal but for their place in the file, one written for HEAD goes before GET.
    """
    taking = [entry for entry in entries if accepts(entry, method)]
    if method == "HEAD":
        taking.sort(key=lambda entry: (*entry.sort_key[:3], "HEAD" not in entry.methods, entry.sort_key[3]))
    else:
        taking.sort(key=lambda entry: entry.sort_key)
    return tuple(taking)


class Route(Generic[E]):
    """The endpoints that one path reaches, by method."""

    __slots__ = ("_by_method", "_narrowed", "entries")

    def __init__(self, entries: Iterable[E]) -> None:
        self.entries: tuple[E, ...] = tuple(entries)
        self._by_method: dict[str, tuple[E, ...]] = {}
        self._narrowed: dict[str, tuple[E, ...] | Narrowing[E]] = {}

    def candidates(self, request: Request) -> tuple[E, ...]:
        """The endpoints that may take the request, in the order in which they are asked."""
        found = self._narrowed.get(request.method)
        if found is None:
            found = narrowed(self.for_method(request.method))
            if len(self._narrowed) < _MAX_METHODS:
                self._narrowed[request.method] = found
        return found if type(found) is tuple else found.pick(request)  # type: ignore[union-attr]

    def for_method(self, method: str) -> tuple[E, ...]:
        """The endpoints that take the method, in the order in which they are asked."""
        found = self._by_method.get(method)
        if found is None:
            found = in_order(self.entries, method)
            if len(self._by_method) < _MAX_METHODS:
                self._by_method[method] = found
        return found

    def allowed(self) -> list[str]:
        """The methods that some endpoint here takes, for `Allow`. OPTIONS is always among them."""
        methods = {method for entry in self.entries for method in entry.methods}
        if "ANY" in methods:
            methods |= {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if "GET" in methods:
            methods.add("HEAD")
        methods.discard("ANY")
        methods.add("OPTIONS")
        return sorted(methods, key=lambda name: (_COMMON.get(name, 99), name))


_MAX_METHODS = 16
"""Methods remembered per path; clients may invent more, and memory is bounded."""
_MAX_ROUTES = 4096
"""Sets of patterns that match one path together, and are remembered with their order by method."""
_COMMON = {
    name: place for place, name in enumerate(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
}


class _Node(Generic[E]):
    """A place in the tree: what may follow after the segments up to here."""

    __slots__ = ("any", "ends", "literals", "plain", "rests")

    def __init__(self) -> None:
        self.plain: list[E] = []
        """Endpoints that end here and need no further look: the way to here is all that they ask for."""
        self.literals: dict[str, _Node[E]] = {}
        self.any: _Node[E] | None = None
        self.ends: list[E] = []
        self.rests: list[E] = []


class Index(Generic[E]):
    """All endpoints, found by path. Does not change after it was built; it only remembers."""

    def __init__(self, entries: Sequence[E], *, ignore_trailing_slash: bool = True) -> None:
        self._root: _Node[E] = _Node()
        self._regexes: list[E] = []
        self._has_patterns = False
        self._routes: dict[tuple[E, ...], Route[E]] = {}
        self._ignore_trailing_slash = ignore_trailing_slash
        literals: dict[str, list[E]] = {}
        for entry in entries:
            if entry.pattern.literal is not None:
                literals.setdefault(entry.pattern.literal, []).append(entry)
            else:
                self._has_patterns = True
                self._plant(entry)
        self._literals: dict[str, Route[E]] = {
            path: Route([*found, *self._patterns(path)]) for path, found in literals.items()
        }
        self._everywhere = self._route_of_all()

    def find(self, path: str) -> Route[E] | None:
        """The endpoints a canonical path reaches; None if there is not one, whatever the method."""
        route = self._find_exactly(path)
        if route is None and self._ignore_trailing_slash and path != "/":
            route = self._find_exactly(path[:-1] if path.endswith("/") else path + "/")
        return route

    def _find_exactly(self, path: str) -> Route[E] | None:
        route = self._literals.get(path)
        if route is None and self._has_patterns:
            if self._everywhere is not None and path[:1] == "/":
                return self._everywhere
            found = tuple(self._patterns(path))
            if found:
                route = self._routes.get(found)
                if route is None:
                    route = Route(found)
                    if len(self._routes) < _MAX_ROUTES:
                        self._routes[found] = route
        return route

    def _route_of_all(self) -> Route[E] | None:
        """Where all other paths lead, if the only patterns are `/**`, as of servers that only replay."""
        root = self._root
        if self._regexes or root.literals or root.any is not None or not root.rests:
            return None
        return Route(root.rests) if all(entry.pattern.takes_all for entry in root.rests) else None

    def _plant(self, entry: E) -> None:
        segments = entry.pattern.segments
        if not segments:
            self._regexes.append(entry)
            return
        node = self._root
        for segment in segments:
            if segment.rank in {REST, REST_PARAMETER}:
                node.rests.append(entry)
                return
            if segment.rank == LITERAL:
                node = node.literals.setdefault(segment.literal or "", _Node())
            else:
                node.any = node.any or _Node()
                node = node.any
        (node.plain if entry.pattern.is_plain else node.ends).append(entry)

    def _patterns(self, path: str) -> list[E]:
        """The endpoints with a pattern that match a path, in no particular order."""
        found: list[E] = []
        shaped = list(self._regexes)
        segments = path[1:].split("/")
        stack = [(self._root, 0)]
        while stack:
            node, depth = stack.pop()
            shaped += node.rests
            if depth == len(segments):
                found += node.plain
                shaped += node.ends
                continue
            segment = segments[depth]
            literal = node.literals.get(segment)
            if literal is not None:
                stack.append((literal, depth + 1))
            if node.any is not None and segment:  # what is no literal has at least one character
                stack.append((node.any, depth + 1))
        if shaped:
            found += [entry for entry in shaped if entry.pattern.fits(path)]
        return found


def plain_scan(
    entries: Sequence[E], path: str, method: str, *, ignore_trailing_slash: bool = True
) -> tuple[E, ...]:
    """The index's plain twin: asks every endpoint. For tests, and to say what the rule is."""
    found = [entry for entry in entries if entry.pattern.match(path) is not None]
    if not found and ignore_trailing_slash and path != "/":
        other = path[:-1] if path.endswith("/") else path + "/"
        found = [entry for entry in entries if entry.pattern.match(other) is not None]
    return in_order(found, method)
