"""SETUPS: clients as people build them, each with a server that fails for it, and what the report must say.

A client is a function of the address and the paths that it is to ask for, one after another. Its failures
come from sequences of responses, so they are the same each time. Delays are those of the libraries, scaled
down to tens of milliseconds: long enough to be told from the noise of a busy machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.clients.resilience import with_aiohttp, with_backoff, with_httpx, with_requests
from tests.clients.resilience.with_node import script

OK = {"response": {"ok": True}}
UNAVAILABLE = {"status": 503}
BUSY = {"status": 503, "headers": {"Retry-After": "1"}}
BROKEN = {"status": 500}
MISSING = {"status": 404}
LATE = {"latency_ms": 2000}
NEVER = {"latency_ms": 60_000}
GAVE_UP = None
"""The status of a request whose client did not wait for the answer."""


@dataclass(frozen=True)
class Setup:
    """A client, the answers to each path that it asks for, and the statuses that the log then has for it.

    `facts` are those of `report.Client` by name; `finds` are the ids of all warnings and errors, `notes` of
    some infos. `waits_ms` are the least waits between its attempts, for clients that promise some; without
    jitter they are the waits. `timeout_ms` is when it hangs up. `others` are endpoints that it needs besides.
    `noise` are the ids of checks that a machine which stalls can bring about.
    """

    client: Callable[[str, Sequence[str]], None]
    answers: Sequence[dict[str, Any]]
    statuses: Sequence[int | None]
    facts: Mapping[str, Any]
    finds: Sequence[str] = ()
    notes: Sequence[str] = ()
    method: str = "GET"
    operations: int = 3
    waits_ms: Sequence[float] = ()
    timeout_ms: float | None = None
    others: Sequence[dict[str, Any]] = ()
    noise: frozenset[str] = frozenset()

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
            ],
            "report": {"max_amplification": 5},  # four retries each are what is asked for here, and no storm
        }


FLAKY = [*[UNAVAILABLE] * 4, OK]
FOUR_RETRIES = [503, 503, 503, 503, 200]
DOWN = [UNAVAILABLE]


def waits(kind: str, *, jitter: bool | None, attempts: int = 5) -> dict[str, Any]:
    """The facts about a client that asks at most so often, with such waits; Retry-After was not seen."""
    return {
        "max_attempts": attempts,
        "backoff.kind": kind,
        "backoff.jitter": jitter,
        "honors_retry_after": None,
        "hedges": 0,
    }


EXPONENTIAL = waits("exponential", jitter=False)
WITH_JITTER = waits("exponential", jitter=True)
AT_ONCE = waits("none", jitter=False, attempts=4)
NO_RETRY = waits("unknown", jitter=None, attempts=1)
BREAKER = {"breaker": True, "breaker_seen.threshold": 5}

SETUPS: dict[str, Setup] = {
    # --- no retry --------------------------------------------------------------------------------------
    "requests": Setup(
        with_requests.plain, DOWN, [503],
        NO_RETRY, finds=["not-retried"], notes=["no-keep-alive"], operations=4,
    ),
    "fetch": Setup(
        script("fetch"), DOWN, [503],
        NO_RETRY, finds=["not-retried"],
    ),
    "no breaker": Setup(
        with_requests.no_breaker, DOWN, [503],
        NO_RETRY | {"breaker": False}, finds=["no-breaker", "not-retried"], operations=30,
    ),
    # --- retries without a wait ------------------------------------------------------------------------
    "urllib3 retries=3": Setup(
        with_requests.int_as_retries, [NEVER], [GAVE_UP] * 4,
        AT_ONCE | {"timeout.consistent": True}, finds=["no-backoff"], notes=["timeout"],
        operations=2, waits_ms=[0] * 3, timeout_ms=150,
    ),
    "urllib3 at once": Setup(
        with_requests.at_once, DOWN, [503] * 4,
        AT_ONCE | {"breaker": False, "gave_up_after": 4}, finds=["no-backoff", "no-breaker"],
        waits_ms=[0] * 3,
    ),
    "axios-retry default": Setup(
        script("axios_default"), DOWN, [503] * 4,
        AT_ONCE | {"breaker": False, "gave_up_after": 4}, finds=["no-backoff", "no-breaker"],
        waits_ms=[0] * 3,
    ),
    "while true": Setup(
        with_requests.while_true, [*[UNAVAILABLE] * 100, OK], [*[503] * 100, 200],
        AT_ONCE | {"max_attempts": 101},
        finds=["no-backoff", "no-breaker", "no-limit", "retry-storm"],
        operations=1,
        waits_ms=[0] * 100,
    ),
    # --- exponential -----------------------------------------------------------------------------------
    "urllib3 backoff_factor": Setup(
        with_requests.backoff_factor, FLAKY, FOUR_RETRIES,
        EXPONENTIAL | {"backoff.first_at_once": True}, finds=["no-jitter"], waits_ms=[0, 60, 120, 240],
    ),
    "tenacity wait_exponential": Setup(
        with_httpx.tenacity_exponential, FLAKY, FOUR_RETRIES,
        EXPONENTIAL, finds=["no-jitter"], waits_ms=[30, 60, 120, 240],
    ),
    "tenacity wait_exponential with a cap": Setup(
        with_httpx.tenacity_capped, [*[UNAVAILABLE] * 6, OK], [*[503] * 6, 200],
        EXPONENTIAL | {"max_attempts": 7},
        finds=["no-jitter", "retry-storm"],
        operations=3,
        waits_ms=[30, 60, 120, 120, 120, 120],
    ),
    "aiohttp-retry ExponentialRetry": Setup(
        with_aiohttp.exponential, FLAKY, FOUR_RETRIES,
        EXPONENTIAL, finds=["no-jitter"], waits_ms=[30, 60, 120, 240],
    ),
    # --- exponential with jitter -----------------------------------------------------------------------
    "urllib3 backoff_jitter": Setup(
        with_requests.backoff_jitter, FLAKY, FOUR_RETRIES,
        WITH_JITTER | {"backoff.first_at_once": True}, waits_ms=[0, 60, 120, 240], operations=4,
    ),
    "tenacity wait_random_exponential": Setup(
        with_httpx.tenacity_full_jitter, FLAKY, FOUR_RETRIES,
        WITH_JITTER, operations=5,
    ),
    "backoff.expo": Setup(
        with_backoff.expo, FLAKY, FOUR_RETRIES,
        WITH_JITTER, operations=5,
    ),
    "aiohttp-retry JitterRetry": Setup(
        with_aiohttp.jitter, FLAKY, FOUR_RETRIES,
        WITH_JITTER, waits_ms=[30, 60, 120, 240], operations=4,
    ),
    "stamina": Setup(
        with_httpx.stamina_retry, FLAKY, FOUR_RETRIES,
        WITH_JITTER, waits_ms=[30, 60, 120, 240], operations=4,
    ),
    "got": Setup(
        script("got"), FLAKY, FOUR_RETRIES,
        WITH_JITTER, waits_ms=[30, 60, 120, 240], operations=4,
    ),
    "axios-retry exponentialDelay": Setup(
        script("axios_exponential"), [*[UNAVAILABLE] * 3, OK], [503, 503, 503, 200],
        WITH_JITTER | {"max_attempts": 4}, waits_ms=[80, 160, 320], operations=4,
    ),
    # --- constant and linear ---------------------------------------------------------------------------
    "tenacity wait_fixed": Setup(
        with_httpx.tenacity_fixed, FLAKY, FOUR_RETRIES,
        waits("constant", jitter=False),
        finds=["no-jitter"], notes=["constant-backoff"], waits_ms=[60] * 4,
    ),
    "backoff.constant": Setup(
        with_backoff.constant, FLAKY, FOUR_RETRIES,
        waits("constant", jitter=False),
        finds=["no-jitter"], notes=["constant-backoff"], waits_ms=[60] * 4,
    ),
    "backoff.constant with jitter": Setup(
        with_backoff.constant_with_jitter, FLAKY, FOUR_RETRIES,
        waits("constant", jitter=True), notes=["constant-backoff"], operations=6,
    ),
    "tenacity wait_incrementing": Setup(
        with_httpx.tenacity_incrementing, FLAKY, FOUR_RETRIES,
        waits("linear", jitter=False), finds=["no-jitter"], waits_ms=[40, 80, 120, 160],
    ),
    "axios-retry linearDelay": Setup(
        script("axios_linear"), FLAKY, FOUR_RETRIES,
        waits("linear", jitter=False), finds=["no-jitter"], waits_ms=[40, 80, 120, 160],
    ),
    # --- Retry-After -----------------------------------------------------------------------------------
    "urllib3 heeds Retry-After": Setup(
        with_requests.heeds_retry_after, [BUSY, OK], [503, 200],
        {"honors_retry_after": True, "max_attempts": 2}, operations=1, waits_ms=[1000],
    ),
    "urllib3 ignores Retry-After": Setup(
        with_requests.ignores_retry_after, [*[BUSY] * 4, OK], FOUR_RETRIES,
        EXPONENTIAL | {"honors_retry_after": False},
        finds=["no-jitter", "retry-after-ignored"], waits_ms=[0, 60, 120, 240],
    ),
    "got heeds Retry-After": Setup(
        script("got_retry_after"), [BUSY, OK], [503, 200],
        {"honors_retry_after": True, "max_attempts": 2}, operations=1, waits_ms=[1000],
    ),
    # --- time-outs -------------------------------------------------------------------------------------
    "time-out below the latency": Setup(
        with_requests.impatient, [LATE], [GAVE_UP] * 4,
        {"max_attempts": 4, "timeout.consistent": True},
        finds=["timeout-too-short"], notes=["timeout"], operations=2, timeout_ms=150,
    ),
    "hedged requests": Setup(
        with_httpx.hedging, [NEVER, OK | {"latency_ms": 20}], [GAVE_UP, 200],
        {"hedges": 3, "max_attempts": 2, "timeout_s": None}, notes=["hedging"], timeout_ms=80,
    ),
    # --- what had better not be retried ----------------------------------------------------------------
    "POST without a key": Setup(
        with_requests.post_without_key, [BROKEN, OK], [500, 200],
        {"max_attempts": 2}, finds=["unsafe-retry"], method="POST",
    ),
    "POST with an Idempotency-Key": Setup(
        with_requests.post_with_key, [BROKEN, OK], [500, 200],
        {"max_attempts": 2}, method="POST",
    ),
    "retries of 404": Setup(
        with_requests.retries_what_is_not_there, [MISSING], [404] * 4,
        {"max_attempts": 4, "backoff.jitter": False},
        finds=["no-jitter"], notes=["useless-retry"], waits_ms=[0, 60, 120],
    ),
    "401, and again with a token": Setup(
        with_requests.refreshes_token, [{"status": 401}, OK], [401, 200],
        {"max_attempts": 2},
        others=[{"path": "/token", "method": "POST", "response": {"token": "{{ uuid }}"}}],
    ),
    # --- nothing is retried ----------------------------------------------------------------------------
    "polling": Setup(
        with_requests.polling, [OK], [200] * 20,
        NO_RETRY, operations=1,
    ),
    "polling through failures": Setup(
        with_requests.polling, [*[OK] * 5, *[UNAVAILABLE] * 5, OK], [*[200] * 5, *[503] * 5, *[200] * 10],
        {"polls": True}, operations=1,
    ),
    # --- many at once, and circuit breakers ------------------------------------------------------------
    "a herd": Setup(
        with_aiohttp.herd, [*[UNAVAILABLE] * 3, OK], [503, 503, 503, 200],
        waits("constant", jitter=False, attempts=4),
        finds=["no-breaker", "no-jitter", "thundering-herd"], operations=10, waits_ms=[300] * 3,
    ),
    "a crowd": Setup(
        with_httpx.crowd, [*[UNAVAILABLE] * 8, OK], [*[503] * 8, *[200] * 8],
        {"backoff.confident": False}, operations=1, noise=frozenset({"thundering-herd"}),
    ),
    "pybreaker": Setup(
        with_requests.pybreaker_around, [*[UNAVAILABLE] * 7, OK], [*[503] * 7, *[200] * 20],
        BREAKER, notes=["breaker"], operations=1,
    ),
    "purgatory": Setup(
        with_httpx.purgatory_around, [*[UNAVAILABLE] * 7, OK], [*[503] * 7, *[200] * 20],
        BREAKER, notes=["breaker"], operations=1,
    ),
}  # fmt: skip
