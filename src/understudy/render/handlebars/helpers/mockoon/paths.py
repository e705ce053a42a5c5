"""Values by paths into them, and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.values import Safe, get, is_true, script_text, weigh
from understudy.render.helpers.encoding import json_path
from understudy.render.values import as_json


def at_path(value: Any, path: Any) -> Any:
    """What is behind an object path (`a.b.0`, `\\.` for a dot in a key) or a JSONPath; None if nothing is."""
    text = script_text(path)
    if text.startswith("$"):
        return json_path(value, text)
    for key in re.split(r"(?<!\\)\.", text):
        if value is None:
            return None
        value = get(value, key.replace("\\.", "."))
    return value


def written(value: Any) -> str:
    """JSON, of what is not too large for it."""
    weigh(value)
    return as_json(value)


def shown(value: Any, quoted: Any = False) -> Safe:
    """A value as `body`, `queryParam` and `data` give it: JSON for what is no text, never escaped."""
    if isinstance(value, Mapping | list) or is_true(quoted):
        return Safe(written(value))
    return Safe(script_text(value))


def object_path(options: Options, value: Any, path: Any, default: Any = None) -> Any:
    found = at_path(value, path)
    return default if found is None else found


def at_json_path(options: Options, value: Any, path: Any) -> Any:
    return json_path(value, script_text(path))


def json_parse(options: Options, text: Any) -> Any:
    try:
        return msgspec.json.decode(script_text(text))
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


def stringify(options: Options, value: Any) -> Safe:
    weigh(value)
    return Safe(json.dumps(value, indent=2, ensure_ascii=False))
