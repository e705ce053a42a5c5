"""Text that is cut, put together, changed and searched."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import content, count, whole
from understudy.render.handlebars.regex import compiled
from understudy.render.handlebars.values import is_true, plain_text


def of_text(function: Callable[..., str]) -> Callable[..., Any]:
    """A helper of one text, which may stand in its block."""

    def change(options: Options, value: Any = None) -> str:
        return function(plain_text(content(options, value)))

    return change


def substring(options: Options, value: Any, start: Any, end: Any = None) -> str:
    text = plain_text(value)
    return text[max(whole(start), 0) :] if end is None else text[max(whole(start), 0) : max(whole(end), 0)]


def replace(options: Options, value: Any, old: Any, new: Any) -> str:
    text, part, put = plain_text(value), plain_text(old), plain_text(new)
    count(min(text.count(part), 1_000_000) if part else 0)
    return text.replace(part, put) if part else text


def cut(options: Options, value: Any, part: Any = " ") -> str:
    return plain_text(value).replace(plain_text(part), "")


def default_if_empty(options: Options, value: Any, default: Any = "") -> Any:
    return value if is_true(value) else default


def justified(where: str) -> Callable[..., Any]:
    def justify(options: Options, value: Any) -> str:
        text, width = plain_text(value), count(options.named.get("size", 0))
        pad = plain_text(options.named.get("pad", " "))[:1] or " "
        return {"l": text.ljust, "r": text.rjust, "c": text.center}[where](width, pad)

    return justify


def abbreviate(options: Options, value: Any, width: Any) -> str:
    text, most = plain_text(value), max(whole(width), 4)
    return text if len(text) <= most else text[: most - 3] + "..."


def word_wrap(options: Options, value: Any, width: Any) -> str:

    return "\n".join(textwrap.wrap(plain_text(value), max(whole(width), 1)))


def yes_no(options: Options, value: Any) -> Any:
    named = options.named
    if value is None:
        return named.get("maybe", "maybe")
    return named.get("yes", "yes") if is_true(value) else named.get("no", "no")


def slugify(text: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text.strip().lower()))


def capitalize(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda found: found[1] + found[2].upper(), text)


def regex_extract(options: Options, value: Any, pattern: Any, name: Any = None) -> Any:
    found = compiled(plain_text(pattern)).search(plain_text(value))
    if found is None:
        if "default" in options.named:
            return options.named["default"]
        raise ValueError(f"nothing matches {plain_text(pattern)!r}")
    if name is None:
        return found.group(0)
    options.frame.run.variables[plain_text(name)] = list(found.groups())
    return None
