"""Which attempts belong together: all that a client sent to get one thing done.

The log has requests, not intentions, so this is a reading of it. Attempts at one operation come from one
client and are the same request (`attempt.Signature`); an operation goes on until one succeeds, or until the
client stops. Where a client has several operations with the same signature under way at once, what tells
them apart is, in this order: an idempotency key, an id that stays the same over attempts, the number of the
attempt if a header has it, the connection; else the one that has waited longest is taken to go on. Where
others might have been meant, that is a guess, and the operations say that they are `ambiguous`.

Work is bounded: a sort, and a heap of the operations under way.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from statistics import median
from typing import NamedTuple

from understudy.model.report import ReportSettings
from understudy.report.attempt import DOUBTFUL, GIVEN_UP, PERMANENT, SUCCESS, Attempt, Signature

SENT_TOLERANCE_S = 0.005
"""A client may have read a reply, and asked again, so long before its sending was noted."""
CLOSED_TOLERANCE_S = 0.05
"""A client that gives up may ask again on another connection before we see that it has left the first."""
HEDGE_TOLERANCE_S = 0.1
"""The loser of a race is given up so soon after the winner's reply."""
ASKED_AGAIN_S = 5.0
"""After a status that stays, such as 404, the same request later than this is a new wish."""
MAX_MARKED = 64
"""Operations that are told to be ambiguous at once, of those that might have been meant."""
MAX_PERIOD = 20
BURST_S = 0.015

SUCCEEDED = "succeeded"
REFUSED = "refused"
"""It ended with a status that no retry would change."""
ABANDONED = "given up"
"""It ended with a failure that might have passed."""


@dataclass(slots=True, eq=False)
class Operation:
    """Attempts that belong together, in the order in which they began.

    `hedges` counts those that were sent while another was still pending. `ambiguous`: which attempts are its
    own is a guess. `done`: an attempt has succeeded. `merged`: it turned out to be a part of this one.
    """

    signature: Signature
    attempts: list[Attempt]
    ambiguous: bool = False
    hedges: int = 0
    number: int = 0
    merged: Operation | None = None
    done: bool = False

    @property
    def client(self) -> str:
        """The label of the client."""
        return self.signature.client

    @property
    def method(self) -> str:
        """Its method."""
        return self.signature.method

    @property
    def label(self) -> str:
        """What it is called."""
        return self.signature.label

    @property
    def last(self) -> Attempt:
        """The attempt that began last."""
        return self.attempts[-1]

    @property
    def end(self) -> str:
        """How it ended."""
        results = {attempt.result for attempt in self.attempts}
        if results & {SUCCESS, DOUBTFUL}:
            return SUCCEEDED
        return REFUSED if self.last.result == PERMANENT else ABANDONED

    @property
    def failed(self) -> bool:
        """Whether an attempt failed in a way that may pass."""
        return any(attempt.may_pass for attempt in self.attempts)

    @property
    def retries(self) -> Iterator[tuple[int, Attempt, Attempt]]:
        """Each retry: its number from 1, the attempt before it, and the retry. Hedges are none."""
        number = 0
        for before, after in pairwise(self.attempts):
            if not is_hedge(before, after):
                number += 1
                yield number, before, after

    @property
    def ids(self) -> list[int]:
        """The numbers of its entries in the log."""
        return [attempt.id for attempt in self.attempts]


