"""Dates as HTTP writes them (RFC 9110 section 5.6.7).

Writing one is a line, for which `email.utils` would be imported at each start, with all that it needs;
reading one has many old forms, and is left to it.
"""

from __future__ import annotations

from datetime import UTC, datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(seconds: float) -> str:
    """Unix seconds as `Sun, 06 Nov 1994 08:49:37 GMT`, the fraction cut off.

    Raises ValueError, OverflowError and OSError for what is beyond the years 1 to 9999.
    """
    at = datetime.fromtimestamp(seconds // 1, UTC)
    day, month = DAYS[at.weekday()], MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year:04} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"


def read_http_date(text: str) -> datetime:
    """A date, without a zone if it says `-0000`.

    Raises TypeError, ValueError, IndexError and OverflowError.
    """
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(text)
