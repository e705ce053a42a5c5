"""A body with the headers that describe it: a request, or one part of a multipart body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from understudy.views.charset import decode

UNREAD: Any = object()
"""Stands for a view that was not asked for, where None is a value."""

MAX_JSON_BYTES = 8 * 1024 * 1024
"""Largest body that is read as JSON: a Python object takes many times the room of the two bytes of `{}`."""


class Content:
    """Bytes, and views of them parsed at first use. Whoever derives from it has `header`."""

    __slots__ = ("_json", "_rare", "_text", "body")

    body: bytes
    _text: str | None
    _json: Any
    _rare: dict[str, Any] | None

    def header(self, name: str) -> str | None:
        """The value of a header."""
        raise NotImplementedError

    def forget_views(self) -> None:
        """Drop what was parsed; it comes back when it is asked for."""
        self._text = self._rare = None
        self._json = UNREAD

    @property
    def content_type(self) -> str:
        """The media type of the body, in lower case, without parameters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset that the Content-Type names, as it is written there."""
        charset = None
        for part in (self.header("content-type") or "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset":
                charset = value.strip("\"' ")
        return charset

    @property
    def text(self) -> str:
        """The body as text: in the charset it declares, else UTF-8; what cannot be read becomes U+FFFD."""
        if self._text is None:
            self._text = decode(self.body, self.charset or "utf-8")
        return self._text

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError when it is not JSON, or too large to be read."""
        if self._json is UNREAD:
            self._json = self._read_json()
        if isinstance(self._json, ValueError):
            raise self._json.with_traceback(None)
        return self._json

    def _read_json(self) -> Any:
        if len(self.body) > MAX_JSON_BYTES:
            return ValueError(f"the body is not read as JSON: it has more than {MAX_JSON_BYTES} bytes")
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            return ValueError(f"the body is not JSON: {error}")

    def xml(self) -> Any:
        """The root element (lxml) of the body read as XML. Raises ValueError when it is not, or refused."""
        found = self._view("xml", self._read_xml)
        if isinstance(found, ValueError):
            raise found.with_traceback(None)
        return found

    def _read_xml(self) -> Any:
        from understudy.views.xml import read_xml

        try:
            return read_xml(self.body, self.charset)
        except ValueError as error:
            return error

    def _view(self, name: str, read: Callable[[], Any]) -> Any:
        """A view that few requests need, so that it has no field of its own."""
        views = self._rare
        if views is None:
            views = self._rare = {}
        if name not in views:
            views[name] = read()
        return views[name]
