"""Bodies that are not what the client expects, under a head with their right length.

Those of files that are too large for memory are not known, and left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from understudy.faults.pieces import Steps, body_of, is_unknown, with_body
from understudy.faults.strike import Moment, Strike
from understudy.model.faults import Corrupt, EmptyBody, InvalidJson
from understudy.simulate.kit import Kit, Place

HTML = (
    b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    b"<body><h1>502 Bad Gateway</h1></body></html>\n"
)
"""What a proxy puts in the place of an API's reply."""


def compile_empty_body(fault: EmptyBody, kit: Kit, place: Place) -> Strike:
    """The reply with an empty body."""

    def strike(steps: Steps, moment: Moment) -> Steps:
        return steps if is_unknown(steps) else with_body(steps, b"")

    return strike


def compile_invalid_json(fault: InvalidJson, kit: Kit, place: Place) -> Strike:
    """The reply with a body that is no JSON, made from its own."""
    spoil = _SPOILERS[fault.how]

    def strike(steps: Steps, moment: Moment) -> Steps:
        body = body_of(steps)
        return steps if body is None else with_body(steps, spoil(body))

    return strike


def compile_corrupt(fault: Corrupt, kit: Kit, place: Place) -> Strike:
    """The reply with some bytes of its body changed: one in each of as many stretches of the same length."""

    def strike(steps: Steps, moment: Moment) -> Steps:
        body = body_of(steps)
        if not body:
            return steps
        count = min(fault.bytes, len(body))
        lots = moment.lots.raw("bytes", 5 * count)
        changed = bytearray(body)
        for number in range(count):
            start, stop = len(body) * number // count, len(body) * (number + 1) // count
            drawn = lots[5 * number : 5 * number + 5]
            place = start + int.from_bytes(drawn[:4], "big") % (stop - start)
            changed[place] ^= 1 + drawn[4] % 255
        return with_body(steps, bytes(changed))

    return strike


def _cut(body: bytes) -> bytes:
    bare = body.rstrip()
    half = bare[: len(bare) // 2]
    # half a number is a number; one whose exponent is missing is none
    return bare + b"e" if _is_json(half) else half


def _comma(body: bytes) -> bytes:
    bare = body.rstrip()
    return bare[:-1] + b"," + bare[-1:] if bare[-1:] in (b"}", b"]") else bare + b","


def _html(body: bytes) -> bytes:
    return HTML


def _nan(body: bytes) -> bytes:
    """With NaN for the first value that is neither an object nor a list."""
    try:
        value = inner = read_json(body)
        while isinstance(inner, dict | list) and inner:
            key: Any = next(iter(inner)) if isinstance(inner, dict) else 0
            if not (isinstance(inner[key], dict | list) and inner[key]):
                inner[key] = float("nan")
                return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            inner = inner[key]
    except (ValueError, RecursionError):
        pass  # it is no JSON, or cannot be written again
    return b"NaN"


def _utf8(body: bytes) -> bytes:
    """With a byte behind the first quotation mark that UTF-8 never has."""
    at = body.find(b'"') + 1
    return body[:at] + b"\xff" + body[at:]


def read_json(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise ValueError(str(error)) from None


def _is_json(text: bytes) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True


_SPOILERS: dict[str, Callable[[bytes], bytes]] = {
    "cut": _cut,
    "comma": _comma,
    "html": _html,
    "nan": _nan,
    "utf8": _utf8,
}
