"""What a client tries again: what may take effect twice, what cannot change; and what it gives up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from understudy.report.attempt import GIVEN_UP, PERMANENT, Attempt
from understudy.report.checks import ERROR, INFO, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.operations import Operation
from understudy.report.unsafe import UNSAFE, may_have_worked, unsafe_retries

MAY_CHANGE = frozenset({404, 409, 423})
"""Statuses that stay, unless somebody else does something: clients wait for that by asking again."""
CREDENTIALS = frozenset({401, 403, 407})
"""Statuses that other credentials may change."""


def judge(client: Client) -> Iterator[Finding]:
    """`unsafe-retry`, `useless-retry` and `not-retried`."""
    yield from _unsafe(client)
    yield from _useless(client)
    yield from _not_retried(client)


def _unsafe(client: Client) -> Iterator[Finding]:
    found = list(unsafe_retries(client))
    certain = [one for one in found if not one[0].ambiguous]
    for operations, guessed in ((certain, False), ([one for one in found if one[0].ambiguous], True)):
        harmful = [one for one in operations if any(map(may_have_worked, one[1]))]
        shown = harmful or operations
        if not shown:
            continue
        operation, failed = shown[0]
        first = next(filter(may_have_worked, failed), failed[0]) if harmful else failed[0]
        after = f"status {first.shown}" if first.shown.isdigit() else f"an attempt that it {first.shown}"
        if first.result == "broken":
            after = "a lost reply"
        doubt = ", so that it may take effect twice" if harmful else ""
        yield finding(
            "unsafe-retry",
            ERROR if harmful else WARNING,
            client.label,
            f"sent {operation.method} again without an Idempotency-Key after {after}{doubt}"
            f" ({_times(len(shown))}).",
            operation=operation.label,
            evidence=[number for one, _ in shown for number in one.ids],
            ambiguous=guessed,
            facts={
                "operations": len(shown),
                "after": sorted({one.shown for _, many in shown for one in many}),
            },
        )


def _useless(client: Client) -> Iterator[Finding]:
    again: list[tuple[Operation, Attempt]] = []
    for operation in client.operations:
        for _, before, after in operation.retries:
            if before.result != PERMANENT:
                continue
            if before.status in CREDENTIALS and before.asked.credentials != after.asked.credentials:
                continue
            again.append((operation, before))
    for may_change in (False, True):
        found = [one for one in again if (one[1].status in MAY_CHANGE) is may_change]
        if not found:
            continue
        statuses = Counter(attempt.status for _, attempt in found)
        listed = ", ".join(f"{status} ({_times(count)})" for status, count in statuses.most_common())
        yield finding(
            "useless-retry",
            INFO if may_change else WARNING,
            client.label,
            f"sent the same request again after {listed}.",
            operation=found[0][0].label,
            evidence=[attempt.id for _, attempt in found],
            ambiguous=all(operation.ambiguous for operation, _ in found),
            facts={"statuses": {str(status): count for status, count in statuses.items()}},
        )


def _not_retried(client: Client) -> Iterator[Finding]:
    once = [
        operation
        for operation in client.operations
        if len(operation.attempts) == 1
        and operation.last.may_pass
        and (operation.method not in UNSAFE or operation.signature.key)
    ]
    if not once:
        return
    retries_others = bool(client.retries)
    shown = _shown([operation.last for operation in once])
    yield finding(
        "not-retried",
        INFO if retries_others or client.breaker else WARNING,
        client.label,
        f"did not try again after {shown}, though a retry might have helped"
        f" ({len(once)} of {len(client.failed)} operations with failures).",
        operation=once[0].label,
        evidence=[operation.last.id for operation in once],
        ambiguous=all(operation.ambiguous for operation in once),
        facts={"operations": len(once), "failed_operations": len(client.failed)},
    )


def _shown(attempts: Sequence[Attempt]) -> str:
    words = Counter(
        "a time-out"
        if attempt.result == GIVEN_UP
        else "a lost reply"
        if attempt.status is None
        else str(attempt.status)
        for attempt in attempts
    )
    return ", ".join(word for word, _ in words.most_common())


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
