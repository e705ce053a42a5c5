"""The webhooks of a stub as `callbacks`."""

from __future__ import annotations

from typing import Any

from understudy.formats.spot import LeftOut, Spot
from understudy.formats.texts import Texts, check_callback
from understudy.formats.wiremock.response import distribution

_KNOWN = frozenset({"method", "url", "headers", "body", "jsonBody", "base64Body", "bodyFileName", "delay"})
_LISTS = ("postServeActions", "serveEventListeners")


def read_webhooks(written: dict[str, Any], spot: Spot) -> list[dict[str, Any]]:
    """The callbacks of a stub. One that cannot be sent is a warning."""
    callbacks = []
    for key in _LISTS:
        inner = spot.at(key)
        for name, parameters, at in _actions(written.get(key), inner):
            if name != "webhook":
                at.warn(f"the action {name!r} is an extension of WireMock, and is not run")
                continue
            try:
                callbacks.append(_webhook(at.mapping(parameters), at))
            except LeftOut as left:
                left.spot.warn(f"this webhook is left out: {left.message}")
    return callbacks


def _actions(written: Any, spot: Spot) -> list[tuple[str, Any, Spot]]:
    """Name, parameters and place of each; a list, or an object of parameters by name."""
    if isinstance(written, dict):
        return [(name, parameters, spot.at(name)) for name, parameters in written.items()]
    found = []
    for number, one in enumerate(spot.sequence(written)):
        inner = spot.at(number)
        one = inner.mapping(one)
        found.append((str(one.get("name")), one.get("parameters"), inner.at("parameters")))
    return found


def _webhook(written: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """A webhook is a template always, and sees further parameters of its own."""
    texts = Texts("wiremock", {name: value for name, value in written.items() if name not in _KNOWN})
    callback: dict[str, Any] = {"url": spot.at("url").text(written.get("url"))}
    method = spot.at("method").text(written.get("method", "GET")).upper()
    if method != "POST":
        callback["method"] = method
    headers = spot.at("headers").mapping(written.get("headers"))
    if headers:
        callback["headers"] = {
            name: [spot.text(one) for one in value]
            if isinstance(value, list)
            else spot.at("headers", name).text(value)
            for name, value in headers.items()
        }
    for name in ("base64Body", "bodyFileName"):
        if written.get(name) is not None:
            spot.at(name).leave("a callback has a text or JSON as its body")
    if "jsonBody" in written:
        callback["response"] = written["jsonBody"]
    elif written.get("body") is not None:
        callback["body"] = spot.at("body").text(written["body"])
    contents = [callback.get(key) for key in ("url", "headers", "response", "body")]
    if fault := texts.fault(*contents):
        spot.leave(f"its template cannot be used: {fault}")
    texts = texts.needed_by(*contents)
    if texts.language is None:
        callback = texts.json(callback)
    callback |= texts.key(*contents)
    if written.get("delay") is not None:
        callback["delay_ms"] = distribution(written["delay"], spot.at("delay"))
    check_callback(callback, spot)
    return callback
