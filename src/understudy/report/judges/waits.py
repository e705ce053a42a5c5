"""How a client waits between attempts, where nobody told it how long."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.report.attempt import milliseconds
from understudy.report.backoff import CONSTANT, NONE, UNKNOWN
from understudy.report.checks import INFO, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding


def judge(client: Client) -> Iterator[Finding]:
    """`backoff`, `no-backoff`, `constant-backoff` and `no-jitter`."""
    if not client.retries:
        return
    found = client.backoff
    facts = found.as_json()
    ids = [after.id for _, _, _, after in client.retries]
    names = {NONE: "no back-off", UNKNOWN: "back-off unknown"}
    name = names.get(found.kind, f"{found.kind} back-off")
    guessed = found.ambiguous

    def say(check: str, severity: str, message: str) -> Finding:
        return finding(check, severity, client.label, message, evidence=ids, ambiguous=guessed, facts=facts)

    if client.polls:
        pace = milliseconds(client.pace_s or 0)
        yield say("backoff", INFO, f"asked on after failures as it does anyway, about each {pace}.")
        return
    yield say("backoff", INFO, f"{name}: {found.reason}.")
    if found.kind == NONE:
        yield say("no-backoff", WARNING, f"tried again at once: {found.reason}.")
    elif found.kind == CONSTANT and not found.also:
        yield say("constant-backoff", INFO, f"waited equally long before each retry: {found.reason}.")
    if found.jitter is False and found.kind not in (NONE, UNKNOWN):
        yield say("no-jitter", WARNING, f"left its waits without randomness: {found.reason}.")
