"""One endpoint as stubs: an answer each, with the states that sequences and scenarios need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.formats.exported import Outgoing, Sample
from understudy.formats.outgoing import CannotSay, Place
from understudy.formats.wiremock.stub import STARTED
from understudy.formats.wiremock.write_access import access_of
from understudy.formats.wiremock.write_request import written_requests
from understudy.formats.wiremock.write_response import (
    Bodies,
    delays,
    faults,
    of_sample,
    proxying,
    written_response,
)
from understudy.formats.wiremock.write_webhooks import listeners_of
from understudy.model import Choice, Endpoint, Match, Responses
from understudy.model.parts import merge_headers
from understudy.simulate.content import media_type

MAX_TIMES = 50
"""How often an endpoint may answer (`times`) to become that many stubs."""
_NOT_CARRIED = {
    "failure_rate": "it never fails",
    "outage": "it is never down",
    "capacity": "it has room for any number of requests",
    "rate_limit": "any number of requests is let through",
    "validate": "requests are not held against it",
    "cache": "replies say nothing of caching",
    "middleware": "it is not run",
    "ttl": "it answers for ever",
    "group": "",
}

Written = dict[str, Any]


class _Answer(NamedTuple):
    """An answer, by which conditions, from which state to which. Those of a lower `level` are asked first."""

    content: Endpoint | Choice
    number: int = 0
    match: Match | None = None
    required: str | None = None
    following: str | None = None
    level: int = 0


def stubs_of(number: int, outgoing: Outgoing, bodies: Bodies, place: Place) -> Iterator[Written]:
    """The stubs of an endpoint, in the order in which they are to be asked. Raises CannotSay.

    `level` in a stub says which of them must come before which; it is not WireMock's.
    """
    endpoint = outgoing.loaded.config.endpoints[number]
    samples = [one for one in outgoing.samples if one.endpoint == number]
    for key, consequence in _NOT_CARRIED.items():
        if consequence and getattr(endpoint, key) not in (UNSET, False, 0):
            place.at(key).warn(f"`{key}` has no counterpart: {consequence}")
    if endpoint.kind == "record":
        raise CannotSay("what was recorded is exported from its folder: understudy export FOLDER")
    if endpoint.resource is not UNSET or endpoint.handler is not UNSET:
        yield from _of_samples(endpoint, samples, place)
        return
    name = endpoint.name or ""
    scenario, answers = _answers(endpoint, outgoing.loaded.names[number], place)
    access, refusal = access_of(endpoint, outgoing.loaded.config, place)
    highest = max(answer.level for answer in answers)
    for answer in answers:
        stub: Written = {"name": name} if name else {}
        response = _response(endpoint, answer, bodies, samples, place)
        more = listeners_of(endpoint, outgoing, place)
        matches = [one for one in (endpoint.match, answer.match, access) if isinstance(one, Match)]
        for request in written_requests(endpoint.path, endpoint.methods, matches):
            for required in _required(endpoint, answer, outgoing):
                made = {**stub, "request": request, "response": response, "level": answer.level}
                yield made | _states(scenario, required, _following(endpoint, answer, outgoing)) | more
    if refusal is not None:
        own = [endpoint.match] if isinstance(endpoint.match, Match) else []
        for request in written_requests(endpoint.path, endpoint.methods, own):
            yield {
                **({"name": f"{name}, refused"} if name else {}),
                "request": request,
                "response": refusal,
                "level": highest + 1,
            }


def _of_samples(endpoint: Endpoint, samples: list[Sample], place: Place) -> Iterator[Written]:
    """Stubs that always answer what was answered once."""
    key = "resource" if endpoint.resource is not UNSET else "handler"
    if not samples:
        raise CannotSay(f"`{key}` has no counterpart, and there is no sample of an answer")
    place.at(key).warn(f"`{key}` has no counterpart: each stub always answers as it did once")
    for sample in samples:
        request: Written = {
            "method": sample.method,
            "url" if "?" in sample.target else "urlPath": sample.target,
        }
        yield {"request": request, "response": of_sample(sample), "level": 0}


def _response(
    endpoint: Endpoint, answer: _Answer, bodies: Bodies, samples: list[Sample], place: Place
) -> Written:
    content = answer.content
    headers = {} if endpoint.headers is UNSET else endpoint.headers
    latency = endpoint.latency_ms
    if isinstance(content, Choice):
        content = msgspec.structs.replace(
            content,
            status=endpoint.status if content.status is UNSET else content.status,
            templates=endpoint.templates if content.templates is UNSET else content.templates,
        )
        headers = merge_headers(headers, {} if content.headers is UNSET else content.headers)
        latency = latency if content.latency_ms is UNSET else content.latency_ms

    def sample() -> Sample | None:
        return next((one for one in samples if one.choice == answer.number), None)

    response = written_response(content, bodies, sample, place, headers)
    if endpoint.proxy is not UNSET:
        response |= proxying(endpoint.proxy, place)
        if endpoint.record is not UNSET:
            place.at("record").warn("`record` has no counterpart: nothing is kept, all is passed on")
    response |= delays(latency, place)
    if endpoint.faults is not UNSET:
        faults(endpoint.faults, response, place)
    if "fault" in response:  # nothing else of it is sent
        delayed = ("fault", "fixedDelayMilliseconds", "delayDistribution", "status")
        response = {key: value for key, value in response.items() if key in delayed}
    return response


# ---- answers, and what chooses between them


def _answers(endpoint: Endpoint, name: str, place: Place) -> tuple[str | None, list[_Answer]]:
    """The answers, and the scenario that they are states of."""
    state = endpoint.state
    own = state.scenario if state is not UNSET else None
    if state is not UNSET and (state.set or state.add or state.push or state.delete):
        place.at("state").warn("variables have no counterpart: they are not changed")
    if state is not UNSET and state.per is not UNSET:
        place.at("state", "per").warn("all clients share a scenario")
    if endpoint.responses is UNSET:
        if endpoint.times is UNSET:
            return own, [_Answer(endpoint)]
        if own is not None or endpoint.times > MAX_TIMES:
            place.at("times").warn("`times` has no counterpart here: it answers for ever")
            return own, [_Answer(endpoint)]
        return name, _steps([endpoint] * endpoint.times, "end")
    written = endpoint.responses
    responses = written if isinstance(written, Responses) else Responses(choices=written)
    choices = responses.choices
    inner = place.at("responses")
    if responses.kind == "conditional":
        return own, [
            _Answer(choice, number, None if choice.match is UNSET else choice.match, level=number)
            for number, choice in enumerate(choices)
        ]
    if responses.kind == "negotiated":
        return own, [
            _Answer(choice, number, Match(accept=media_type(choice)), level=number)
            for number, choice in enumerate(choices)
        ]
    if responses.kind == "weighted":
        weights = [1.0 if choice.weight is UNSET else choice.weight for choice in choices]
        heaviest = weights.index(max(weights))
        inner.warn("answers by lot have no counterpart: it gives the likeliest")
        return own, [_Answer(choices[heaviest], heaviest)]
    if own is not None or endpoint.times is not UNSET:
        inner.warn("a sequence beside a scenario has no counterpart: it gives the first answer")
        return own, [_Answer(choices[0])]
    if responses.per is not UNSET:
        inner.warn("all clients share a sequence")
    return name, _steps(choices, responses.then)


def _steps(contents: list[Any], then: str) -> list[_Answer]:
    """One after the other, as the states of a scenario."""
    last = len(contents) - 1
    found = []
    for number, content in enumerate(contents):
        following: str | None = _state(number + 1)
        if number == last:
            following = {"repeat": None, "cycle": STARTED, "end": "over"}[then]
        distinct = number if isinstance(content, Choice) else 0
        found.append(_Answer(content, distinct, None, _state(number), following))
    if len(found) == 1 and then != "end":
        return [found[0]._replace(required=None, following=None)]
    return found


def _state(number: int) -> str:
    return STARTED if number == 0 else f"step {number + 1}"


def _required(endpoint: Endpoint, answer: _Answer, outgoing: Outgoing) -> list[str | None]:
    """The states in which a stub answers: one each."""
    state = endpoint.state
    if answer.required is not None or state is UNSET or state.required is UNSET:
        return [answer.required]
    several = [state.required] if isinstance(state.required, str) else state.required
    return [_named(one, state.scenario, outgoing) for one in several]


def _following(endpoint: Endpoint, answer: _Answer, outgoing: Outgoing) -> str | None:
    state = endpoint.state
    if answer.following is not None or state is UNSET or state.next is UNSET:
        return answer.following
    return _named(state.next, state.scenario, outgoing)


def _named(state: str, scenario: str, outgoing: Outgoing) -> str:
    """A state's name: each scenario of WireMock's begins in one of the same name."""
    return STARTED if state == outgoing.loaded.config.state.scenario(scenario).initial else state


def _states(scenario: str | None, required: str | None, following: str | None) -> Written:
    if scenario is None or (required is None and following is None):
        return {}
    made: Written = {"scenarioName": scenario}
    if required is not None:
        made["requiredScenarioState"] = required
    if following is not None:
        made["newScenarioState"] = following
    return made
