"""One stub as endpoints: one for each way to meet its predicates, or for each of its responses."""

from __future__ import annotations

from typing import Any, NamedTuple

from understudy.formats.checked import Unfit, checked
from understudy.formats.har.notes import Notes
from understudy.formats.mountebank.predicates import Demands, read_predicates
from understudy.formats.mountebank.responses import Answer, Responses
from understudy.formats.spot import Spot
from understudy.model import Endpoint

MAX_ANSWERS = 1000
"""Answers in turn, `repeat` counted."""
MAX_ENDPOINTS = 200
"""Endpoints that one stub may become."""
_KNOWN = frozenset({"predicates", "responses", "_links", "_uuid", "matches", "name"})


class Made(NamedTuple):
    """An endpoint as it will be written, and the same as a model."""

    written: dict[str, Any]
    endpoint: Endpoint


class Stubs:
    """Reads the stubs of one imposter. `scenarios` gathers those that keep what comes next."""

    def __init__(self, name: str, responses: Responses, notes: Notes) -> None:
        self._name = name
        self._responses = responses
        self._notes = notes
        self.scenarios: list[str] = []

    def read(self, written: Any, spot: Spot) -> list[Made]:
        """The endpoints of a stub. Raises LeftOut where it would not answer as it did in mountebank."""
        stub = spot.mapping(written)
        for key in stub:
            if key not in _KNOWN:
                spot.at(key).warn(f"`{key}` is not carried over")
        demands = read_predicates(stub.get("predicates"), self._notes, spot.at("predicates"))
        answers = self._answers(stub.get("responses"), spot.at("responses"))
        return [self._made(one, spot) for one in self._endpoints(demands, answers, spot)]

    def _answers(self, written: Any, spot: Spot) -> list[Answer]:
        """What is answered, in turn, each as often as it is repeated."""
        found: list[Answer] = []
        for number, one in enumerate(spot.sequence(written)):
            inner = spot.at(number)
            answer, times = self._responses.read(inner.mapping(one), inner)
            if len(found) + times > MAX_ANSWERS:
                inner.warn(f"only {MAX_ANSWERS} answers come in turn: then it begins with the first again")
                times = MAX_ANSWERS - len(found)
            found += [answer] * times
        return found or [self._responses.default()]

    def _endpoints(self, demands: list[Demands], answers: list[Answer], spot: Spot) -> list[dict[str, Any]]:
        different = [one for number, one in enumerate(answers) if one not in answers[:number]]
        if len(different) == 1:
            return [{**_asked(one), **different[0].keys} for one in demands]
        if len(demands) == 1 and all(one.is_choice for one in answers):
            choices = [one.keys for one in answers]
            return [
                {**_asked(demands[0]), "responses": {"mode": "sequence", "then": "cycle", "choices": choices}}
            ]
        if len(demands) * len(answers) > MAX_ENDPOINTS:
            spot.leave(
                f"its predicates and its responses in turn would make more than {MAX_ENDPOINTS} endpoints"
            )
        scenario = f"{self._name} stub {len(self.scenarios) + 1}"
        self.scenarios.append(scenario)
        return [
            {
                **_asked(one),
                "state": {
                    "scenario": scenario,
                    "required": str(number),
                    "next": str((number + 1) % len(answers)),
                },
                **answer.keys,
                **_remembered(answer.keys),
            }
            for number, answer in enumerate(answers)
            for one in demands
        ]

    def _made(self, written: dict[str, Any], spot: Spot) -> Made:
        try:
            return Made(written, checked(written))
        except Unfit as error:
            (spot.at("predicates") if error.of_request else spot).leave(str(error))


def _remembered(keys: dict[str, Any]) -> dict[str, Any]:
    """Faults as those of requests that count: the next one gets the next answer."""
    faults = [{"kind": kind, "phase": "after"} for kind in keys.get("faults", ())]
    return {"faults": faults} if faults else {}


def _asked(demands: Demands) -> dict[str, Any]:
    written: dict[str, Any] = {"path": demands.path}
    if demands.method != "GET":
        written["method"] = demands.method
    if demands.match:
        written["match"] = demands.match
    return written
