"""Callbacks of the document as requests that are sent after the reply."""

from __future__ import annotations

import re
from typing import Any

from understudy.formats.imported import literal, literal_json
from understudy.formats.openapi.bodies import JSON, Bodies
from understudy.formats.openapi.operations import Callback, Operation
from understudy.formats.openapi.paths import Path

_EXPRESSION = re.compile(r"\{\$([^{}]+)\}")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SOURCES = {
    "request.query.": "query",
    "request.header.": "headers",
    "request.path.": "params",
    "response.header.": "reply.headers",
}


def callbacks_of(operation: Operation, path: Path, bodies: Bodies) -> list[dict[str, Any]]:
    """The value of `callbacks`."""
    found = []
    for one in operation.callbacks:
        url = _url(one, path)
        if url is None:
            continue
        made: dict[str, Any] = {"url": url}
        if one.method != "POST":
            made["method"] = one.method
        media = next(iter(one.body.media), None) if one.body is not None else None
        if media is not None:
            value = bodies.value(media, f"{operation.method} {operation.path} {one.name}")
            if JSON.fullmatch(media.type):
                made["response"] = literal_json(value)
            elif isinstance(value, str):
                made["headers"] = {"Content-Type": media.type}
                made["body"] = literal(value)
            else:
                media.node.warn("the body of this callback is not carried over: it is neither JSON nor text")
        found.append(made)
    return found


def _url(callback: Callback, path: Path) -> str | None:
    """The address as a template; None, and a warning, if it says what no template of ours can."""
    pieces: list[str] = []
    position = 0
    for found in _EXPRESSION.finditer(callback.url):
        expression = _expression(found[1], path)
        if expression is None:
            callback.node.warn("this callback is left out: its address cannot be told", found=callback.url)
            return None
        pieces += [literal(callback.url[position : found.start()]), f"{{{{ {expression} }}}}"]
        position = found.end()
    url = "".join(pieces) + literal(callback.url[position:])
    if not url.startswith(("{{", "http://", "https://", "/")):
        callback.node.warn("this callback is left out: its address is no URL", found=callback.url)
        return None
    return url


def _expression(written: str, path: Path) -> str | None:
    """A runtime expression (OpenAPI 3.1 section 4.7.20.1) as one of ours."""
    body = re.fullmatch(r"(request|response)\.body#((?:/[^/]*)+)", written)
    if body:
        names = [part.replace("~1", "/").replace("~0", "~") for part in body[2].split("/")[1:]]
        return _path("body" if body[1] == "request" else "reply.body", names)
    for start, root in _SOURCES.items():
        if written.startswith(start):
            name = written.removeprefix(start)
            if root == "params":
                name = path.names.get(name, name)
            return _path(root, [name])
    return None


def _path(root: str, names: list[str]) -> str:
    text = root
    for name in names:
        if name.isascii() and name.isdigit():
            text += f"[{name}]"
        elif _NAME.fullmatch(name):
            text += f".{name}"
        else:
            quoted = name.replace("\\", "\\\\").replace("'", "\\'")
            text += f"['{quoted}']"
    return text
