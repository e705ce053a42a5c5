"""What each client was seen to do: the facts that judges and expectations go by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from understudy.model.report import ReportSettings
from understudy.report.attempt import GIVEN_UP, Attempt, Signature
from understudy.report.backoff import CONSTANT, UNKNOWN, Backoff, Gap, classify
from understudy.report.breaker import Breaker, find_breaker
from understudy.report.connections import Connections, count_connections
from understudy.report.operations import ABANDONED, SUCCEEDED, Operation
from understudy.report.timeout import Timeout, fit_timeout

EARLY_S = 0.01
EARLY_SHARE = 0.02
"""A wait that is shorter than asked for by no more than this is the clocks' doing."""
FEWEST_PAUSES = 3
SAME_PACE_S = 0.01
SAME_PACE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Wait:
    """What became of one wait that a reply asked for: how long it was, and how long the client did wait."""

    operation: Operation
    before: Attempt
    after: Attempt
    asked_s: float
    waited_s: float

    @property
    def header(self) -> str:
        """The header that asked."""
        assert self.before.hint is not None, "somebody asked"
        return self.before.hint.header

    @property
    def early_s(self) -> float:
        """How much too early the client asked again; 0 if it did not."""
        assert self.before.hint is not None, "somebody asked"
        allowed = EARLY_S + EARLY_SHARE * self.asked_s + self.before.hint.tolerance_s
        missing = self.asked_s - self.waited_s
        return missing if missing > allowed else 0.0


