"""The request."""

from __future__ import annotations

import re
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.mockoon.paths import at_path, shown, written
from understudy.render.handlebars.values import Safe, script_text
from understudy.render.scope import Scope


def _parsed_body(scope: Scope) -> Any:
    request = scope.request
    if request.form:
        return {
            name: values[0] if len(values) == 1 else list(values) for name, values in request.form.items()
        }
    try:
        return request.json()
    except ValueError:
        return None


def _query(scope: Scope) -> dict[str, Any]:
    """The query with `a[b]=1` and `a[]=1` as objects and lists."""
    found: dict[str, Any] = {}
    for name, values in scope.request.query.items():
        keys = re.findall(r"[^\[\]]+", name) or [name]
        value: Any = list(values) if len(values) > 1 or name.endswith("[]") else values[0]
        target = found
        for key in keys[:-1][:20]:
            inner = target.setdefault(key, {})
            target = inner if isinstance(inner, dict) else {}
        target[keys[-1]] = value
    return found


def body(options: Options, path: Any = None, default: Any = "", quoted: Any = False) -> Safe:
    if path is None or path == "":
        return Safe(options.scope.request.text)
    value = at_path(_parsed_body(options.scope), path)
    return shown(default if value is None else value, quoted)


def body_raw(options: Options, path: Any = None, default: Any = "") -> Any:
    body = _parsed_body(options.scope)
    if path is None or path == "":
        return options.scope.request.text if body is None else body
    value = at_path(body, path)
    return default if value is None else value


def query_param(options: Options, path: Any = None, default: Any = "", quoted: Any = False) -> Safe:
    query = _query(options.scope)
    if path is None or path == "":
        return Safe(written(query))
    value = at_path(query, path)
    return shown(default if value is None else value, quoted)


def query_param_raw(options: Options, path: Any = None, default: Any = "") -> Any:
    query = _query(options.scope)
    value = query if path is None or path == "" else at_path(query, path)
    return default if value is None else value


def url_param(options: Options, name: Any = None) -> Any:
    params = options.scope.request.params
    if name is None:
        return Safe(written(params))
    return params.get(re.sub(r"[^A-Za-z0-9_]", "_", script_text(name)))


def header(options: Options, name: Any = None, default: Any = "") -> Any:
    if name is None:
        return Safe(written(dict(options.scope.request.headers)))
    value = options.scope.request.header(script_text(name))
    return value or default


def cookie(options: Options, name: Any, default: Any = "") -> Any:
    return options.scope.request.cookies.get(script_text(name)) or default


def method(options: Options) -> str:
    return options.scope.request.method


def ip(options: Options) -> str:
    return options.scope.request.client


def hostname(options: Options) -> str:
    return options.scope.request.host


def base_url(options: Options) -> str:
    return f"http://{options.scope.request.header('host') or ''}"
