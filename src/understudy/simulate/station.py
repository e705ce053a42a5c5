"""Workers with a queue before them, in virtual time: no timers, only the times at which each will be free.

A request that comes is given its worker at once, first come, first served: it starts when the first of
them is free, and so it is known how long it waits. That is what a real queue does, as nobody leaves it. With
random arrivals and exponential work it is the M/M/c/K queue of queueing theory (Kleinrock, Queueing Systems,
volume 1, chapter 3; K is workers and places together), which the tests hold it against.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any, NamedTuple

MAX_STATIONS = 10_000
"""Stations that are remembered: clients name spaces, so there is no end to them."""


EARLY_S = 0.005
"""A reply is sent at most this much before the end of its work: event loops count in milliseconds."""


class Turn(NamedTuple):
    """When a request is worked on, in unix seconds, and how many were waiting before it."""

    start_s: float
    finish_s: float
    ahead: int


class Station:
    """`concurrency` workers, and a queue with `queue` places. Times never go back."""

    __slots__ = ("_free_at", "_starts", "concurrency", "queue")

    def __init__(self, concurrency: int, queue: int) -> None:
        self.concurrency = concurrency
        self.queue = queue
        # A heap: when each worker that has work will have done all that it was given.
        self._free_at: list[float] = []
        # When those in the queue will be worked on: in order, as that is how workers are given to them.
        self._starts: deque[float] = deque()

    def enter(self, now_s: float, work_s: float) -> Turn | None:
        """Give a request its turn; None if there is no place."""
        working, waiting = self.load(now_s)
        if working < self.concurrency:
            heappush(self._free_at, now_s + work_s)
            return Turn(now_s, now_s + work_s, 0)
        if waiting >= self.queue:
            return None
        start_s = self._free_at[0]
        heapreplace(self._free_at, start_s + work_s)
        self._starts.append(start_s)
        return Turn(start_s, start_s + work_s, waiting)

    def extend(self, turn: Turn, work_s: float) -> Turn:
        """The turn, where its work takes another time than was said.

        If another request has been told meanwhile when it would be over, that one keeps its turn.
        """
        longer = turn._replace(finish_s=turn.start_s + work_s)
        if turn.finish_s in self._free_at:
            self._free_at[self._free_at.index(turn.finish_s)] = longer.finish_s
            heapify(self._free_at)
        return longer

    def sent(self, turn: Turn, now_s: float) -> None:
        """The reply of a turn was sent, or its client has gone.

        A client that asks again at once finds the worker free, although its timer was early. That of a client
        which has gone goes on working.
        """
        if 0 < turn.finish_s - now_s <= EARLY_S:
            self.extend(turn, now_s - turn.start_s)

    def resize(self, concurrency: int, queue: int) -> None:
        """Go on with another size. Turns that were given stay; workers too many leave when they are done."""
        self.concurrency, self.queue = concurrency, queue
        while len(self._free_at) > concurrency:
            heappop(self._free_at)

    def load(self, now_s: float) -> tuple[int, int]:
        """How many requests are worked on, and how many wait."""
        free_at, starts = self._free_at, self._starts
        while free_at and free_at[0] <= now_s:
            heappop(free_at)
        while starts and starts[0] <= now_s:
            starts.popleft()
        return len(free_at), len(starts)


Name = tuple[str, str]
"""Whose a station is: ("capacity", name) for a shared one, ("endpoint", name) for an endpoint's own."""


class Stations:
    """The stations of a server: one for each capacity in each space, made when it is first needed.

    They outlive a change of the config, as what is under way does.
    `now` gives unix seconds.
    """

    __slots__ = ("_known", "now")

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._known: dict[tuple[str, Name], Station] = {}

    def at(self, space: str, name: Name, concurrency: int, queue: int) -> Station:
        """The station of a capacity in a space."""
        station = self._known.get((space, name))
        if station is None:
            if len(self._known) >= MAX_STATIONS:
                self._shrink()
            station = self._known[space, name] = Station(concurrency, queue)
        elif (station.concurrency, station.queue) != (concurrency, queue):
            station.resize(concurrency, queue)
        return station

    def reset(self, space: str) -> None:
        """Forget what is under way in a space."""
        self._known = {key: station for key, station in self._known.items() if key[0] != space}

    def as_json(self) -> list[dict[str, Any]]:
        """How full each of them is."""
        now_s = self.now()
        loads = [(key, station, station.load(now_s)) for key, station in self._known.items()]
        return [
            {
                kind: name,
                "space": space,
                "working": working,
                "concurrency": station.concurrency,
                "waiting": waiting,
                "queue": station.queue,
            }
            for (space, (kind, name)), station, (working, waiting) in loads
        ]

    def _shrink(self) -> None:
        """Forget those that are idle, as they are like new ones; and if none is, the one made first."""
        now_s = self.now()
        busy = {key: station for key, station in self._known.items() if station.load(now_s) != (0, 0)}
        if len(busy) >= MAX_STATIONS:
            del busy[next(iter(busy))]
        self._known = busy
