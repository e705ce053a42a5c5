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
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from statistics import median

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
MAX_COMPARED = 64
"""Operations, the newest, that are looked at for the one that an attempt goes on with."""
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
    """The operations with one signature, while their attempts are gone through in order.

    `sticky`: the client uses its connections again. `openers` are ids of the attempts that opened one.
    """

    gap_s: float
    sticky: bool
    openers: set[int]
    done: list[Operation] = field(default_factory=list)
    pending: list[tuple[float, int, Operation]] = field(default_factory=list)  # heap, by the end of the last
    waiting: dict[int, Operation] = field(
        default_factory=dict
    )  # by id(), the one that has waited longest first
    won: deque[Operation] = field(default_factory=lambda: deque(maxlen=8))

    def take(self, attempt: Attempt) -> None:
        """The next attempt: it goes on with an operation, or begins one."""
        self.settle(attempt.at)
        operation = self._continued(attempt)
        if operation is None:
            operation = Operation(attempt.asked.signature, [attempt])
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
                self.waiting[id(operation)] = operation

    def _continued(self, attempt: Attempt) -> Operation | None:
        """The operation that an attempt goes on with."""
        while self.waiting:
            oldest = next(iter(self.waiting.values()))
            if self._goes_on(oldest, attempt):
                break
            del self.waiting[id(oldest)]
        newest = islice(reversed(self.waiting.values()), MAX_COMPARED)
        candidates = [one for one in newest if self._goes_on(one, attempt)]
        number = attempt.asked.number
        if number is not None:
            candidates = [one for one in candidates if len(one.attempts) + 1 == number]
        if not candidates:
            return None
        connection = attempt.entry.connection
        chosen = next((one for one in candidates if one.last.entry.connection == connection), None)
        if chosen is None:
            # A client that uses its connections again has opened a new one although an old one is idle: this
            # is another session or thread, and not the one that is waiting.
            if (
                self.sticky
                and attempt.id in self.openers
                and all(is_reusable(one.last) for one in candidates)
            ):
                return None
            chosen = candidates[0] if number is not None else oldest
        began = chosen.attempts[0].at
        for one in candidates:
            if one is chosen:
                continue
            if one.last.ends_at <= began:  # its client had stopped before this operation began
                self.waiting.pop(id(one), None)
            else:
                one.ambiguous = chosen.ambiguous = True
        del self.waiting[id(chosen)]
        return chosen

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
    openers, sticky = _connections(attempts)
    for attempt in attempts:
        asked = attempt.asked
        client = asked.signature.client
        ids = tuple(value for name, value in asked.correlation if (client, name) in stable)
        groups[(asked.signature, ids)].append(attempt)
    found: list[Operation] = []
    for (_, ids), members in groups.items():
        group = _Group(settings.operation_gap_s, members[0].asked.signature.client in sticky, openers)
        for attempt in members:
            group.take(attempt)
        group.settle(float("inf"))
        if ids or members[0].asked.signature.key:
            _merge_overlapping(group.done)
        for operation in group.done:
            if operation.merged is None:
                found += _split(operation)
    found.sort(key=lambda operation: (operation.attempts[0].at, operation.attempts[0].id))
    for number, operation in enumerate(found, 1):
        operation.number = number
    return found


def merge(kept: Operation, other: Operation) -> None:
    """Make one operation of two that ran beside each other."""
    kept.attempts = sorted([*kept.attempts, *other.attempts], key=lambda attempt: (attempt.at, attempt.id))
    kept.hedges += other.hedges + 1
    kept.ambiguous |= other.ambiguous
    other.merged = kept


def is_hedge(before: Attempt, after: Attempt) -> bool:
    """Whether an attempt was sent although the one before it was still wanted.

    Who gives up and tries again leaves before the new attempt is answered; who hedges leaves because it is.
    """
    overlap_s = before.ends_at - after.at
    if before.result == GIVEN_UP and before.ends_at >= after.ends_at:
        return overlap_s > SENT_TOLERANCE_S
    return overlap_s >= tolerance_s(before)


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


def _connections(attempts: Iterable[Attempt]) -> tuple[set[int], set[str]]:
    """The ids of attempts that opened a connection, and the clients that use theirs again."""
    openers: set[int] = set()
    opened: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    known: set[int] = set()
    for attempt in attempts:
        client = attempt.asked.signature.client
        sent[client] += 1
        if attempt.entry.connection not in known:
            known.add(attempt.entry.connection)
            openers.add(attempt.id)
            opened[client] += 1
    return openers, {client for client, count in sent.items() if count >= 2 * opened[client]}


def _merge_overlapping(operations: list[Operation]) -> None:
    """Operations with the same id or key that ran at the same time are one, with hedged attempts."""
    before: Operation | None = None
    for operation in operations:
        if before is not None and operation.attempts[0].at < max(
            attempt.ends_at for attempt in before.attempts[-MAX_COMPARED:]
        ):
            if operation.merged is None:
                merge(before, operation)
        else:
            before = operation


def _split(operation: Operation) -> list[Operation]:
    """Several operations that failed one after the other look like one long one: take them apart again."""
    attempts = operation.attempts
    if operation.ambiguous or operation.hedges or len(attempts) < 3:
        return [operation]
    cuts = _at_periods(attempts)
    if not cuts:
        return [operation]
    # Bursts on connections of their own may as well be one attempt each of several operations, in step.
    connections = {attempt.entry.connection for attempt in attempts}
    burst = attempts[cuts[0] - 1].at - attempts[0].ends_at <= BURST_S * cuts[0]
    guessed = len(connections) == len(attempts) and burst
    bounds = [0, *cuts, len(attempts)]
    return [Operation(operation.signature, attempts[start:end], guessed) for start, end in pairwise(bounds)]


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
