"""Endpoints that were added, replaced or deleted while the server runs, laid over a config that loaded.

A layer is kept beside the config, so that it holds also after the files have changed. The result is a Loaded
as if the files had said so; what is wrong in it is told with its place in the document it came in.

Names: those of the config's endpoints stay what they are without the layer. An endpoint of a layer that has
the name of one in the config takes its place; one without a name gets the next free one of its method and
path. Added endpoints stand before those of the config, the newest first, and so answer before those of the
same rank; one that replaces another stands in its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from understudy.errors import ConfigError
from understudy.load.checks import ENDPOINT_ERRORS, WARNINGS, Checked, Entry
from understudy.load.defaults import fill, fill_defaults
from understudy.load.fault import Keys
from understudy.load.gather import Part
from understudy.load.loaded import BEHAVIOUR_KEYS, Loaded
from understudy.load.loader import problems_of, unique_names
from understudy.load.source import Source
from understudy.load.values import Environment, Values
from understudy.model import Endpoint
from understudy.model.convert import convert


class Live(msgspec.Struct, frozen=True):
    """An endpoint that came while the server ran: where it stands in the document that it came in.

    `replaces` is the name of the endpoint whose place it takes; None: it was added.
    """

    source: Source
    keys: Keys = ()
    replaces: str | None = None

    @property
    def definition(self) -> Any:
        """The endpoint, as it was sent."""
        found = self.source.data
        for key in self.keys:
            found = found[key]
        return found


class Layer(msgspec.Struct, frozen=True):
    """Changes to a config: `live` endpoints, the oldest first, and the names of those `deleted`."""

    live: tuple[Live, ...] = ()
    deleted: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.live) + len(self.deleted)


def live_source(data: Any, environ: Mapping[str, str]) -> Source:
    """A document that came over the wire. Raises ConfigError for what no config can hold."""
    source = Source(values=Values(Environment(environ)))
    source.data = source.values.clean(data)
    if source.values.faults:
        raise ConfigError(problems_of([(source, fault) for fault in source.values.faults]))
    return source


def overlay(loaded: Loaded, layers: Sequence[Layer]) -> Loaded:
    """The config with layers over it, the last on top. Raises ConfigError for what is wrong in one."""
    for layer in layers:
        if layer:
            loaded = _overlay(loaded, layer)
    return loaded


def _overlay(loaded: Loaded, layer: Layer) -> Loaded:
    entries = _entries(loaded, layer)
    main = Part(loaded.origins.main, loaded.origins.main.data)
    checked = Checked(Path(os.path.realpath(loaded.folder)), main, loaded.config, entries)
    faults = [fault for check in ENDPOINT_ERRORS for fault in check(checked)]
    if faults:
        raise ConfigError(problems_of(faults))
    placed = _placed(loaded, layer, entries)
    endpoints = [entry.endpoint for _, entry in placed]
    sources = {id(live.source) for live in layer.live}
    everything = replace(checked, entries=[entry for _, entry in placed])
    # That an endpoint of the config answers no more is what the layer was made for, and no news.
    warnings = [
        (source, fault) for check in WARNINGS for source, fault in check(everything) if id(source) in sources
    ]
    return replace(
        loaded,
        config=msgspec.structs.replace(loaded.config, endpoints=endpoints),
        files=tuple(dict.fromkeys([*loaded.files, *checked.files])),
        names=unique_names(endpoints, [name for name, _ in placed]),
        warnings=(*loaded.warnings, *problems_of(warnings)),
        origins=replace(loaded.origins, entries=tuple(everything.entries)),
    )


def _entries(loaded: Loaded, layer: Layer) -> list[Entry]:
    """The live endpoints, with the defaults of the main file."""
    main = Part(loaded.origins.main, loaded.origins.main.data)
    entries = []
    faults = []
    for live in layer.live:
        try:
            endpoint = convert(live.definition, Endpoint)
        except msgspec.ValidationError:
            from understudy.load.diagnose import diagnose

            faults += [(live.source, fault) for fault in diagnose(live.definition, Endpoint, live.keys)]
            continue
        endpoint = fill_defaults(endpoint, [loaded.config.defaults])
        entries.append(Entry(endpoint, Part(live.source, {}, None, main), live.keys))
    if faults:
        raise ConfigError(problems_of(faults))
    return entries


def _as_operation(entry: Entry, before: Entry) -> Entry:
    """An endpoint in the place of an operation of a document: it stays that operation if it has no answer of
    its own and the same path, and has what it does not say itself from there."""
    endpoint, old = entry.endpoint, before.endpoint
    if before.driven is None or endpoint.kind != "empty" or endpoint.path != old.path:
        return entry
    said = {key: getattr(old, key) for key in BEHAVIOUR_KEYS if getattr(old, key) is not UNSET}
    endpoint = fill(endpoint, said)
    if endpoint.callbacks is UNSET and old.callbacks is not UNSET:
        endpoint = msgspec.structs.replace(endpoint, callbacks=old.callbacks)
    return replace(entry, endpoint=endpoint, driven=before.driven)


def _placed(loaded: Loaded, layer: Layer, entries: list[Entry]) -> list[tuple[str | None, Entry]]:
    """All endpoints in their order, with the names that they have already."""
    known = dict(zip(loaded.names, loaded.origins.entries, strict=True))
    added: list[tuple[str | None, Entry]] = []
    in_place: dict[str, tuple[str | None, Entry]] = {}
    hidden = set(layer.deleted)
    for live, entry in zip(layer.live, entries, strict=True):
        name = entry.endpoint.name
        hidden.add(name or "")
        if live.replaces in known:
            kept = _as_operation(entry, known[live.replaces or ""])
            in_place[live.replaces or ""] = (name or live.replaces, kept)
        elif name in known:
            in_place[name or ""] = (name, _as_operation(entry, known[name or ""]))
        else:
            added.append((name or live.replaces, entry))
    rest = [
        in_place.get(name, (name, entry))
        for name, entry in zip(loaded.names, loaded.origins.entries, strict=True)
        if name in in_place or name not in hidden
    ]
    return [*reversed(added), *rest]
