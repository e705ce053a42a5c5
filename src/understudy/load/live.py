"""What can be done to the endpoints of a running server: each a function from one layer to the next.

`current` is the config with the layer over it, as it is served.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from understudy.errors import UnderstudyError
from understudy.load.hints import nearest_all
from understudy.load.loaded import Loaded
from understudy.load.overlay import Layer, Live
from understudy.load.source import Source

MAX_LIVE = 10_000
"""Most changes in one layer: memory is bounded, also for a test that forgets to clean up."""


class UnknownEndpoint(UnderstudyError):
    """No endpoint has this name; `nearest` are those spelled most like it."""

    def __init__(self, name: str, names: Collection[str]) -> None:
        super().__init__(f"there is no endpoint {name!r}")
        self.name = name
        self.nearest = nearest_all(name, names)


class NameTaken(UnderstudyError):
    """An endpoint is added under a name that another has."""


class TooManyChanges(UnderstudyError):
    """The bound on live changes is reached."""


def number_of(current: Loaded, name: str) -> int:
    """The place of an endpoint among all. Raises UnknownEndpoint."""
    try:
        return current.names.index(name)
    except ValueError:
        raise UnknownEndpoint(name, current.names) from None


def add(current: Loaded, layer: Layer, source: Source) -> Layer:
    """With the endpoints of a document more: one, or a list. Raises NameTaken, TooManyChanges."""
    written = source.data if isinstance(source.data, list) else [source.data]
    taken = set(current.names)
    for endpoint in written:
        name = endpoint.get("name") if isinstance(endpoint, dict) else None
        if isinstance(name, str):
            if name in taken:
                raise NameTaken(f"there is an endpoint {name!r} already: PUT replaces it")
            taken.add(name)
    if isinstance(source.data, list):
        # The first of a list answers before the second, as in a file.
        added = tuple(Live(source, (number,)) for number in reversed(range(len(source.data))))
    else:
        added = (Live(source),)
    return _bounded(replace(layer, live=(*layer.live, *added)))


def put(current: Loaded, layer: Layer, name: str, source: Source) -> Layer:
    """With another endpoint under a name, or a new one. Raises NameTaken, TooManyChanges.

    It keeps the name unless the document gives it another.
    """
    own = source.data.get("name") if isinstance(source.data, dict) else None
    if own is not None and own != name and own in current.names:
        raise NameTaken(f"there is an endpoint {own!r} already")
    known = live_of(current, layer, name)
    if known is not None:
        new = Live(source, (), known.replaces if known.replaces is not None else name)
        return replace(layer, live=tuple(new if live is known else live for live in layer.live))
    return _bounded(
        replace(layer, live=(*layer.live, Live(source, (), name)), deleted=layer.deleted - {name})
    )


def delete(below: Loaded, current: Loaded, layer: Layer, name: str) -> Layer:
    """Without the endpoint of this name. `below` is the config without the layer.

    Raises UnknownEndpoint, TooManyChanges.
    """
    number_of(current, name)
    known = live_of(current, layer, name)
    if known is None:
        return _bounded(replace(layer, deleted=layer.deleted | {name}))
    rest = tuple(live for live in layer.live if live is not known)
    hidden = {known.replaces or name, name}.intersection(below.names)
    return replace(layer, live=rest, deleted=layer.deleted | hidden)


def forget(current: Loaded, layer: Layer, name: str) -> Layer:
    """With nothing said of this name, since the file says it now."""
    known = live_of(current, layer, name)
    gone = {name, known.replaces if known is not None and known.replaces else name}
    return Layer(tuple(live for live in layer.live if live is not known), layer.deleted - gone)


def live_of(current: Loaded, layer: Layer, name: str) -> Live | None:
    """The live endpoint of this name in the layer; None if it comes from below, or is not there."""
    if name not in current.names:
        return None
    entry = current.origins.entries[current.names.index(name)]
    return next(
        (live for live in layer.live if live.source is entry.part.source and live.keys == entry.keys), None
    )


def _bounded(layer: Layer) -> Layer:
    if len(layer) > MAX_LIVE:
        raise TooManyChanges(f"there are {MAX_LIVE:,} live changes already: DELETE /__endpoints drops them")
    return layer