class Client:
    """One client: its attempts, its operations, and what can be read from them, worked out when asked for."""

    def __init__(
        self,
        label: str,
        attempts: Sequence[Attempt],
        operations: Sequence[Operation],
        settings: ReportSettings,
    ) -> None:
        self.label = label
        self.attempts = attempts
        self.operations = operations
        self.settings = settings

    @property
    def requests(self) -> int:
        """How many requests it has sent."""
        return len(self.attempts)

    @property
    def amplification(self) -> float:
        """Requests per operation, on average."""
        return len(self.attempts) / len(self.operations)

    @property
    def max_attempts(self) -> int:
        """The most attempts at one operation."""
        return max(len(operation.attempts) for operation in self.operations)

    @cached_property
    def gave_up_after(self) -> int | None:
        """After how many attempts it stops trying, if it always was the same number; None if not seen."""
        counts = {
            len(operation.attempts)
            for operation in self.operations
            if operation.end == ABANDONED and not operation.ambiguous
        }
        return counts.pop() if len(counts) == 1 else None

    @property
    def failed(self) -> list[Operation]:
        """The operations in which an attempt failed in a way that may pass."""
        return [operation for operation in self.operations if operation.failed]

    @cached_property
    def retries(self) -> list[tuple[Operation, int, Attempt, Attempt]]:
        """All retries: operation, number from 1, the attempt before, the retry."""
        return [
            (operation, number, before, after)
            for operation in self.operations
            for number, before, after in operation.retries
        ]

    @cached_property
    def waits(self) -> list[Wait]:
        """What became of the waits that replies asked for, where there was a retry."""
        return [
            Wait(operation, before, after, before.hint.wait_s, max(0.0, after.at - before.ends_at))
            for operation, _, before, after in self.retries
            if before.hint is not None and before.hint.wait_s > 0
        ]

    @cached_property
    def pace_s(self) -> float | None:
        """The usual pause before it asks again for what it has got; None if it hardly ever does."""
        last: dict[Signature, Operation] = {}
        pauses = []
        for operation in self.operations:
            before = last.get(operation.signature)
            if before is not None and before.end == SUCCEEDED:
                pauses.append(max(0.0, operation.attempts[0].at - before.last.ends_at))
            last[operation.signature] = operation
        return median(pauses) if len(pauses) >= FEWEST_PAUSES else None

    @property
    def polls(self) -> bool:
        """Whether it asks after failures as often as after successes, so that its waits are no back-off."""
        gaps = [gap.gap_s for gap in self._gaps(ambiguous=False)]
        if self.pace_s is None or not gaps or self.backoff.kind not in (CONSTANT, UNKNOWN):
            return False
        return abs(median(gaps) - self.pace_s) <= SAME_PACE_S + SAME_PACE_SHARE * self.pace_s

    @property
    def honors_retry_after(self) -> bool | None:
        """Whether it waited as long as `Retry-After` asked, each time; None if there was no such wait."""
        return self._honors(limits=False)

    @property
    def honors_rate_limit_reset(self) -> bool | None:
        """The same for the headers of rate limiters."""
        return self._honors(limits=True)

    def _honors(self, *, limits: bool) -> bool | None:
        waits = [wait for wait in self.waits if (wait.header != "Retry-After") is limits]
        certain = [wait for wait in waits if not wait.operation.ambiguous] or waits
        return all(wait.early_s == 0 for wait in certain) if certain else None

    @property
    def breaker(self) -> bool | None:
        """Whether it has a circuit breaker; None if that cannot be told."""
        return self.breaker_seen.is_there

    @cached_property
    def breaker_seen(self) -> Breaker:
        """Its circuit breaker, as far as one was seen."""
        return find_breaker(self.attempts, self.settings.breaker_after)

    @cached_property
    def backoff(self) -> Backoff:
        """How it waits between attempts."""
        certain = list(self._gaps(ambiguous=False))
        guessed = list(self._gaps(ambiguous=True))
        if not certain and not guessed and self.waits:
            return Backoff(UNKNOWN, "every wait was one that the reply had asked for")
        found = classify(certain)
        if found.kind != UNKNOWN or not guessed:
            return found
        return classify(certain + guessed)._replace(ambiguous=True)

    def _gaps(self, *, ambiguous: bool) -> Iterator[Gap]:
        """The waits of its own choice: not those that a reply asked for, nor those of an open breaker."""
        for operation, number, before, after in self.retries:
            gap_s = max(0.0, after.at - before.ends_at) + self.timeout.hidden_s.get(before.id, 0.0)
            if operation.ambiguous is not ambiguous or after.id in self.breaker_seen.probes:
                continue
            hint = before.hint
            if (
                hint is not None
                and gap_s >= hint.wait_s - EARLY_S - EARLY_SHARE * hint.wait_s - hint.tolerance_s
            ):
                continue
            yield Gap(number, gap_s)

    @cached_property
    def timeout(self) -> Timeout:
        """How long it waits for a reply."""
        losers = {
            attempt.id
            for operation in self.operations
            if operation.hedges
            for attempt in operation.attempts
            if attempt.result == GIVEN_UP
        }
        retried = {before.id: after.at - before.ends_at for _, _, before, after in self.retries}
        return fit_timeout([attempt for attempt in self.attempts if attempt.id not in losers], retried)

    @cached_property
    def connections(self) -> Connections:
        """How it uses connections, and how many requests it has in flight."""
        return count_connections(self.attempts)

    @property
    def timeout_s(self) -> float | None:
        """How long it waits for a reply, if it gave up after the same time each time."""
        return self.timeout.timeout_s

    @property
    def hedges(self) -> int:
        """Requests that were sent while another for the same thing was pending."""
        return sum(operation.hedges for operation in self.operations)

    def as_json(self) -> dict[str, Any]:
        """Its facts, for the report."""
        return {
            "client": self.label,
            "requests": self.requests,
            "operations": len(self.operations),
            "failed_operations": len(self.failed),
            "ambiguous_operations": sum(operation.ambiguous for operation in self.operations),
            "amplification": round(self.amplification, 2),
            "max_attempts": self.max_attempts,
            "gave_up_after": self.gave_up_after,
            "polls": self.polls,
            "backoff": self.backoff.as_json(),
            "honors_retry_after": self.honors_retry_after,
            "honors_rate_limit_reset": self.honors_rate_limit_reset,
            "timeout": self.timeout.as_json(),
            "breaker": self.breaker,
            "breaker_details": self.breaker_seen.as_json(),
            "connections": self.connections.as_json(),
            "hedged_requests": self.hedges,
        }


def clients_of(
    attempts: Sequence[Attempt], operations: Sequence[Operation], settings: ReportSettings
) -> dict[str, Client]:
    """The clients by label, in the order in which they first asked."""
    by_label: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_label.setdefault(attempt.asked.signature.client, []).append(attempt)
    own: defaultdict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        own[operation.client].append(operation)
    return {label: Client(label, members, own[label], settings) for label, members in by_label.items()}
