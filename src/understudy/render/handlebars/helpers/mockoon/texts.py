"""Text that is cut, put together and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import count, same, whole
from understudy.render.handlebars.values import MAX_CHARACTERS, script_text


def of_text(function: Callable[[str], str]) -> Callable[..., Any]:
    def change(options: Options, value: Any = "") -> str:
        return function(script_text(value))

    return change


def concat(options: Options, *values: Any) -> Any:
    if values and all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    return "".join(map(script_text, values))


def index_of(options: Options, value: Any, part: Any = "", start: Any = 0) -> int:
    return script_text(value).find(script_text(part), max(whole(start), 0))


def includes(options: Options, value: Any, part: Any = "") -> bool:
    if isinstance(value, list):
        return any(same(one, part) for one in value)
    return script_text(part) in script_text(value)


def substr(options: Options, value: Any, start: Any = 0, length: Any = None) -> str:
    text, at = script_text(value), whole(start)
    at = max(len(text) + at, 0) if at < 0 else at
    return text[at:] if length is None else text[at : at + max(whole(length), 0)]


def split(options: Options, value: Any = "", separator: Any = " ") -> Any:
    text, by = script_text(value), script_text(separator) or " "
    count(min(text.count(by), MAX_CHARACTERS))
    return text.split(by) if text else ""


def replace(options: Options, value: Any, old: Any, new: Any) -> str:
    return script_text(value).replace(script_text(old), script_text(new), 1)


def replace_all(options: Options, value: Any, old: Any, new: Any) -> str:
    text, part, put = script_text(value), script_text(old), script_text(new)
    count(text.count(part) if part else 0)
    return text.replace(part, put) if part else text


def padded(at_start: bool) -> Callable[..., str]:
    def pad(options: Options, value: Any, length: Any, filler: Any = " ") -> str:
        text, wanted, by = script_text(value), count(length), script_text(filler) or " "
        missing = max(wanted - len(text), 0)
        added = (by * (missing // len(by) + 1))[:missing]
        return added + text if at_start else text + added

    return pad


def length(options: Options, value: Any) -> int:
    return len(value) if isinstance(value, str | list) else 0


def newline(options: Options) -> str:
    return "\n"
