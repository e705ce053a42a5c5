"""What other tools say of a server that requests are sent on to, as `proxy`."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.formats.spot import Spot
from understudy.model import Proxy
from understudy.model.convert import convert
from understudy.model.proxy import check_target


def proxy_of(
    target: str,
    spot: Spot,
    *,
    strip_prefix: str = "",
    headers: dict[str, Any] | None = None,
    remove_headers: list[str] | None = None,
) -> str | dict[str, Any]:
    """A `proxy`, as short as it can be written. Raises LeftOut for what is no address, or has templates."""
    target = target.rstrip("/")
    if "{{" in target:
        spot.leave("which server requests are sent on to cannot depend on the request")
    try:
        check_target(target)
    except ValueError as error:
        spot.leave(str(error))
    more = {"strip_prefix": strip_prefix, "headers": headers, "remove_headers": remove_headers}
    written = {"target": target, **{key: value for key, value in more.items() if value}}
    try:
        convert(written, Proxy)
    except msgspec.ValidationError as error:
        spot.leave(str(error))
    return written if len(written) > 1 else target


def constant(headers: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """Headers that are put on what is passed on. Those with templates are left out, with a warning."""
    for name, value in headers.items():
        if "{{" in str(value):
            spot.at(name).warn(
                f"the header {name} is left out: on what is passed on it cannot have templates"
            )
    return {name: value for name, value in headers.items() if "{{" not in str(value)}
