"""Recordings of other tools as exchanges. `FOREIGN` is the TABLE of them.

A row tells its data by a few keys, and reads it: what cannot be an exchange is left out with a warning. HAR
and the lists of the original server are read in `record.har` and `record.folder.sources`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from understudy.errors import ConfigError, Problem
from understudy.formats.har.notes import Notes
from understudy.formats.spot import LeftOut, Spot
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.record.exchange import RecordedExchange
from understudy.record.foreign import hoverfly, vcr

Reader = Callable[[dict[str, Any], Notes, Spot], list[RecordedExchange]]


class Foreign(NamedTuple):
    """A tool: its name for people, what its files look like, and what reads them. `read` raises LeftOut."""

    title: str
    looks: Callable[[dict[str, Any]], bool]
    read: Reader


FOREIGN: dict[str, Foreign] = {
    "vcr": Foreign("a cassette of VCR's", vcr.like_cassette, vcr.read_cassette),
    "hoverfly": Foreign("a simulation of Hoverfly's", hoverfly.like_simulation, hoverfly.read_simulation),
}


def exchanges_of(data: Any, source: Source) -> tuple[list[RecordedExchange], tuple[Problem, ...]] | None:
    """The exchanges in another tool's file, and what was left out; None if it is none of the TABLE's.

    Raises ConfigError.
    """
    if not isinstance(data, dict):
        return None
    found = next((row for row in FOREIGN.values() if row.looks(data)), None)
    if found is None:
        return None
    spot = Spot(source)
    notes = Notes()
    try:
        exchanges = found.read(data, notes, spot)
    except LeftOut as left:
        raise ConfigError([source.problem(Fault(left.message, left.spot.keys))]) from None
    notes.tell()
    return exchanges, tuple(spot.warnings)
