"""All checks of the report: what each finds, how severe that is, and what to do about it.

The docs' table is made from this one. A finding says the same with numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from understudy.report.finding import ERROR, INFO, SEVERITIES, WARNING, Finding

GUESSED = " Which requests belong together is a guess here, as several alike were under way at once."


class Check(NamedTuple):
    """`severities` are those it may have, in words; `about` completes "The client …"."""

    severities: str
    about: str
    advice: str


CHECKS: dict[str, Check] = {
    "no-limit": Check(
        "error; warning if it succeeded in the end",
        "tried more than `max_attempts` times (10) to get one thing done",
        "Stop after 3 to 5 attempts, or after a total time, and report the failure.",
    ),
    "retry-storm": Check(
        "warning",
        "sent more than `max_amplification` (4) requests per operation on average",
        "Try again less often, and cap retries with a budget: for instance one retry per ten requests.",
    ),
    "backoff": Check(
        "info",
        "tried again: how long it waited, and how that grew",
        "",
    ),
    "no-backoff": Check(
        "warning",
        "tried again at once, without a wait",
        "Wait before each retry, twice as long each time, with jitter: 100 ms, 200 ms, 400 ms.",
    ),
    "constant-backoff": Check(
        "info",
        "waited equally long before each retry",
        "Wait longer after each failure, so that a server that is down gets time to come back.",
    ),
    "no-jitter": Check(
        "warning",
        "waited exactly as long each time, so that many such clients ask again at the same moment",
        "Add randomness to the waits. Full jitter, a random wait from 0 to the back-off, spreads best.",
    ),
    "retry-after-ignored": Check(
        "error; warning if it waited at least half as long",
        "asked again earlier than `Retry-After` had said",
        "Wait for as long as `Retry-After` says, seconds or a date; give up if that is too long.",
    ),
    "rate-limit-reset-ignored": Check(
        "warning",
        "asked again before the rate limit was reset, as its headers had said",
        "After 429 wait until the reset that `RateLimit` or `X-RateLimit-Reset` names.",
    ),
    "unsafe-retry": Check(
        "error; warning after 425, 429 and 503, with which a server says that it did nothing",
        "sent POST or PATCH again without an `Idempotency-Key`, although the first may have taken effect",
        "Send the same `Idempotency-Key` with each attempt, or do not try such requests again.",
    ),
    "useless-retry": Check(
        "warning; info for 404 and 409, which may change by themselves",
        "tried again after a status that the same request will get again, such as 400",
        "Try again only after 408, 425, 429, 500, 502, 503, 504, and after network errors.",
    ),
    "not-retried": Check(
        "warning; info if it does retry other failures",
        "gave up after one failure that might have passed, of a request that is safe to repeat",
        "Try idempotent requests again after 429, 502, 503, 504, a reset or a time-out.",
    ),
    "timeout": Check("info", "gave up waiting for a reply: after how long", ""),
    "timeout-too-short": Check(
        "warning",
        "gave each attempt up before the endpoint's usual latency was over, so that no retry could succeed",
        "Set the time-out above the latency of the endpoint on a bad day, such as its 99.9th percentile.",
    ),
    "no-timeout": Check(
        "warning",
        "waited longer than `slow_s` (30 s) for a reply",
        "Set a time-out for the whole request, not only for the connection.",
    ),
    "breaker": Check("info", "stopped asking after failures on end, and probed whether it may go on", ""),
    "no-breaker": Check(
        "warning; info if its waits grow",
        "asked on after `breaker_after` (10) failures on end",
        "Open a circuit breaker after some failures on end, and let single requests probe after a while.",
    ),
    "thundering-herd": Check(
        "warning",
        "sent retries of several operations, or together with other clients, at the same moment",
        "Add jitter to the waits, so that those who failed together do not ask again together.",
    ),
    "no-keep-alive": Check(
        "info",
        "opened new connections although an idle one was there",
        "Use one session or pool for all requests: a new connection costs a round trip or more.",
    ),
    "concurrency": Check("info", "had several requests in flight at the same time: how many", ""),
    "hedging": Check(
        "info; warning for POST and PATCH without a key",
        "sent the same request again while the first was pending, and took the reply that came first",
        "Hedge only requests that may be sent twice, and few of them: those slower than the 95th percentile.",
    ),
    "not-there": Check(
        "info",
        "asked for what no endpoint takes; such requests are not judged",
        "Correct the address in the client, or add an endpoint.",
    ),
}


def finding(
    check: str,
    severity: str,
    client: str,
    message: str,
    *,
    operation: str | None = None,
    evidence: Sequence[int] = (),
    ambiguous: bool = False,
    facts: Mapping[str, Any] | None = None,
) -> Finding:
    """A finding of a check in the table. On ambiguous data it is less severe, and says so."""
    known = dict(facts or {})
    if ambiguous:
        severity = INFO if severity == INFO else SEVERITIES[SEVERITIES.index(severity) + 1]
        message += GUESSED
        known["ambiguous"] = True
    return Finding(
        check,
        severity,
        client,
        message,
        CHECKS[check].advice,
        operation,
        tuple(dict.fromkeys(evidence)),
        known,
    )


__all__ = ["CHECKS", "ERROR", "INFO", "WARNING", "Check", "finding"]
