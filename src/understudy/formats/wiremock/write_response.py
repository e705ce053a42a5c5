"""An answer as the `response` of a stub: the way back from `response.py`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from understudy.errors import ConfigError
from understudy.formats.exported import Sample
from understudy.formats.outgoing import CannotSay, Place
from understudy.formats.wiremock.response import FAULTS, TEMPLATES
from understudy.formats.wiremock.write_texts import Said, Texts
from understudy.model import BodyFile, Choice, Endpoint, Latency, Proxy, templating
from understudy.simulate.content import media_type
from understudy.simulate.distributions import sigma_of

Written = dict[str, Any]
MAX_FILES_BYTES = 64 * 1024 * 1024
"""What the files of one export may hold together."""
_OURS = {ours: theirs for theirs, ours in FAULTS.items()}
_ALIASES = {**{theirs: theirs for theirs in FAULTS}, **_OURS}
_USUAL_TYPES = {"body": "text/plain; charset=utf-8", "base64": "application/octet-stream"}


class Bodies:
    """Bodies that stand in files: beside the stubs in `files`, or in the stubs where there is no folder."""

    def __init__(self, place: Place, folder: str, *, in_folder: bool) -> None:
        self._place = place
        self._prefix = f"{folder}/"
        self._in_folder = in_folder
        self.files: dict[str, bytes] = {}
        self._size = 0

    def read(self, relative: str) -> bytes:
        """The content of a file of the config. Raises CannotSay."""
        try:
            data = self._place.loaded.resolve(relative).read_bytes()
        except (ConfigError, OSError):
            raise CannotSay(f"{relative} cannot be read") from None
        self._size += len(data)
        if self._size > MAX_FILES_BYTES:
            raise CannotSay(f"the files are larger than {MAX_FILES_BYTES // 2**20} MB together")
        return data

    def put(self, relative: str, data: bytes) -> str:
        """Keep a body in a file, and give the name by which stubs know it."""
        name = relative.removeprefix(self._prefix).lstrip("./") or "body"
        self.files[self._prefix + name] = data
        return name

    def body(self, relative: str, data: bytes) -> Written:
        """A body that is sent as it is."""
        if self._in_folder:
            return {"bodyFileName": self.put(relative, data)}
        return plain_body(data)


def plain_body(data: bytes) -> Written:
    """A body as text, or as base64 where it is none."""
    try:
        return {"body": data.decode()}
    except UnicodeDecodeError:
        return {"base64Body": base64.b64encode(data).decode()}


def written_response(
    content: Endpoint | Choice,
    bodies: Bodies,
    sample: Callable[[], Sample | None],
    place: Place,
    headers: Mapping[str, Any],
) -> Written:
    """Status, headers and body. What only our templates can say is as the sample has it, with a warning.

    `headers` are the answer's, with those of its endpoint. Raises CannotSay if there is no sample either.
    """
    try:
        return _said(content, bodies, headers)
    except CannotSay as reason:
        taken = sample()
        if taken is None:
            raise
        place.warn(f"it always answers as it did once: {reason}")
        return of_sample(taken)


def of_sample(sample: Sample) -> Written:
    """The response that a sample shows."""
    made: Written = {"status": sample.status}
    headers: dict[str, Any] = {}
    for name, value in sample.reply_headers:
        known = headers.get(name)
        headers[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    if headers:
        made["headers"] = headers
    return {**made, **(plain_body(sample.reply_body) if sample.reply_body else {})}


def _said(content: Endpoint | Choice, bodies: Bodies, headers: Mapping[str, Any]) -> Written:
    language = templating(content.templates)
    texts = Texts(language)
    proxied = isinstance(content, Endpoint) and content.proxy is not UNSET
    made: Written = {} if proxied else {"status": content.status}
    is_template = False
    shown: dict[str, Any] = {}
    for name, value in headers.items():
        several = [_header(texts, one) for one in (value if isinstance(value, list) else [value])]
        is_template = is_template or any(said.is_template for said in several)
        shown[name] = [one.text for one in several] if isinstance(value, list) else several[0].text
    body, flag, untouched = _body(content, bodies, texts) if not proxied else ({}, False, False)
    if untouched and is_template:
        body = {**body, "transformerParameters": {"disableBodyFileTemplating": True}}
    kind = "" if proxied else _type(content)
    if kind and content.status not in {204, 304} and all(name.lower() != "content-type" for name in shown):
        shown["Content-Type"] = kind
    if shown:
        made["headers"] = shown
    made |= body
    if is_template or flag:
        made["transformers"] = [TEMPLATES]
        if texts.parameters:
            made["transformerParameters"] = {**made.get("transformerParameters", {}), **texts.parameters}
    return made


def _header(texts: Texts, value: Any) -> Said:
    return texts.text(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _type(content: Endpoint | Choice) -> str:
    """The Content-Type that is sent although none is written."""
    return _USUAL_TYPES.get(content.kind) or media_type(content)


def _body(content: Endpoint | Choice, bodies: Bodies, texts: Texts) -> tuple[Written, bool, bool]:
    """The body, whether it is a template, and whether it is one that must not be taken for one."""
    kind = content.kind
    if kind == "response":
        value, flag = texts.json(content.response)
        return {"jsonBody": value}, flag, False
    if kind == "body":
        said = texts.text(str(content.body))
        return {"body": said.text}, said.is_template, False
    if kind == "base64":
        return {"base64Body": content.base64}, False, False
    if kind != "file":
        return ({} if content.status in {204, 304} else {"jsonBody": {}}), False, False
    file = content.file if isinstance(content.file, BodyFile) else BodyFile(path=str(content.file))
    data = bodies.read(file.path)
    if not file.template:
        return bodies.body(file.path, data), False, b"{{" in data
    try:
        said = texts.text(data.decode())
    except UnicodeDecodeError:
        raise CannotSay(f"{file.path} is not UTF-8") from None
    return bodies.body(file.path, said.text.encode()), said.is_template, False


# ---- late and broken


_OF_PROXIES = {
    "keep_host": "`Host` is that of the server",
    "rewrite_location": "redirects lead to the server itself",
    "tls": "certificates are checked as WireMock is told at its start",
}


def proxying(proxy: str | Proxy, place: Place) -> Written:
    """The keys of a stub that passes requests on."""
    proxy, usual = Proxy.of(proxy), Proxy(target="http://localhost")
    place = place.at("proxy")
    for key, consequence in _OF_PROXIES.items():
        if getattr(proxy, key) != getattr(usual, key):
            place.at(key).warn(f"`{key}` has no counterpart: {consequence}")
    made: Written = {"proxyBaseUrl": proxy.target.rstrip("/")}
    if proxy.headers:
        made["additionalProxyRequestHeaders"] = proxy.headers
    if proxy.remove_headers:
        made["removeProxyRequestHeaders"] = proxy.remove_headers
    if proxy.strip_prefix:
        made["proxyUrlPrefixToRemove"] = proxy.strip_prefix
    return made


def delays(latency: float | Latency | Any, place: Place) -> Written:
    """The delay of a stub for `latency_ms`."""
    if latency is UNSET or not latency:
        return {}
    if not isinstance(latency, Latency):
        return {"fixedDelayMilliseconds": round(latency)}
    place = place.at("latency_ms")
    made = distribution(latency)
    if made is None:
        kind = latency.kind
        place.warn(f"`{kind}` has no counterpart: the delay is left out, or its middle")
        middle = _middle(latency)
        return {"fixedDelayMilliseconds": round(middle)} if middle else {}
    if latency.min_ms is not UNSET or (latency.max_ms is not UNSET and made["type"] != "lognormal"):
        place.warn("`min_ms` and `max_ms` have no counterpart")
    return {"delayDistribution": made}


def distribution(latency: Latency) -> Written | None:
    """The distribution that WireMock has, if it has it."""
    if latency.uniform is not UNSET:
        low, high = latency.uniform
        return {"type": "uniform", "lower": round(low), "upper": round(high)}
    if latency.lognormal is not UNSET:
        of = latency.lognormal
        sigma = of.sigma
        if sigma is UNSET:
            sigma = sigma_of(of.median, of.p99) if of.p99 is not UNSET and of.median and of.p99 else 0.0
        made: Written = {"type": "lognormal", "median": _plain(of.median), "sigma": _plain(sigma)}
        return made if latency.max_ms is UNSET else {**made, "maxValue": _plain(latency.max_ms)}
    return None


def _plain(number: float) -> float:
    """A whole number without `.0`."""
    return int(number) if number == int(number) else number


def _middle(latency: Latency) -> float:
    if latency.normal is not UNSET:
        return latency.normal.mean
    if latency.exponential is not UNSET:
        return latency.exponential
    if latency.percentiles is not UNSET:
        return latency.percentiles.get("50", 0.0)
    return 0.0


def faults(written: list[Any], made: Written, place: Place) -> None:
    """Add the faults that WireMock has; others are a warning."""
    for number, one in enumerate(written):
        kind = one if isinstance(one, str) else str(one.get("kind"))
        about = {} if isinstance(one, str) else {key: item for key, item in one.items() if key != "kind"}
        inner = place.at("faults", number)
        if about.pop("probability", 1.0) != 1.0 or about.keys() & {"when", "max_active", "ttl"}:
            inner.warn("faults that strike now and then have no counterpart: this one is left out")
        elif kind in _ALIASES and not about and "fault" not in made:
            made["fault"] = _ALIASES[kind]
        elif kind == "dribble":
            made["chunkedDribbleDelay"] = {
                "numberOfChunks": about.get("chunks", 5),
                "totalDuration": round(about.get("over_ms", 1000)),
            }
        elif kind == "latency" and about.keys() == {"ms"} and isinstance(about["ms"], int | float):
            made["fixedDelayMilliseconds"] = made.get("fixedDelayMilliseconds", 0) + round(about["ms"])
        else:
            inner.warn(f"the fault {kind} has no counterpart: it is left out")
