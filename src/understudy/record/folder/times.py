"""The time of a recording: ISO 8601 in UTC, with as many digits as it needs to be the same again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_800.0
"""The year 10,000."""
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,400}))?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def stamp(seconds: float) -> str:
    """Unix seconds as text: `2026-01-31T12:00:00.125Z`. Raises ValueError beyond 1970 to 9999."""
    if not 0 <= seconds < _LAST:
        raise ValueError(f"{seconds} is no time after 1970")
    digits = repr(float(seconds))
    if "e" in digits:
        digits = format(Decimal(digits), "f")
    whole, _, fraction = digits.partition(".")
    moment = _EPOCH + timedelta(seconds=int(whole))
    return f"{moment.isoformat()[:19]}.{fraction.ljust(3, '0')}Z"


def seconds_of(text: str) -> float:
    """Text as unix seconds; without a zone it is UTC. Raises ValueError."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("this is no time, such as 2026-01-31T12:00:00.125Z")
    zone = "+00:00" if found[3] in (None, "Z") else found[3]
    whole = int((datetime.fromisoformat(found[1] + zone) - _EPOCH).total_seconds())
    if whole < 0:
        raise ValueError("this is before 1970")
    return float(f"{whole}.{found[2] or 0}")
