"""Circuit breakers, and their absence."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.report.attempt import milliseconds
from understudy.report.backoff import GROWING
from understudy.report.checks import INFO, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding


def judge(client: Client) -> Iterator[Finding]:
    """`breaker` and `no-breaker`."""
    found = client.breaker_seen
    if found.is_there:
        yield finding(
            "breaker",
            INFO,
            client.label,
            f"stopped asking after {found.threshold} failures on end, for {milliseconds(found.open_s or 0)}"
            f" each time, and probed {len(found.probes)} times.",
            evidence=sorted(found.probes),
            facts=found.as_json(),
        )
    elif found.is_there is False:
        grows = client.backoff.kind in GROWING
        yield finding(
            "no-breaker",
            INFO if grows else WARNING,
            client.label,
            f"asked on through {found.longest_run} failures on end.",
            evidence=found.run,
            facts=found.as_json(),
        )
