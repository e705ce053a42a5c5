"""Counts for Prometheus and whatever else reads its text format.

They are put together when they are asked for, from what is counted anyway: requests pay nothing for them.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import NOTHING, check_query
from understudy.net.http1 import CONTROL

if TYPE_CHECKING:
    from understudy.contract.ledger import Ledger
    from understudy.net.server import Server

MAX_SERIES = 1000
"""Most combinations of endpoint, kind and source that are told apart; those that came later are added up."""
OTHER = "(other)"
"""The endpoint and the source of those that are not told apart."""


async def show_metrics(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    registry = CollectorRegistry()
    registry.register(ServerCollector(server))
    return Response(encode(registry), headers={"content-type": media_type})


class ServerCollector(Collector):
    """The counts of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def collect(self) -> Iterator[Metric]:
        """The families, one after the other."""
        server = self._server
        world, journal, steering = server.world, server.journal, server.steering
        about = {
            "version": version("understudy"),
            "seed": str(world.seed),
            "python": platform.python_version(),
        }
        yield InfoMetricFamily("understudy", "What runs, and the seed of its random decisions.", about)
        yield _gauge("uptime_seconds", "Time since the start.", world.now() - world.started_s)
        yield CounterMetricFamily("understudy_requests", "Requests that were answered.", journal.total)
        in_flight = sum(
            not current.raw_target.startswith(CONTROL)
            for connection in server.connections
            if (current := connection.current) is not None
        )
        yield _gauge("requests_in_flight", "Requests that wait for their reply.", in_flight)
        yield _gauge("connections", "Open connections.", len(server.connections))
        injected = CounterMetricFamily(
            "understudy_faults_injected",
            "Faults that were injected, refusals of rate limits among them.",
            labels=("endpoint", "kind", "source"),
        )
        for labels, count in bounded(world.injected).items():
            injected.add_metric(labels, count)
        yield injected
        if server.ledger is not None:
            yield from _of_contract(server.ledger)
        yield _gauge("chaos_requests", "Requests that profiles and live faults hit now.", steering.hits_now)
        yield _gauge("live_faults", "Live faults that are on.", len(steering.live))
        yield _gauge("log_entries", "Requests in the log.", len(journal))
        yield _gauge("log_bytes", "Bytes that the log holds.", journal.bytes)
        yield _gauge(
            "endpoints", "Endpoints of the config, with live ones.", len(server.program.loaded.names)
        )


def _of_contract(ledger: Ledger) -> Iterator[Metric]:
    asked = CounterMetricFamily(
        "understudy_contract_requests",
        "Requests for operations of a document that were sent on to the real server.",
        labels=("operation",),
    )
    for operation, count in list(ledger.operations.items())[:MAX_SERIES]:
        asked.add_metric((operation,), count)
    yield asked
    found = CounterMetricFamily(
        "understudy_contract_violations",
        "What is not as the document says, in requests and replies.",
        labels=("operation", "check"),
    )
    for labels, count in list(ledger.violations().items())[:MAX_SERIES]:
        found.add_metric(labels, count)
    yield found


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"understudy_{name}", help, value)


def bounded(injected: Mapping[tuple[str, str, str], int]) -> Counter[tuple[str, str, str]]:
    """The counts, with those beyond MAX_SERIES added up by kind."""
    told: Counter[tuple[str, str, str]] = Counter()
    for number, ((endpoint, kind, source), count) in enumerate(injected.items()):
        told[(endpoint, kind, source) if number < MAX_SERIES else (OTHER, kind, OTHER)] += count
    return told


__all__ = ["ServerCollector", "bounded", "show_metrics"]