@dataclass(slots=True)
class _Group:
    """The operations with one signature, while their attempts are gone through in order."""

    gap_s: float
    done: list[Operation] = field(default_factory=list)
    pending: list[tuple[float, int, Operation]] = field(default_factory=list)  # heap, by the end of the last
    waiting: dict[int, Operation] = field(default_factory=dict)  # by id(), who has waited longest first
    on: dict[int, Operation] = field(default_factory=dict)  # by connection, the last that waits there
    won: deque[Operation] = field(default_factory=lambda: deque(maxlen=8))
    last_use: dict[int, float] = field(default_factory=dict)  # of each connection

    def take(self, attempt: Attempt) -> None:
        """The next attempt: it goes on with an operation, or begins one."""
        self.settle(attempt.at)
        operation = self._continued(attempt)
        if operation is None:
            is_guess = bool(self.waiting) and attempt.asked.number is None
            operation = Operation(attempt.asked.signature, [attempt], is_guess)
            self.done.append(operation)
        else:
            operation.hedges += is_hedge(operation.last, attempt)
            operation.attempts.append(attempt)
        if attempt.is_success:
            operation.done = True
            self.won.append(operation)
        heapq.heappush(self.pending, (attempt.ends_at - tolerance_s(attempt), attempt.id, operation))

    def settle(self, now: float) -> None:
        """What has ended by now is done, or waits for a retry."""
        while self.pending and self.pending[0][0] <= now:
            _, _, operation = heapq.heappop(self.pending)
            if operation.done or operation.merged is not None:
                continue
            if operation.last.result != GIVEN_UP or not self._lost_race(operation):
                self._wait(operation)

    def _continued(self, attempt: Attempt) -> Operation | None:
        """The operation that an attempt goes on with."""
        while self.waiting:
            oldest = next(iter(self.waiting.values()))
            if self._goes_on(oldest, attempt):
                break
            self._forget(oldest)
        if attempt.asked.number is not None:
            return self._numbered(attempt, attempt.asked.number)
        candidates = [one for one in islice(self.waiting.values(), MAX_MARKED) if self._goes_on(one, attempt)]
        chosen = self.on.get(attempt.entry.connection)
        if chosen is None or not self._goes_on(chosen, attempt):
            chosen = next((one for one in candidates if not self._comes_back(one, attempt)), None)
        for one in candidates:
            if one is not chosen:
                one.ambiguous = True
                if chosen is not None:
                    chosen.ambiguous = True
        if chosen is not None:
            chosen.ambiguous |= chosen.last.result == DOUBTFUL  # it may have been good enough
            self._forget(chosen)
        return chosen

    def _numbered(self, attempt: Attempt, number: int) -> Operation | None:
        """The operation that waits for an attempt with this number."""
        newest = islice(reversed(self.waiting.values()), MAX_MARKED)
        candidates = [
            one for one in newest if len(one.attempts) + 1 == number and self._goes_on(one, attempt)
        ]
        if not candidates:
            return None
        for one in candidates if len(candidates) > 1 else ():
            one.ambiguous = True
        self._forget(candidates[0])
        return candidates[0]

    def _wait(self, operation: Operation) -> None:
        self.waiting[id(operation)] = operation
        self.on[operation.last.entry.connection] = operation

    def _forget(self, operation: Operation) -> None:
        del self.waiting[id(operation)]
        connection = operation.last.entry.connection
        if self.on.get(connection) is operation:
            del self.on[connection]

    def _comes_back(self, operation: Operation, attempt: Attempt) -> bool:
        """Whether an operation goes on later, where it was: its connection is good, and asks again."""
        connection = operation.last.entry.connection
        return (
            connection != attempt.entry.connection
            and is_reusable(operation.last)
            and self.last_use.get(connection, 0.0) > attempt.at
        )

    def _goes_on(self, operation: Operation, attempt: Attempt) -> bool:
        last = operation.last
        pause_s = attempt.at - last.ends_at
        if last.result == PERMANENT and pause_s > ASKED_AGAIN_S:
            return False
        return pause_s <= self.gap_s + (0 if last.hint is None else 1.5 * last.hint.wait_s)

    def _lost_race(self, operation: Operation) -> bool:
        """Whether the attempt was given up because another one, sent beside it, had won."""
        lost = operation.last
        rivals = [
            one
            for one in self.won
            if one is not operation
            and one.merged is None
            and one.last.at < lost.ends_at
            and -CLOSED_TOLERANCE_S <= lost.ends_at - one.last.ends_at <= HEDGE_TOLERANCE_S
        ]
        if not rivals:
            return False
        winner = rivals[-1]
        merge(winner, operation)
        beside = any(one is not winner and not one.done for _, _, one in self.pending[:4])
        winner.ambiguous |= len(rivals) > 1 or beside
        return True


def find_operations(attempts: Sequence[Attempt], settings: ReportSettings) -> list[Operation]:
    """The operations of attempts that are in order of arrival, in the order in which they began."""
    groups: defaultdict[tuple[Signature, tuple[str, ...]], list[Attempt]] = defaultdict(list)
    stable = _stable_ids(attempts)
    uses = _uses(attempts)
    for attempt in attempts:
        asked = attempt.asked
        client = asked.signature.client
        ids = tuple(value for name, value in asked.correlation if (client, name) in stable)
        groups[(asked.signature, ids)].append(attempt)
    found: list[Operation] = []
    for (_, ids), members in groups.items():
        group = _Group(settings.operation_gap_s)
        group.last_use = {one.entry.connection: one.at for one in members}  # in order: the last stays
        for attempt in members:
            group.take(attempt)
        group.settle(float("inf"))
        if ids or members[0].asked.signature.key:
            _merge_overlapping(group.done)
        for operation in group.done:
            if operation.merged is None:
                found += _split(operation, uses)
    found.sort(key=lambda operation: (operation.attempts[0].at, operation.attempts[0].id))
    for number, operation in enumerate(found, 1):
        operation.number = number
    return found


def merge(kept: Operation, other: Operation) -> None:
    """Make one operation of two that ran beside each other."""
    for attempt in other.attempts:
        insort(kept.attempts, attempt, key=lambda one: (one.at, one.id))
    kept.hedges += other.hedges + 1
    kept.ambiguous |= other.ambiguous
    other.merged = kept


