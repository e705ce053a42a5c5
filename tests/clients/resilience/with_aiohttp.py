"""Clients made with aiohttp and aiohttp-retry."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp_retry import ExponentialRetry, JitterRetry, RetryClient, RetryOptionsBase


def _ask(url: str, paths: Sequence[str], options: RetryOptionsBase) -> None:
    async def run() -> None:
        async with RetryClient(base_url=url, retry_options=options) as client:
            for path in paths:
                async with client.get(path) as answer:
                    await answer.read()

    asyncio.run(run())


def exponential(url: str, paths: Sequence[str]) -> None:
    """30, 60, 120, 240 ms. Any status of 500 and more is retried by default."""
    _ask(url, paths, ExponentialRetry(attempts=5, start_timeout=0.015))


def jitter(url: str, paths: Sequence[str]) -> None:
    """30, 60, 120, 240 ms and up to 160 ms more: the library squares its random part (of seconds)."""
    _ask(url, paths, JitterRetry(attempts=5, start_timeout=0.015, random_interval_size=0.4))


def herd(url: str, paths: Sequence[str]) -> None:
    """All paths at once, each tried again after 300 ms: they come back in step."""
    options = ExponentialRetry(attempts=4, start_timeout=0.3, factor=1)

    async def ask(client: RetryClient, path: str) -> None:
        async with client.get(path) as answer:
            await answer.read()

    async def run() -> None:
        async with RetryClient(base_url=url, retry_options=options) as client:
            await asyncio.gather(*(ask(client, path) for path in paths))

    asyncio.run(run())
