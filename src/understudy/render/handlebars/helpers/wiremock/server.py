"""The machine that the server runs on."""

from __future__ import annotations

from understudy.render.handlebars.compile import Options
from understudy.render.handlebars.values import plain_text


def system_value(options: Options) -> str:
    """An environment variable of those that begin with `wiremock`, as WireMock permits without more."""
    key = plain_text(options.named.get("key"))
    if not key.lower().startswith("wiremock"):
        raise ValueError(f"access to {key} is denied: the name begins with `wiremock`")
    return options.scope.environ.get(key, plain_text(options.named.get("default")))


def hostname(options: Options) -> str:
    return options.scope.request.host
