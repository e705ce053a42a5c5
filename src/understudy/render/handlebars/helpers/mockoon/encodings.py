"""Base64 and what is written in it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import content
from understudy.render.handlebars.helpers.mockoon.paths import at_path
from understudy.render.handlebars.values import Safe, script_text


def encoded(function: Callable[[str], str]) -> Callable[..., Safe]:
    def change(options: Options, value: Any = None) -> Safe:
        return Safe(function(script_text(content(options, value))))

    return change


def base64_text(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def base64url_text(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def from_base64(text: str) -> str:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")


def jwt_part(number_of_part: int) -> Callable[..., Any]:
    def read(options: Options, token: Any, path: Any = "", default: Any = "") -> Any:
        parts = script_text(token).removeprefix("Bearer ").split(".")
        try:
            value = msgspec.json.decode(from_base64(parts[number_of_part]))
        except (IndexError, ValueError):
            return default
        found = value if path == "" else at_path(value, path)
        return default if found is None else found

    return read
