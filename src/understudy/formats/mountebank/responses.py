"""One response of a stub: status, headers, body, and the behaviours that change them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from understudy.formats.mountebank.copies import Copies
from understudy.formats.mountebank.proxies import read_proxy
from understudy.formats.mountebank.texts import as_text
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.texts import Texts
from understudy.model.parts import check_headers

FAULTS = {"CONNECTION_RESET_BY_PEER": "reset", "RANDOM_DATA_THEN_CLOSE": "garbage"}
"""By mountebank's name."""
OF_THE_WAY = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})
"""Headers that are set by whoever sends: mountebank itself counts the length anew."""
_NOT_RUN = ("decorate", "shellTransform")
_KINDS = ("is", "proxy", "inject", "fault")
_OTHERS = frozenset({"behaviors", "_behaviors", "repeat", "_links", "_proxyResponseTime"})


class Answer(NamedTuple):
    """The keys of an endpoint for an answer. `is_choice`: they may stand in one of its `responses`."""

    keys: dict[str, Any]
    is_choice: bool


class Responses:
    """Reads the responses of one imposter, whose `defaultResponse` stands behind each of them."""

    def __init__(self, default: Any, folder: str, spot: Spot) -> None:
        self._default = spot.mapping(default)
        self._default_spot = spot
        self._folder = folder
        self._folders = 0

    def default(self) -> Answer:
        """What is answered where nothing else is said."""
        return self._is({}, {}, self._default_spot)

    def read(self, written: dict[str, Any], spot: Spot) -> tuple[Answer, int]:
        """The answer, and how often it comes before the next one. Raises LeftOut."""
        kinds = [kind for kind in _KINDS if written.get(kind)]
        if len(kinds) > 1:
            spot.leave(f"a response is one of {', '.join(_KINDS)}; this one is {' and '.join(kinds)}")
        for key in written:
            if key not in _KINDS and key not in _OTHERS:
                spot.at(key).warn(f"`{key}` is not carried over")
        behaviours = _Behaviours(written, spot)
        times = behaviours.times
        if written.get("inject"):
            spot.at("inject").leave("JavaScript is not run")
        if written.get("fault"):
            return self._fault(written["fault"], spot.at("fault")), times
        if written.get("proxy"):
            keys = read_proxy(written["proxy"], self._next_folder(), spot.at("proxy"))
            return Answer({**keys, **behaviours.latency}, False), times
        if "is" not in written and not self._default:
            spot.leave(f"a response is one of {', '.join(_KINDS)}")
        answer = spot.at("is").mapping(written.get("is"))
        return self._is(answer, behaviours.latency, spot.at("is"), behaviours.copies), times

    def _next_folder(self) -> str:
        """A folder for what one proxy records: others may ask another server, or compare otherwise."""
        self._folders += 1
        return self._folder if self._folders == 1 else f"{self._folder}-{self._folders}"

    def _fault(self, written: Any, spot: Spot) -> Answer:
        name = spot.text(written)
        if name not in FAULTS:  # mountebank logs it, and answers as if there were none
            spot.warn(f"there is no fault {json.dumps(name)}: it is answered without one")
            return self.default()
        return Answer({"faults": [FAULTS[name]]}, False)

    def _is(
        self, written: dict[str, Any], latency: dict[str, Any], spot: Spot, copies: Copies | None = None
    ) -> Answer:
        known = {key: written.get(key) or self._default.get(key) for key in ("statusCode", "body", "_mode")}
        places = {key: spot if written.get(key) else self._default_spot for key in known}
        for key in written:
            if key not in {*known, "headers", "_proxyResponseTime"}:
                spot.at(key).warn(f"`{key}` is not carried over")
        keys: dict[str, Any] = {}
        status = _status(known["statusCode"], places["statusCode"].at("statusCode"))
        if status != 200:
            keys["status"] = status
        given = written.get("headers")
        at = spot if given else self._default_spot
        headers = _headers(given if given else self._default.get("headers"), at.at("headers"))
        body: Any = known["body"]
        texts = Texts(None)
        if copies and copies.known:
            headers, body = copies.put(headers, body, spot)
            texts = Texts("wiremock").needed_by(headers, body)
            if fault := texts.fault(headers, body):
                spot.leave(f"what is copied cannot be said by a template: {fault}")
        if headers:
            keys["headers"] = texts.json(headers)
        keys |= _body(body, known["_mode"] == "binary", texts, places["body"].at("body"))
        return Answer({**keys, **texts.key(headers, body), **latency}, True)


