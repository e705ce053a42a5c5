"""Texts of the formats that schemas know, and ordinary ones. FORMATS is the TABLE.

Each entry gets the least and the greatest length wanted, and keeps to them as far as the format lets it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from understudy.formats.openapi.generating.base import Lots, Stream

Write = Callable[[Lots, str, int, int], str]
"""Draws, their purpose, the least and the greatest length → a text."""

WORDS = (
    "amber", "apple", "autumn", "basil", "beach", "birch", "bloom", "breeze", "bridge", "candle", "cedar",
    "cherry", "cloud", "clover", "cobalt", "coral", "crystal", "dawn", "delta", "ember", "falcon", "fern",
    "forest", "frost", "garden", "ginger", "harbor", "hazel", "indigo", "island", "ivory", "jasmine",
    "juniper", "lagoon", "lantern", "lemon", "lilac", "linen", "lotus", "maple", "marble", "meadow", "mint",
    "mosaic", "ocean", "olive", "opal", "orchid", "pebble", "pine", "plum", "quartz", "raven", "ripple",
    "river", "saffron", "shadow", "silver", "spring", "summer", "timber", "valley", "velvet", "willow",
)  # fmt: skip
"""64 short words."""
_DAYS = 6 * 12 * 28
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def word(lots: Lots, at: str) -> str:
    """One word."""
    return WORDS[lots.integer(at, 0, 63)]


def plain(lots: Lots, at: str, low: int, high: int) -> str:
    """Two words, or as many as are wanted."""
    number = lots.integer(at, 0, 4095)
    text = f"{WORDS[number >> 6]} {WORDS[number & 63]}"
    if low <= len(text) <= high:
        return text
    if len(text) < low:
        stream = Stream(lots, at)
        more = [text]
        length = len(text)
        while length < low:
            more.append(WORDS[stream.below(64)])
            length += len(more[-1]) + 1
        text = " ".join(more)
    return _cut(text, high)


def _cut(text: str, high: int) -> str:
    text = text[:high]
    return text[:-1] + "s" if text.endswith(" ") else text


def _filled(text: str, low: int, stream: Stream) -> str:
    return text + "".join(_LETTERS[stream.below(26)] for _ in range(low - len(text)))


def _date_time(lots: Lots, at: str, low: int, high: int) -> str:
    day, second = divmod(lots.integer(at, 0, _DAYS * 86_400 - 1), 86_400)
    return f"{_day(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def _date(lots: Lots, at: str, low: int, high: int) -> str:
    return _day(lots.integer(at, 0, _DAYS - 1))


def _day(number: int) -> str:
    """One of the first 28 days of each month from 2020 on."""
    month, day = divmod(number, 28)
    return f"{2020 + month // 12}-{month % 12 + 1:02}-{day + 1:02}"


def _time(lots: Lots, at: str, low: int, high: int) -> str:
    second = lots.integer(at, 0, 86_399)
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def _duration(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 1, 59)
    return (f"PT{number}M", f"P{number}D", f"PT{number}H{number}M")[number % 3]


def _uuid(lots: Lots, at: str, low: int, high: int) -> str:
    digits = lots.raw(at, 16).hex()
    # version 4, variant 1 (RFC 9562, section 5.4)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _email(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 0, 4095)
    text = f"{WORDS[number >> 6]}.{WORDS[number & 63]}@example.com"
    if low <= len(text) <= high:
        return text
    stream = Stream(lots, at)
    if high < len(text):
        return _filled("", max(1, min(high, 12) - 7), stream) + "@a.test"
    local = _filled(text[:-12], min(64, low - 12), stream)
    labels = ""
    while len(local) + 1 + len(labels) + 11 < low:
        labels += _filled("", min(60, max(1, low - len(local) - len(labels) - 13)), stream) + "."
    return f"{local}@{labels}example.com"


def _idn_email(lots: Lots, at: str, low: int, high: int) -> str:
    return _email(lots, at, low, high)


def _hostname(lots: Lots, at: str, low: int, high: int) -> str:
    text = f"{word(lots, at)}.example.com"
    if low <= len(text) <= high:
        return text
    stream = Stream(lots, at)
    if high < len(text):
        return _filled("", max(1, min(high, max(low, 5))), stream)
    labels = ""
    while len(labels) + 11 < low:
        labels += _filled("", min(60, max(1, low - len(labels) - 12)), stream) + "."
    return f"{labels}example.com"


def _ipv4(lots: Lots, at: str, low: int, high: int) -> str:
    # a network for documentation (RFC 5737); shorter ones are private
    last = lots.integer(at, 1, 254)
    return f"203.0.113.{last}" if high >= 13 else f"10.0.0.{last % 9 + 1}"


def _ipv6(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 0x1000, 0xFFFF)
    text = f"2001:db8::{number:x}"
    if low > len(text):
        return f"2001:0db8:0000:0000:0000:0000:{number:04x}:{number:04x}"
    return text if len(text) <= high else f"::{number & 15:x}"


def _uri(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 0, 4095)
    text = f"https://example.com/{WORDS[number >> 6]}/{WORDS[number & 63]}"
    if len(text) > high:
        text = _filled("https://a.test/" if high > 15 else "a:b", min(low, high), Stream(lots, at))
    return _filled(text, low, Stream(lots, at)) if len(text) < low else text


def _uri_reference(lots: Lots, at: str, low: int, high: int) -> str:
    text = f"/{word(lots, at)}"[:high]
    return _filled(text, low, Stream(lots, at)) if len(text) < low else text


def _uri_template(lots: Lots, at: str, low: int, high: int) -> str:
    text = f"/{word(lots, at)}/{{id}}"
    if len(text) > high:
        text = "/a"[:high]
    return _filled(text, low, Stream(lots, at)) if len(text) < low else text


def _json_pointer(lots: Lots, at: str, low: int, high: int) -> str:
    return _uri_reference(lots, at, low, high)


def _relative_json_pointer(lots: Lots, at: str, low: int, high: int) -> str:
    return (
        f"{lots.integer(at, 0, 3)}"
        if high < 9 and low < 2
        else f"1/{_filled(word(lots, at), low - 2, Stream(lots, at))}"
    )


def _regex(lots: Lots, at: str, low: int, high: int) -> str:
    text = f"^{word(lots, at)}[0-9]+$"
    return text if low <= len(text) <= high else _filled("", max(low, min(high, 5)), Stream(lots, at))


def _byte(lots: Lots, at: str, low: int, high: int) -> str:
    size = 12 if low <= 16 <= high else -(-low // 4) * 3 if low > 16 else high // 4 * 3
    return b64encode(lots.raw(at, size)).decode()


def _binary(lots: Lots, at: str, low: int, high: int) -> str:
    return token(lots, at, low, high)


def token(lots: Lots, at: str, low: int, high: int) -> str:
    """Letters and digits, 16 if that is allowed."""
    stream = Stream(lots, at)
    return "".join(_LETTERS[stream.below(62)] for _ in range(min(max(low, 16), high)))


def _phone(lots: Lots, at: str, low: int, high: int) -> str:
    # numbers for fiction: 555-0100 to 555-0199
    return f"+1-202-555-01{lots.integer(at, 0, 99):02d}"


def _zip(lots: Lots, at: str, low: int, high: int) -> str:
    return f"{lots.integer(at, 10_000, 99_999)}"


def _id(lots: Lots, at: str, low: int, high: int) -> str:
    return lots.raw(at, 6).hex()


def _code(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 0, 26 * 26 * 10_000 - 1)
    letters, digits = divmod(number, 10_000)
    return f"{_LETTERS[26 + letters // 26]}{_LETTERS[26 + letters % 26]}-{digits:04d}"


def _title(lots: Lots, at: str, low: int, high: int) -> str:
    return plain(lots, at, low, high).title()


def _slug(lots: Lots, at: str, low: int, high: int) -> str:
    return plain(lots, at, low, high).replace(" ", "-")


def _sentence(lots: Lots, at: str, low: int, high: int) -> str:
    number = lots.integer(at, 0, 64**4 - 1)
    first, second, third, fourth = (WORDS[number >> shift & 63] for shift in (18, 12, 6, 0))
    return f"{first.capitalize()} {second} and {third} {fourth}."


FORMATS: dict[str, Write] = {
    "date-time": _date_time,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "uuid": _uuid,
    "email": _email,
    "idn-email": _idn_email,
    "hostname": _hostname,
    "idn-hostname": _hostname,
    "ipv4": _ipv4,
    "ip": _ipv4,
    "ipv6": _ipv6,
    "uri": _uri,
    "url": _uri,
    "iri": _uri,
    "uri-reference": _uri_reference,
    "iri-reference": _uri_reference,
    "uri-template": _uri_template,
    "json-pointer": _json_pointer,
    "relative-json-pointer": _relative_json_pointer,
    "regex": _regex,
    "byte": _byte,
    "base64": _byte,
    "binary": _binary,
    "password": token,
}
"""By the name of the format. Others mean nothing to a schema, and get an ordinary text."""

PLAUSIBLE_TEXTS: dict[str, Write] = {
    **FORMATS,
    "phone": _phone,
    "zip": _zip,
    "id": _id,
    "code": _code,
    "title": _title,
    "slug": _slug,
    "sentence": _sentence,
    "token": token,
}
"""What an entry of PLAUSIBLE may name."""
