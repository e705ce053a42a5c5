"""How often a client tries: endless loops and retry storms."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from understudy.report.attempt import milliseconds
from understudy.report.checks import ERROR, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.operations import SUCCEEDED


def judge(client: Client) -> Iterator[Finding]:
    """`no-limit` and `retry-storm`."""
    yield from _endless(client)
    most = client.settings.max_amplification
    if client.amplification > most:
        guessed = sum(operation.ambiguous for operation in client.operations) * 2 > len(client.operations)
        yield finding(
            "retry-storm",
            WARNING,
            client.label,
            f"sent {client.requests:,} requests for {len(client.operations):,} operations:"
            f" {client.amplification:.1f} for each.",
            ambiguous=guessed,
            facts={"requests": client.requests, "amplification": round(client.amplification, 2)},
        )


def _endless(client: Client) -> Iterator[Finding]:
    if client.breaker:  # somebody asks again and again, but the breaker holds that back
        return
    limit = client.settings.max_attempts
    long = [operation for operation in client.operations if len(operation.attempts) > limit]
    if not long:
        return
    worst = max(long, key=lambda operation: len(operation.attempts))
    gaps = [max(0.0, after.at - before.ends_at) for _, before, after in worst.retries]
    every = f", one each {milliseconds(median(gaps))}" if gaps else ""
    succeeded = worst.end == SUCCEEDED
    more = f" ({len(long)} operations took more than {limit}.)" if len(long) > 1 else ""
    yield finding(
        "no-limit",
        WARNING if succeeded else ERROR,
        client.label,
        f"made {len(worst.attempts)} attempts{every}{', until one succeeded' if succeeded else ''}.{more}",
        operation=worst.label,
        evidence=worst.ids,
        ambiguous=worst.ambiguous,
        facts={"attempts": len(worst.attempts), "limit": limit, "operations": len(long)},
    )
