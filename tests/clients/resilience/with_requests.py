"""Clients made with requests: its `max_retries` is a urllib3 Retry. And with pybreaker around it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import pybreaker
import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import RetryError
from urllib3.util import Retry


def plain(url: str, paths: Sequence[str]) -> None:
    """No session, no retry: what the first page of the documentation shows."""
    for path in paths:
        requests.get(url + path, timeout=30)


def _ask(
    url: str,
    paths: Sequence[str],
    retry: Retry | int,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    timeout_s: float = 30,
) -> None:
    """Ask for each path once, in one session that retries as `retry` says."""
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        for path in paths:
            with suppress(RetryError, requests.ConnectionError):  # all attempts are spent
                session.request(method, url + path, headers=headers, timeout=timeout_s)


def int_as_retries(url: str, paths: Sequence[str]) -> None:
    """`HTTPAdapter(max_retries=3)`: no status is retried, but what is lost is, at once."""
    _ask(url, paths, 3, timeout_s=0.15)


def at_once(url: str, paths: Sequence[str]) -> None:
    """The popular one: statuses are named, `backoff_factor` is not, and by default it is 0."""
    _ask(url, paths, Retry(3, status_forcelist=[503]))


def backoff_factor(url: str, paths: Sequence[str]) -> None:
    """0, 60, 120, 240 ms: urllib3 does not wait before the first retry."""
    _ask(url, paths, Retry(4, status_forcelist=[503], backoff_factor=0.03))


def backoff_jitter(url: str, paths: Sequence[str]) -> None:
    """0, then 60, 120, 240 ms and up to 150 ms more."""
    _ask(url, paths, Retry(4, status_forcelist=[503], backoff_factor=0.03, backoff_jitter=0.15))


def heeds_retry_after(url: str, paths: Sequence[str]) -> None:
    """`respect_retry_after_header` is true by default."""
    _ask(url, paths, Retry(3, status_forcelist=[503], backoff_factor=0.03))


def ignores_retry_after(url: str, paths: Sequence[str]) -> None:
    """The same, told not to look."""
    retry = Retry(4, status_forcelist=[503], backoff_factor=0.03, respect_retry_after_header=False)
    _ask(url, paths, retry)


def impatient(url: str, paths: Sequence[str]) -> None:
    """A time-out of 150 ms, and when it is over three retries, after 0, 100 and 200 ms and up to 200 more."""
    _ask(url, paths, Retry(3, backoff_factor=0.05, backoff_jitter=0.2), timeout_s=0.15)


def post_without_key(url: str, paths: Sequence[str]) -> None:
    """`allowed_methods=None`: every method is retried."""
    retry = Retry(3, status_forcelist=[500], allowed_methods=None, backoff_factor=0.03)
    _ask(url, paths, retry, method="POST")


def post_with_key(url: str, paths: Sequence[str]) -> None:
    """The same with an Idempotency-Key, which stays the same over the attempts of an operation."""
    retry = Retry(3, status_forcelist=[500], allowed_methods=None, backoff_factor=0.03)
    for path in paths:
        _ask(url, [path], retry, method="POST", headers={"Idempotency-Key": f"order{path}"})


def retries_what_is_not_there(url: str, paths: Sequence[str]) -> None:
    """`status_forcelist=range(400, 600)`: errors that no retry will mend."""
    _ask(url, paths, Retry(3, status_forcelist=range(400, 600), backoff_factor=0.03))


def while_true(url: str, paths: Sequence[str]) -> None:
    """Again and again, at once, until it works."""
    for path in paths:
        while True:
            if requests.get(url + path, timeout=30).ok:
                break


def pybreaker_around(url: str, paths: Sequence[str]) -> None:
    """Open after 5 failures, for 400 ms; an application that asks every 20 ms until it has 20 answers."""
    breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=0.4)

    def get() -> None:
        requests.get(url + paths[0], timeout=30).raise_for_status()

    answers = 0
    while answers < 20:
        with suppress(requests.HTTPError, pybreaker.CircuitBreakerError):
            breaker.call(get)
            answers += 1
        time.sleep(0.02)


def no_breaker(url: str, paths: Sequence[str]) -> None:
    """The same application without a breaker: every 20 ms, however often it has failed."""
    with requests.Session() as session:
        for path in paths:
            session.get(url + path, timeout=30)
            time.sleep(0.02)


def refreshes_token(url: str, paths: Sequence[str]) -> None:
    """After a 401 it asks for a token, and then once more, with it."""
    with requests.Session() as session:
        for path in paths:
            if session.get(url + path, timeout=30).status_code == 401:
                token = session.post(f"{url}/token", timeout=30).json()["token"]
                session.get(url + path, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def polling(url: str, paths: Sequence[str]) -> None:
    """The same again every 20 ms, whatever comes."""
    with requests.Session() as session:
        for path in paths:
            for _ in range(20):
                session.get(url + path, timeout=30)
                time.sleep(0.02)
