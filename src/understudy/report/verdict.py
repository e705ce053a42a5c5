"""The report on the clients: from the entries of a journal to facts, findings and a verdict. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET

from understudy.journal import Entry, status_of
from understudy.match.per import compile_per
from understudy.model.report import Expect, ReportSettings
from understudy.report.attempt import Attempt, by_address_and_agent, read_attempts
from understudy.report.checks import finding
from understudy.report.clients import Client, clients_of
from understudy.report.expectations import NOT_JUDGED, Judgement, hold
from understudy.report.finding import ERROR, INFO, SEVERITIES, WARNING, Finding
from understudy.report.judges import judge_all
from understudy.report.operations import SUCCEEDED, Operation, find_operations
from understudy.request import Request

PASS = "pass"  # noqa: S105 - a verdict
WARN = "warn"
FAIL = "fail"
UNTESTED = "untested"
"""Nothing failed, so that nothing is known of how the client copes."""
MAX_MISSED = 20


@dataclass(frozen=True)
class Missed:
    """Requests that no endpoint took, of one method and target."""

    client: str
    label: str
    count: int
    status: int | None

    @property
    def finding(self) -> Finding:
        """What the report says of it."""
        times = f"{self.count} times " if self.count > 1 else ""
        return finding(
            "not-there",
            INFO,
            self.client,
            f"asked {times}for {self.label}, which no endpoint takes: it got {self.status}.",
            operation=self.label,
            facts={"count": self.count, "status": self.status},
        )

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {"client": self.client, "request": self.label, "count": self.count, "status": self.status}


@dataclass(frozen=True)
class Report:
    """How well clients coped. `findings` come worst first; `operations` and `clients` in order of arrival.

    `missed` are requests that no endpoint took: they are told, and not judged. So is `contract`: what
    `/__contract` says, where a document stands before a real server, and the report is on all requests.
    """

    clients: dict[str, Client]
    operations: list[Operation]
    findings: list[Finding]
    judgements: list[Judgement]
    missed: list[Missed]
    requests: int
    since: float | None
    until: float | None
    settings: ReportSettings
    contract: dict[str, Any] | None = None

    @property
    def verdict(self) -> str:
        """`fail` (there is an error), `warn` (a warning), `untested` (nothing failed) or `pass`."""
        severities = {found.severity for found in self.findings}
        if ERROR in severities:
            return FAIL
        if WARNING in severities:
            return WARN
        return PASS if any(client.failed for client in self.clients.values()) else UNTESTED

    @property
    def summary(self) -> str:
        """The report in a sentence or two."""
        if not self.requests:
            return "No requests: there is nothing to judge."
        failed = [operation for operation in self.operations if operation.failed]
        text = (
            f"{_many(len(self.clients), 'client')} sent {_many(self.requests, 'request')}"
            f" for {_many(len(self.operations), 'operation')}."
        )
        if not failed:
            return text + " None of them failed, so nothing is known of how the client copes with failures."
        ends = [operation.end for operation in failed]
        return (
            f"{text} {len(failed)} met failures: {ends.count(SUCCEEDED)} succeeded in the end,"
            f" {len(failed) - ends.count(SUCCEEDED)} did not."
        )

    def count(self, severity: str) -> int:
        """How many findings of a severity there are."""
        return sum(found.severity == severity for found in self.findings)

    def fails_on(self, severity: str) -> bool:
        """Whether there is a finding at least so severe: `error`, `warning` or `info`."""
        return any(self.count(worse) for worse in SEVERITIES[: SEVERITIES.index(severity) + 1])

    @property
    def not_judged(self) -> list[Judgement]:
        """The expectations that nothing has put to the test."""
        return [judgement for judgement in self.judgements if judgement.result == NOT_JUDGED]

    def as_text(self, severity: str = INFO) -> str:
        """The summary, and the findings that are at least so severe."""
        worst = SEVERITIES[: SEVERITIES.index(severity) + 1]
        shown = [
            str(found)
            for found in self.findings
            if found.severity in worst or found.facts.get("result") == NOT_JUDGED
        ]
        return "\n".join([self.summary, *(f"  {text}" for text in shown)])

    def as_json(self) -> dict[str, Any]:
        """The body of `/__report`. Keys stay; new ones may come."""
        shown = self.shown_operations
        return {
            "verdict": self.verdict,
            "summary": self.summary,
            "requests": self.requests,
            "first_at": _instant(self.since),
            "last_at": _instant(self.until),
            "counts": {severity: self.count(severity) for severity in SEVERITIES},
            "findings": [found.as_json() for found in self.findings],
            "expectations": [judgement.as_json() for judgement in self.judgements],
            "clients": [client.as_json() for client in self.clients.values()],
            "operations": [operation_json(operation) for operation in shown],
            "operations_total": len(self.operations),
            "asked_for_what_is_not_there": [missed.as_json() for missed in self.missed],
            **({} if self.contract is None else {"contract": self.contract}),
        }

    @property
    def shown_operations(self) -> list[Operation]:
        """Those that are listed and drawn: at most `max_operations`, those with failures first."""
        most = self.settings.max_operations
        eventful = sorted(
            self.operations, key=lambda one: (not one.failed and len(one.attempts) == 1, one.number)
        )
        return sorted(eventful[:most], key=lambda one: one.number)


def judge(
    entries: Sequence[Entry],
    expect: Expect | None = None,
    settings: ReportSettings | None = None,
) -> Report:
    """The report on the clients that have sent these requests, in whatever order they stand."""
    settings = settings or ReportSettings()
    return judge_attempts(read_attempts(entries, client_reader(settings)), expect, settings)


def judge_attempts(attempts: Sequence[Attempt], expect: Expect | None, settings: ReportSettings) -> Report:
    """The same for attempts that were read before, in order of arrival. Touches no request."""
    judged = [attempt for attempt in attempts if attempt.entry.plan.endpoint is not None]
    operations = find_operations(judged, settings)
    clients = clients_of(judged, operations, settings)
    findings = judge_all(list(clients.values()))
    judgements = hold(expect or Expect(), list(clients.values()))
    missed = _missed(attempts)
    findings += [one for judgement in judgements if (one := judgement.finding) is not None]
    findings += [one.finding for one in missed]
    findings.sort(key=lambda found: SEVERITIES.index(found.severity))
    return Report(
        clients,
        operations,
        findings,
        judgements,
        missed,
        len(judged),
        attempts[0].at if attempts else None,
        max((attempt.ends_at for attempt in attempts), default=None),
        settings,
    )


def client_reader(settings: ReportSettings) -> Callable[[Request], str]:
    """What tells clients apart, by the config."""
    if settings.client is UNSET or not settings.client:
        return by_address_and_agent
    read = compile_per(settings.client)
    what = settings.client.partition(":")[2] or "address"

    def label(request: Request) -> str:
        found = read(request)
        request.forget_views()
        return found.encode(errors="replace").decode() or f"without {what}"

    return label


def operation_json(operation: Operation) -> dict[str, Any]:
    """One operation for the report; times count from its first attempt."""
    start = operation.attempts[0].at
    return {
        "number": operation.number,
        "client": operation.client,
        "operation": operation.label,
        "endpoint": operation.attempts[0].entry.plan.endpoint,
        "at": _instant(start),
        "end": operation.end,
        "ambiguous": operation.ambiguous,
        "hedged_requests": operation.hedges,
        "attempts": [_attempt_json(attempt, start) for attempt in operation.attempts],
    }


def _attempt_json(attempt: Attempt, start: float) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "start_ms": round((attempt.at - start) * 1000, 1),
        "duration_ms": round(attempt.entry.duration_s * 1000, 1),
        "status": attempt.status,
        "result": attempt.result,
        "outcome": attempt.entry.outcome,
        "injected": list(attempt.injected),
        "latency_ms": round(attempt.entry.plan.latency_s * 1000, 1),
        "asked_to_wait_ms": None if attempt.hint is None else round(attempt.hint.wait_s * 1000, 1),
        "connection": attempt.entry.connection,
    }


def _missed(attempts: Sequence[Attempt]) -> list[Missed]:
    counts: dict[tuple[str, str, int | None], int] = {}
    for attempt in attempts:
        if attempt.entry.plan.endpoint is None:
            signature = attempt.asked.signature
            key = (signature.client, signature.label, status_of(attempt.entry))
            counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])[:MAX_MISSED]
    return [Missed(client, label, count, status) for (client, label, status), count in ordered]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


__all__ = ["FAIL", "PASS", "UNTESTED", "WARN", "Report", "judge", "judge_attempts", "operation_json"]
