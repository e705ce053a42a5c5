"""What several models are made of: headers, statuses, lengths of time."""

import re
from typing import Annotated

from msgspec import Meta

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2

Percentage = Annotated[float, Meta(ge=0, le=1)]
MAX_MS = 86_400_000  # a day
Milliseconds = Annotated[float, Meta(ge=0, le=MAX_MS)]
Status = Annotated[int, Meta(ge=200, le=599)]
HeaderValue = str | int | float | bool
Headers = dict[str, HeaderValue | list[HeaderValue]]


def merge_headers(outer: Headers, inner: Headers) -> Headers:
    """`outer`, then `inner`, which wins where they have the same name in whatever capitals."""
    names = {name.lower() for name in inner}
    return {**{name: value for name, value in outer.items() if name.lower() not in names}, **inner}


def check_headers(headers: Headers) -> None:
    """Refuse names and values that would break the message (RFC 9110 section 5)."""
    for name, values in headers.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} cannot be a header name")
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and any(character in value for character in "\r\n\0"):
                raise ValueError(f"header {name} has a line break in its value")
