"""Client: how exactly a simulated latency is kept with many requests in flight.

Every connection sends once per period, and the sends of all connections are spread evenly over the period,
so that replies come one by one and the client does not queue its own readings. With a latency of 100 ms, a
period of 120 ms and 1,200 connections, 1,000 requests are in flight throughout. The first cycle is not
counted. A reading is the time from just before `send` to just after the `recv` that completed the reply, so
whatever the client itself is late counts against the server.

Against an endpoint without latency the same schedule gives the same traffic, and its round trips are the
floor: loopback, client and server without the timer.
Run as `python -m bench.precision PORT PATH CONNECTIONS CYCLES PERIOD_MS`; prints one line of JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import dataclass
from heapq import heappop, heappush
from time import perf_counter
from typing import Any

from bench.machine import raise_open_files
from bench.sockets import Reply, open_all, request, watch
from bench.stats import percentile


@dataclass(frozen=True)
class Plan:
    """What one measurement does."""

    port: int
    path: str
    connections: int
    cycles: int
    period_s: float


class Flight:
    """All connections of one measurement and what they have seen so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.message = request(plan.port, plan.path)
        self.sockets = {
            connection.fileno(): connection for connection in open_all(plan.port, plan.connections)
        }
        self.poll = watch(list(self.sockets.values()))
        self.replies = {fd: Reply() for fd in self.sockets}
        self.slot: dict[int, float] = {}  # when each connection's present turn is
        self.begun = dict.fromkeys(self.sockets, 0.0)
        self.left = dict.fromkeys(self.sockets, plan.cycles + 1)
        self.due: list[tuple[float, int]] = []  # a heap of the sends to come
        self.trips: list[float] = []
        self.wrong = 0

    def run(self) -> None:
        """Fly until every connection has had its cycles."""
        start, gap = perf_counter(), self.plan.period_s / self.plan.connections
        self.due = [(start + place * gap, fd) for place, fd in enumerate(self.sockets)]
        self.slot = {fd: moment for moment, fd in self.due}
        give_up = start + 10 + (self.plan.cycles + 1) * (self.plan.period_s + 1)
        while self.left and perf_counter() < give_up:
            while self.due and self.due[0][0] <= perf_counter():
                self.send(heappop(self.due)[1])
            for fd, _ in self.poll.poll(self.patience_s(), self.plan.connections):
                self.receive(fd)
        self.wrong += len(self.left)

    def patience_s(self) -> float:
        """How long to sleep: not at all when a send is due within the millisecond that epoll counts in."""
        if not self.due:
            return 1.0
        wait = self.due[0][0] - perf_counter()
        return 0.0 if wait < 0.0015 else min(wait - 0.001, 1.0)

    def send(self, fd: int) -> None:
        self.begun[fd] = perf_counter()
        self.sockets[fd].send(self.message)

    def receive(self, fd: int) -> None:
        data = self.sockets[fd].recv(65536)
        now = perf_counter()
        if not data:
            self.poll.unregister(fd)
            self.wrong += 1
            self.left.pop(fd, None)
        elif self.replies[fd].feed(data):
            self.finish(fd, now)

    def finish(self, fd: int, now: float) -> None:
        if self.left[fd] <= self.plan.cycles:
            self.trips.append(now - self.begun[fd])
        self.wrong += not self.replies[fd].ok
        self.replies[fd] = Reply()
        self.left[fd] -= 1
        if not self.left[fd]:
            del self.left[fd]
        else:
            self.slot[fd] += self.plan.period_s
            heappush(self.due, (self.slot[fd], fd))


def measure(plan: Plan) -> dict[str, Any]:
    """Keep the requests in flight and report round trips in milliseconds."""
    flight = Flight(plan)
    time.sleep(1.0)
    gc.disable()
    flight.run()
    return {"wrong": flight.wrong, "trips_ms": [round(trip * 1000, 3) for trip in flight.trips]}


def summarise(trips_ms: list[float], expected_ms: float) -> dict[str, float]:
    """Signed and absolute distances from the latency that was asked for."""
    errors = [trip - expected_ms for trip in trips_ms]
    distances = [abs(error) for error in errors]
    return {
        "median_ms": percentile(distances, 50),
        "p99_ms": percentile(distances, 99),
        "worst_ms": max(distances),
        "earliest_ms": min(errors),
    }


if __name__ == "__main__":
    raise_open_files()
    count, cycles, period_ms = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    print(json.dumps(measure(Plan(int(sys.argv[1]), sys.argv[2], count, cycles, period_ms / 1000))))
