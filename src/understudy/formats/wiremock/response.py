"""What a stub answers: status, headers, body, delays and faults as the keys of an endpoint."""

from __future__ import annotations

import json
from typing import Any

from understudy.formats.proxying import constant, proxy_of
from understudy.formats.spot import Spot
from understudy.formats.texts import Texts, has_template_key

FAULTS = {
    "EMPTY_RESPONSE": "empty_reply",
    "MALFORMED_RESPONSE_CHUNK": "malformed_chunk",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "CONNECTION_RESET_BY_PEER": "reset",
}
_NO_FILES = "disableBodyFileTemplating"
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
    for name in written:
        if name in _PROXYING:
            continue
        if name not in _KNOWN:
            spot.at(name).warn(f"`{name}` is not carried over")
    endpoint: dict[str, Any] = {}
    if written.get("proxyBaseUrl") is not None:
        return _proxied(written, spot)
    status = written.get("status", 200)
    if not isinstance(status, int) or not 200 <= status <= 599:
        spot.at("status").leave(f"a status is from 200 to 599, this one is {status}")
    if status != 200:
        endpoint["status"] = status
    if written.get("statusMessage"):
        spot.at("statusMessage").warn("the words behind the status are those of the standard")
    texts = _texts(written, spot)
    headers = _headers(written.get("headers"), spot.at("headers"))
    body = _body(written, files, folder, texts, spot)
    content = _content(body, files)
    if texts.language and "response" in body and (has_template_key(content) or texts.fault(content)):
        # a template may be spread over several values, so that only the whole text is one
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        if texts.fault(content) is None:
            body = {"body": content}
            if not any(name.lower() == "content-type" for name in headers):
                headers["Content-Type"] = "application/json"
    if fault := texts.fault(headers, content):
        spot.warn(f"the template is sent as it is written: {fault}")
        texts = Texts(None)
    texts = texts.needed_by(headers, content)
    if texts.language is None:
        body = _body(written, files, folder, texts, spot)
    if headers:
        endpoint["headers"] = {
            name: [texts.text(one) for one in value] if isinstance(value, list) else texts.text(value)
            for name, value in headers.items()
        }
    endpoint |= body
    endpoint |= texts.key(headers, content)
    endpoint |= _delays(written, spot)
    return endpoint


def _proxied(written: dict[str, Any], spot: Spot) -> dict[str, Any]:
    """The keys for requests that are passed on: headers are put on what comes back, its body stays."""
    asked = spot.at("additionalProxyRequestHeaders")
    removed = spot.at("removeProxyRequestHeaders")
    proxy = proxy_of(
        spot.at("proxyBaseUrl").text(written["proxyBaseUrl"]),
        spot.at("proxyBaseUrl"),
        strip_prefix=spot.at("proxyUrlPrefixToRemove").text(written.get("proxyUrlPrefixToRemove") or ""),
        headers=constant(_headers(written.get("additionalProxyRequestHeaders"), asked), asked),
        remove_headers=[
            removed.text(one) for one in removed.sequence(written.get("removeProxyRequestHeaders"))
        ],
    )
    headers = constant(_headers(written.get("headers"), spot.at("headers")), spot.at("headers"))
    return {"proxy": proxy, **({"headers": headers} if headers else {}), **_delays(written, spot)}


def _texts(written: dict[str, Any], spot: Spot) -> Texts:
    """The language of a response, and the parameters of its templates."""
    if not is_template(written, spot):
        return Texts(None)
    parameters = spot.at("transformerParameters").mapping(written.get("transformerParameters"))
    seen = {name: value for name, value in parameters.items() if name != _NO_FILES}
    return Texts("wiremock", seen)


def _content(body: dict[str, Any], files: dict[str, bytes]) -> Any:
    """What of a body may be a template."""
    file = body.get("file")
    if isinstance(file, dict):
        return files[file["path"].partition("/")[2]].decode("utf-8", "replace")
    return body.get("body", body.get("response"))


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
        headers[name] = values if isinstance(value, list) and len(values) != 1 else values[0]
    return headers


def _body(
    written: dict[str, Any], files: dict[str, bytes], folder: str, texts: Texts, spot: Spot
) -> dict[str, Any]:
    if written.get("bodyFileName") is not None:
        inner = spot.at("bodyFileName")
        name = inner.text(written["bodyFileName"]).lstrip("/")
        if name not in files:
            inner.leave(f"there is no file {name!r} in __files")
        path = f"{folder}/{name}"
        parameters = spot.mapping(written.get("transformerParameters"))
        if texts.language and b"{{" in files[name] and not parameters.get(_NO_FILES):
            return {"file": {"path": path, "template": True}}
        return {"file": path}
    if written.get("base64Body") is not None:
        return {"base64": spot.at("base64Body").text(written["base64Body"])}
    if "jsonBody" in written:
        return {"response": texts.json(written["jsonBody"])}
    body = written.get("body", "")
    if isinstance(body, dict | list):
        spot.at("body").leave("a body is text; JSON stands in `jsonBody`")
    return {"body": texts.text(spot.at("body").text("" if body is None else body))}


def _delays(written: dict[str, Any], spot: Spot) -> dict[str, Any]:
    endpoint: dict[str, Any] = {}
    faults: list[Any] = []
    fixed = written.get("fixedDelayMilliseconds")
    drawn = written.get("delayDistribution")
    if fixed:
        endpoint["latency_ms"] = spot.at("fixedDelayMilliseconds").milliseconds(fixed)
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
    fault = None if written.get("fault") is None else str(written["fault"])
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
        return spot.at(name).milliseconds(written.get(name))

    if kind == "fixed":
        return read("milliseconds")
    if kind == "uniform":
        low, high = sorted((read("lower"), read("upper")))
        return {"uniform": [low, high]}
    if kind != "lognormal":
        spot.leave(f"there is no distribution {json.dumps(kind)}")
    latency: dict[str, Any] = {"lognormal": {"median": read("median"), "sigma": read("sigma")}}
    return latency | ({"max_ms": read("maxValue")} if written.get("maxValue") is not None else {})
