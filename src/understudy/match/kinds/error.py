"""What a condition that cannot be compiled raises."""

from __future__ import annotations


class ConditionError(ValueError):
    """A condition that cannot be used; `keys` lead to it from the match it stands in."""

    def __init__(self, message: str, keys: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys

    def at(self, *keys: str | int) -> ConditionError:
        """The same error, seen from further out."""
        return ConditionError(self.message, (*keys, *self.keys))
