"""What one request sees of what is remembered: variables, scenarios and counters, read without waiting.

`refresh` reads them from the store; conditions and templates then look them up. An owner (see `match.per`)
has rows of its own, whose keys begin with its name.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.model import State
    from understudy.state.store import Store

VARIABLES = "variables"
SCENARIOS = "scenarios"
COUNTERS = "counters"
OWNER_END = "\x1f"
"""Stands between an owner and a name; cannot be typed by accident."""
_SEEN = (VARIABLES, SCENARIOS, COUNTERS)
MISSING: Any = object()
_NOTHING: Mapping[str, Any] = {}


def key_of(owner: str, name: str) -> str:
    """The key of an owner's row; the bare name for everybody's."""
    return f"{owner}{OWNER_END}{name}" if owner else name


class StateView:
    """The rows of one space, as one request sees them. `now` is in unix seconds.

    `made` are the variables that the request itself has changed, by key: it goes on seeing what it made of
    them, whatever another process does meanwhile, so that no two requests that count see the same number.
    """

    __slots__ = ("counters", "made", "now", "owner", "scenarios", "settings", "space", "variables")

    def __init__(self, space: str, settings: State, now: float) -> None:
        self.space = space
        self.settings = settings
        self.now = now
        self.owner = ""
        self.made: dict[str, Any] = {}
        self.variables = _NOTHING
        self.scenarios = _NOTHING
        self.counters = _NOTHING

    async def refresh(self, store: Store) -> None:
        """See what is there now."""
        self.variables, self.scenarios, self.counters = await store.see(self.space, _SEEN)
        if self.made:
            self.variables = ChainMap(self.made, self.variables)  # type: ignore[arg-type]

    def variable(self, name: str, default: Any = MISSING) -> Any:
        """A variable of the owner; else its initial value, else the default."""
        value = self.variables.get(key_of(self.owner, name), MISSING)
        return self.settings.variables.get(name, default) if value is MISSING else value

    def scenario(self, name: str) -> str:
        """The state a scenario is in for the owner."""
        state = self.scenarios.get(key_of(self.owner, name))
        return self.settings.scenario(name).initial if state is None else state

    def count(self, key: str) -> int:
        """A counter; 0 where none is."""
        count: int = self.counters.get(key, 0)
        return count

    def all_variables(self) -> dict[str, Any]:
        """All variables of the owner by name."""
        return {**self.settings.variables, **own_rows(self.variables, self.owner)}

    def all_scenarios(self) -> dict[str, str]:
        """All scenarios of the owner by name, those that have moved or are described in the config."""
        initial = {name: self.settings.scenario(name).initial for name in self.settings.scenarios}
        return {**initial, **own_rows(self.scenarios, self.owner)}


def own_rows(rows: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """An owner's rows by their bare names."""
    if not owner:
        return {key: value for key, value in rows.items() if OWNER_END not in key}
    prefix = owner + OWNER_END
    return {key[len(prefix) :]: value for key, value in rows.items() if key.startswith(prefix)}
