"""What templates read of the request and the config: each static path becomes one variable.

`query.name`, `headers['X-Id']` or `body.items[0].id` is resolved here, in Python, before the render. So only
what a template really uses is built, plain values cross into the template engine, and no attribute of a
Python object is in reach. Only an access that is not static (`body[key]`, a loop) hands the data itself to
the template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from understudy.render.scope import Remembered, RequestLike, Scope
from understudy.render.values import as_text, json_markup

Getter = Callable[[], Any]
Key = str | int

MISSING: Any = object()
"""What a getter gives where there is nothing: the variable is left out, so the template sees it undefined."""

TEXT_ROOTS = frozenset({"query", "headers", "cookies", "form"})
"""Roots where a missing name is "" rather than undefined."""

STATE_ROOTS = frozenset({"state", "scenarios"})
"""What is remembered, which has to be read before a render."""

LIVE_ROOTS = STATE_ROOTS | {"claims"}
"""What only endpoints that are answered step by step can see."""

ROOTS = TEXT_ROOTS | LIVE_ROOTS | {"params", "body", "request", "database"}


class Path(NamedTuple):
    """A static path: a root and the keys behind it. A `strict` one is undefined where another would be "".

    Where nothing else is done to the value, the variable holds its final `form`: its text, or its JSON.
    """

    root: str
    keys: tuple[Key, ...] = ()
    strict: bool = False
    form: Literal["", "text", "json"] = ""


class TextMap(dict[str, Any]):
    """Names and texts, where a missing name is ""."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        return dict.get(self, key, "")


class HeaderMap(dict[str, Any]):
    """Headers by lower-case name; looked up in any case, with `_` for `-`; a missing one is ""."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        return self.get(key)

    def get(self, key: str, default: Any = "") -> Any:
        """The header of that name, or the default."""
        name = str(key).lower()
        return dict.get(self, name.replace("_", "-"), dict.get(self, name, default))


class ScenarioMap(dict[str, Any]):
    """The states of scenarios by name; one that has not moved is in its initial state."""

    __slots__ = ("_state",)

    def __init__(self, state: Remembered) -> None:
        super().__init__(state.all_scenarios())
        self._state = state

    def get(self, key: str, default: Any = None) -> Any:
        """The state of a scenario, whether it has moved or not."""
        return self._state.scenario(key)


def getter(path: Path, scope: Scope) -> Getter:
    """What finds the path's value in the scope at each render; it gives MISSING instead of raising."""
    if path.form:
        find = getter(path._replace(form=""), scope)
        shape = as_text if path.form == "text" else json_markup
        return lambda: MISSING if (value := find()) is MISSING else shape(value)
    if path.root == "request":
        return _request_getter(path, scope)
    if path.root in TEXT_ROOTS and path.keys:
        return _text_getter(path, scope)
    if path.root == "state" and path.keys:
        return _state_getter(path, scope)
    whole = _WHOLE.get(path.root) or _extra(path.root)
    keys = path.keys
    if not keys:
        if path.strict and path.root in TEXT_ROOTS:
            return lambda: dict(whole(scope))
        return lambda: whole(scope)
    if len(keys) == 1 and isinstance(keys[0], str) and path.root == "params":
        key = keys[0]
        return lambda: scope.request.params.get(key, MISSING)
    return lambda: dig(whole(scope), keys)


