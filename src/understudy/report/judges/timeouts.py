"""How long a client waits for replies."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.report.attempt import GIVEN_UP, milliseconds
from understudy.report.checks import INFO, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.operations import SUCCEEDED


def judge(client: Client) -> Iterator[Finding]:
    """`timeout`, `timeout-too-short` and `no-timeout`."""
    timeout = client.timeout
    if timeout.given_up:
        times = [attempt.entry.duration_s for attempt in timeout.given_up]
        count = len(times)
        if timeout.consistent is False:
            text = f"gave up waiting after {milliseconds(min(times))} to {milliseconds(max(times))},"
            text += f" {count} times: no one time-out fits."
        else:
            text = f"gave up waiting after {milliseconds(timeout.timeout_s or 0)}"
            text += f", {count} times." if count > 1 else ", once."
        yield finding(
            "timeout",
            INFO,
            client.label,
            text,
            evidence=[attempt.id for attempt in timeout.given_up],
            facts=timeout.as_json(),
        )
    yield from _too_short(client)
    yield from _missing(client)


def _too_short(client: Client) -> Iterator[Finding]:
    slow_s = client.settings.slow_s
    hopeless = [
        operation
        for operation in client.operations
        if len(operation.attempts) > 1
        and operation.end != SUCCEEDED
        and not operation.ambiguous
        and all(
            attempt.result == GIVEN_UP and attempt.entry.duration_s < attempt.entry.plan.latency_s <= slow_s
            for attempt in operation.attempts
        )
    ]
    if not hopeless:
        return
    worst = hopeless[0]
    longest_s = max(attempt.entry.duration_s for attempt in worst.attempts)
    latency_s = min(attempt.entry.plan.latency_s for attempt in worst.attempts)
    yield finding(
        "timeout-too-short",
        WARNING,
        client.label,
        f"gave up each of {len(worst.attempts)} attempts after at most {milliseconds(longest_s)}, though the"
        f" endpoint takes {milliseconds(latency_s)}: no retry could succeed.",
        operation=worst.label,
        evidence=[number for operation in hopeless for number in operation.ids],
        facts={
            "waited_ms": round(longest_s * 1000, 1),
            "latency_ms": round(latency_s * 1000, 1),
            "operations": len(hopeless),
        },
    )


def _missing(client: Client) -> Iterator[Finding]:
    slow_s = client.settings.slow_s
    waited = [
        attempt
        for attempt in client.attempts
        if attempt.result != GIVEN_UP and attempt.entry.duration_s > slow_s
    ]
    if waited:
        worst = max(waited, key=lambda attempt: attempt.entry.duration_s)
        yield finding(
            "no-timeout",
            WARNING,
            client.label,
            f"waited {milliseconds(worst.entry.duration_s)} for a reply"
            + (
                f", and {len(waited) - 1} times more than {milliseconds(slow_s)}." if len(waited) > 1 else "."
            ),
            operation=worst.asked.signature.label,
            evidence=[attempt.id for attempt in waited],
            facts={"waited_ms": round(worst.entry.duration_s * 1000, 1), "attempts": len(waited)},
        )
