"""A request as it comes together, and the request that it is in the end."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

MISSING: Any = object()
"""Stands for a body that is not there, as null is one."""
BOUNDARY = "understudy-sample"
Pairs = list[tuple[str, str]]


class Unmet(Exception):
    """Conditions that no request was found for; the text says which."""


@dataclass
class Part:
    """A part of a multipart body."""

    name: str
    filename: str | None
    content_type: str | None
    headers: Pairs
    body: bytes


@dataclass
class Draft:
    """What a request must have.

    Of the bodies `parts`, `form`, `json` and `raw` the first that is there counts.
    `target` is path and query where a condition asks for them as a whole; `variables` what the state must
    have beside it, by name.
    """

    params: dict[str, str] = field(default_factory=dict)
    query: Pairs = field(default_factory=list)
    headers: Pairs = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    form: Pairs = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    json: Any = MISSING
    raw: bytes = b""
    target: str | None = None
    client: str = "127.0.0.1"
    variables: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Draft:
        """One that can be changed without this one being changed."""
        return deepcopy(self, {id(MISSING): MISSING})

    def header(self, name: str) -> str | None:
        """The value of a header."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    def path_and_query(self, path: str) -> str:
        """The request target: `path` is decoded."""
        if self.target is not None:
            return self.target
        encoded = quote(path, safe="/:@!$&'()*+,;=~-._%")
        return f"{encoded}?{urlencode(self.query)}" if self.query else encoded

    def body(self) -> tuple[str | None, bytes]:
        """The media type that goes with it, None for none in particular, and the body."""
        if self.parts:
            return f"multipart/form-data; boundary={BOUNDARY}", _multipart(self.parts)
        if self.form:
            return "application/x-www-form-urlencoded", urlencode(self.form).encode()
        if self.json is not MISSING:
            return "application/json", json.dumps(self.json, ensure_ascii=False).encode("utf-8", "replace")
        return None, self.raw

    def all_headers(self) -> Pairs:
        """The headers as they are sent, with the cookies and the body's media type."""
        found = list(self.headers)
        if self.cookies:
            found.append(("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        media_type, body = self.body()
        if self.parts:  # no other would have the boundary
            found = [pair for pair in found if pair[0].lower() != "content-type"]
        if media_type is not None and body and all(name.lower() != "content-type" for name, _ in found):
            found.append(("Content-Type", media_type))
        return found


def _multipart(parts: list[Part]) -> bytes:
    written = b""
    for part in parts:
        about = f'form-data; name="{part.name}"'
        if part.filename is not None:
            about += f'; filename="{part.filename}"'
        lines = [f"--{BOUNDARY}", f"Content-Disposition: {about}"]
        if part.content_type is not None:
            lines.append(f"Content-Type: {part.content_type}")
        lines += [f"{name}: {value}" for name, value in part.headers]
        written += "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + part.body + b"\r\n"
    return written + f"--{BOUNDARY}--\r\n".encode()
