"""A config as a collection (format 2.1.0): a request for each endpoint, with an example for each answer.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl

from msgspec import UNSET

from understudy.errors import Problem
from understudy.formats.exported import Exported, Outgoing, Sample
from understudy.formats.postman.choose import BY_NAME
from understudy.formats.postman.dynamic import DYNAMIC
from understudy.formats.postman.variables import VARIABLE
from understudy.model import Access, Endpoint, Scheme
from understudy.views.multipart import read_multipart

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
BASE_URL = "baseUrl"
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::(?!path\})[a-z]+)?\}")
_NOT_ASKED = re.compile(
    r"(?:x-mock-response-.*|host|content-length|transfer-encoding|connection)", re.IGNORECASE
)
_NOT_ANSWERED = re.compile(r"(?:date|content-length|transfer-encoding|connection)", re.IGNORECASE)
_LANGUAGES = ("json", "xml", "html", "javascript")

Written = dict[str, Any]


def write_postman(outgoing: Outgoing) -> Exported:
    """The collection, in one file."""
    writer = _Writer(outgoing)
    collection: Written = {
        "info": {"name": outgoing.title, "schema": SCHEMA},
        "item": writer.items(),
        "variable": [{"key": BASE_URL, "value": outgoing.base_url, "type": "string"}],
    }
    text = json.dumps(collection, indent=2, ensure_ascii=False) + "\n"
    return Exported({"": text.encode("utf-8", "replace")}, tuple(writer.warnings))


class _Writer:
    """Writes the requests; folders come from the groups of endpoints."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._config = outgoing.loaded.config
        self.warnings: list[Problem] = []

    def items(self) -> list[Written]:
        """Folders and requests, in the order of the config."""
        top: list[Written] = []
        folders: dict[tuple[str, ...], list[Written]] = {(): top}
        # an endpoint for several methods or paths is a request for each of them
        for key, found in groupby(self._outgoing.samples, lambda one: (one.endpoint, one.method, one.path)):
            endpoint = self._config.endpoints[key[0]]
            samples = list(found)
            inside = top
            path: tuple[str, ...] = ()
            for name in _groups(endpoint):
                path = (*path, name)
                if path not in folders:
                    folders[path] = []
                    inside.append({"name": name, "item": folders[path]})
                inside = folders[path]
            inside.append(self._item(samples, endpoint))
        return top

    def _item(self, samples: list[Sample], endpoint: Endpoint) -> Written:
        auth = self._auth(endpoint, samples[0])
        requests = [self._request(sample, auth) for sample in samples]
        request = {**requests[0], "auth": auth[0]} if auth is not None else requests[0]
        return {
            "name": samples[0].name,
            "request": request,
            "response": [
                self._response(sample, asked) for sample, asked in zip(samples, requests, strict=True)
            ],
        }

    def _warn(self, sample: Sample, message: str) -> None:
        what = f" ({sample.label})" if sample.label else ""
        self.warnings.append(
            self._outgoing.loaded.problem(("endpoints", sample.endpoint), f"{message}{what}")
        )

    # ---- what is asked

    def _request(self, sample: Sample, auth: tuple[Written, str, str] | None) -> Written:
        kept = [pair for pair in sample.headers if not _NOT_ASKED.fullmatch(pair[0])]
        if auth is not None and auth[1] == "header":
            kept = [pair for pair in kept if pair[0].lower() != auth[2].lower()]
        request: Written = {
            "method": sample.method,
            "header": [{"key": name, "value": value} for name, value in kept],
            "url": _url(sample, auth[2] if auth is not None and auth[1] == "query" else None),
        }
        if sample.body:
            body = _body(sample)
            if body is None:
                self._warn(sample, "the body of the request is left out, as it is no text")
            else:
                request["body"] = body
        return request

    def _auth(self, endpoint: Endpoint, sample: Sample) -> tuple[Written, str, str] | None:
        """The `auth` of a request, and where in the sample its credentials are; None for no auth."""
        scheme = _scheme(endpoint, self._config.auth.schemes)
        if scheme is None:
            return None
        headers = {name.lower(): value for name, value in sample.headers}
        sent = headers.get("authorization", "")
        if scheme.kind == "basic":
            user, password = _user(sent)
            return _attributes("basic", username=user, password=password), "header", "Authorization"
        if scheme.kind in {"bearer", "jwt", "oauth"}:
            token = sent.partition(" ")[2] or "{{token}}"
            return _attributes("bearer", token=token), "header", "Authorization"
        if scheme.kind != "api_key":
            return None  # a cookie, which is among the headers
        written = scheme.api_key
        query, cookie, header = (getattr(written, where, UNSET) for where in ("query", "cookie", "header"))
        if cookie is not UNSET:
            return None
        if query is not UNSET:
            value = dict(parse_qsl(sample.target.partition("?")[2])).get(query, "{{apiKey}}")
            return _attributes("apikey", key=query, value=value, **{"in": "query"}), "query", query
        name = "X-API-Key" if header is UNSET else header
        value = headers.get(name.lower(), "{{apiKey}}")
        return _attributes("apikey", key=name, value=value, **{"in": "header"}), "header", name

    # ---- what is answered

    def _response(self, sample: Sample, asked: Written) -> Written:
        kind = next((value for name, value in sample.reply_headers if name.lower() == "content-type"), "")
        try:
            text = sample.reply_body.decode()
        except UnicodeDecodeError:
            text = ""
            self._warn(sample, "the body of the answer is left out, as it is no text")
        if any(found[1] in DYNAMIC or found[1] == BASE_URL for found in VARIABLE.finditer(text)):
            self._warn(sample, "the answer has text in braces that Postman takes for a variable")
        return {
            "name": _named(sample),
            "originalRequest": asked,
            "status": _phrase(sample.status),
            "code": sample.status,
            "_postman_previewlanguage": _language(kind) or "text",
            "header": [
                {"key": name, "value": value}
                for name, value in sample.reply_headers
                if not _NOT_ANSWERED.fullmatch(name)
            ],
            "cookie": [],
            "body": text,
        }


