"""Links of responses (OpenAPI 3.1 section 4.7.20) as `Link: </users/7>; rel="NAME"` (RFC 8288).

A link names an operation, and what to ask it with: constants, and runtime expressions that are evaluated on
the request and its answer. A link whose values are not there in an answer is not sent with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from understudy.formats.openapi.bodies import text_of
from understudy.formats.openapi.document import Unresolved, pointer_keys
from understudy.formats.openapi.operations import Link, Operation, Response
from understudy.load.fault import Keys
from understudy.request import Request
from understudy.steps import Header

MAX_VALUE = 2000
"""Characters of one value in a link: an address longer than that is of no use to anyone."""


class Seen(NamedTuple):
    """What expressions are evaluated on; `value` is the answer's body as data, `request` None if there is
    none."""

    request: Request | None
    status: int
    headers: Sequence[Header]
    value: Any


Evaluate = Callable[[Seen], Any]
"""The value of an expression; None if there is none."""


class _Value(NamedTuple):
    evaluate: Evaluate
    by_request: bool


class Links:
    """The links of one response. `by_request`: they are not the same for every request."""

    def __init__(self, links: Sequence[tuple[str, Callable[[Seen], str | None]]], by_request: bool) -> None:
        self._links = links
        self.by_request = by_request

    def headers(self, seen: Seen) -> tuple[Header, ...]:
        """The headers to send, one for each link whose values are known."""
        found = []
        for name, target_of in self._links:
            target = target_of(seen)
            if target is not None:
                found.append((b"Link", f'<{target}>; rel="{name}"'.encode()))
        return tuple(found)


class Targets:
    """The operations of a document, as links name them."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_id: dict[str, Operation] = {}
        self._by_place: dict[tuple[str, Keys], Operation] = {}
        for operation in operations:
            if operation.id:
                self._by_id.setdefault(operation.id, operation)
            self._by_place[operation.node.document.address, operation.node.keys] = operation

    def of(self, link: Link) -> Operation | None:
        """The operation that a link leads to; None, and a warning, if it is not known."""
        found = None
        if link.operation_id:
            found = self._by_id.get(link.operation_id)
        elif link.operation_ref:
            try:
                node = link.node.document.look_up(link.operation_ref)
                found = self._by_place.get((node.document.address, node.keys))
            except Unresolved:
                found = None
        if found is None:
            link.node.warn("this link leads to no operation that is known here: it is left out")
        return found


def compile_links(
    response: Response,
    targets: Targets,
    base: str = "",
    path_names: Mapping[str, str] | None = None,
) -> Links | None:
    """The links of a response; None if it has none.

    `base` stands before the path of each operation. `path_names` has the names of path parameters in
    `Request.params`, where they are others than in the document.
    """
    found: list[tuple[str, Callable[[Seen], str | None]]] = []
    by_request = False
    for link in response.links:
        operation = targets.of(link)
        values = _values(link, path_names or {}) if operation is not None else None
        if operation is None or values is None:
            continue
        target_of = _target(link, operation, base, values)
        if target_of is None:
            continue
        by_request = by_request or any(value.by_request for value in values.values())
        found.append((re.sub(r"[^\w.-]", "_", link.name, flags=re.ASCII), target_of))
    return Links(found, by_request) if found else None


def _values(link: Link, path_names: Mapping[str, str]) -> dict[str, _Value] | None:
    """What the operation is asked with; None, and a warning, if that cannot be told."""
    found = {}
    for name, written in link.parameters:
        value = compile_value(written, path_names)
        if value is None:
            link.node.warn("this expression is not known: the link is left out", "parameters", str(written))
            return None
        found[name] = value
    return found


