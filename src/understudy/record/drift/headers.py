"""Headers, cookies and trailers beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from understudy.formats.har.headers import about
from understudy.record.drift.checks import Drift, drift
from understudy.record.drift.values import Same
from understudy.record.looks import is_redacted, look_alike, look_of
from understudy.steps import Header

OWN_CHECKS = frozenset({"content-type", "set-cookie"})
"""Headers that are compared in another way than as a text."""
VOLATILE = frozenset({"etag", "last-modified", "retry-after", "sec-websocket-accept"})
"""Headers of an API that differ from reply to reply, beside those that tell of the moment."""
LISTS = frozenset(
    {"vary", "allow", "cache-control", "access-control-allow-methods", "access-control-allow-headers",
     "access-control-expose-headers", "pragma"}
)  # fmt: skip
"""Headers whose elements have no order, and no capitals (RFC 9110 sections 5.6.1, 10.2.1, 12.5.5)."""
STRICT = frozenset({"HTTP date", "time", "date", "number"})
"""Forms that clients read, in headers of the moment; all others are names and notes."""

Values = dict[str, tuple[str, str]]
"""Name as written, and value, by lower-case name."""


def values_of(headers: Iterable[Header]) -> Values:
    """Repeats are one value, as RFC 9110 section 5.2 has it."""
    found: Values = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "replace").strip()
        written, before = found.get(name.lower(), (name, ""))
        found[name.lower()] = (written, f"{before}, {value}" if before else value)
    return found


def compare_headers(recorded: Iterable[Header], now: Iterable[Header], same: Same) -> Iterator[Drift]:
    """Headers by name. `same` says whether two values say the same."""
    old, new = values_of(recorded), values_of(now)
    for name, (written, value) in old.items():
        if about(name) == "message" or name in OWN_CHECKS:
            continue
        other = new.get(name)
        if about(name) == "moment" or name in VOLATILE:
            if other is None or not _is_of_form(value, other[1]):
                yield drift("header-volatile", f"header {written}", value, "" if other is None else other[1])
        elif other is None:
            yield drift("header-removed", f"header {written}", value)
        elif not _is_same(name, value, other[1], same):
            yield drift("header-changed", f"header {written}", value, other[1])
    for name, (written, value) in new.items():
        if name not in old and about(name) != "message" and name not in OWN_CHECKS:
            volatile = about(name) == "moment" or name in VOLATILE
            yield drift("header-volatile" if volatile else "header-added", f"header {written}", now=value)


def compare_trailers(recorded: Iterable[Header], now: Iterable[Header], same: Same) -> Iterator[Drift]:
    """Trailers by name; digests and the like by their presence."""
    old, new = values_of(recorded), values_of(now)
    for name, (written, value) in old.items():
        where = f"trailer {written}"
        if name not in new:
            yield drift("trailer-removed", where, value)
        elif about(name) == "api" and name not in VOLATILE and not same(value, new[name][1]):
            yield drift("trailer-changed", where, value, new[name][1])
    for name, (written, value) in new.items():
        if name not in old:
            yield drift("trailer-added", f"trailer {written}", now=value)


def compare_cookies(recorded: Iterable[Header], now: Iterable[Header]) -> Iterator[Drift]:
    """Cookies by name: whether they are set, and with which attributes. Values are secret."""
    old, new = _cookies(recorded), _cookies(now)
    for name, attributes in old.items():
        if name not in new:
            yield drift("cookie-removed", f"cookie {name}", "; ".join(attributes))
        elif attributes != new[name]:
            yield drift("cookie-changed", f"cookie {name}", "; ".join(attributes), "; ".join(new[name]))
    for name, attributes in new.items():
        if name not in old:
            yield drift("cookie-added", f"cookie {name}", now="; ".join(attributes))


def compare_types(recorded: Iterable[Header], now: Iterable[Header]) -> Iterator[Drift]:
    """The Content-Type: its media type, and its parameters."""
    old, new = media_type(recorded), media_type(now)
    if old[0] != new[0]:
        yield drift("content-type", "header Content-Type", old[0] or "none", new[0] or "none")
    elif old[1] != new[1]:
        yield drift(
            "content-type-parameter",
            "header Content-Type",
            "; ".join(old[1]) or "none",
            "; ".join(new[1]) or "none",
        )


def media_type(headers: Iterable[Header]) -> tuple[str, list[str]]:
    """The media type in lower case, "" for none, and its parameters, but a boundary, in an order of ours."""
    media, *parameters = value_of(headers, "content-type").split(";")
    kept = (one.strip().lower().replace('"', "") for one in parameters)
    return media.strip().lower(), sorted(one for one in kept if one and not one.startswith("boundary="))


def value_of(headers: Iterable[Header], name: str) -> str:
    """The value of a header; "" if it is not there."""
    return values_of(headers).get(name, ("", ""))[1]


def _is_same(name: str, value: str, other: str, same: Same) -> bool:
    if name in LISTS:
        return _elements(value) == _elements(other)
    return same(value, other)


def _elements(value: str) -> set[str]:
    return {part.strip().lower() for part in value.split(",") if part.strip()}


def _is_of_form(value: str, other: str) -> bool:
    """Whether two values that are expected to differ are of one form: both dates, both numbers, or words."""
    if is_redacted(value) or is_redacted(other) or look_alike(value, other):
        return True
    return look_of(value) not in STRICT and look_of(other) not in STRICT


def _cookies(headers: Iterable[Header]) -> dict[str, list[str]]:
    """Attributes by name of the cookie; of `Expires` and `Max-Age` only that they are there."""
    found: dict[str, list[str]] = {}
    for raw_name, raw_value in headers:
        if raw_name.lower() != b"set-cookie":
            continue
        pair, *attributes = raw_value.decode("utf-8", "replace").split(";")
        kept = []
        for attribute in attributes:
            name, _, setting = attribute.strip().partition("=")
            lower = name.strip().lower()
            kept.append(
                lower if lower in {"expires", "max-age"} or not setting else f"{lower}={setting.strip()}"
            )
        found[pair.partition("=")[0].strip()] = sorted(filter(None, kept))
    return found
