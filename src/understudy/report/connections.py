"""How a client uses connections, and how many requests it has in flight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from understudy.report.attempt import Attempt
from understudy.report.operations import is_reusable


class Connections(NamedTuple):
    """`opened` connections carried `requests`. `chances` is how often an idle one was there to be used again,
    and `wasted` how often a new one was opened all the same. `says_close`: requests with `Connection: close`.
    `most_in_flight` and `usually_in_flight` (weighted by time, while there was any) are requests at once.
    """

    requests: int
    opened: int
    chances: int
    wasted: int
    says_close: int
    most_in_flight: int
    usually_in_flight: int

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "opened": self.opened,
            "requests_per_connection": round(self.requests / self.opened, 2) if self.opened else None,
            "chances_to_reuse": self.chances,
            "new_although_idle": self.wasted,
            "says_close": self.says_close,
            "max_in_flight": self.most_in_flight,
            "typical_in_flight": self.usually_in_flight,
        }


def count_connections(attempts: Sequence[Attempt]) -> Connections:
    """What attempts of one client, in order of arrival, say of its connections."""
    idle: set[int] = set()
    known: set[int] = set()
    chances = wasted = 0
    instants = [(attempt.at, 1, attempt) for attempt in attempts]
    instants += [(attempt.ends_at, 0, attempt) for attempt in attempts]
    instants.sort(key=lambda one: (one[0], one[1], one[2].id))
    lasted: dict[int, float] = {}
    level = most = 0
    since = 0.0
    for now, begins, attempt in instants:
        lasted[level] = lasted.get(level, 0.0) + now - since
        since = now
        level += 1 if begins else -1
        most = max(most, level)
        connection = attempt.entry.connection
        if not begins:
            if is_reusable(attempt):
                idle.add(connection)
            continue
        if connection not in known and idle:
            chances += 1
            wasted += 1
        elif connection in idle:
            chances += 1
        known.add(connection)
        idle.discard(connection)
    says_close = sum(attempt.asked.wants_close for attempt in attempts)
    lasted = {count: time for count, time in lasted.items() if count > 0}
    return Connections(len(attempts), len(known), chances, wasted, says_close, most, _usual(lasted, most))


def _usual(lasted: dict[int, float], most: int) -> int:
    """The level that was exceeded half of the time."""
    left = sum(lasted.values()) / 2
    for level, time in sorted(lasted.items()):
        left -= time
        if left <= 0:
            return level
    return most
