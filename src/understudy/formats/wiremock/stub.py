"""One stub mapping as one endpoint."""

from __future__ import annotations

from typing import Any, NamedTuple

from understudy.formats.checked import Unfit, checked
from understudy.formats.spot import Spot
from understudy.formats.wiremock.request import read_request
from understudy.formats.wiremock.response import read_response
from understudy.formats.wiremock.webhooks import read_webhooks
from understudy.model import Endpoint

STARTED = "Started"
"""The state in which each scenario of WireMock begins."""

DEFAULT_PRIORITY = 5
MAX_NAME = 200

_KNOWN = frozenset(
    {
        "id", "uuid", "name", "persistent", "priority", "request", "response", "scenarioName",
        "requiredScenarioState", "newScenarioState", "postServeActions", "serveEventListeners",
        "insertionIndex", "$schema",
    }
)  # fmt: skip


class Stub(NamedTuple):
    """An endpoint as it will be written, the same as a model, and WireMock's priority (lowest first)."""

    written: dict[str, Any]
    endpoint: Endpoint
    priority: int


def read_stub(data: Any, files: dict[str, bytes], folder: str, spot: Spot) -> Stub:
    """The endpoint for a stub mapping. Raises LeftOut where it would not answer as it did in WireMock."""
    if data is None:
        spot.leave("there is none")
    data = spot.mapping(data)
    for name in data:
        if name == "metadata":
            spot.at(name).warn("metadata is not carried over")
        elif name not in _KNOWN:
            spot.at(name).warn(f"`{name}` is not carried over")
    demands = read_request(data.get("request"), spot.at("request"))
    written: dict[str, Any] = {}
    if data.get("name"):
        written["name"] = spot.at("name").text(data["name"])[:MAX_NAME]
    written["path"] = demands.path
    if demands.method != "GET":
        written["method"] = demands.method
    if demands.match:
        written["match"] = demands.match
    state = _state(data, spot)
    if state:
        written["state"] = state
    written |= read_response(data.get("response"), files, folder, spot.at("response"))
    callbacks = read_webhooks(data, spot)
    if callbacks:
        written["callbacks"] = callbacks[0] if len(callbacks) == 1 else callbacks
    priority = data.get("priority")
    return Stub(
        written,
        _checked(written, spot),
        DEFAULT_PRIORITY if priority is None else int(spot.at("priority").number(priority)),
    )


def _checked(written: dict[str, Any], spot: Spot) -> Endpoint:
    """The endpoint as a model. What cannot be used is left out here."""
    try:
        return checked(written)
    except Unfit as error:
        (spot.at("request") if error.of_request else spot).leave(str(error))


def _state(data: dict[str, Any], spot: Spot) -> dict[str, Any]:
    scenario = data.get("scenarioName")
    if not scenario:
        return {}
    state = {"scenario": spot.at("scenarioName").text(scenario)}
    for name, ours in (("requiredScenarioState", "required"), ("newScenarioState", "next")):
        if data.get(name):
            state[ours] = spot.at(name).text(data[name])
    return state if len(state) > 1 else {}