def _groups(endpoint: Endpoint) -> list[str]:
    if endpoint.group is UNSET:
        return []
    return [endpoint.group] if isinstance(endpoint.group, str) else endpoint.group


def _named(sample: Sample) -> str:
    """What an example is called: by the name that asks for it, if it is asked for by name."""
    by_name = (value for name, value in sample.headers if name.lower() == BY_NAME.lower())
    return next(by_name, sample.label) or _phrase(sample.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)


# ---- URLs


def _url(sample: Sample, left_out: str | None) -> Written:
    """The URL; `left_out` is the query parameter that stands in `auth`."""
    path, _, query = sample.target.partition("?")
    segments, variables = _path(sample.path, path)
    pairs = [
        (_encoded(name), _encoded(value))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != left_out
    ]
    shown = "&".join(f"{name}={value}" for name, value in pairs)
    raw = f"{{{{{BASE_URL}}}}}/{'/'.join(segments)}" + (f"?{shown}" if shown else "")
    url: Written = {"raw": raw, "host": [f"{{{{{BASE_URL}}}}}"], "path": segments}
    if pairs:
        url["query"] = [{"key": name, "value": value} for name, value in pairs]
    if variables:
        url["variable"] = [{"key": name, "value": value} for name, value in variables.items()]
    return url


def _encoded(text: str) -> str:
    """A part of the query with what Postman would not encode itself."""
    for character in "%&=+#":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _path(pattern: str, path: str) -> tuple[list[str], dict[str, str]]:
    """The segments of a path, with `:name` where the pattern has a parameter, and the parameters' values."""
    sent = path.removeprefix("/").split("/")
    written = pattern.removeprefix("/").split("/")
    if len(written) != len(sent):
        written = sent  # a wildcard takes several segments, and Postman's variables take one
    segments: list[str] = []
    variables: dict[str, str] = {}
    for one, other in zip(written, sent, strict=True):
        parameter = _PARAMETER.fullmatch(one)
        if parameter is None:
            segments.append(other)
            continue
        segments.append(f":{parameter[1]}")
        variables[parameter[1]] = other
    return segments, variables


# ---- bodies


def _body(sample: Sample) -> Written | None:
    kind = next((value for name, value in sample.headers if name.lower() == "content-type"), "")
    if kind.lower().startswith("multipart/form-data"):
        return _formdata(kind, sample.body)
    try:
        text = sample.body.decode()
    except UnicodeDecodeError:
        return None
    if kind.lower().startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=len(text) + 1)
        return {"mode": "urlencoded", "urlencoded": [{"key": name, "value": value} for name, value in pairs]}
    body: Written = {"mode": "raw", "raw": text}
    language = _language(kind)
    return {**body, "options": {"raw": {"language": language}}} if language else body


def _formdata(kind: str, body: bytes) -> Written | None:
    fields: list[Written] = []
    for part in read_multipart(kind, body):
        if part.name is None:
            continue
        if part.filename is not None:
            fields.append({"key": part.name, "type": "file", "src": part.filename})
        else:
            fields.append({"key": part.name, "type": "text", "value": part.body.decode("utf-8", "replace")})
    return {"mode": "formdata", "formdata": fields} if fields else None


def _language(kind: str) -> str:
    lower = kind.lower()
    return next((language for language in _LANGUAGES if language in lower), "")


# ---- auth


def _scheme(endpoint: Endpoint, schemes: dict[str, Scheme]) -> Scheme | None:
    """The scheme of an endpoint, the first if several will do."""
    access = endpoint.auth
    if access is UNSET or access is False:
        return None
    if access is True:
        return next(iter(schemes.values()), None)
    if isinstance(access, Access):
        if access.use is UNSET:
            return access
        access = access.use
    name = access if isinstance(access, str) else next(iter(access), "")
    return schemes.get(name)


def _attributes(kind: str, **values: str) -> Written:
    pairs: Iterator[tuple[str, str]] = iter(values.items())
    return {"type": kind, kind: [{"key": name, "value": value, "type": "string"} for name, value in pairs]}


def _user(sent: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(sent.partition(" ")[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    user, _, password = text.partition(":")
    return user or "{{username}}", password or "{{password}}"
