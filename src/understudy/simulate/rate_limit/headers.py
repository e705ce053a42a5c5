"""What clients are told of their limits: one function per style, and the TABLE of them.

Drafts of "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers): up to 6 with a header for
each number, 7 with all in one, since 8 with structured fields (RFC 9651) that list limits by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import UNSET

from understudy.model import LimitHeaders
from understudy.simulate.cache.conditional import date_text
from understudy.simulate.rate_limit.algorithms import Verdict
from understudy.simulate.rate_limit.algorithms.base import divided_up
from understudy.simulate.rate_limit.rules import Limit
from understudy.steps import Header

UNKNOWN_WAIT = 1_000_000
"""How long to wait for a request that is being answered to be over, in microseconds: nobody knows."""


class Standing(NamedTuple):
    """How a limit stands after a request."""

    limit: Limit
    verdict: Verdict

    @property
    def reset_s(self) -> int | None:
        """Until it is there again; after a refusal the same as `Retry-After`, as the draft asks."""
        reset = self.verdict.reset if self.verdict.allowed else self.verdict.wait
        return None if reset is None else divided_up(reset, 1_000_000)


def wait_of(standings: Sequence[Standing]) -> int:
    """After how many microseconds the request would be let through by all."""
    waits = [UNKNOWN_WAIT if one.verdict.wait is None else one.verdict.wait for one in standings]
    return max(waits)


def limit_headers(standings: Sequence[Standing], now: int) -> tuple[Header, ...]:
    """The headers of all limits that have something to say; those with the same settings share theirs."""
    groups: dict[LimitHeaders, list[Standing]] = {}
    for one in standings:
        groups.setdefault(one.limit.headers, []).append(one)
    found: list[Header] = []
    for settings, group in groups.items():
        shown = [one for one in group if _is_shown(one, settings.show_from)]
        if shown:
            found += STYLES[settings.style](shown, settings, now)
    return tuple(found)


def retry_after(settings: LimitHeaders, wait: int, now: int) -> tuple[Header, ...]:
    """`Retry-After` (RFC 9110 section 10.2.3), rounded up so that whoever obeys gets through."""
    names = settings.names
    name = b"Retry-After" if names is UNSET or names.retry_after is UNSET else names.retry_after.encode()
    if settings.retry_after == "none":
        return ()
    if settings.retry_after == "date":
        return ((name, date_text(divided_up(now + wait, 1_000_000))),)
    return ((name, b"%d" % max(1, divided_up(wait, 1_000_000))),)


def _is_shown(one: Standing, share: float) -> bool:
    most = one.limit.most
    return not one.verdict.allowed or most - one.verdict.remaining >= share * most


def _draft(group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    """Lists of items with parameters; a concurrency limit has its unit and no times."""
    policies, states = [], []
    for limit, verdict in group:
        name = f'"{limit.name}"'
        window = "" if limit.window_s is None or limit.window_s % 1 else f";w={limit.window_s:.0f}"
        unit = ';qu="concurrent-requests"' if limit.window_s is None else ""
        policies.append(f"{name};q={limit.quota}{unit}{window}")
        reset = Standing(limit, verdict).reset_s
        states.append(f"{name};r={verdict.remaining}" + ("" if reset is None else f";t={reset}"))
    return [
        (b"RateLimit-Policy", ", ".join(policies).encode()),
        (b"RateLimit", ", ".join(states).encode()),
    ]


def _draft_7(group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    """The limit that is nearest to its end as a dictionary, and all of them as policies."""
    limit, verdict = nearest = _nearest(group)
    reset = nearest.reset_s
    text = f"limit={limit.quota}, remaining={verdict.remaining}" + (
        "" if reset is None else f", reset={reset}"
    )
    return [_policies(group), (b"RateLimit", text.encode())]


def _draft_6(group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    return [_policies(group), *_numbers(b"RateLimit-", group, settings, now)]


def _x(group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    return _numbers(b"X-RateLimit-", group, settings, now)


def _none(group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    return []


STYLES: dict[str, Callable[[list[Standing], LimitHeaders, int], list[Header]]] = {
    "draft": _draft,
    "draft-7": _draft_7,
    "draft-6": _draft_6,
    "x-ratelimit": _x,
    "none": _none,
}


def _nearest(group: list[Standing]) -> Standing:
    """The limit to be told where only one can be: what refuses, then what has least left."""
    return min(group, key=lambda one: (one.verdict.allowed, one.verdict.remaining, -(one.reset_s or 0)))


def _policies(group: list[Standing]) -> Header:
    windows = [(limit.quota, limit.window_s) for limit, _ in group]
    texts = [
        f"{quota}" if window is None else f"{quota};w={max(1, round(window))}" for quota, window in windows
    ]
    return b"RateLimit-Policy", ", ".join(texts).encode()


def _numbers(prefix: bytes, group: list[Standing], settings: LimitHeaders, now: int) -> list[Header]:
    """A header for each number."""
    one = _nearest(group)
    numbers = [("limit", one.limit.quota), ("remaining", one.verdict.remaining)]
    reset = one.verdict.reset if one.verdict.allowed else one.verdict.wait
    if reset is not None:
        at = now + reset if settings.reset == "epoch" else reset
        numbers.append(("reset", divided_up(at, 1_000_000)))
    headers = []
    for key, number in numbers:
        own = UNSET if settings.names is UNSET else getattr(settings.names, key)
        name = prefix + key.capitalize().encode() if own is UNSET else own.encode()
        headers.append((name, b"%d" % number))
    return headers
