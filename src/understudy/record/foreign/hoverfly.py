"""Simulations of Hoverfly's, of version 1 to 5: `data.pairs` of a request's matchers and a response.

What Hoverfly captures are values that must be equal. A pair whose method, address or body is matched
otherwise stands for many requests, and is no exchange. Header matchers are kept where they are exact.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from understudy.formats.har.notes import Notes
from understudy.formats.spot import LeftOut, Spot
from understudy.record.exchange import RecordedExchange
from understudy.record.foreign.messages import (
    Pairs,
    base64_of,
    bytes_of,
    pairs_of,
    reply_of,
    request_of,
    seconds_of_date,
)

ANY_HOST = "localhost"
"""The server of pairs that do not name one."""
_EQUAL = frozenset({"exact", "json", "xml"})
"""Matchers whose value is what was asked."""


def like_simulation(data: dict[str, Any]) -> bool:
    """Whether this is a simulation."""
    inner = data.get("data")
    return isinstance(inner, dict) and isinstance(inner.get("pairs"), list)


def read_simulation(data: dict[str, Any], notes: Notes, spot: Spot) -> list[RecordedExchange]:
    """The exchanges of a simulation, in its order. Raises LeftOut if it is none."""
    meta = data.get("meta")
    exported = meta.get("timeExported") if isinstance(meta, dict) else None
    if _has_delays(data["data"]):
        notes.add("delays for all answers are not carried over", spot.at("data", "globalActions"))
    found = []
    for number, one in enumerate(data["data"]["pairs"]):
        inner = spot.at("data", "pairs", number)
        try:
            found.append(_exchange(inner.mapping(one), exported, notes, inner))
        except LeftOut as left:
            notes.add(f"this pair is left out: {left.message}", left.spot)
    return found


def _has_delays(data: dict[str, Any]) -> bool:
    actions = data.get("globalActions")
    return isinstance(actions, dict) and any(actions.get(key) for key in ("delays", "delaysLogNormal"))


def _exchange(written: dict[str, Any], exported: Any, notes: Notes, spot: Spot) -> RecordedExchange:
    """One pair. Raises LeftOut."""
    asked, replied = spot.at("request"), spot.at("response")
    request, response = asked.mapping(written.get("request")), replied.mapping(written.get("response"))
    method = _value(request.get("method"), asked.at("method")) or "GET"
    body = _value(request.get("body"), asked.at("body")) or ""
    made = request_of(method, _url(request, asked), _asked(request, asked), bytes_of(body, asked), asked)
    if response.get("templated"):
        notes.add("its body is a template of Hoverfly's, and stays as it is written", replied.at("templated"))
    headers = pairs_of(response.get("headers"), replied.at("headers"))
    inner = replied.at("body")
    content = response.get("body")
    raw = base64_of(content or "", inner) if response.get("encodedBody") else bytes_of(content, inner)
    date = next((value for name, value in headers if name.lower() == "date"), None)
    waited = replied.at("fixedDelay").milliseconds(response.get("fixedDelay") or 0)
    return RecordedExchange(
        request=made,
        reply=reply_of(response.get("status", 200), "", headers, raw, made.method, replied.at("status")),
        recorded_at=seconds_of_date(date, exported),
        wait_ms=float(waited),
        total_ms=float(waited),
    )


def _url(request: dict[str, Any], spot: Spot) -> str:
    path = _value(request.get("path"), spot.at("path"))
    if path is None:
        spot.leave("it answers whatever the path is")
    scheme = _value(request.get("scheme"), spot.at("scheme")) or "http"
    host = _value(request.get("destination"), spot.at("destination")) or ANY_HOST
    query = _query(request, spot)
    return f"{scheme}://{host}{path}" + (f"?{query}" if query else "")


def _query(request: dict[str, Any], spot: Spot) -> str:
    written = request.get("query")
    if not isinstance(written, dict) or "exactMatch" in written:
        old = request.get("deprecatedQuery") if written is None else written
        return _value(old, spot.at("query")) or ""
    parts = []
    for name, matchers in written.items():
        inner = spot.at("query", name)
        for value in _values(matchers, inner):
            parts.append(f"{quote(name, safe='')}={quote(value, safe='')}")
    return "&".join(parts)


def _asked(request: dict[str, Any], spot: Spot) -> Pairs:
    """Request headers whose values are known."""
    found: Pairs = []
    inner = spot.at("headers")
    for name, matchers in inner.mapping(request.get("headers")).items():
        try:
            found += pairs_of({name: _values(matchers, inner.at(name))}, inner)
        except LeftOut:  # another value fits as well, and headers do not count
            continue
    return found


def _values(written: Any, spot: Spot) -> list[str]:
    """The values of a field that may have several. Raises LeftOut."""
    if isinstance(written, list) and written and all(isinstance(one, str) for one in written):
        return list(written)  # version 1
    one = written[0] if isinstance(written, list) and len(written) == 1 else None
    if isinstance(one, dict) and one.get("matcher") == "array" and isinstance(one.get("value"), list):
        return [spot.text(value) for value in one["value"]]
    value = _value(written, spot)
    return [] if value is None else [value]


def _value(written: Any, spot: Spot) -> str | None:
    """The value that a field must have; None if any fits. Raises LeftOut where several do."""
    if written is None or written == []:
        return None
    if isinstance(written, str | int | float):
        return spot.text(written)  # version 1
    if isinstance(written, dict):  # version 2 to 4
        if set(written) <= {"exactMatch"}:
            return spot.text(written.get("exactMatch", ""))
        spot.leave(
            f"it is matched by {next(key for key in written if key != 'exactMatch')}, not by its value"
        )
    matchers = spot.sequence(written)
    one = spot.mapping(matchers[0])
    kind = str(one.get("matcher", "exact"))
    if len(matchers) > 1 or kind not in _EQUAL or one.get("doMatch"):
        spot.leave(f"it is matched by {kind}, not by its value")
    return spot.text(one.get("value", ""))
