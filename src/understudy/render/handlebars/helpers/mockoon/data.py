"""Data buckets and variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.mockoon.paths import at_path, shown
from understudy.render.handlebars.values import Safe, script_text


def data(options: Options, name: Any, path: Any = "") -> Safe:
    return shown(data_raw(options, name, path))


def data_raw(options: Options, name: Any, path: Any = "") -> Any:
    database, wanted = options.scope.database, script_text(name)
    if not isinstance(database, Mapping):
        return None
    found = database.get(wanted)
    if found is None:  # a part of the name will do, as in Mockoon
        found = next((value for key, value in database.items() if wanted.lower() in key.lower()), None)
    if path == "" or not isinstance(found, Mapping | list):
        return found
    value = at_path(found, path)
    return "" if value is None else value


def set_var(options: Options, name: Any, value: Any = None) -> str:
    key = script_text(name)
    options.frame.data[key] = value
    return ""


def get_var(options: Options, name: Any, default: Any = None) -> Any:
    return options.frame.data.get(script_text(name), default)


def get_global(options: Options, name: Any, path: Any = None) -> Any:
    state = options.scope.state
    value = None if state is None else state.variable(script_text(name), None)
    return value if path is None else at_path(value, path)


def get_env(options: Options, name: Any, default: Any = "") -> Any:
    key = script_text(name)
    if not key.startswith("MOCKOON_"):
        key = f"MOCKOON_{key}"
    return options.scope.environ.get(key, default)
