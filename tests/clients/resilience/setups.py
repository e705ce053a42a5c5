"""SETUPS: clients as people build them, each with a server that fails for it, and what it then asks.

A client is a function of the address and the paths that it is to ask for, one after another. Its failures
come from sequences of responses, so they are the same each time. Delays are those of the libraries, scaled
down to tens of milliseconds: long enough to be told from the noise of a busy machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.clients.resilience import with_aiohttp, with_backoff, with_httpx, with_requests
from tests.clients.resilience.with_node import script

OK = {"response": {"ok": True}}
UNAVAILABLE = {"status": 503}
BUSY = {"status": 503, "headers": {"Retry-After": "1"}}
BROKEN = {"status": 500}
MISSING = {"status": 404}
LATE = {"latency_ms": 60_000}
GAVE_UP = None
"""The status of a request whose client did not wait for the answer."""


@dataclass(frozen=True)
class Setup:
    """A client, the answers to each path that it asks for, and the statuses that the log then has for it.

    `waits_ms` are the least waits between its attempts, for clients that promise some. `others` are endpoints
    that it needs besides.
    """

    client: Callable[[str, Sequence[str]], None]
    answers: Sequence[dict[str, Any]]
    statuses: Sequence[int | None]
    method: str = "GET"
    operations: int = 4
    waits_ms: Sequence[float] = ()
    others: Sequence[dict[str, Any]] = ()

    @property
    def paths(self) -> list[str]:
        return [f"/items/{number}" for number in range(self.operations)]

    @property
    def config(self) -> dict[str, Any]:
        return {
            "endpoints": [
                *self.others,
                *(
                    {"path": path, "method": self.method, "responses": list(self.answers)}
                    for path in self.paths
                ),
            ]
        }


FLAKY = [*[UNAVAILABLE] * 4, OK]
FOUR_RETRIES = [503, 503, 503, 503, 200]
DOWN = [UNAVAILABLE]

SETUPS: dict[str, Setup] = {
    # --- no retry --------------------------------------------------------------------------------------
    "requests": Setup(with_requests.plain, DOWN, [503]),
    "fetch": Setup(script("fetch"), DOWN, [503]),
    # --- retries without a wait ------------------------------------------------------------------------
    "urllib3 retries=3": Setup(with_requests.int_as_retries, [LATE], [GAVE_UP] * 4, operations=2),
    "urllib3 at once": Setup(with_requests.at_once, DOWN, [503] * 4),
    "axios-retry default": Setup(script("axios_default"), DOWN, [503] * 4),
    "while true": Setup(
        with_requests.while_true, [*[UNAVAILABLE] * 100, OK], [*[503] * 100, 200], operations=1
    ),
    # --- exponential -----------------------------------------------------------------------------------
    "urllib3 backoff_factor": Setup(
        with_requests.backoff_factor, FLAKY, FOUR_RETRIES, waits_ms=[0, 60, 120, 240]
    ),
    "tenacity wait_exponential": Setup(
        with_httpx.tenacity_exponential, FLAKY, FOUR_RETRIES, waits_ms=[30, 60, 120, 240]
    ),
    "tenacity wait_exponential with a cap": Setup(
        with_httpx.tenacity_capped,
        [*[UNAVAILABLE] * 6, OK],
        [*[503] * 6, 200],
        operations=3,
        waits_ms=[30, 60, 120, 120, 120, 120],
    ),
    "aiohttp-retry ExponentialRetry": Setup(
        with_aiohttp.exponential, FLAKY, FOUR_RETRIES, waits_ms=[30, 60, 120, 240]
    ),
    # --- exponential with jitter -----------------------------------------------------------------------
    "urllib3 backoff_jitter": Setup(
        with_requests.backoff_jitter, FLAKY, FOUR_RETRIES, operations=5, waits_ms=[0, 60, 120, 240]
    ),
    "tenacity wait_random_exponential": Setup(
        with_httpx.tenacity_full_jitter, FLAKY, FOUR_RETRIES, operations=6
    ),
    "backoff.expo": Setup(with_backoff.expo, FLAKY, FOUR_RETRIES, operations=6),
    "aiohttp-retry JitterRetry": Setup(
        with_aiohttp.jitter, FLAKY, FOUR_RETRIES, operations=5, waits_ms=[30, 60, 120, 240]
    ),
    "stamina": Setup(
        with_httpx.stamina_retry, FLAKY, FOUR_RETRIES, operations=5, waits_ms=[30, 60, 120, 240]
    ),
    "got": Setup(script("got"), FLAKY, FOUR_RETRIES, operations=5, waits_ms=[30, 60, 120, 240]),
    "axios-retry exponentialDelay": Setup(
        script("axios_exponential"),
        [*[UNAVAILABLE] * 3, OK],
        [503, 503, 503, 200],
        operations=5,
        waits_ms=[80, 160, 320],
    ),
    # --- constant and linear ---------------------------------------------------------------------------
    "tenacity wait_fixed": Setup(with_httpx.tenacity_fixed, FLAKY, FOUR_RETRIES, waits_ms=[60] * 4),
    "backoff.constant": Setup(with_backoff.constant, FLAKY, FOUR_RETRIES, waits_ms=[60] * 4),
    "backoff.constant with jitter": Setup(
        with_backoff.constant_with_jitter, FLAKY, FOUR_RETRIES, operations=6
    ),
    "tenacity wait_incrementing": Setup(
        with_httpx.tenacity_incrementing, FLAKY, FOUR_RETRIES, waits_ms=[40, 80, 120, 160]
    ),
    "axios-retry linearDelay": Setup(
        script("axios_linear"), FLAKY, FOUR_RETRIES, waits_ms=[40, 80, 120, 160]
    ),
    # --- Retry-After -----------------------------------------------------------------------------------
    "urllib3 heeds Retry-After": Setup(
        with_requests.heeds_retry_after, [BUSY, OK], [503, 200], operations=2, waits_ms=[1000]
    ),
    "urllib3 ignores Retry-After": Setup(
        with_requests.ignores_retry_after, [*[BUSY] * 4, OK], FOUR_RETRIES, waits_ms=[0, 60, 120, 240]
    ),
    "got heeds Retry-After": Setup(
        script("got_retry_after"), [BUSY, OK], [503, 200], operations=2, waits_ms=[1000]
    ),
    # --- time-outs -------------------------------------------------------------------------------------
    "time-out below the latency": Setup(
        with_requests.impatient, [LATE], [GAVE_UP] * 4, operations=2
    ),
    "hedged requests": Setup(
        with_httpx.hedging, [LATE, OK], [GAVE_UP, 200], operations=4
    ),
    # --- what had better not be retried ----------------------------------------------------------------
    "POST without a key": Setup(
        with_requests.post_without_key, [BROKEN, OK], [500, 200], method="POST"
    ),
    "POST with an Idempotency-Key": Setup(
        with_requests.post_with_key, [BROKEN, OK], [500, 200], method="POST"
    ),
    "retries of 404": Setup(with_requests.retries_what_is_not_there, [MISSING], [404] * 4),
    "401, and again with a token": Setup(
        with_requests.refreshes_token,
        [{"status": 401}, OK],
        [401, 200],
        others=[{"path": "/token", "method": "POST", "response": {"token": "{{ uuid }}"}}],
    ),
    # --- nothing is wrong ------------------------------------------------------------------------------
    "polling": Setup(with_requests.polling, [OK], [200] * 20, operations=1),
    # --- many at once, and circuit breakers ------------------------------------------------------------
    "a herd": Setup(with_httpx.herd, [*[UNAVAILABLE] * 3, OK], [503] * 3 + [200], operations=12),
    "a crowd": Setup(
        with_httpx.crowd, [*[UNAVAILABLE] * 16, OK], [*[503] * 16, *[200] * 8], operations=1
    ),
    "pybreaker": Setup(
        with_requests.pybreaker_around, [*[UNAVAILABLE] * 7, OK], [503] * 7 + [200] * 20, operations=1
    ),
    "purgatory": Setup(
        with_httpx.purgatory_around, [*[UNAVAILABLE] * 7, OK], [503] * 7 + [200] * 20, operations=1
    ),
    "no breaker": Setup(with_requests.no_breaker, DOWN, [503], operations=30),
}  # fmt: skip
