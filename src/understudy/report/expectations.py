"""What is expected of a client, held against what it did: one row of the TABLE for each key of `expect`.

An expectation that nothing has put to the test is not met: the report says that it could not be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from understudy.model.report import Expect
from understudy.report.attempt import milliseconds
from understudy.report.clients import Client
from understudy.report.finding import ERROR, WARNING, Finding
from understudy.report.operations import SUCCEEDED
from understudy.report.unsafe import unsafe_retries

MET = "met"
UNMET = "unmet"
NOT_JUDGED = "not judged"


class Judgement(NamedTuple):
    """One expectation of one client: `met`, `unmet` or `not judged`, and why."""

    key: str
    expected: Any
    client: str
    result: str
    message: str
    evidence: tuple[int, ...] = ()

    @property
    def finding(self) -> Finding | None:
        """An error if it is not met, a warning if it could not be judged."""
        if self.result == MET:
            return None
        advice = (
            "Let more requests fail while the client runs: with `failure_rate`, `responses` or `latency_ms`."
            if self.result == NOT_JUDGED
            else f"Change the client, or `expect.{self.key}` if this is what it should do."
        )
        return Finding(
            f"expect-{self.key.replace('_', '-')}",
            WARNING if self.result == NOT_JUDGED else ERROR,
            self.client,
            self.message,
            advice,
            evidence=self.evidence,
            facts={"expected": self.expected, "result": self.result},
        )

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "expect": self.key,
            "expected": self.expected,
            "client": self.client,
            "result": self.result,
            "message": self.message,
        }


Answer = tuple[bool | None, str, Sequence[int]]
"""Whether it is met (None: nothing has shown it), what was seen, and ids of the log that show it."""


def hold(expect: Expect, clients: Sequence[Client]) -> list[Judgement]:
    """Each expectation that is written, for each client."""
    judgements = []
    for key, check in EXPECTATIONS.items():
        expected = getattr(expect, key)
        if expected is UNSET:
            continue
        shown = list(expected) if isinstance(expected, tuple) else expected
        if not clients:
            message = f"{key} {_show(shown)} could not be judged: no client has sent a request"
            judgements.append(Judgement(key, shown, "", NOT_JUDGED, message))
        for client in clients:
            met, seen, evidence = check(client, expected)
            result = NOT_JUDGED if met is None else MET if met else UNMET
            written = f"{key} {_show(shown)}"
            message = (
                f"{written} could not be judged: {seen}"
                if met is None
                else f"{written}, as expected: {seen}"
                if met
                else f"expected {written}, but: {seen}"
            )
            judgements.append(Judgement(key, shown, client.label, result, message, tuple(evidence)))
    return judgements


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


NOTHING_FAILED = "nothing failed, so there was nothing to try again"


def _retries(client: Client, expected: bool) -> Answer:
    failed = client.failed
    if not failed:
        return None, NOTHING_FAILED, ()
    tried = [operation for operation in failed if len(operation.attempts) > 1]
    if expected:
        once = [operation for operation in failed if len(operation.attempts) == 1]
        seen = f"{len(tried)} of {len(failed)} operations that met a failure were tried again"
        return not once, seen, [number for operation in once for number in operation.ids]
    return (
        not tried,
        f"{len(tried)} of {len(failed)} operations that met a failure were tried again",
        [number for operation in tried for number in operation.ids],
    )


def _succeeds(client: Client, expected: bool) -> Answer:
    lost = [operation for operation in client.operations if operation.end != SUCCEEDED]
    seen = f"{len(client.operations) - len(lost)} of {len(client.operations)} operations succeeded in the end"
    return (not lost) is expected, seen, [number for operation in lost for number in operation.ids]


def _max_attempts(client: Client, expected: int) -> Answer:
    most = client.max_attempts
    over = [operation for operation in client.operations if len(operation.attempts) > expected]
    seen = f"at most {most} attempts at one operation"
    if over:
        return False, seen, over[0].ids
    return (True, seen, ()) if client.failed else (None, NOTHING_FAILED, ())


def _max_amplification(client: Client, expected: float) -> Answer:
    seen = f"{client.amplification:.2f} requests per operation"
    if client.amplification > expected:
        return False, seen, ()
    return (True, seen, ()) if client.failed else (None, NOTHING_FAILED, ())


def _backoff(client: Client, expected: str) -> Answer:
    found = client.backoff
    ids = [after.id for _, _, _, after in client.retries]
    if found.kind == "unknown" and expected not in found.also:
        excluded = bool(found.also)
        return (False if excluded else None), found.reason, ids
    if found.kind == "unknown":
        return None, found.reason, ids
    return expected == found.kind or expected in found.also, found.reason, ids


def _jitter(client: Client, expected: bool) -> Answer:
    found = client.backoff
    if found.jitter is None:
        return None, f"{found.reason}; too few waits to tell jitter from chance", ()
    return found.jitter is expected, found.reason, ()


def _honors_retry_after(client: Client, expected: bool) -> Answer:
    honors = client.honors_retry_after
    if honors is None:
        return None, "no retry came after a reply with Retry-After", ()
    early = [wait for wait in client.waits if wait.early_s and wait.header == "Retry-After"]
    seen = (
        f"asked again up to {milliseconds(max(wait.early_s for wait in early))} too early"
        if early
        else "each retry waited as long as it was asked to"
    )
    return honors is expected, seen, [number for wait in early for number in (wait.before.id, wait.after.id)]


def _idempotency_keys(client: Client, expected: bool) -> Answer:
    retried = [
        operation
        for operation in client.operations
        if operation.method in ("POST", "PATCH") and len(operation.attempts) > 1
    ]
    if not retried:
        return None, "no POST or PATCH was sent again", ()
    unsafe = [operation for operation, _ in unsafe_retries(client)]
    seen = f"{len(unsafe)} of {len(retried)} operations were sent again without a key"
    return (not unsafe) is expected, seen, [number for operation in unsafe for number in operation.ids]


def _timeout_s(client: Client, expected: tuple[float, float]) -> Answer:
    low, high = expected
    timeout = client.timeout
    ids = [attempt.id for attempt in timeout.given_up]
    if timeout.longest_wait_s > high:
        return False, f"it waited {milliseconds(timeout.longest_wait_s)} for a reply", ids
    if not timeout.given_up:
        return None, "it never gave up, and no reply took long enough to show a time-out", ()
    times = [attempt.entry.duration_s for attempt in timeout.given_up]
    seen = f"it gave up after {milliseconds(min(times))}"
    if max(times) > min(times) * 1.05:
        seen += f" to {milliseconds(max(times))}"
    return low <= min(times) and max(times) <= high, seen, ids


def _breaker(client: Client, expected: bool) -> Answer:
    found = client.breaker_seen
    if found.is_there is None:
        seen = (
            "one pause after failures, which may be chance: let the probe fail as well"
            if found.possible
            else f"at most {found.longest_run} failures on end, too few to tell"
        )
        return None, seen, ()
    seen = (
        f"it opened after {found.threshold} failures for {milliseconds(found.open_s or 0)}"
        if found.is_there
        else f"{found.longest_run} failures on end without a pause"
    )
    return found.is_there is expected, seen, found.run


def _max_in_flight(client: Client, expected: int) -> Answer:
    most = client.connections.most_in_flight
    return most <= expected, f"at most {most} requests at the same time", ()


EXPECTATIONS: dict[str, Callable[[Client, Any], Answer]] = {
    "retries": _retries,
    "succeeds": _succeeds,
    "max_attempts": _max_attempts,
    "max_amplification": _max_amplification,
    "backoff": _backoff,
    "jitter": _jitter,
    "honors_retry_after": _honors_retry_after,
    "idempotency_keys": _idempotency_keys,
    "timeout_s": _timeout_s,
    "breaker": _breaker,
    "max_in_flight": _max_in_flight,
}
