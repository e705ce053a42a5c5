"""What writers of other tools' formats share: where they say what they could not carry over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from understudy.errors import Problem
from understudy.load import Loaded
from understudy.load.fault import Keys


class CannotSay(Exception):
    """What a config says and the other tool's format cannot; the text says what that is."""


@dataclass(frozen=True)
class Place:
    """A place in the config that is being written; all places of one export share `warnings`."""

    loaded: Loaded
    keys: Keys = ()
    warnings: list[Problem] = field(default_factory=list)

    def at(self, *keys: str | int) -> Place:
        """The place that these keys lead to from here."""
        return Place(self.loaded, (*self.keys, *keys), self.warnings)

    def warn(self, message: str) -> None:
        """Say what is not carried over, or otherwise than it was."""
        problem = self.loaded.problem(self.keys, message)
        if problem not in self.warnings:
            self.warnings.append(problem)

    def leave(self, message: str) -> NoReturn:
        """Give up what this is a part of. Raises CannotSay."""
        raise CannotSay(message)
