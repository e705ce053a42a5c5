"""What is wrong inside one document, before it is known which file the document came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Keys = tuple[str | int, ...]
"""A place in a document: `("endpoints", 3, "latency_ms")`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `keys` says where; `line`, from 1, where the keys cannot say it."""

    message: str
    keys: Keys = ()
    found: str | None = None
    accepted: str | None = None
    suggestion: str | None = None
    line: int | None = None


class NotReadable(Exception):
    """A text that is not valid JSON, YAML or TOML."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(*faults)
        self.faults = tuple(faults)


def too_deep(limit: int, keys: Keys = (), line: int | None = None) -> Fault:
    """The fault of a document with more than `limit` levels of nesting."""
    return Fault(f"nested deeper than {limit} levels", keys, line=line)
