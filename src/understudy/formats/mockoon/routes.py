"""A route of Mockoon's as endpoints."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from understudy.formats.mockoon.buckets import Buckets
from understudy.formats.mockoon.paths import config_path
from understudy.formats.mockoon.responses import Responses, read_headers
from understudy.formats.mockoon.rules import Rules
from understudy.formats.spot import LeftOut, Spot
from understudy.match import ConditionError, compile_match
from understudy.match.path import PathPattern, PathSyntaxError
from understudy.model import Endpoint, Match
from understudy.model.convert import convert


class Made(NamedTuple):
    """An endpoint as it will be written, and the same as a model."""

    written: dict[str, Any]
    endpoint: Endpoint


class Routes:
    """Reads the routes of an environment. `counters` are variables that count requests."""

    def __init__(
        self, prefix: str, responses: Responses, buckets: Buckets, callbacks: dict[str, dict[str, Any]]
    ) -> None:
        self.counters: dict[str, int] = {}
        self._prefix = prefix
        self._responses = responses
        self._buckets = buckets
        self._callbacks = callbacks

    def read(self, route: dict[str, Any], spot: Spot) -> list[Made]:
        """The endpoints of a route, the first to be asked in front. Raises LeftOut."""
        kind = str(route.get("type", "http"))
        if kind not in {"http", "crud"}:
            spot.leave(f"a route of type {kind!r} is not served")
        path = config_path(self._prefix, str(route.get("endpoint") or ""))
        try:
            pattern = PathPattern(convert({"path": path}, Endpoint).path)
        except (PathSyntaxError, msgspec.ValidationError) as error:
            spot.at("endpoint").leave(str(error))
        written = [
            spot.at("responses", at).mapping(one)
            for at, one in enumerate(spot.sequence(route.get("responses")))
        ]
        if not written:
            spot.leave("it has no response")
        return _Route(self, route, path, pattern, spot).made(kind == "crud", written)


class _Route:
    """One route on its way to be endpoints."""

    def __init__(
        self, routes: Routes, route: dict[str, Any], path: Any, pattern: PathPattern, spot: Spot
    ) -> None:
        self._routes = routes
        self._route = route
        self._path = path
        self._pattern = pattern
        self._spot = spot
        self._method = str(route.get("method") or "get").upper()
        self._counter = ""
        self._callbacks: list[dict[str, Any]] = []
        self._written: list[dict[str, Any]] = []
        self._rules = Rules(routes._buckets.schemas, self._count)

    def made(self, is_crud: bool, written: list[dict[str, Any]]) -> list[Made]:
        self._written = written
        mode = str(self._route.get("responseMode"))
        default = next((one for one in written if one.get("default")), written[0])
        if is_crud:
            return self._crud(written, default)
        if mode == "DISABLE_RULES":
            written = [default]
        if mode in {"RANDOM", "SEQUENTIAL"}:
            choices = self._choices(written, with_rules=False)
            more = {"mode": "weighted"} if mode == "RANDOM" else {"mode": "sequence", "then": "cycle"}
            answers = {"responses": {**more, "choices": choices}} if len(choices) > 1 else choices[0]
            return [self._endpoint(answers)]
        return [self._endpoint(self._conditional(written, default, mode == "FALLBACK"))]

    def _conditional(
        self, written: list[dict[str, Any]], default: dict[str, Any], falls_back: bool
    ) -> dict[str, Any]:
        choices = self._choices([one for one in written if one.get("rules")], with_rules=True)
        if falls_back:
            if not choices:
                self._spot.leave("none of its responses has a rule, so that it never answers")
            return {"responses": {"mode": "conditional", "choices": choices}}
        plain = self._choices([default], with_rules=False)[0]
        if not choices:
            return plain
        return {"responses": {"mode": "conditional", "choices": [*choices, plain]}}

    def _choices(self, written: list[dict[str, Any]], *, with_rules: bool) -> list[dict[str, Any]]:
        """The answers for responses. Those that cannot be given are warnings; if none can, LeftOut."""
        choices = []
        problem: LeftOut | None = None
        for response in written:
            number = next(at for at, one in enumerate(self._written) if one is response)
            spot = self._spot.at("responses", number)
            try:
                match = self._matched(response, spot) if with_rules else {}
                answer = self._routes._responses.read(response, spot)
            except LeftOut as left:
                problem = left
                left.spot.warn(f"this response is left out: {left.message}")
                continue
            self._send(response, match, len(self._written) == 1, spot)
            choices.append({"match": match, **answer} if match else answer)
        if not choices and not with_rules and problem is not None:
            problem.spot.leave("no response is left")
        return choices

    def _matched(self, response: dict[str, Any], spot: Spot) -> dict[str, Any]:
        match = self._rules.match(response, spot)
        try:
            compile_match(convert(match, Match), self._pattern)
        except ConditionError as error:
            spot.at("rules").leave(error.message.partition("\n")[0])
        except msgspec.ValidationError as error:
            spot.at("rules").leave(str(error))
        return match

    def _endpoint(self, answers: dict[str, Any]) -> Made:
        written: dict[str, Any] = {"path": self._path}
        if self._method != "GET":
            written["method"] = "ANY" if self._method == "ALL" else self._method
        if self._counter:
            written["state"] = {"add": {self._counter: 1}}
        written |= answers
        if self._callbacks:
            written["callbacks"] = self._callbacks[0] if len(self._callbacks) == 1 else self._callbacks
        return self._checked(written)

    def _checked(self, written: dict[str, Any]) -> Made:
        try:
            return Made(written, convert(written, Endpoint))
        except msgspec.ValidationError as error:
            self._spot.leave(str(error))

    def _crud(self, written: list[dict[str, Any]], default: dict[str, Any]) -> list[Made]:
        """A resource, and before it an endpoint for each response with rules."""
        name = self._routes._buckets.names.get(str(default.get("databucketID") or ""))
        if name is None or not isinstance(self._routes._buckets.database[name], list):
            self._spot.leave("it has no data bucket with a list")
        if not isinstance(self._path, str) or self._path.endswith("**"):
            self._spot.leave("a resource has a plain path")
        made = []
        self._method = "ALL"
        path = self._path
        for choice in self._choices([one for one in written if one.get("rules")], with_rules=True):
            self._path = f"{path.rstrip('/')}/**"
            made.append(self._endpoint(choice))
        self._path = path
        key = str(default.get("crudKey") or "id")
        endpoint: dict[str, Any] = {"path": path}
        endpoint["resource"] = name if key == "id" else {"collection": name, "id": key}
        headers = read_headers(default.get("headers"), self._spot.at("responses"))
        kept = {one: value for one, value in headers.items() if one.lower() != "content-type"}
        if kept:
            endpoint["headers"] = kept
        endpoint |= self._routes._responses.latency(default, self._spot)
        return [*made, self._checked(endpoint)]

    # ---- what is counted and sent

    def _count(self) -> str:
        if self._route.get("responseMode") == "FALLBACK":
            self._spot.leave("a route that falls back does not count its requests")
        if not self._counter:
            words = re.findall(r"[A-Za-z0-9]+", f"{self._method} {self._pattern.source}")
            self._counter = "requests_" + "_".join(words)
            self._routes.counters[self._counter] = 0  # one is added before a response is chosen
        return self._counter

    def _send(self, response: dict[str, Any], match: dict[str, Any], is_only: bool, spot: Spot) -> None:
        """Note the callbacks of a response, which are those of the endpoint if it is the only one."""
        callbacks = spot.at("callbacks")
        for number, one in enumerate(callbacks.sequence(response.get("callbacks"))):
            inner = callbacks.at(number)
            wanted = inner.mapping(one)
            known = self._routes._callbacks.get(str(wanted.get("uuid")))
            if known is None:
                inner.warn("there is no such callback")
                continue
            if not match and not is_only:
                inner.warn("this callback is left out: the response that it belongs to has no rules")
                continue
            callback = dict(known)
            if wanted.get("latency"):
                callback["delay_ms"] = inner.at("latency").milliseconds(wanted["latency"])
            if match:
                callback["when"] = {"match": match}
            self._callbacks.append(callback)
