"""Clients made with httpx, which retries no status by itself: tenacity, stamina and purgatory around it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import httpx
import purgatory
import stamina
from purgatory.domain.model import OpenedState
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import (
    wait_base,
    wait_exponential,
    wait_fixed,
    wait_incrementing,
    wait_random_exponential,
)


def _get(client: httpx.Client, path: str) -> None:
    client.get(path).raise_for_status()


def _tenacity(url: str, paths: Sequence[str], wait: wait_base, attempts: int = 5) -> None:
    retrying = Retrying(
        stop=stop_after_attempt(attempts), wait=wait, retry=retry_if_exception_type(httpx.HTTPStatusError)
    )
    with httpx.Client(base_url=url) as client:
        for path in paths:
            with suppress(RetryError):  # all attempts are spent
                retrying(_get, client, path)


def tenacity_exponential(url: str, paths: Sequence[str]) -> None:
    """30, 60, 120, 240 ms."""
    _tenacity(url, paths, wait_exponential(multiplier=0.03))


def tenacity_capped(url: str, paths: Sequence[str]) -> None:
    """30, 60, 120, 120, 120, 120 ms."""
    _tenacity(url, paths, wait_exponential(multiplier=0.03, max=0.12), attempts=7)


def tenacity_full_jitter(url: str, paths: Sequence[str]) -> None:
    """Anything up to 60, 120, 240, 480 ms: "full jitter"."""
    _tenacity(url, paths, wait_random_exponential(multiplier=0.06))


def tenacity_fixed(url: str, paths: Sequence[str]) -> None:
    """60 ms each time."""
    _tenacity(url, paths, wait_fixed(0.06))


def tenacity_incrementing(url: str, paths: Sequence[str]) -> None:
    """40, 80, 120, 160 ms."""
    _tenacity(url, paths, wait_incrementing(start=0.04, increment=0.04))


def stamina_retry(url: str, paths: Sequence[str]) -> None:
    """30, 60, 120, 240 ms and up to 120 ms more: stamina has jitter unless one switches it off."""
    with httpx.Client(base_url=url) as client:
        for path in paths:
            for attempt in stamina.retry_context(
                on=httpx.HTTPStatusError, attempts=5, wait_initial=0.03, wait_jitter=0.12, timeout=None
            ):
                with attempt:
                    _get(client, path)


def crowd(url: str, paths: Sequence[str]) -> None:
    """Eight threads that ask for the same at the same time, and retry with full jitter: who is who?"""
    start = Barrier(8)

    def one(_: int) -> None:
        start.wait(30)
        _tenacity(url, paths, wait_random_exponential(multiplier=0.06, max=0.5), attempts=100)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(8)))


def purgatory_around(url: str, paths: Sequence[str]) -> None:
    """Open after 5 failures, for 400 ms; an application that asks every 20 ms until it has 20 answers."""
    breakers = purgatory.SyncCircuitBreakerFactory(default_threshold=5, default_ttl=0.4)
    answers = 0
    with httpx.Client(base_url=url) as client:
        while answers < 20:
            with suppress(httpx.HTTPStatusError, OpenedState):
                with breakers.get_breaker("api"):
                    _get(client, paths[0])
                answers += 1
            time.sleep(0.02)


def hedging(url: str, paths: Sequence[str]) -> None:
    """If there is no answer after 60 ms it asks a second time, and takes what comes first."""

    async def ask(client: httpx.AsyncClient, path: str) -> None:
        first = asyncio.create_task(client.get(path))
        asked = {first}
        done, _ = await asyncio.wait(asked, timeout=0.06)
        if not done:
            asked.add(asyncio.create_task(client.get(path)))
            done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        for task in asked - done:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    async def run() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            for path in paths:
                await ask(client, path)

    asyncio.run(run())
