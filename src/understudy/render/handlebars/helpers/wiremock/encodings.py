"""Base64, percent-encoding, forms."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.helpers.arguments import content
from understudy.render.handlebars.values import Values, is_true, plain_text


def base64_(options: Options, value: Any = None) -> str:
    text = plain_text(content(options, value))
    if is_true(options.named.get("decode")):
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    made = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return made if is_true(options.named.get("padding", True)) else made.rstrip("=")


def url_encode(options: Options, value: Any = None) -> str:
    text = plain_text(content(options, value))
    return unquote_plus(text) if is_true(options.named.get("decode")) else quote_plus(text)


def form_data(options: Options, text: Any, name: Any) -> None:
    fields: dict[str, Values] = {}
    decode = is_true(options.named.get("urlDecode"))
    for pair in plain_text(text).split("&"):
        key, _, value = pair.partition("=")
        if key:
            fields.setdefault(unquote_plus(key) if decode else key, Values()).append(
                unquote_plus(value) if decode else value
            )
    options.frame.run.variables[plain_text(name)] = fields
