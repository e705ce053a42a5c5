"""Connections, requests in flight, hedged requests."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.report.checks import INFO, WARNING, finding
from understudy.report.clients import Client
from understudy.report.finding import Finding
from understudy.report.unsafe import UNSAFE

FEWEST_CHANCES = 3


def judge(client: Client) -> Iterator[Finding]:
    """`no-keep-alive`, `concurrency` and `hedging`."""
    connections = client.connections
    facts = connections.as_json()
    if connections.says_close * 2 > connections.requests:
        yield finding(
            "no-keep-alive",
            INFO,
            client.label,
            f"sent Connection: close with {connections.says_close} of {connections.requests} requests,"
            f" and opened {connections.opened} connections.",
            facts=facts,
        )
    elif connections.chances >= FEWEST_CHANCES and connections.wasted * 2 > connections.chances:
        yield finding(
            "no-keep-alive",
            INFO,
            client.label,
            f"opened a new connection {connections.wasted} of {connections.chances} times that one was idle:"
            f" {connections.opened} connections for {connections.requests} requests.",
            facts=facts,
        )
    if connections.most_in_flight > 1:
        yield finding(
            "concurrency",
            INFO,
            client.label,
            f"had up to {connections.most_in_flight} requests in flight at the same time,"
            f" usually {connections.usually_in_flight}.",
            facts=facts,
        )
    hedged = [operation for operation in client.operations if operation.hedges]
    if hedged:
        unsafe = [one for one in hedged if one.method in UNSAFE and not one.signature.key]
        shown = (unsafe or hedged)[0]
        danger = f", {len(unsafe)} of them unsafe to send twice" if unsafe else ""
        yield finding(
            "hedging",
            WARNING if unsafe else INFO,
            client.label,
            f"sent {client.hedges} requests while another for the same thing was pending,"
            f" in {len(hedged)} operations{danger}.",
            operation=shown.label,
            evidence=[number for operation in hedged for number in operation.ids],
            ambiguous=shown.ambiguous,
            facts={"hedged_requests": client.hedges, "operations": len(hedged), "unsafe": len(unsafe)},
        )
