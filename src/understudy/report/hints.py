"""How long a reply asks the client to wait: Retry-After, and what rate limiters say about their reset."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

RETRY_AFTER = "Retry-After"
REFUSING = frozenset({403, 429, 503})
"""Statuses with which limiters refuse. GitHub answers 403."""
MAX_HINT_S = 366 * 86_400.0
EPOCH_S = 1_000_000_000
"""From here on a number of seconds is an instant and no length of time; a thousand times that, in ms."""
RESET_HEADERS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-reset-after")
REMAINING_HEADERS = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")


class Hint(NamedTuple):
    """The wait that a reply asked for: from when it was sent, which header, and how exact that is."""

    wait_s: float
    header: str
    tolerance_s: float


def read_hint(status: int, headers: Iterable[tuple[bytes, bytes]], sent_at: float) -> Hint | None:
    """What a reply's headers ask for; None if nothing that can be read. `sent_at` is in seconds since 1970.

    `Retry-After` (RFC 9110 section 10.2.3) goes before the headers of limiters, which mean something only
    where the limiter refuses: `RateLimit` (draft-ietf-httpapi-ratelimit-headers), `RateLimit-Reset`,
    `X-RateLimit-Reset` and the like, in seconds, or as an instant in seconds or milliseconds since 1970.
    """
    found = {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in headers}
    if "retry-after" in found:
        hint = _retry_after(found["retry-after"], sent_at)
        if hint is not None:
            return hint
    if status not in REFUSING:
        return None
    if "ratelimit" in found:
        return _structured(found["ratelimit"])
    remaining = next(
        (found[name] for name in REMAINING_HEADERS if name in found), "0" if status == 429 else ""
    )
    if remaining not in ("0", "0.0"):
        return None
    for name in RESET_HEADERS:
        if name in found and (number := _number(found[name])) is not None:
            return _reset(number, name, sent_at)
    return None


def _retry_after(value: str, sent_at: float) -> Hint | None:
    if value.isascii() and value.isdigit():
        return Hint(min(float(value[:12]), MAX_HINT_S), RETRY_AFTER, 0.0)
    try:
        wait_s = parsedate_to_datetime(value).timestamp() - sent_at
    except (ValueError, OverflowError, TypeError):
        return None
    return Hint(min(max(0.0, wait_s), MAX_HINT_S), RETRY_AFTER, 1.0)  # a date has no fractions of a second


def _structured(value: str) -> Hint | None:
    """The longest `t` of a policy that has nothing remaining (`r=0`)."""
    waits = []
    for policy in value.split(","):
        parameters = dict(re.findall(r";\s*([a-z]+)=([0-9]+)", policy))
        if parameters.get("r") == "0" and "t" in parameters:
            waits.append(float(parameters["t"][:12]))
    return Hint(min(max(waits), MAX_HINT_S), "RateLimit", 0.0) if waits else None


def _reset(number: float, name: str, sent_at: float) -> Hint | None:
    tolerance_s = 0.0
    if number >= EPOCH_S * 1000:
        number /= 1000
    if number >= EPOCH_S:
        number -= sent_at
        tolerance_s = 1.0
    shown = "-".join(part.capitalize() for part in name.split("-")).replace("ratelimit", "RateLimit")
    return Hint(min(max(0.0, number), MAX_HINT_S), shown.replace("Ratelimit", "RateLimit"), tolerance_s)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", text) else None
