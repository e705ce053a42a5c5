"""Whether a client waits as long as it was asked to (RFC 9110 section 10.2.3; headers of rate limiters)."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.report.attempt import milliseconds
from understudy.report.checks import ERROR, WARNING, finding
from understudy.report.clients import Client, Wait
from understudy.report.finding import Finding


def judge(client: Client) -> Iterator[Finding]:
    """`retry-after-ignored` and `rate-limit-reset-ignored`."""
    plain = [wait for wait in client.waits if wait.header == "Retry-After"]
    limits = [wait for wait in client.waits if wait.header != "Retry-After"]
    for check, waits in (("retry-after-ignored", plain), ("rate-limit-reset-ignored", limits)):
        early = [wait for wait in waits if wait.early_s]
        certain = [wait for wait in early if not wait.operation.ambiguous]
        if early:
            yield _early(client, check, certain or early, len(waits), guessed=not certain)


def _early(client: Client, check: str, early: list[Wait], total: int, *, guessed: bool) -> Finding:
    worst = max(early, key=lambda wait: wait.early_s)
    halfway = all(wait.waited_s >= wait.asked_s / 2 for wait in early)
    is_plain = check == "retry-after-ignored"
    count = f"{len(early)} of {total} times" if total > 1 else "once"
    return finding(
        check,
        ERROR if is_plain and not halfway else WARNING,
        client.label,
        f"asked again after {milliseconds(worst.waited_s)} where {worst.header} said"
        f" {milliseconds(worst.asked_s)}: {milliseconds(worst.early_s)} too early ({count}).",
        operation=worst.operation.label,
        evidence=[number for wait in early for number in (wait.before.id, wait.after.id)],
        ambiguous=guessed,
        facts={
            "header": worst.header,
            "asked_ms": round(worst.asked_s * 1000, 1),
            "waited_ms": round(worst.waited_s * 1000, 1),
            "early_ms": round(worst.early_s * 1000, 1),
            "early": len(early),
            "waits": total,
        },
    )
