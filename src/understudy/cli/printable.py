"""Texts from outside as a terminal may show them.

Commands that ask a running server start several times as fast without what a server itself needs: nothing
of it is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHOWN_SOURCES = frozenset({"recorded", "upstream", "mocked"})
"""Where answers come from that do not say so themselves, as an error does where there is no recording."""
OWN_SOURCES = frozenset({"endpoint", "failure_rate"})
"""Sources of faults that go without saying."""


def injected_notes(faults: Iterable[str], injected: Iterable[Mapping[str, Any]]) -> list[str]:
    """What went wrong, and by whom: `error injected (profile slow, stage 2)`; `injected` as in `/__logs`."""
    notes = []
    told = set()
    for one in injected:
        told.add(one["kind"])
        by = [] if one["source"] in {*OWN_SOURCES, one["kind"]} else [printable(one["source"])]
        if one["stage"] is not None:
            by.append(f"stage {printable(one['stage'])}")
        notes.append(f"{one['kind']} injected" + (f" ({', '.join(by)})" if by else ""))
    return [f"{fault} injected" for fault in faults if fault not in told] + notes


def printable(text: str, limit: int = 200) -> str:
    """Text from outside, safe for a terminal: no control characters, not too long."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(character if character.isprintable() else "?" for character in cut)


def printable_lines(text: str, limit: int = 50) -> str:
    """The same for a text of several lines, such as all mistakes of a folder; `limit` of them are shown."""
    lines = text.splitlines()
    more = [f"... {len(lines) - limit} more lines"] if len(lines) > limit else []
    return "\n".join([*(printable(line, 1000) for line in lines[:limit]), *more])
