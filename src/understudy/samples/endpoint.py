"""The samples of one endpoint: which answers it has, and who is asked how for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from understudy.compiler import compile_program
from understudy.engine import Suspended, World, decide
from understudy.errors import Problem
from understudy.formats.exported import Sample
from understudy.formats.openapi.bundle import Bundle, CannotBundle
from understudy.load import Loaded
from understudy.match import Conditions, PathPattern, compile_match
from understudy.model import (
    WHOLE_DATABASE,
    Behaviour,
    Choice,
    Config,
    Endpoint,
    Match,
    Operators,
    Resource,
    Responses,
    Validate,
)
from understudy.model.chaos import Chaos
from understudy.model.connections import Connections
from understudy.program import CompiledEndpoint, Program
from understudy.request import Request
from understudy.samples.access import Credential, credentials_for
from understudy.samples.bodies import data_for
from understudy.samples.draft import MISSING, Draft, Unmet
from understudy.samples.paths import paths_for
from understudy.samples.run import driven
from understudy.samples.used import used_by
from understudy.samples.wishes import drafts_for
from understudy.simulate.content import media_type
from understudy.state.view import SCENARIOS, VARIABLES, key_of
from understudy.steps import Plan, Reply, SendFile

NOW_S = 1_767_225_600.0
"""The time of all samples: 2026-01-01T00:00:00Z."""
SEED = 1
MAX_CHOICES = 64
"""Answers of one endpoint that are asked for."""
MAX_TRIED = 48
"""Requests that are tried for one answer."""
MAX_FILE_BYTES = 1024 * 1024
"""Bytes of a file that are taken as a body; the rest is cut off."""
INSTEAD = " answers instead"
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_EXAMPLE = re.compile(r"example=([\w.-]+)$")


class _Wanted(NamedTuple):
    """An answer that is asked for: what a request must have for it, and whether it is that answer.

    `asked` is how often it has to be asked, as in a sequence, and `choice` its number among the answers.
    """

    label: str
    match: Match | None = None
    is_it: Callable[[Request], bool] = lambda request: True
    asked: int = 1
    choice: int = 0


class _Asked(NamedTuple):
    """A request, and what became of it."""

    request: Request
    plan: Plan
    path: str
    target: str
    headers: tuple[tuple[str, str], ...]


class Endpoints:
    """The endpoints of a config, to be asked. `warnings` say of which there are no samples."""

    def __init__(self, loaded: Loaded, environ: Mapping[str, str]) -> None:
        self.loaded = loaded
        self.warnings: list[Problem] = []
        credentials: dict[int, list[Credential]] = {
            number: [] for number in range(len(loaded.config.endpoints))
        }
        if any(endpoint.auth not in (UNSET, False) for endpoint in loaded.config.endpoints):
            first = compile_program(_calm(loaded, frozenset()), dict(environ))  # which makes the tokens
            for number, endpoint in enumerate(loaded.config.endpoints):
                credentials[number] = credentials_for(endpoint, loaded.config, first.auth, NOW_S)
            _close(first)
        open_ = frozenset(number for number, found in credentials.items() if not found)
        self._credentials = credentials
        self._program = compile_program(_calm(loaded, open_), dict(environ))
        self._compiled: dict[int, list[CompiledEndpoint]] = {}
        for one in self._program.endpoints:
            self._compiled.setdefault(one.order, []).append(one)

    def close(self) -> None:
        """Forget what was made of the config."""
        _close(self._program)

    def samples(self, number: int) -> Iterator[Sample]:
        """The samples of an endpoint; a warning for each answer that none was found of."""
        endpoint = self.loaded.config.endpoints[number]
        if endpoint.resource is not UNSET:
            yield from self._of_resource(number, endpoint)
            return
        labels: set[tuple[str, str]] = set()
        methods = _methods(endpoint)
        compiled = self._compiled[number][0]
        for wanted in _answers(endpoint):
            # further methods have the same answers: one of each is enough
            for method in methods if wanted.label == "" else methods[:1]:
                try:
                    asked = self._ask(number, endpoint, compiled, method, wanted, {})
                except Unmet as unmet:
                    self._warn(number, wanted.label, str(unmet))
                    continue
                yield self._sample(number, endpoint, asked, wanted, method, labels)

    # ---- resources

    def _of_resource(self, number: int, endpoint: Endpoint) -> Iterator[Sample]:
        """What each path of a collection answers to each of its methods, with a record of its own."""
        resource = endpoint.resource if isinstance(endpoint.resource, Resource) else None
        name = resource.collection if resource else str(endpoint.resource)
        if name == WHOLE_DATABASE:
            return
        record = self._record(name)
        key = "id" if resource is None else resource.id
        id_ = _dig(record, key)
        is_single = isinstance(self._database().get(name), dict)
        labels: set[tuple[str, str]] = set()
        for compiled in self._compiled[number]:
            source = compiled.pattern.source
            given = {} if not compiled.pattern.parameters else {compiled.pattern.parameters[-1]: str(id_)}
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                if method not in compiled.methods:
                    continue
                body = MISSING
                if method in _METHODS_WITH_BODY:
                    body = self._new(source, record, key) if method == "POST" and not is_single else record
                try:
                    asked = self._ask(number, endpoint, compiled, method, _Wanted(""), given, body)
                except Unmet as unmet:
                    if not str(unmet).endswith(INSTEAD):  # which has samples of its own
                        self._warn(number, f"{method} {source}", str(unmet))
                    continue
                yield self._sample(number, endpoint, asked, _Wanted(""), method, labels, path=source)

    def _database(self) -> dict[str, Any]:
        database = self.loaded.database
        return database if isinstance(database, dict) else {}

    def _record(self, name: str) -> Any:
        """A record of a collection: its first, or one that its schema accepts."""
        records = self._database().get(name)
        if isinstance(records, dict):
            return records
        if isinstance(records, list) and records:
            return records[0]
        for endpoint in self.loaded.config.endpoints:
            resource = endpoint.resource
            if (
                isinstance(resource, Resource)
                and resource.collection == name
                and resource.schema is not UNSET
            ):
                try:
                    made = data_for(self._bundled(resource.schema))
                except Unmet:
                    made = {}
                return made if isinstance(made, dict) else {}
        return {"name": "text"}

    def _new(self, source: str, record: Any, key: str) -> Any:
        """A record to be created: it has no id yet. Below `/users/{id}/posts` it is a post."""
        below = re.fullmatch(r".*\{[^{}]*\}/([^/{}]+)", source)
        if below is None:
            return _without(record, key)
        return _without(self._record(unquote(below[1])), "id")

    # ---- asking

    def _ask(
        self,
        number: int,
        endpoint: Endpoint,
        compiled: CompiledEndpoint,
        method: str,
        wanted: _Wanted,
        given: Mapping[str, str],
        body: Any = MISSING,
    ) -> _Asked:
        """The first request that gets the wanted answer. Raises Unmet."""
        why = "no request was found that it answers"
        path = endpoint.path if endpoint.resource is UNSET else compiled.pattern.source
        drafts = self._drafts(endpoint, method, wanted, body)
        for draft in islice(self._with_credentials(number, drafts), MAX_TRIED):
            for decoded in paths_for(path, draft, given):
                asked, refused = self._tried(endpoint, compiled, method, wanted, draft, decoded)
                if asked is not None:
                    return asked
                why = refused or why
        raise Unmet(why)

    def _drafts(self, endpoint: Endpoint, method: str, wanted: _Wanted, body: Any) -> Iterator[Draft]:
        draft = Draft(json=body)
        used = used_by(endpoint)
        both = [one for one in (endpoint.match, wanted.match) if one is not UNSET and one is not None]
        for made in drafts_for(Match(all=both), draft):
            if endpoint.validate is not UNSET:
                self._valid(endpoint.validate, made, method)
            if used:
                seen = made.copy()
                used.put(seen, has_body=method in _METHODS_WITH_BODY)
                yield seen
            yield made
            if method in _METHODS_WITH_BODY and made.json is MISSING and not made.body()[1]:
                # what asks for the absence of something may ask for a body that has it not
                for value in ({}, {"name": "text"}):
                    other = made.copy()
                    other.json = value
                    yield other
                other = made.copy()
                other.raw = b"text"
                yield other

    def _with_credentials(self, number: int, drafts: Iterator[Draft]) -> Iterator[Draft]:
        credentials = self._credentials[number]
        for draft in drafts:
            if not credentials:
                yield draft
            for credential in credentials:
                made = draft.copy()
                credential.put(made)
                yield made

    def _tried(
        self,
        endpoint: Endpoint,
        compiled: CompiledEndpoint,
        method: str,
        wanted: _Wanted,
        draft: Draft,
        path: str,
    ) -> tuple[_Asked | None, str]:
        """What a request gets if that is the wanted answer; else None, and why it is not."""
        if draft.target is None and compiled.pattern.match(path) is None:
            return None, "no path was found that it takes"
        world = World(SEED, lambda: NOW_S)
        target = draft.path_and_query(path)
        headers = _sendable(draft.all_headers())
        if headers is None:
            return None, "no headers were found that it takes"
        if draft.header("host") is None:
            headers = (("Host", "localhost"), *headers)
        plan: Plan | None = None
        for _ in range(wanted.asked):
            request = Request(
                method,
                target.encode("ascii", "replace"),
                [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
                draft.body()[1],
                draft.client,
            )
            request.params = compiled.pattern.values(path)
            self._remember(endpoint, compiled, draft, request, world)
            plan = _planned(decide(self._program, request, world))
            if plan is None:
                return None, "its answer waits for something that needs a running server"
        assert plan is not None, "it is asked at least once"
        if plan.endpoint != compiled.name:
            other = f"{plan.endpoint}{INSTEAD}" if plan.endpoint else ""
            return None, other
        if plan.error:
            return None, plan.error
        if plan.violations:
            first = plan.violations[0]
            return None, f"its `validate` refuses {first['location']}{first['pointer']}: {first['message']}"
        if plan.reply is None:
            return None, "its answer is known to a running server alone"
        if _turned_away(plan.reply):
            return None, "its `auth` lets no known credentials in"
        if not wanted.is_it(request):
            return None, "another of its answers was given"
        return _Asked(request, plan, path, target, headers), ""

    @staticmethod
    def _remember(
        endpoint: Endpoint, compiled: CompiledEndpoint, draft: Draft, request: Request, world: World
    ) -> None:
        """Bring about the state that the endpoint needs."""
        owner = "" if compiled.owner is None else compiled.owner(request)
        for name, value in draft.variables.items():
            driven(world.store.put("", VARIABLES, key_of(owner, name), value))
        change = endpoint.state
        if change is not UNSET and change.required is not UNSET and change.required:
            needed = change.required if isinstance(change.required, str) else change.required[0]
            driven(world.store.put("", SCENARIOS, key_of(owner, change.scenario), needed))

    def _valid(self, written: str | Validate, draft: Draft, method: str) -> None:
        """Add to a draft what `validate` requires. Raises Unmet."""
        spec = Validate(body=written) if isinstance(written, str) else written
        if spec.mode == "off":
            return
        for schema, pairs in ((spec.query, draft.query), (spec.headers, draft.headers)):
            if schema is UNSET:
                continue
            known = {name.lower() for name, _ in pairs}
            for name, value in _required(self._bundled(schema)):
                if name.lower() not in known:
                    pairs += [(name, one) for one in _texts(value)]
        if spec.params is not UNSET:
            for name, value in _required(self._bundled(spec.params), every=True):
                draft.params.setdefault(name, _texts(value)[0])
        if (spec.body is UNSET and not spec.needs_body) or (not spec.needs_body and method == "GET"):
            return
        self._valid_body(spec, draft)

    def _valid_body(self, spec: Validate, draft: Draft) -> None:
        types = [one for one in spec.media_types if "*" not in one]
        kind = next((one for one in types if one.endswith("json")), types[0] if types else "application/json")
        has_body = draft.json is not MISSING or bool(draft.body()[1])
        made: Any = {} if spec.body is UNSET else data_for(self._bundled(spec.body))
        if has_body and (draft.json is MISSING or spec.body is UNSET):
            pass
        elif kind.endswith("json") or not spec.media_types:
            if isinstance(made, dict) and isinstance(draft.json, dict):
                made = {**made, **draft.json}
            draft.json = made
        elif kind == "application/x-www-form-urlencoded" and isinstance(made, dict):
            draft.form = [(name, text) for name, value in made.items() for text in _texts(value)]
        elif not has_body:
            draft.raw = b"text"
        if spec.media_types and draft.header("content-type") is None and not draft.form and not draft.parts:
            draft.headers.append(("Content-Type", kind))

    def _bundled(self, schema: Any) -> Any:
        """A schema that needs no other document. Raises Unmet."""
        bundle = Bundle(self.loaded, "#/$defs/")
        try:
            made = bundle.add(schema)
        except CannotBundle as error:
            raise Unmet(f"the schema: {error}") from None
        return {**made, "$defs": bundle.definitions} if isinstance(made, dict) else made

    # ---- what was found

    def _sample(
        self,
        number: int,
        endpoint: Endpoint,
        asked: _Asked,
        wanted: _Wanted,
        method: str,
        labels: set[tuple[str, str]],
        path: str | None = None,
    ) -> Sample:
        reply = asked.plan.reply
        assert reply is not None, "else it would have been refused"
        where = path or ""
        label = wanted.label
        name, count = label, 1
        while (f"{method} {where}", name) in labels:
            count += 1
            name = f"{label} {count}".strip()
        labels.add((f"{method} {where}", name))
        shown = endpoint.path if isinstance(endpoint.path, str) else endpoint.path.regex
        return Sample(
            endpoint=number,
            name=self.loaded.names[number],
            path=path or shown,
            label=name,
            method=method,
            target=asked.target,
            headers=tuple(pair for pair in asked.headers if pair != ("Host", "localhost")),
            body=asked.request.body,
            status=reply.status,
            reply_headers=tuple(
                (key.decode("latin-1"), value.decode("latin-1")) for key, value in reply.headers
            ),
            reply_body=_body(reply, asked.plan),
            choice=wanted.choice,
        )

    def _warn(self, number: int, label: str, why: str) -> None:
        which = f" of its answer {label!r}" if label else ""
        self.warnings.append(self.loaded.problem(("endpoints", number), f"no sample{which} was found: {why}"))


# ---- the config, with all that stands in the way switched off


def _calm(loaded: Loaded, open_: frozenset[int]) -> Loaded:
    config: Config = msgspec.structs.replace(
        loaded.config,
        cors=False,
        static=[],
        defaults=Behaviour(),
        rate_limits={},
        capacities={},
        outages={},
        chaos=Chaos(),
        connections=Connections(),
        endpoints=[
            _calm_endpoint(endpoint, is_open=number in open_)
            for number, endpoint in enumerate(loaded.config.endpoints)
        ],
    )
    return replace(loaded, config=config)


def _calm_endpoint(endpoint: Endpoint, *, is_open: bool) -> Endpoint:
    responses = endpoint.responses
    if isinstance(responses, list):
        responses = Responses(choices=responses)
    if isinstance(responses, Responses):
        mode = responses.kind
        responses = msgspec.structs.replace(
            responses,
            # by lot, each would come some time; one after the other, each comes
            mode="sequence" if mode == "weighted" else mode,
            choices=[
                msgspec.structs.replace(choice, latency_ms=UNSET, weight=UNSET)
                for choice in responses.choices
            ],
        )
    return msgspec.structs.replace(
        endpoint,
        latency_ms=UNSET,
        failure_rate=UNSET,
        failure=UNSET,
        faults=UNSET,
        outage=UNSET,
        capacity=UNSET,
        rate_limit=UNSET,
        callbacks=UNSET,
        ttl=UNSET,
        auth=False if is_open else endpoint.auth,
        responses=responses,
    )


def _close(program: Program) -> None:
    if program.workspace is not None:
        program.workspace.close()


# ---- which answers there are


def _methods(endpoint: Endpoint) -> list[str]:
    """The methods that are asked with; HEAD has no body to show."""
    methods = [name for name in endpoint.methods if name != "HEAD" or endpoint.methods == ("HEAD",)]
    return ["GET" if name == "ANY" else name for name in methods]


def _answers(endpoint: Endpoint) -> Iterator[_Wanted]:
    if endpoint.responses is UNSET:
        yield _Wanted("")
        return
    written = endpoint.responses
    responses = written if isinstance(written, Responses) else Responses(choices=written)
    choices = responses.choices[:MAX_CHOICES]
    if responses.kind == "conditional":
        yield from _conditional(endpoint, choices)
    elif responses.kind == "negotiated":
        types = [media_type(_whole(endpoint, choice)) for choice in choices]
        for number, kind in enumerate(types):
            if kind not in types[:number]:
                yield _Wanted(kind if number else "", Match(headers={"Accept": kind}), choice=number)
    else:
        statuses = [endpoint.status if one.status is UNSET else one.status for one in choices]
        for number, status in enumerate(statuses):
            yield _Wanted(str(status) if number else "", asked=number + 1, choice=number)


def _conditional(endpoint: Endpoint, choices: list[Choice]) -> Iterator[_Wanted]:
    pattern = PathPattern(endpoint.path)
    conditions = [None if one.match is UNSET else compile_match(one.match, pattern) for one in choices]
    usual = next((number for number, one in enumerate(conditions) if one is None), 0)
    order = [usual, *(number for number in range(len(choices)) if number != usual)]
    for number in order:
        choice = choices[number]
        label = "" if number == usual else _label(endpoint, choice)
        match = None if choice.match is UNSET else choice.match
        yield _Wanted(label, match, _chosen(conditions, number), choice=number)


def _chosen(conditions: list[Conditions | None], number: int) -> Callable[[Request], bool]:
    def is_it(request: Request) -> bool:
        found = (place for place, one in enumerate(conditions) if one is None or one.matches(request))
        return next(found, None) == number

    return is_it


def _label(endpoint: Endpoint, choice: Choice) -> str:
    """What an answer is called: the example that is asked for by `Prefer` (RFC 7240), or its status."""
    wanted = UNSET if choice.match is UNSET else choice.match.headers.get("Prefer", UNSET)
    for one in [wanted, *(wanted.all if isinstance(wanted, Operators) and wanted.all is not UNSET else [])]:
        text = one.contains if isinstance(one, Operators) else one
        found = _EXAMPLE.search(text) if isinstance(text, str) else None
        if found:
            return found[1]
    return str(endpoint.status if choice.status is UNSET else choice.status)


def _whole(endpoint: Endpoint, choice: Choice) -> Choice:
    headers = {} if endpoint.headers is UNSET else endpoint.headers
    return msgspec.structs.replace(
        choice, headers={**headers, **({} if choice.headers is UNSET else choice.headers)}
    )


# ---- small things


def _planned(decided: Plan | Suspended) -> Plan | None:
    """The plan; None if it waits for something."""
    return driven(_awaited(decided)) if isinstance(decided, Suspended) else decided


async def _awaited(suspended: Suspended) -> Plan:
    return await suspended


def _turned_away(reply: Reply) -> bool:
    """Whether this is how `auth` refuses: nothing else says which scheme it was."""
    if reply.status not in {401, 403} or not reply.body.startswith(b'{"error":"'):
        return False
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return False
    return body.get("error") in {"Unauthorized", "Forbidden"} and {"message", "scheme"} <= body.keys()


def _sendable(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...] | None:
    """The headers, if they can be sent as they are."""
    for name, value in headers:
        try:
            (name + value).encode("latin-1")
        except UnicodeEncodeError:
            return None
        if any(character in value for character in "\r\n\0"):
            return None
    return tuple(headers)


def _body(reply: Reply, plan: Plan) -> bytes:
    for step in plan.steps:
        if isinstance(step, SendFile):
            with step.path.open("rb") as file:
                file.seek(step.offset)
                return file.read(min(step.length, MAX_FILE_BYTES))
    return reply.body


def _required(schema: Any, *, every: bool = False) -> Iterator[tuple[str, Any]]:
    """What an object must have by a schema, with values; with `every` all that it may have."""
    if not isinstance(schema, dict):
        return
    made = data_for(schema, "request")
    names = schema.get("required", []) if not every else list(schema.get("properties", {}))
    for name in names:
        properties = schema.get("properties", {})
        if isinstance(made, dict) and name in made:
            yield name, made[name]
        elif name not in properties:
            yield name, "text"


def _texts(value: Any) -> list[str]:
    """A value as it stands in a query."""
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()]


def _dig(record: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        record = record.get(key, 1) if isinstance(record, dict) else 1
    return record


def _without(record: Any, dotted: str) -> Any:
    if not isinstance(record, dict):
        return record
    key, _, rest = dotted.partition(".")
    if rest:
        return {**record, key: _without(record.get(key), rest)}
    return {name: value for name, value in record.items() if name != key}


__all__ = ["Endpoints"]
