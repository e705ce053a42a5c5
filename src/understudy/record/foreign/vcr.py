"""Cassettes of VCR.py, of VCR and Betamax (which write the same), and of go-vcr.

VCR.py (version 1) has `interactions` with `request: {method, uri, headers, body}` and
`response: {status: {code, message}, headers, body: {string}}`; VCR and Betamax call them `http_interactions`,
and have `body: {encoding, string or base64_string}` and `recorded_at`; go-vcr has `url`, bodies as text, and
`code` and `status` of a response beside each other.
"""

from __future__ import annotations

from typing import Any

from understudy.formats.har.notes import Notes
from understudy.formats.spot import LeftOut, Spot
from understudy.record.exchange import RecordedExchange
from understudy.record.foreign.messages import (
    base64_of,
    bytes_of,
    pairs_of,
    reply_of,
    request_of,
    seconds_of_date,
)

_KEYS = ("interactions", "http_interactions")


def like_cassette(data: dict[str, Any]) -> bool:
    """Whether this is a cassette."""
    return any(isinstance(data.get(key), list) for key in _KEYS)


def read_cassette(data: dict[str, Any], notes: Notes, spot: Spot) -> list[RecordedExchange]:
    """The exchanges of a cassette, in its order. Raises LeftOut if it is none."""
    key = next(key for key in _KEYS if isinstance(data.get(key), list))
    found = []
    for number, one in enumerate(data[key]):
        inner = spot.at(key, number)
        try:
            found.append(_exchange(inner.mapping(one), inner))
        except LeftOut as left:
            notes.add(f"this interaction is left out: {left.message}", left.spot)
    return found


def _exchange(written: dict[str, Any], spot: Spot) -> RecordedExchange:
    """One interaction. Raises LeftOut."""
    asked, replied = spot.at("request"), spot.at("response")
    request, response = asked.mapping(written.get("request")), replied.mapping(written.get("response"))
    url = asked.at("uri").text(request.get("uri") or request.get("url") or "")
    method = asked.at("method").text(request.get("method") or "GET")
    made = request_of(
        method,
        url,
        pairs_of(request.get("headers"), asked.at("headers")),
        _body(request.get("body"), asked.at("body")),
        asked,
    )
    code, reason = _status(response, replied)
    headers = pairs_of(response.get("headers"), replied.at("headers"))
    body = _body(response.get("body"), replied.at("body"))
    date = next((value for name, value in headers if name.lower() == "date"), None)
    return RecordedExchange(
        request=made,
        reply=reply_of(code, reason, headers, body, made.method, replied.at("status")),
        recorded_at=seconds_of_date(written.get("recorded_at"), date),
    )


def _status(response: dict[str, Any], spot: Spot) -> tuple[Any, Any]:
    status = response.get("status")
    if isinstance(status, dict):
        return status.get("code"), status.get("message")
    if "code" in response:  # go-vcr: `status` is "200 OK"
        return response["code"], status.partition(" ")[2] if isinstance(status, str) else ""
    return status, ""


def _body(written: Any, spot: Spot) -> bytes:
    if not isinstance(written, dict):
        return bytes_of(written, spot)
    if written.get("base64_string") is not None:
        return base64_of(written["base64_string"], spot.at("base64_string"))
    return bytes_of(written.get("string"), spot.at("string"))
