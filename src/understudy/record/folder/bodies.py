"""Bodies in exchange files: as JSON, as text, or in files beside them; and back, byte for byte.

JSON stays the text that it was, with all its digits, escapes and repeated keys: only the white space between
its tokens is another one in the file, and `json_style` says which it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from understudy.load.fault import Fault
from understudy.record.exchange import BodyInFile, Payload
from understudy.record.folder.names import is_beside
from understudy.steps import Header
from understudy.views.codings import CodingError, codings_in, decoded, encoded, suffix_of

MAX_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of a body that is read into memory; larger ones stay in their file."""
MAX_DECODED = 64 * 1024 * 1024
"""Bytes that a body may have without its codings; of one that would be larger the coded bytes are kept."""
MAX_INLINE_JSON = 1024 * 1024
MAX_TEXT = 1000
MAX_JSON_DEPTH = 100

MEDIA: dict[str, str] = {
    "application/json": ".json",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/css": ".css",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/javascript": ".js",
    "application/javascript": ".js",
    "application/x-javascript": ".js",
    "application/yaml": ".yaml",
    "application/x-ndjson": ".ndjson",
    "application/graphql": ".graphql",
    "application/x-www-form-urlencoded": ".txt",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/wasm": ".wasm",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    "image/x-icon": ".ico",
    "image/vnd.microsoft.icon": ".ico",
    "font/woff": ".woff",
    "font/woff2": ".woff2",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
"""How files with such a Content-Type end."""

STYLES: dict[str, int] = {"compact": -1, "spaced": 0, "lines": 1, **{f"indent {n}": n for n in range(2, 9)}}
"""`json_style` → the `indent` of `msgspec.json.format` that lays JSON out like this; `lines` indents by 1."""
NEWLINE = ", newline"
_QUOTED = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Wrong(Exception):
    """What stands in a file cannot be so. `fault` says why, and where in the file."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class WrittenBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a body in a file."""

    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    json_style: str = "compact"
    text: str | msgspec.UnsetType = msgspec.UNSET
    file: str | msgspec.UnsetType = msgspec.UNSET
    encoded: str | msgspec.UnsetType = msgspec.UNSET


BODY_KEYS = frozenset(WrittenBody.__struct_fields__)


class Split(NamedTuple):
    """A body on its way into files: the keys that stand for it, and the files beside, by name."""

    keys: dict[str, Any]
    files: dict[str, Payload]


# --- into files ---------------------------------------------------------------------------------------------


def split(body: Payload, headers: tuple[Header, ...], stem: str) -> Split:
    """A body as keys and files. `stem` begins the names of its files: `get-users-42.response`."""
    if isinstance(body, bytes) and not body:
        return Split({}, {})
    kind = _media_type(headers)
    codings = codings_in(headers)
    if isinstance(body, BodyInFile):
        suffix = ".bin" if codings else _suffix(kind, b"")
        name = stem + suffix
        return Split({"encoded" if codings else "file": name}, {name: body})
    if not codings:
        return _readable(body, kind, stem)
    try:
        readable = decoded(body, codings, MAX_DECODED)
    except CodingError:
        name = f"{stem}.bin"
        return Split({"encoded": name}, {name: body})
    found = _readable(readable, kind, stem)
    name = stem + _suffix(kind, readable) + suffix_of(codings)
    return Split({**found.keys, "encoded": name}, {**found.files, name: body})


def _readable(body: bytes, kind: str, stem: str) -> Split:
    """A body without codings, as it reads best."""
    if len(body) <= MAX_INLINE_JSON and (_is_json(kind) or body[:1] in (b"{", b"[")):
        style = json_style(body)
        if style is not None:
            keys: dict[str, Any] = {"json": msgspec.Raw(body)}
            return Split(keys if style == "compact" else {**keys, "json_style": style}, {})
    if len(body) <= MAX_TEXT:
        text = _text(body)
        if text is not None and text.removesuffix("\n").isprintable():
            return Split({"text": text}, {})
    name = stem + _suffix(kind, body)
    return Split({"file": name}, {name: body})


def json_style(body: bytes) -> str | None:
    """How JSON is laid out; None if it is none, or laid out as none of STYLES is."""
    if _text(body) is None or _is_too_deep(body):
        return None
    end = NEWLINE if body.endswith(b"\n") else ""
    lines = body[:-1] if end else body
    try:
        if b"\n" in lines:
            indent = len(found[0]) - 1 if (found := re.search(rb"\n *", lines)) is not None else 0
            names = [name for name, number in STYLES.items() if number == indent > 0]
        else:
            names = ["compact", "spaced"]
        for name in names:
            if msgspec.json.format(lines, indent=STYLES[name]) == lines:
                return name + end
    except (msgspec.DecodeError, RecursionError):
        pass
    return None


def _is_too_deep(body: bytes) -> bool:
    """Also true for some texts that are no JSON: brackets that do not close are never taken away."""
    if body.count(b"[") + body.count(b"{") <= MAX_JSON_DEPTH:
        return False
    brackets = _QUOTED.sub(b"", body).translate(_AS_LISTS, _NO_BRACKETS)
    for _ in range(MAX_JSON_DEPTH):  # each time the innermost pairs are taken away
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _media_type(headers: tuple[Header, ...]) -> str:
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.partition(b";")[0].strip().lower().decode("latin-1")
    return ""


def _is_json(kind: str) -> bool:
    return kind.endswith(("/json", "+json"))


def _suffix(kind: str, body: bytes) -> str:
    """How a file with such a body ends."""
    if known := MEDIA.get(kind):
        return known
    if _is_json(kind):
        return ".json"
    if kind.endswith("+xml"):
        return ".xml"
    return ".txt" if kind.startswith("text/") or (not kind and body and _text(body) is not None) else ".bin"


# --- and back -----------------------------------------------------------------------------------------------

ReadBeside = Callable[[str], Payload]
"""Reads a file beside the exchange's. Raises OSError, or ValueError with what is wrong with it."""


def joined(written: WrittenBody, headers: tuple[Header, ...], beside: ReadBeside, key: str) -> Payload:
    """The body that keys stand for; `key` is where they are in the file. Raises Wrong."""
    readable = _written(written, beside, key)
    codings = codings_in(headers)
    if isinstance(written.encoded, str):
        if not codings:
            raise Wrong(Fault("there is no Content-Encoding among the headers", (key, "encoded")))
        if readable is None:
            return _beside(written.encoded, beside, (key, "encoded"))
    if readable is None:
        return b""
    if not codings:
        return readable
    if isinstance(readable, BodyInFile):
        readable = _whole(readable, (key, "file"))
    if isinstance(written.encoded, str):
        exact = _beside(written.encoded, beside, (key, "encoded"))
        # a file of more than this is not compared: what it decodes to could not be written here, either
        if isinstance(exact, BodyInFile):
            exact = _whole(exact, (key, "encoded"))
        with suppress(CodingError):
            if decoded(exact, codings, len(readable)) == readable:
                return exact
    try:
        return encoded(readable, codings)
    except CodingError as error:
        message = f"the body cannot be encoded: {error}; give its bytes in a file, as `encoded`"
        raise Wrong(Fault(message, (key,))) from None


def _written(written: WrittenBody, beside: ReadBeside, key: str) -> Payload | None:
    """The body as somebody may have edited it; None if there is none."""
    given = [name for name in ("json", "text", "file") if getattr(written, name) is not msgspec.UNSET]
    if len(given) > 1:
        raise Wrong(Fault(f"a body is one of json, text, file; this is {' and '.join(given)}", (key,)))
    if isinstance(written.json, msgspec.Raw):
        return _laid_out(written.json, written.json_style, key)
    if isinstance(written.text, str):
        return written.text.encode()
    if isinstance(written.file, str):
        return _beside(written.file, beside, (key, "file"))
    return None


def _laid_out(raw: msgspec.Raw, style: str, key: str) -> bytes:
    indent = STYLES.get(style.removesuffix(NEWLINE))
    if indent is None:
        accepted = ", ".join(STYLES) + f'; then "{NEWLINE}" if it ends with one'
        raise Wrong(Fault("there is no such style", (key, "json_style"), found=style[:60], accepted=accepted))
    try:
        body = msgspec.json.format(bytes(raw), indent=indent)
    except RecursionError:
        raise Wrong(Fault("nested too deeply", (key, "json"))) from None
    return body + b"\n" if style.endswith(NEWLINE) else body


def _beside(name: str, beside: ReadBeside, keys: tuple[str, ...]) -> Payload:
    if not is_beside(name):
        accepted = "the name of a file in the same folder"
        raise Wrong(Fault("a body's file is beside the exchange's", keys, found=name[:60], accepted=accepted))
    try:
        return beside(name)
    except FileNotFoundError:
        raise Wrong(Fault("there is no such file", keys, found=name)) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Wrong(Fault(f"cannot be read: {reason}", keys, found=name)) from None
    except ValueError as error:
        raise Wrong(Fault(str(error), keys, found=name)) from None


def _whole(body: BodyInFile, keys: tuple[str, ...]) -> bytes:
    """A larger body in memory, to be compared or encoded."""
    if body.size > MAX_DECODED:
        raise Wrong(Fault(f"larger than {MAX_DECODED // 2**20} MB beside a Content-Encoding", keys))
    try:
        with body.path.open("rb") as file:
            return file.read(MAX_DECODED)
    except OSError as error:
        raise Wrong(Fault(f"cannot be read: {(error.strerror or str(error)).lower()}", keys)) from None
