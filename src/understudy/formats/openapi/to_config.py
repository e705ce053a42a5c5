"""An OpenAPI document as a config: an endpoint for each operation.

An endpoint answers with the first success that is documented. The other documented answers are there too,
for clients that ask with `Prefer: code=404` or `Prefer: example=NAME` (RFC 7240), as Prism has made usual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from understudy.errors import ConfigError
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.openapi.bodies import JSON, XML, Bodies
from understudy.formats.openapi.callbacks import callbacks_of
from understudy.formats.openapi.document import Library, Node
from understudy.formats.openapi.operations import (
    MAX_NAME,
    MAX_OPERATIONS,
    Api,
    Example,
    Media,
    Operation,
    Response,
    read_api,
)
from understudy.formats.openapi.paths import Path, path_of
from understudy.formats.openapi.requests import validate_of
from understudy.formats.openapi.schemas import Schemas
from understudy.formats.openapi.security import Security
from understudy.load.fault import Fault
from understudy.load.source import Source


def read_openapi(source: Source, options: Options) -> Imported:
    """The config for a document. Raises ConfigError if it is none."""
    library = Library(fetch=options.fetch)
    document = library.begin(source, options.source_url)
    api = read_api(document)
    if len(api.operations) > MAX_OPERATIONS:
        raise ConfigError(
            [source.problem(Fault(f"more than {MAX_OPERATIONS:,} operations in one document", ("paths",)))]
        )
    made = _Config(api, options, document.root)
    endpoints, origins, comments = made.endpoints()
    if not endpoints:
        document.root.warn("the document has no operations: no endpoint was made of it")
    config: dict[str, Any] = {}
    if made.security.schemes:
        config["auth"] = {"schemes": made.security.schemes}
    if made.default_access:
        config["defaults"] = {"auth": made.default_access}
    config["endpoints"] = endpoints
    return Imported(
        config=config,
        warnings=tuple(sorted(library.warnings, key=lambda one: (one.file or "", one.line or 0))),
        origins=tuple(origins),
        comments=tuple(comments),
        read=library.files(),
    )


@dataclass
class _Config:
    """The parts of a config, as they come together."""

    api: Api
    options: Options
    root: Node
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        is_new = self.api.version in ("3.1", "3.2")
        self.bodies = Bodies(Schemas(is_new))
        self.for_requests = Schemas(is_new, "readOnly")
        self.security = Security(self.api)
        self.default_access: Any = False
        if self.options.auth:
            self.default_access = self.security.access(self.api.security, self.root)

    def endpoints(self) -> tuple[list[dict[str, Any]], list[Origin | None], list[str]]:
        """An endpoint for each operation, where that is written, and its summary."""
        endpoints: list[dict[str, Any]] = []
        origins: list[Origin | None] = []
        comments: list[str] = []
        for operation in self.api.operations:
            path = path_of(operation, prefix=self.options.servers)
            if path is not None:
                endpoints.append(self.endpoint(operation, path))
                origins.append(operation.node.origin())
                comments.append(operation.summary)
        return endpoints, origins, comments

    def endpoint(self, operation: Operation, path: Path) -> dict[str, Any]:
        """The endpoint for an operation."""
        made: dict[str, Any] = {}
        name = self._name(operation)
        if name:
            made["name"] = name
        made["path"] = path.text
        if operation.method != "GET":
            made["method"] = operation.method
        if path.query:
            made["match"] = {"query": path.query}
        if operation.tags:
            made["group"] = operation.tags[0] if len(operation.tags) == 1 else list(operation.tags)
        if self.options.auth:
            access = self.security.of(operation)
            if access is not None and access != self.default_access:
                made["auth"] = access
        if self.options.validate:
            validate = validate_of(operation, path, self.for_requests)
            if validate:
                made["validate"] = validate
        made |= self._answers(operation)
        callbacks = callbacks_of(operation, path, self.bodies)
        if callbacks:
            made["callbacks"] = callbacks
        return made

    def _name(self, operation: Operation) -> str:
        name = operation.id.strip()[:MAX_NAME]
        if not name:
            return ""
        if name in self.names:
            operation.node.warn(
                "another operation has this id: the endpoint has no name", "operationId", found=name
            )
            return ""
        self.names.add(name)
        return name

    def _answers(self, operation: Operation) -> dict[str, Any]:
        """Status, headers and body; with more than one documented answer `responses`."""
        chosen = _chosen(operation.responses)
        deprecated = {"Deprecation": "true"} if operation.deprecated else {}
        if chosen is None:
            responses = operation.node.child("responses")
            if responses is None or not responses.value:  # else what is wrong with them was told
                operation.node.warn("no response is documented: it is an empty 200")
            return {**({"headers": deprecated} if deprecated else {}), "body": ""}
        choices = self._choices(operation, chosen)
        if len(choices) == 1:
            answer = choices[0]
            if deprecated:
                answer["headers"] = {**deprecated, **answer.get("headers", {})}
            return answer
        return {**({"headers": deprecated} if deprecated else {}), "responses": choices}

    def _choices(self, operation: Operation, chosen: Response) -> list[dict[str, Any]]:
        """All answers that can be asked for, and at last the usual one."""
        name = f"{operation.method} {operation.path}"
        usual = _media(chosen)
        asked: list[tuple[int, dict[str, Any]]] = []

        def offer(
            rank: int,
            wanted: dict[str, Any],
            response: Response,
            media: Media | None,
            example: Example | None,
        ) -> None:
            answer = self.bodies.answer(response, media, example, name)
            status = _status(response, is_chosen=response is chosen)
            asked.append((rank, {"match": {"headers": wanted}, **_with_status(status, answer)}))

        for response in operation.responses:
            if response.status[0] == "1":
                response.node.warn("a status below 200 is never the answer: it is left out")
                continue
            media = _media(response)
            named = _named(media)
            for example in named:
                by_name = _prefers_example(example.name, [one.name for one in named])
                if response is chosen:
                    offer(_EXAMPLE, {"Prefer": by_name}, response, media, example)
                else:
                    both = {"all": [_prefers_status(response, chosen), by_name]}
                    offer(_STATUS_AND_EXAMPLE, {"Prefer": both}, response, media, example)
            if response is not chosen:
                rank = _DEFAULT if response.status == "default" else _STATUS + ("XX" in response.status)
                offer(rank, {"Prefer": _prefers_status(response, chosen)}, response, media, None)
        if usual is not None and JSON.fullmatch(usual.type):
            for other in chosen.media:
                if other is not usual and _is_offered(other):
                    offer(_TYPE, {"Accept": _accepts_only(other)}, chosen, other, None)
        last = _with_status(_status(chosen, is_chosen=True), self.bodies.answer(chosen, usual, None, name))
        return [*(choice for _, choice in sorted(asked, key=lambda one: one[0])), last]


_STATUS_AND_EXAMPLE, _STATUS, _RANGE, _DEFAULT, _EXAMPLE, _TYPE = range(6)
"""What an answer is asked for by. The more is asked, the earlier it stands, as the first that fits is
sent."""


def _chosen(responses: tuple[Response, ...]) -> Response | None:
    """What a request gets that asks for nothing: the lowest success, else `default`, else what there is."""
    ranks = {"2": 0, "d": 1, "3": 2, "4": 3, "5": 3}
    possible = [one for one in responses if one.status[0] in ranks]
    return min(possible, key=lambda one: (ranks[one.status[0]], one.status), default=None)


def _status(response: Response, is_chosen: bool) -> int:
    """The status on the wire. `default` is a success only where no other is documented."""
    if response.status == "default":
        return 200 if is_chosen else 500
    return int(response.status.replace("XX", "00"))


def _media(response: Response) -> Media | None:
    """The media type that is sent: JSON if there is some, with an example if one has it."""
    return min(
        response.media,
        key=lambda one: (not JSON.fullmatch(one.type), not one.examples),
        default=None,
    )


def _named(media: Media | None) -> list[Example]:
    """The examples that are asked for by name; a single one is the answer anyhow."""
    if media is None or len(media.examples) < 2:
        return []
    return [one for one in media.examples if one.name]


def _is_offered(media: Media) -> bool:
    """Whether an answer in this type can be made."""
    return bool(media.examples) or bool(XML.fullmatch(media.type)) or media.type.startswith("text/")


def _accepts_only(media: Media) -> dict[str, Any]:
    """For clients that want this type and would not take JSON; browsers and most libraries would."""
    name = media.type.partition(";")[0].strip()
    return {"contains": name, "not": {"any": [{"contains": "json"}, {"contains": "*/*"}]}}


def _prefers_status(response: Response, chosen: Response) -> dict[str, Any]:
    if response.status == "default":
        usual = chosen.status.replace("XX", "")
        return {"contains": "code=", "not": {"contains": f"code={usual}"}}
    return {"contains": f"code={response.status.replace('XX', '')}"}


def _prefers_example(name: str, all_names: list[str]) -> dict[str, Any]:
    if any(other != name and other.startswith(name) for other in all_names):
        return {"matches": f"(.*[ ,;])?example={re.escape(name)}([ ,;].*)?"}
    return {"contains": f"example={name}"}


def _with_status(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    return answer if status == 200 else {"status": status, **answer}