def is_hedge(before: Attempt, after: Attempt) -> bool:
    """Whether an attempt was sent although the one before it was still wanted.

    Who gives up and tries again leaves before the new attempt is answered; who hedges leaves because it is.
    """
    if before.result == GIVEN_UP and before.ends_at >= after.ends_at:
        return True
    return after.at <= before.ends_at - tolerance_s(before)


def tolerance_s(attempt: Attempt) -> float:
    """How much earlier than we saw it an attempt may have ended for the client."""
    return CLOSED_TOLERANCE_S if attempt.result == GIVEN_UP else SENT_TOLERANCE_S


def _stable_ids(attempts: Iterable[Attempt]) -> set[tuple[str, str]]:
    """The headers, by client, whose value came again with the same request: they name operations.

    A header that is new each time names attempts, and tells nothing.
    """
    seen: set[tuple[Signature, str, str]] = set()
    stable = set()
    for attempt in attempts:
        signature = attempt.asked.signature
        for name, value in attempt.asked.correlation:
            if (signature, name, value) in seen:
                stable.add((signature.client, name))
            seen.add((signature, name, value))
    return stable


def _merge_overlapping(operations: list[Operation]) -> None:
    """Operations with the same id or key that ran at the same time are one, with hedged attempts."""
    before: Operation | None = None
    for operation in operations:
        if before is not None and operation.attempts[0].at < max(
            attempt.ends_at for attempt in before.attempts[-MAX_MARKED:]
        ):
            if operation.merged is None:
                merge(before, operation)
        else:
            before = operation


class _Use(NamedTuple):
    """The first and the last attempt on a connection, by id."""

    first: int
    last: int


def _uses(attempts: Iterable[Attempt]) -> dict[int, _Use]:
    uses: dict[int, _Use] = {}
    for attempt in attempts:
        known = uses.get(attempt.entry.connection)
        uses[attempt.entry.connection] = _Use(attempt.id if known is None else known.first, attempt.id)
    return uses


def _split(operation: Operation, uses: Mapping[int, _Use]) -> list[Operation]:
    """Several operations that failed one after the other look like one long one: take them apart again."""
    attempts = operation.attempts
    if operation.ambiguous or operation.hedges or len(attempts) < 3:
        return [operation]
    cuts = _at_new_connections(attempts, uses) or _at_periods(attempts)
    if not cuts:
        return [operation]
    # Bursts on connections of their own may as well be one attempt each of several operations, in step.
    connections = {attempt.entry.connection for attempt in attempts}
    burst = attempts[cuts[0] - 1].at - attempts[0].ends_at <= BURST_S * cuts[0]
    guessed = len(connections) == len(attempts) and burst
    bounds = [0, *cuts, len(attempts)]
    return [Operation(operation.signature, attempts[start:end], guessed) for start, end in pairwise(bounds)]


def _at_new_connections(attempts: list[Attempt], uses: Mapping[int, _Use]) -> list[int]:
    """Where a client that retries on the connection it has opened a new one instead, and left the old one.

    That is a new session, and so a new operation. A pool goes from one to another that it has.
    """
    reused, anew = 0, []
    for number, (before, after) in enumerate(pairwise(attempts), 1):
        if before.entry.connection == after.entry.connection:
            reused += 1
        elif (
            is_reusable(before)
            and uses[before.entry.connection].last == before.id
            and uses[after.entry.connection].first == after.id
        ):
            anew.append(number)
    return anew if reused > len(anew) else []


def is_reusable(attempt: Attempt) -> bool:
    """Whether the client might have sent its next request on the same connection."""
    reply = attempt.entry.plan.reply
    if reply is None or attempt.status is None or attempt.asked.wants_close or attempt.result == GIVEN_UP:
        return False
    if attempt.entry.request.version != "1.1":
        return False
    return not any(
        name.lower() == b"connection" and b"close" in value.lower() for name, value in reply.headers
    )


def _at_periods(attempts: list[Attempt]) -> list[int]:
    """Where gaps begin anew: 100, 200, 400, 30, 100, 200, 400 ms are two operations of four attempts."""
    gaps = [max(0.0, after.at - before.ends_at) for before, after in pairwise(attempts)]
    for period in range(2, min(MAX_PERIOD, len(attempts) // 2 + 1) + 1):
        columns = [gaps[place::period] for place in range(period - 1)]
        compared = sum(len(column) - 1 for column in columns)
        if compared < 2 or not all(_agree(column) for column in columns):
            continue
        first, last = median(columns[0]), median(columns[-1])
        boundaries = gaps[period - 1 :: period]
        begins_anew = first <= 0.6 * last - 0.01
        stands_out = all(gap < 0.5 * last - 0.01 or gap > 2.5 * last + 0.03 for gap in boundaries)
        if begins_anew or stands_out:
            return list(range(period, len(attempts), period))
    return []


def _agree(values: list[float]) -> bool:
    middle = median(values)
    return all(abs(value - middle) <= 0.01 + 0.15 * middle for value in values)
