"""What a stub answers: status, headers, body, delays and faults as the keys of an endpoint."""

from __future__ import annotations

import json
from typing import Any

from understudy.formats.imported import literal, literal_json
from understudy.formats.spot import Spot

FAULTS = {
    "EMPTY_RESPONSE": "empty_reply",
    "MALFORMED_RESPONSE_CHUNK": "malformed_chunk",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "CONNECTION_RESET_BY_PEER": "reset",
}
TEMPLATES = "response-template"
"""The transformer that makes a response a template."""

_KNOWN = frozenset(
    {
        "status", "statusMessage", "headers", "body", "jsonBody", "base64Body", "bodyFileName", "fault",
        "fixedDelayMilliseconds", "delayDistribution", "chunkedDribbleDelay", "transformers",
        "transformerParameters", "fromConfiguredStub",
    }
)  # fmt: skip
_PROXYING = (
    "proxyBaseUrl",
    "proxyUrlPrefixToRemove",
    "additionalProxyRequestHeaders",
    "removeProxyRequestHeaders",
)
_FRAMING = ("content-length", "transfer-encoding")


def read_response(written: Any, files: dict[str, bytes], folder: str, spot: Spot) -> dict[str, Any]:
    """The keys for a stub's `response`. `files` are those of `__files`, by their path behind `folder`.

    Raises LeftOut for what an endpoint cannot answer.
    """
    written = spot.mapping(written)
    if written.get("proxyBaseUrl") is not None:
        spot.at("proxyBaseUrl").leave("requests are not passed on to another server")
    for name in written:
        if name in _PROXYING:
            continue
        if name not in _KNOWN:
            spot.at(name).warn(f"`{name}` is not carried over")
    endpoint: dict[str, Any] = {}
    status = written.get("status", 200)
    if not isinstance(status, int) or not 200 <= status <= 599:
        spot.at("status").leave(f"a status is from 200 to 599, this one is {status}")
    if status != 200:
        endpoint["status"] = status
    if written.get("statusMessage"):
        spot.at("statusMessage").warn("the words behind the status are those of the standard")
    headers = _headers(written.get("headers"), spot.at("headers"))
    if headers:
        endpoint["headers"] = headers
    endpoint |= _body(written, files, folder, spot)
    endpoint |= _delays(written, spot)
    return endpoint


def is_template(written: dict[str, Any], spot: Spot) -> bool:
    """Whether a response goes through WireMock's templates. Other transformers are a warning."""
    inner = spot.at("transformers")
    names = [inner.text(name) for name in inner.sequence(written.get("transformers"))]
    for number, name in enumerate(names):
        if name != TEMPLATES:
            inner.at(number).warn(f"the transformer {name!r} is an extension of WireMock, and is not run")
    return TEMPLATES in names


def _headers(written: Any, spot: Spot) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for name, value in spot.mapping(written).items():
        inner = spot.at(name)
        if name.lower() in _FRAMING:
            inner.warn(f"{name} is set from the length of the body")
            continue
        values = [inner.text(one) for one in value] if isinstance(value, list) else [inner.text(value)]
        kept = [literal(one) for one in values]
        headers[name] = kept if isinstance(value, list) and len(kept) != 1 else kept[0]
    return headers


def _body(written: dict[str, Any], files: dict[str, bytes], folder: str, spot: Spot) -> dict[str, Any]:
    if is_template(written, spot):
        spot.at("transformers").warn("Handlebars templates are not run: the text is sent as it is")
    if written.get("bodyFileName") is not None:
        inner = spot.at("bodyFileName")
        name = inner.text(written["bodyFileName"]).lstrip("/")
        if name not in files:
            inner.leave(f"there is no file {name!r} in __files")
        return {"file": f"{folder}/{name}"}
    if written.get("base64Body") is not None:
        return {"base64": spot.at("base64Body").text(written["base64Body"])}
    if "jsonBody" in written:
        return {"response": literal_json(written["jsonBody"])}
    body = written.get("body", "")
    if isinstance(body, dict | list):
        spot.at("body").leave("a body is text; JSON stands in `jsonBody`")
    return {"body": literal(spot.at("body").text("" if body is None else body))}


def _delays(written: dict[str, Any], spot: Spot) -> dict[str, Any]:
    endpoint: dict[str, Any] = {}
    faults: list[Any] = []
    fixed = written.get("fixedDelayMilliseconds")
    drawn = written.get("delayDistribution")
    if fixed:
        endpoint["latency_ms"] = spot.at("fixedDelayMilliseconds").number(fixed)
    if drawn is not None:
        if fixed:  # both are waited for
            faults.append({"kind": "latency", "ms": fixed})
        endpoint["latency_ms"] = distribution(drawn, spot.at("delayDistribution"))
    dribble = written.get("chunkedDribbleDelay")
    if dribble is not None:
        inner = spot.at("chunkedDribbleDelay")
        pair = inner.mapping(dribble)
        faults.append(
            {
                "kind": "dribble",
                "chunks": int(inner.number(pair.get("numberOfChunks", 1))),
                "over_ms": inner.number(pair.get("totalDuration", 0)),
            }
        )
    fault = written.get("fault")
    if fault is not None:
        if fault not in FAULTS:
            spot.at("fault").leave(f"there is no fault {json.dumps(fault)}")
        faults.append(FAULTS[fault])
    if faults:
        endpoint["faults"] = faults
    return endpoint


def distribution(written: Any, spot: Spot) -> Any:
    """A `latency_ms` for one of WireMock's distributions."""
    written = spot.mapping(written)
    kind = written.get("type")

    def read(name: str) -> float:
        return spot.at(name).number(written.get(name))

    if kind == "fixed":
        return read("milliseconds")
    if kind == "uniform":
        low, high = sorted((read("lower"), read("upper")))
        return {"uniform": [low, high]}
    if kind != "lognormal":
        spot.leave(f"there is no distribution {json.dumps(kind)}")
    latency: dict[str, Any] = {"lognormal": {"median": read("median"), "sigma": read("sigma")}}
    return latency | ({"max_ms": read("maxValue")} if written.get("maxValue") is not None else {})