def _status(written: Any, spot: Spot) -> int:
    if isinstance(written, str) and re.fullmatch(r"[0-9]{3}", written):
        written = int(written)
    if written is None:
        return 200
    if isinstance(written, bool) or not isinstance(written, int) or not 200 <= written <= 599:
        spot.leave(f"a status is from 200 to 599, this one is {str(written)[:20]}")
    return written


def _headers(written: Any, spot: Spot) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for name, value in spot.mapping(written).items():
        if name.lower() in OF_THE_WAY:
            continue
        inner = spot.at(name)
        values = (
            [as_text(one, inner) for one in value] if isinstance(value, list) else [as_text(value, inner)]
        )
        if values:
            headers[name] = values if len(values) > 1 else values[0]
    try:
        check_headers(headers)
    except ValueError as error:
        spot.leave(str(error))
    return headers


def _body(written: Any, is_binary: bool, texts: Texts, spot: Spot) -> dict[str, Any]:
    if written is None or written == "":
        return {"body": ""}
    if is_binary:
        return {"base64": _base64(spot.text(written), spot)}
    if isinstance(written, dict | list):
        return {"response": texts.json(written)}
    return {"body": texts.text(as_text(written, spot))}


def _base64(text: str, spot: Spot) -> str:
    """Base64 as Node reads it: of both alphabets, without regard to padding or what is none of it."""
    text = re.sub(r"[^A-Za-z0-9+/]", "", text.partition("=")[0])
    if len(text) % 4 == 1:
        text = text[:-1]  # six bits are no byte
    return text + "=" * (-len(text) % 4)


class _Behaviours:
    """What is done to a response, as mountebank 1 or 2 write it: an object, or a list of objects."""

    def __init__(self, written: dict[str, Any], spot: Spot) -> None:
        self.latency: dict[str, Any] = {}
        self.times = _times(written.get("repeat"), spot.at("repeat"))
        self.copies = Copies()
        wait = 0.0
        for name, value, at in _each(written, spot):
            if name == "wait":
                wait += _wait(value, at)
            elif name == "repeat":
                self.times = _times(value, at)
            elif name == "copy":
                self.copies.add_all(value, at)
            elif name in _NOT_RUN:
                at.warn(f"`{name}` is not run: the response stays as it is written")
            elif name == "lookup":
                at.warn("`lookup` is not carried over: its tokens stay as they are written")
            else:
                at.warn(f"the behaviour `{name}` is not carried over")
        if wait:
            self.latency = {"latency_ms": int(wait) if wait == int(wait) else wait}


def _each(written: dict[str, Any], spot: Spot) -> Iterator[tuple[str, Any, Spot]]:
    for key in ("_behaviors", "behaviors"):
        inner = spot.at(key)
        found = written.get(key)
        if isinstance(found, list):
            for number, one in enumerate(found):
                for name, value in inner.at(number).mapping(one).items():
                    yield name, value, inner.at(number, name)
        else:
            for name, value in inner.mapping(found).items():
                yield name, value, inner.at(name)


def _times(written: Any, spot: Spot) -> int:
    if not written:
        return 1
    try:
        return max(1, int(spot.number(int(written) if isinstance(written, str) else written)))
    except ValueError:
        spot.leave("`repeat` is a number")


def _wait(written: Any, spot: Spot) -> float:
    """Milliseconds. A function is a warning."""
    if isinstance(written, str):
        if not (found := re.match(r"\s*([0-9]{1,15})", written)):
            spot.warn("the time to wait is JavaScript, which is not run: it is answered at once")
            return 0
        written = int(found[1])
    try:
        return spot.milliseconds(written)
    except LeftOut as left:
        spot.warn(f"it is answered at once: {left.message}")
        return 0
