"""A place in a foreign document, at which a reader says what it could not carry over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from understudy.errors import Problem
from understudy.formats.imported import Origin
from understudy.load.fault import Fault, Keys
from understudy.load.source import Source
from understudy.load.words import show
from understudy.model.parts import MAX_MS


class LeftOut(Exception):
    """What stands at a place cannot be said in a config, so that what holds it is left out."""

    def __init__(self, spot: Spot, message: str) -> None:
        super().__init__(message)
        self.spot = spot
        self.message = message


@dataclass(frozen=True)
class Spot:
    """The value behind `keys` in a document; all spots of one import share `warnings`."""

    source: Source
    keys: Keys = ()
    warnings: list[Problem] = field(default_factory=list)

    def at(self, *keys: str | int) -> Spot:
        """The place that these keys lead to from here."""
        return Spot(self.source, (*self.keys, *keys), self.warnings)

    def warn(self, message: str) -> None:
        """Say what is different in the config, or not there."""
        self.warnings.append(self.source.problem(Fault(message, self.keys)))

    def leave(self, message: str) -> NoReturn:
        """Give up what this is a part of. Raises LeftOut."""
        raise LeftOut(self, message)

    @property
    def origin(self) -> Origin:
        """The file and the line."""
        return Origin(self.source.shown, self.source.line(self.keys))

    # ---- values, or LeftOut where they are of another kind

    def mapping(self, value: Any) -> dict[str, Any]:
        """The value, which must be an object; none at all is an empty one."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.leave(f"{show(value)} stands where an object is expected")
        return value

    def sequence(self, value: Any) -> list[Any]:
        """The value, which must be a list; none at all is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.leave(f"{show(value)} stands where a list is expected")
        return value

    def text(self, value: Any) -> str:
        """The value, which must be text, or a number or truth value that stands for it."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float):
            self.leave(f"{show(value)} stands where text is expected")
        return str(value)

    def number(self, value: Any) -> float:
        """The value, which must be a number of at least 0."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
            self.leave(f"{show(value)} stands where a number is expected")
        return value

    def milliseconds(self, value: Any) -> float:
        """The value, which must be a time of at most a day."""
        found = self.number(value)
        if found > MAX_MS:
            self.leave(f"{show(value)} ms are more than a day")
        return found