def dig(value: Any, keys: tuple[Key, ...]) -> Any:
    """The value behind the keys, or MISSING."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list | tuple | str) and isinstance(key, int):
            value = value[key] if -len(value) <= key < len(value) else MISSING
        else:
            return MISSING
    return value


def _text_getter(path: Path, scope: Scope) -> Getter:
    find = _FIND[path.root]
    name, *rest = path.keys
    first = str(name)
    absent = MISSING if path.strict else ""
    if rest:
        keys = tuple(rest)
        return lambda: dig(find(scope.request, first, MISSING), keys)
    return lambda: find(scope.request, first, absent)


def _state_getter(path: Path, scope: Scope) -> Getter:
    name, keys = str(path.keys[0]), path.keys[1:]

    def find() -> Any:
        state = scope.state
        value = MISSING if state is None else state.variable(name, MISSING)
        return dig(value, keys) if keys else value

    return find


def _request_getter(path: Path, scope: Scope) -> Getter:
    if not path.keys:
        return lambda: {name: read(scope.request) for name, read in REQUEST_FIELDS.items()}
    field, keys = str(path.keys[0]), path.keys[1:]
    if field in TEXT_ROOTS or field == "params":
        return getter(Path(field, keys, path.strict), scope)
    read = REQUEST_FIELDS[field]
    if keys:
        return lambda: dig(read(scope.request), keys)
    return lambda: read(scope.request)


def query_value(request: RequestLike, name: str, absent: Any) -> Any:
    """A query parameter: from the body of a POST if that is a JSON object with it, else its first value.

    Blank values do not count.
    """
    if request.method == "POST":
        overlay = _overlay(request)
        if name in overlay:
            return overlay[name]
    return _first(request.query.get(name), absent)


def _first(values: list[str] | None, absent: Any) -> Any:
    if values:
        for value in values:
            if value:
                return value
    return absent


def _overlay(request: RequestLike) -> Mapping[str, Any]:
    try:
        body = request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _header_value(request: RequestLike, name: str, absent: Any) -> Any:
    value = request.header(name.replace("_", "-"))
    if value is None and "_" in name:
        value = request.header(name)
    return absent if value is None else value


def _query_map(request: RequestLike) -> TextMap:
    first = TextMap((name, _first(values, "")) for name, values in request.query.items())
    if request.method == "POST":
        first.update(_overlay(request))
    return TextMap((name, value) for name, value in first.items() if value != "")


def _header_map(request: RequestLike) -> HeaderMap:
    return HeaderMap((name, request.header(name)) for name, _ in request.headers)


def _form_map(request: RequestLike) -> TextMap:
    return TextMap((name, values[0]) for name, values in request.form.items() if values)


def _body(request: RequestLike) -> Any:
    """The body as a template sees it: parsed JSON, the fields of a form, or text."""
    form = request.form
    # `curl -d '{"a": 1}'` calls its JSON a form: an object or a list is taken for what it looks like
    if form and not request.text.lstrip().startswith(("{", "[")):
        return _first_values(form)
    try:
        return request.json()
    except ValueError:
        return _first_values(form) if form else request.text


def _first_values(form: Mapping[str, list[str]]) -> TextMap:
    return TextMap((name, values[0]) for name, values in form.items() if values)


def _extra(name: str) -> Callable[[Scope], Any]:
    return lambda scope: scope.extra.get(name, MISSING)


_FIND: dict[str, Callable[[RequestLike, str, Any], Any]] = {
    "query": query_value,
    "headers": _header_value,
    "cookies": lambda request, name, absent: request.cookies.get(name, absent),
    "form": lambda request, name, absent: (request.form.get(name) or (absent,))[0],
}

_WHOLE: dict[str, Callable[[Scope], Any]] = {
    "query": lambda scope: _query_map(scope.request),
    "headers": lambda scope: _header_map(scope.request),
    "cookies": lambda scope: TextMap(scope.request.cookies),
    "form": lambda scope: _form_map(scope.request),
    "params": lambda scope: dict(scope.request.params),
    "body": lambda scope: _body(scope.request),
    "state": lambda scope: {} if scope.state is None else scope.state.all_variables(),
    "scenarios": lambda scope: {} if scope.state is None else ScenarioMap(scope.state),
    "claims": lambda scope: {} if scope.claims is None else scope.claims,
    "database": lambda scope: [] if scope.database is None else scope.database,
}

REQUEST_FIELDS: dict[str, Callable[[RequestLike], Any]] = {
    "method": lambda request: request.method,
    "path": lambda request: request.path,
    "url": lambda request: request.target,
    "target": lambda request: request.target,
    "query_string": lambda request: request.query_string,
    "client": lambda request: request.client,
    "host": lambda request: request.host,
    "body": lambda request: request.text,
    "queries": lambda request: {name: list(values) for name, values in request.query.items()},
    "query": _query_map,
    "headers": _header_map,
    "cookies": lambda request: TextMap(request.cookies),
    "form": _form_map,
    "params": lambda request: dict(request.params),
}
"""The fields of `request`."""

TEXT_FIELDS = frozenset({"method", "path", "url", "target", "query_string", "client", "host", "body"})
"""The fields of `request` that are text."""
