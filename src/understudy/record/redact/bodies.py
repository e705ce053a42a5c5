"""Taking secrets out of bodies, by what they are: JSON, form, multipart, XML, text, or anything else.

A body that holds no secret is given back as the same object. One with a `Content-Encoding` is decoded, and
encoded again only if something was found. In what is no text (a NUL, or a type such as image/png) only forms
of keys are looked for, and what is put in their place has the same length, so that lengths within the format
stay right.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import partial

from understudy.record.redact import json_text
from understudy.record.redact.entropy import WORD
from understudy.record.redact.forms import FORM, redact_form
from understudy.record.redact.multipart import MAX_DEPTH, boundary_of, redact_multipart
from understudy.record.redact.packed import HINT
from understudy.record.redact.placeholders import PREFIX
from understudy.record.redact.rules import Rules
from understudy.record.redact.values import Found, Values
from understudy.record.redact.xml import redact_xml
from understudy.views.codings import CodingError, codings_of, decoded, decoded_start, encoded

MAX_DECODED = 64 * 1024 * 1024
"""Bytes of a body without its coding that are looked at: if there are secrets in those of a larger one, only
they are kept."""
BINARY = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/|application/(?:zip|gzip|pdf|x-tar|wasm|x-protobuf|protobuf))"
)
TEXT = re.compile(r"application/(?:[\w.+-]*json\b|x-www-form-urlencoded)")
SETTINGS = re.compile(r"yaml|toml|properties|x-sh|dotenv")
_CHARSET = re.compile(r"charset=\"?(utf-?(?:16|32)[a-z-]*)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_OTHERWISE = re.compile(r"\\[u/\"]|[=%&<']")
"""Names and keys that hide behind escapes, or stand in texts of another form."""
SNIFFED = 8192


def redact_body(
    data: bytes,
    content_type: str,
    content_encoding: str,
    rules: Rules,
    found: list[Found],
    *,
    keeps_shape: bool,
    is_settings: bool = False,
) -> bytes:
    """A body without its secrets."""
    if not data:
        return data
    codings = codings_of(content_encoding)
    bodies = Bodies(rules, found, keeps_shape=keeps_shape, is_settings=is_settings)
    if not codings:
        return bodies.plain(data, content_type)
    try:
        plain = decoded(data, codings, MAX_DECODED)
    except CodingError:
        start = decoded_start(data, codings, MAX_DECODED)
        new = bodies.plain(start, content_type)
        if new == start:
            return bodies.plain(data, content_type)
        return encoded(new, codings)[:-1]  # what was cut off, or broken, still is
    new = bodies.plain(plain, content_type)
    return data if new == plain else encoded(new, codings)


class Bodies:
    """Bodies of one exchange: what is found in them is noted in `found`."""

    def __init__(self, rules: Rules, found: list[Found], *, keeps_shape: bool, is_settings: bool) -> None:
        self.rules = rules
        self.found = found
        self.keeps_shape = keeps_shape
        self.is_settings = is_settings
        self._left = MAX_DECODED

    def plain(self, data: bytes, content_type: str, depth: int = 0) -> bytes:
        """A body without coding."""
        kind = content_type.lower()
        if kind.startswith("multipart/") and depth < MAX_DEPTH and (boundary := boundary_of(content_type)):
            return redact_multipart(
                data,
                boundary,
                self._field,
                lambda content, inner: self.plain(content, inner, depth + 1),
                self._file_name,
                self._coded,
            )
        if (encoding := wide_encoding(data, kind)) is not None:
            try:
                text = data.decode(encoding)
                new = self.text(text, kind)
                return data if new == text else new.encode(encoding)
            except UnicodeError:
                pass
        if is_binary(data, kind):
            return self._binary(data)
        text = data.decode("utf-8", "surrogateescape")
        new = self.text(text, kind)
        return data if new == text else _encoded(new)

    def text(self, text: str, kind: str) -> str:
        """A text of a type in lower case."""
        if not self._may_hold(text, kind):
            return text
        is_settings = self.is_settings or SETTINGS.search(kind) is not None
        values = Values(self.rules, self.found, text, keeps_shape=self.keeps_shape, is_settings=is_settings)
        if "x-www-form-urlencoded" in kind or ("json" not in kind and FORM.fullmatch(text)):
            return redact_form(text, values)
        return loose(text, values)

    def _may_hold(self, text: str, kind: str) -> bool:
        """Whether anything of a text could be secret: what makes bodies without secrets cheap."""
        if not self.rules.may_hold(text):
            return False
        if '"' not in text or text.lstrip()[:1] not in {"{", "["} or "x-www-form-urlencoded" in kind:
            return True
        if self.rules.may_name(text) and (
            _OTHERWISE.search(text) is not None or any(map(self.rules.field_rule, json_text.names_in(text)))
        ):
            return True
        if HINT.search(text) is not None:
            return True
        return any(self.rules.looks_random("", word) for word in WORD.findall(text)) or bool(
            self.rules.extra or self.rules.patterns_for(text)
        )

    def _field(self, name: str, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        rule = self.rules.field_rule(name)
        if rule is None and is_binary(data, ""):
            return self._binary(data)
        values = Values(self.rules, self.found, text, keeps_shape=self.keeps_shape)
        new = values.leaf(name, text, rule)
        return data if new == text else _encoded(new)

    def _coded(self, data: bytes, coding: str, redact: Callable[[bytes], bytes]) -> bytes:
        """A part with a `Content-Encoding` of its own; all parts together are bounded."""
        codings = codings_of(coding)
        if not codings:
            return redact(data)
        try:
            plain = decoded(data, codings, self._left)
        except CodingError:
            self._left //= 2  # whatever has come of it by then
            return redact(data)
        self._left -= len(plain)
        new = redact(plain)
        return data if new == plain else encoded(new, codings)

    def _file_name(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        if not self.rules.may_hold(text):
            return data
        return _encoded(Values(self.rules, self.found, text, keeps_shape=self.keeps_shape).free(text))

    def _binary(self, data: bytes) -> bytes:
        if not (patterns := self.rules.patterns_in(data)):
            return data
        text = data.decode("latin-1")
        for pattern in patterns:
            if pattern.rule != "card_number":  # numbers by chance look like those of cards
                text = pattern.regex.sub(partial(self._masked, pattern.rule), text)
        return text.encode("latin-1")

    def _masked(self, rule: str, found: re.Match[str]) -> str:
        self.found.append(Found(rule, found[0]))
        return (PREFIX + "x" * len(found[0]))[: len(found[0])]


def loose(text: str, values: Values, state: json_text.Open | None = None) -> str:
    """A text by how it begins and what is in it. `state` is that of a text of JSON that is read in pieces."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if state is None and start == "<":
        return redact_xml(text, values)
    if state is not None or '"' in text:
        return json_text.redact(text, values, state=state)
    bare = text.strip()
    if bare and not any(map(str.isspace, bare)):
        return text.replace(bare, values.leaf("", bare, None), 1)
    return values.free(text)


def wide_encoding(data: bytes, kind: str) -> str | None:
    """UTF-16 or UTF-32, by the type or the first bytes; None for what has one byte per character of ASCII."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    found = _CHARSET.search(kind)
    if found is None:
        return None
    try:
        return codecs.lookup(found[1]).name
    except LookupError:
        return None


def is_binary(data: bytes, kind: str) -> bool:
    """Whether a body is no text: by its type, or as there is a NUL in its beginning.

    What begins like JSON is text, whatever a server calls it: no image, film, font or archive does. And what
    is called JSON is text, whatever it is.
    """
    if TEXT.match(kind) is not None:
        return False
    return (BINARY.match(kind) is not None and data[:1] not in (b"{", b"[")) or b"\0" in data[:SNIFFED]


def _encoded(text: str) -> bytes:
    """Bytes that were no UTF-8 are what they were; escapes of JSON may have given other lone surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
