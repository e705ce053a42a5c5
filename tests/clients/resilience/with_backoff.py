"""Clients made with the library backoff, around requests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import backoff
import requests


def _ask(url: str, paths: Sequence[str], wait: Any, **options: Any) -> None:
    """Ask for each path, five times at most."""
    with requests.Session() as session:

        @backoff.on_exception(wait, requests.HTTPError, max_tries=5, logger=None, **options)
        def get(path: str) -> None:
            session.get(url + path, timeout=30).raise_for_status()

        for path in paths:
            with suppress(requests.HTTPError):  # all attempts are spent
                get(path)


def expo(url: str, paths: Sequence[str]) -> None:
    """Anything up to 60, 120, 240, 480 ms: full jitter is the default."""
    _ask(url, paths, backoff.expo, factor=0.06)


def constant(url: str, paths: Sequence[str]) -> None:
    """60 ms each time."""
    _ask(url, paths, backoff.constant, interval=0.06, jitter=None)


def constant_with_jitter(url: str, paths: Sequence[str]) -> None:
    """Anything up to 200 ms: full jitter is the default here too."""
    _ask(url, paths, backoff.constant, interval=0.2)
