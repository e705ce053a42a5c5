"""Responses that are fetched from another server, as `proxy` and `record`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from understudy.formats.mountebank.texts import as_text
from understudy.formats.proxying import proxy_of
from understudy.formats.spot import Spot

MODES = {"proxyOnce": "once", "proxyAlways": "record", "proxyTransparent": None}
"""By mountebank's name: the mode of `record`; None: nothing is recorded."""
_KNOWN = frozenset({"to", "mode", "predicateGenerators", "addWaitBehavior", "injectHeaders", "_links"})
_PARTS = ("method", "path", "query", "headers", "body")


def read_proxy(written: Any, folder: str, spot: Spot) -> dict[str, Any]:
    """The keys of an endpoint. What is recorded is kept in `folder`. Raises LeftOut."""
    asked = spot.mapping(written)
    for key in asked:
        if key == "addDecorateBehavior":
            spot.at(key).warn("JavaScript is not run: what is recorded stays as it came")
        elif key not in _KNOWN:
            spot.at(key).warn(f"`{key}` is not carried over")
    target = spot.at("to").text(asked.get("to", ""))
    try:
        parts = urlsplit(target)
    except ValueError as error:
        spot.at("to").leave(str(error))
    if parts.path.strip("/") or parts.query:
        spot.at("to").warn(
            "the path of this address is not used, neither by mountebank: requests have theirs"
        )
        target = f"{parts.scheme}://{parts.netloc}"
    headers = {
        name: as_text(value, spot.at("injectHeaders", name))
        for name, value in spot.at("injectHeaders").mapping(asked.get("injectHeaders")).items()
    }
    keys: dict[str, Any] = {"proxy": proxy_of(target, spot.at("to"), headers=headers)}
    mode = asked.get("mode")
    ours = MODES.get(mode, "once") if isinstance(mode, str) else "once"
    if ours is None:
        return keys
    if mode == "proxyAlways":
        spot.at("mode").warn(
            "it goes on asking the other server: for what was recorded, save with `mb save --removeProxies`"
        )
    record: dict[str, Any] = {"folder": folder, "mode": ours}
    if match := _match(asked.get("predicateGenerators"), spot.at("predicateGenerators")):
        record["match"] = match
    if asked.get("addWaitBehavior"):
        record["latency"] = "recorded"
    return {**keys, "record": record}


def _match(written: Any, spot: Spot) -> dict[str, Any]:
    """Which parts of a request count, where they are not those that count anyway."""
    counts: dict[str, Any] = {"method": False, "path": False, "query": False, "headers": [], "body": False}
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        generator = inner.mapping(one)
        for key in generator:
            if key not in {"matches", "caseSensitive", "keyCaseSensitive"}:
                inner.at(key).warn(f"`{key}` is not carried over: the whole of what it is about counts")
        for part, value in inner.at("matches").mapping(generator.get("matches")).items():
            _count(part, value, counts, inner.at("matches", part))
    if not counts["headers"]:
        del counts["headers"]
    usual = {"method": True, "path": True, "query": True, "body": True}
    return {part: value for part, value in counts.items() if value != usual.get(part)}


def _count(part: str, value: Any, counts: dict[str, Any], spot: Spot) -> None:
    if part not in _PARTS:
        spot.warn(f"`{part}` does not count: recordings have {', '.join(_PARTS)}")
    elif isinstance(value, dict) and part in {"query", "headers"}:
        names = [name for name, wanted in value.items() if wanted]
        if part == "headers":
            counts["headers"] += [name for name in names if name not in counts["headers"]]
        elif counts["query"] is not True:
            counts["query"] = [*(counts["query"] or ()), *names]
    elif part == "headers":
        if value:
            spot.warn("headers count by their names alone: none of them does")
    else:
        counts[part] = bool(value)