def _target(
    link: Link, operation: Operation, base: str, values: Mapping[str, _Value]
) -> Callable[[Seen], str | None] | None:
    """What makes the address; None, and a warning, if a part of the path has no value."""
    path = operation.path.partition("#")[0].partition("?")[0]
    texts = [quote(text, safe="/%:@!$&'()*+,;=-._~") for text in _PARAMETER.split(path)[::2]]
    texts[0] = quote(base + operation.prefix, safe="/%:@!$&'()*+,;=-._~") + texts[0]
    names = [found.rstrip("*").lstrip("+") for found in _PARAMETER.findall(path)]
    own = [values.get(f"path.{name}", values.get(name)) for name in names]
    if any(value is None for value in own):
        missing = names[own.index(None)]
        link.node.warn("this link has no value for a part of the path: it is left out", found=missing)
        return None
    inner = [value.evaluate for value in own if value is not None]
    asked = [
        (one.name, value.evaluate)
        for one in operation.parameters
        if one.where == "query" and (value := values.get(f"query.{one.name}", values.get(one.name)))
    ]

    def target_of(seen: Seen) -> str | None:
        pieces = [texts[0]]
        for evaluate, after in zip(inner, texts[1:], strict=True):
            value = _text(evaluate(seen))
            if not value:
                return None
            pieces += [quote(value, safe=""), after]
        query = [
            (name, text)
            for name, evaluate in asked
            for item in _items(evaluate(seen))
            if (text := _text(item)) is not None
        ]
        return "".join(pieces) + (f"?{urlencode(query)}" if query else "")

    return target_of


_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = text_of(value)
    return text if len(text) <= MAX_VALUE else None


# --- expressions --------------------------------------------------------------------------------------------


def compile_value(written: Any, path_names: Mapping[str, str] | None = None) -> _Value | None:
    """A constant, an expression, or a text with expressions in braces; None if one of them is not known."""
    names = path_names or {}
    if not isinstance(written, str):
        return _Value(lambda seen: written, False)
    if written.startswith("$"):
        return _expression(written, names)
    found = [_expression(one, names) for one in _EMBEDDED.findall(written)]
    values = [one for one in found if one is not None]
    if len(values) < len(found):
        return None
    texts = _EMBEDDED.split(written)[::2]

    def evaluate(seen: Seen) -> str | None:
        pieces = [texts[0]]
        for value, text in zip(values, texts[1:], strict=True):
            inner = _text(value.evaluate(seen))
            if inner is None:
                return None
            pieces += [inner, text]
        return "".join(pieces)

    return _Value(evaluate, any(value.by_request for value in values))


def _expression(written: str, path_names: Mapping[str, str]) -> _Value | None:
    """A runtime expression (section 4.7.20.1)."""
    whole = _WHOLE.get(written)
    if whole is not None:
        return whole
    side, _, rest = written.partition(".")
    kind, _, name = rest.partition(".")
    if side == "$request" and kind in _REQUEST and name:
        if kind == "path":
            name = path_names.get(name, name)
        read = _REQUEST[kind]
        return _Value(lambda seen: None if seen.request is None else read(seen.request, name), True)
    if side == "$response" and kind == "header" and name:
        return _Value(lambda seen: _header(seen.headers, name), False)
    source, _, pointer = rest.partition("#")
    if source != "body" or side not in ("$request", "$response") or (pointer and pointer[0] != "/"):
        return None
    if side == "$request":
        return _Value(lambda seen: _at(_body(seen.request), pointer), True)
    return _Value(lambda seen: _at(seen.value, pointer), False)


_WHOLE = {
    "$url": _Value(lambda seen: seen.request.target if seen.request is not None else None, True),
    "$method": _Value(lambda seen: seen.request.method if seen.request is not None else None, True),
    "$statusCode": _Value(lambda seen: seen.status, False),
}
_REQUEST: dict[str, Callable[[Request, str], Any]] = {
    "path": lambda request, name: request.params.get(name),
    "query": lambda request, name: next(iter(request.query.get(name, ())), None),
    "header": lambda request, name: request.header(name),
}


def _header(headers: Sequence[Header], name: str) -> str | None:
    raw = name.lower().encode("utf-8", "replace")
    return next((value.decode("utf-8", "replace") for key, value in headers if key.lower() == raw), None)


def _body(request: Request | None) -> Any:
    if request is None:
        return None
    try:
        return request.json()
    except ValueError:
        return request.text if not request.content_type.startswith("multipart/") else None


def _at(value: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; None if nothing is there."""
    for key in pointer_keys(pointer, value) if pointer else ():
        try:
            value = value[key]
        except (TypeError, KeyError, IndexError):
            return None
    return value
