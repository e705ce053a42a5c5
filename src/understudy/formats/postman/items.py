"""The folders of a collection: each request with its saved examples, and what it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from understudy.formats.postman.variables import Variables, read_variables
from understudy.formats.spot import LeftOut, Spot


class Item(NamedTuple):
    """A request. `auth` is its own or that of the nearest folder with one, and where that stands."""

    name: str
    written: dict[str, Any]
    request: dict[str, Any]
    groups: tuple[str, ...]
    auth: tuple[Any, Spot]
    variables: Variables
    spot: Spot


@dataclass
class Asides:
    """What is not carried over and stands in many places: said once, at the first of them."""

    _seen: dict[str, tuple[Spot, int]] = field(default_factory=dict)

    def note(self, message: str, spot: Spot) -> None:
        """Remember a place."""
        first, count = self._seen.get(message, (spot, 0))
        self._seen[message] = first, count + 1

    def warn(self) -> None:
        """Say it all."""
        for message, (spot, count) in self._seen.items():
            more = f" (here and in {count - 1} more places)" if count > 1 else ""
            spot.warn(message + more)
        self._seen.clear()


def walk(collection: dict[str, Any], variables: Variables, asides: Asides, spot: Spot) -> Iterator[Item]:
    """All requests of a collection in order. What is wrong with one is a warning."""
    yield from _folder(collection, (), (None, spot), variables, asides, spot)


def _folder(
    folder: dict[str, Any],
    groups: tuple[str, ...],
    auth: tuple[Any, Spot],
    variables: Variables,
    asides: Asides,
    spot: Spot,
) -> Iterator[Item]:
    _note_scripts(folder, asides, spot)
    if folder.get("auth"):
        auth = folder["auth"], spot.at("auth")
    variables = variables.inner(read_variables(folder.get("variable"), spot.at("variable")))
    items = spot.at("item")
    for number, one in enumerate(items.sequence(folder.get("item"))):
        inner = items.at(number)
        try:
            entry = inner.mapping(one)
            name = _name(entry.get("name"))
            if "item" in entry:
                yield from _folder(entry, (*groups, name) if name else groups, auth, variables, asides, inner)
            else:
                yield _item(entry, name, groups, auth, variables, asides, inner)
        except LeftOut as left:
            left.spot.warn(f"this is left out: {left.message}")


def _item(
    entry: dict[str, Any],
    name: str,
    groups: tuple[str, ...],
    auth: tuple[Any, Spot],
    variables: Variables,
    asides: Asides,
    spot: Spot,
) -> Item:
    _note_scripts(entry, asides, spot)
    if "request" not in entry:
        spot.leave("it has no request")
    request = request_of(entry["request"], spot.at("request"))
    for key, message in _NOT_CARRIED_OVER.items():
        if request.get(key):
            asides.note(message, spot.at("request", key))
    if request.get("auth"):
        auth = request["auth"], spot.at("request", "auth")
    variables = variables.inner(read_variables(entry.get("variable"), spot.at("variable")))
    return Item(name, entry, request, groups, auth, variables, spot)


def request_of(written: Any, spot: Spot) -> dict[str, Any]:
    """A request, which may be no more than a URL."""
    return {"url": written} if isinstance(written, str) else spot.mapping(written)


def _name(written: Any) -> str:
    return " ".join(written.split()) if isinstance(written, str) else ""


_NOT_CARRIED_OVER = {
    "proxy": "the proxy of a request is not carried over",
    "certificate": "the client certificate of a request is not asked for",
}


def _note_scripts(entry: dict[str, Any], asides: Asides, spot: Spot) -> None:
    events = entry.get("event")
    for number, event in enumerate(events if isinstance(events, list) else ()):
        script = event.get("script") if isinstance(event, dict) else None
        source = script.get("exec") if isinstance(script, dict) else script
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if source and (not isinstance(source, str) or source.strip()):
            asides.note("scripts are not run", spot.at("event", number))
    if entry.get("protocolProfileBehavior"):
        asides.note("`protocolProfileBehavior` is not carried over", spot.at("protocolProfileBehavior"))
