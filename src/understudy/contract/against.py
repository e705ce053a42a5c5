"""A config beside an OpenAPI document: every answer, and which operations there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec
from msgspec import UNSET, structs

from understudy.contract.answers import Answers
from understudy.contract.findings import Finding
from understudy.contract.routes import Routes, has_wildcard
from understudy.contract.spec import Spec, shown_operation
from understudy.errors import Problem
from understudy.formats.exported import Sample
from understudy.formats.imported import Origin
from understudy.formats.openapi.operations import Operation
from understudy.load import Loaded
from understudy.model import Behaviour, Endpoint
from understudy.samples import take_samples
from understudy.samples.endpoint import Endpoints

MAX_NAMED = 5
"""Operations that one finding names."""


def answers_of(loaded: Loaded, environ: Mapping[str, str]) -> tuple[tuple[Sample, ...], tuple[Problem, ...]]:
    """A sample of each answer, and of which there are none.

    Where no request is found that an endpoint's `validate` lets through, it is asked without: this is about
    answers. Raises ConfigError if the config does not compile.
    """
    samples, problems = take_samples(loaded, environ)
    answered = {one.endpoint for one in samples}
    lacking = {
        number
        for number, one in enumerate(loaded.config.endpoints)
        if number not in answered and one.validate is not UNSET
    }
    if not lacking:
        return samples, problems
    endpoints = [
        msgspec.structs.replace(one, validate=UNSET) if number in lacking else one
        for number, one in enumerate(loaded.config.endpoints)
    ]
    config = msgspec.structs.replace(loaded.config, defaults=Behaviour(), endpoints=endpoints)
    asked = Endpoints(structs.replace(loaded, config=config), environ)
    try:
        more = [sample for number in sorted(lacking) for sample in asked.samples(number)]
    finally:
        asked.close()
    places = {_place(loaded.problem(("endpoints", number), "")) for number in lacking}
    kept = [one for one in problems if _place(one) not in places]
    found = sorted([*samples, *more], key=lambda one: one.endpoint)
    return tuple(found), (*kept, *asked.warnings)


def _place(problem: Problem) -> tuple[str | None, int | None, str]:
    return problem.file, problem.line, problem.path


def compare_with(
    loaded: Loaded, samples: Sequence[Sample], problems: Iterable[Problem], spec: Spec
) -> tuple[Finding, ...]:
    """What is not as the document says: first by endpoint, then the operations that no endpoint stands for.

    `samples` are the answers of the config, and `problems` say of which there are none.
    """
    return tuple(_Comparison(loaded, samples, spec).findings(problems))


class _Comparison:
    def __init__(self, loaded: Loaded, samples: Sequence[Sample], spec: Spec) -> None:
        self._loaded = loaded
        self._routes = Routes(spec)
        self._answers = Answers(spec)
        self._keys = {one.text("name") for one in spec.api.schemes.values() if one.text("in") == "query"}
        self._samples: dict[int, list[Sample]] = {}
        for one in samples:
            self._samples.setdefault(one.endpoint, []).append(one)
        self._stood_for: dict[int, None] = {}

    def findings(self, problems: Iterable[Problem]) -> Iterator[Finding]:
        endpoints = self._loaded.config.endpoints
        wild = [number for number, one in enumerate(endpoints) if has_wildcard(one.path)]
        plain = [number for number in range(len(endpoints)) if number not in set(wild)]
        found: dict[int, list[Finding]] = {}
        for number in (*plain, *wild):  # what others stand for, a wildcard does not
            found[number] = list(self._endpoint(number, endpoints[number]))
        for number in range(len(endpoints)):
            yield from found[number]
        for problem in problems:
            yield Finding(
                "not-compared",
                problem.message,
                endpoint=problem.path,
                config=Origin(problem.file, problem.line),
            )
        for operation in self._routes.operations:
            if id(operation) not in self._stood_for:
                yield Finding(
                    "missing-operation",
                    operation.id or operation.summary,
                    operation=shown_operation(operation),
                    document=operation.node.origin(),
                )

    def _endpoint(self, number: int, endpoint: Endpoint) -> Iterator[Finding]:
        about = Finding(
            "undocumented-path",
            "",
            endpoint=self._loaded.names[number],
            config=Origin(*self._loaded.locate(("endpoints", number))),
        )
        samples = self._samples.get(number, [])
        if has_wildcard(endpoint.path):
            yield from self._wild(about, endpoint, samples)
            return
        if not samples:  # who answers with a running server only stands for an operation all the same
            path = str(endpoint.path)
            same = self._routes.of_path(path) or self._routes.of_target(path)
            here = [one for one in same if _takes(endpoint, one.method)]
            if endpoint.resource is UNSET and not here:
                yield self._undocumented(about, str(endpoint.path), endpoint.methods, same)
            self._stand_for(here)
            return
        told: set[str] = set()
        beyond: list[Finding] = []
        by_place: dict[tuple[str, str], list[Sample]] = {}
        for one in samples:
            by_place.setdefault((one.path, one.method), []).append(one)
        for (path, method), group in by_place.items():
            same = self._routes.of_path(path) or self._routes.of_target(group[0].target)
            here = [one for one in same if one.method == method]
            if not here:
                anything = endpoint.methods == ("ANY",) and any(_takes(endpoint, one.method) for one in same)
                if not anything:
                    beyond.append(self._undocumented(about, path, (method,), same))
            for operation in here:
                yield from self._operation(about, endpoint, operation, group, told)
        if endpoint.resource is not UNSET and len(beyond) < len(by_place):
            if beyond:  # nobody can have a resource do less
                yield replace(
                    about,
                    check="beyond-document",
                    detail=", ".join(one.detail.split(";")[0] for one in beyond),
                )
        else:
            yield from beyond
        if endpoint.methods == ("ANY",):
            asked = {method for _, method in by_place}
            for operation in self._routes.of_path(str(endpoint.path)):
                if operation.method not in asked:
                    yield from self._operation(about, endpoint, operation, samples, told)

    def _wild(self, about: Finding, endpoint: Endpoint, samples: list[Sample]) -> Iterator[Finding]:
        """A path with wildcards: it stands for what it takes and nobody else does."""
        if samples and all(one.status >= 400 for one in samples):  # that is how misses are answered
            return
        within = [one for one in self._routes.within(endpoint.path) if _takes(endpoint, one.method)]
        rest = [one for one in within if id(one) not in self._stood_for]
        if not within:
            same = self._routes.within(endpoint.path)
            path = endpoint.path if isinstance(endpoint.path, str) else endpoint.path.regex
            yield self._undocumented(about, path, endpoint.methods, same)
            return
        if len(rest) > 1:
            names = ", ".join(map(shown_operation, rest[:MAX_NAMED]))
            more = f", and {len(rest) - MAX_NAMED} more" if len(rest) > MAX_NAMED else ""
            yield replace(about, check="several-operations", detail=names + more)
        told: set[str] = set()
        for operation in rest:
            yield from self._operation(about, endpoint, operation, samples, told)

    def _operation(
        self,
        about: Finding,
        endpoint: Endpoint,
        operation: Operation,
        samples: list[Sample],
        told: set[str],
    ) -> Iterator[Finding]:
        self._stand_for([operation])
        about = replace(about, operation=shown_operation(operation))
        yield from self._parameters(about, endpoint, operation, told)
        for sample in samples:
            for wrong in self._answers.wrong(sample, operation):
                yield replace(
                    about,
                    check=wrong.check,
                    detail=wrong.detail,
                    label=sample.label,
                    pointer=wrong.pointer,
                    document=wrong.node.origin() if wrong.node is not None else None,
                )

    def _parameters(
        self, about: Finding, endpoint: Endpoint, operation: Operation, told: set[str]
    ) -> Iterator[Finding]:
        """Parameters that the endpoint asks for and the operation does not have."""
        if endpoint.match is UNSET:
            return
        known = {one.name for one in operation.parameters if one.where == "query"}
        known |= self._keys
        folds = endpoint.match.ignore_case
        if folds:  # a request with the name as it is documented is taken
            known = {name.casefold() for name in known}
        spread = any(one.where == "query" and one.style == "deepObject" for one in operation.parameters)
        for name in endpoint.match.query:
            asked = name.casefold() if folds else name
            plain = asked.partition("[")[0]
            if asked in known or name in told or (spread and plain in known):
                continue
            told.add(name)
            yield replace(
                about,
                check="unknown-parameter",
                detail=f"query parameter {name}",
                document=operation.node.origin(),
            )

    def _undocumented(
        self, about: Finding, path: str, methods: Sequence[str], same: Sequence[Operation]
    ) -> Finding:
        asked = f"{', '.join(methods)} {path}"
        if not same:
            return replace(about, detail=asked)
        there = ", ".join(dict.fromkeys(one.method for one in same))
        return replace(
            about,
            check="undocumented-method",
            detail=f"{asked}; documented: {there}",
            document=same[0].node.origin(),
        )

    def _stand_for(self, operations: Iterable[Operation]) -> None:
        self._stood_for |= {id(one): None for one in operations}


def _takes(endpoint: Endpoint, method: str) -> bool:
    methods = endpoint.methods
    return "ANY" in methods or method in methods or (method == "HEAD" and "GET" in methods)
