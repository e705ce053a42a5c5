"""What a user writes about one endpoint.

Each key has a short form and, where more can be said, a long form: a union that msgspec tells apart by
the shape of the value. A key that was not written is `UNSET`, so that `defaults` can fill it.
"""

import re
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.auth import Access
from understudy.model.base import Model
from understudy.model.cache import Cache
from understudy.model.callbacks import Callback
from understudy.model.capacity import Capacity, Workers
from understudy.model.content import CONTENT_KINDS, BodyFile, Content
from understudy.model.duration import DURATION
from understudy.model.latency import Latency
from understudy.model.match import Match
from understudy.model.parts import (
    TOKEN,
    Headers,
    Milliseconds,
    Percentage,
    Status,
    check_headers,
)
from understudy.model.proxy import Proxy, check_target
from understudy.model.python import Function, check_functions
from understudy.model.rate_limit import LimitText, RateLimit, check_rate_limit
from understudy.model.record import Record
from understudy.model.resource import RESOURCE_METHODS, Resource
from understudy.model.state import Per, StateChange, check_per
from understudy.model.templating import Templates
from understudy.model.validate import Validate

RESPONSE_KINDS = (*CONTENT_KINDS, "responses", "resource", "handler", "proxy", "record")
PARAMETER_TYPES = ("str", "int", "float", "uuid", "path", "slug", "date")


FaultWritten = str | dict[str, Any]
"""A fault by its kind, or as an object with `kind`: one of `model.faults`, read when it is needed."""
FAULTS_META = Meta(
    description=(
        "What goes wrong on the way: kinds of faults, or objects with `kind`, `probability`, `when` and more."
    ),
    examples=[["reset"], [{"kind": "stall", "after_bytes": 100, "probability": 0.1}]],
)


class RegexPath(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A path given as a regular expression over the whole decoded path."""

    regex: Annotated[str, Meta(description="Must match the whole path.", examples=["^/v[12]/x$"])]

    def __post_init__(self) -> None:
        try:
            re.compile(self.regex)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"the regular expression cannot be read: {error}") from None


class Failure(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reply to a request that `failure_rate` has picked."""

    status: Annotated[Status, Meta(description="Status of the failed reply.")] = 500
    body: Annotated[
        Any,
        Meta(
            description=(
                "Body of the failed reply: text is sent as text, anything else as JSON."
                ' Default: `{"error": "Simulated failure"}`.'
            )
        ),
    ] = UNSET
    headers: Annotated[Headers, Meta(description="Headers of the failed reply.")] = {}

    def __post_init__(self) -> None:
        check_headers(self.headers)

    @classmethod
    def of(cls, written: "int | Failure | UnsetType") -> "Failure":
        """The long form of what may be written, or left out."""
        if written is UNSET:
            return cls()
        return cls(status=written) if isinstance(written, int) else written


FAILURE_BODY = {"error": "Simulated failure"}
"""What a failure says if nothing else is written."""


class Choice(Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of an endpoint's `responses`."""

    status: Annotated[
        Status | UnsetType, Meta(description="Status of the reply. Default: the endpoint's.")
    ] = UNSET  # type: ignore[assignment]
    match: Annotated[
        Match | UnsetType,
        Meta(description="Conditions on the requests it is for; the first that fits answers. Default: any."),
    ] = UNSET
    weight: Annotated[
        Annotated[float, Meta(ge=0)] | UnsetType,
        Meta(description="How often it is chosen, relative to the weights of the others.", examples=[3]),
    ] = UNSET
    latency_ms: Annotated[
        Milliseconds | Latency | UnsetType,
        Meta(description="Time to wait before this reply, instead of the endpoint's.", examples=[2000]),
    ] = UNSET


class Responses(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several answers, and how one of them is chosen."""

    mode: Annotated[
        Literal["sequence", "weighted", "conditional", "negotiated"] | UnsetType,
        Meta(
            description=(
                "`sequence`: one after the other. `weighted`: at random. `conditional`: the first whose"
                " `match` fits. `negotiated`: the one whose type the `Accept` header likes best, else 406."
                " Default: `weighted` if a choice has a `weight`, `conditional` if one has a `match`,"
                " else `sequence`."
            )
        ),
    ] = UNSET
    then: Annotated[
        Literal["repeat", "cycle", "end"],
        Meta(
            description=(
                "After the last of a sequence: `repeat` it, `cycle` from the first, or `end`, so that the"
                " next endpoint that fits answers."
            )
        ),
    ] = "repeat"
    per: Annotated[
        Per | UnsetType,
        Meta(
            description="What tells clients apart, each with its own place in the sequence; as in `state`.",
            examples=["header:X-User"],
        ),
    ] = UNSET
    choices: Annotated[
        list[Choice],
        Meta(min_length=1, description="The answers.", examples=[[{"status": 503}, {"status": 200}]]),
    ]

    def __post_init__(self) -> None:
        check_per(self.per)

    @property
    def kind(self) -> str:
        """The mode, if not written then by what the list looks like."""
        if self.mode is not UNSET:
            return self.mode
        if any(choice.weight is not UNSET for choice in self.choices):
            return "weighted"
        return "conditional" if any(choice.match is not UNSET for choice in self.choices) else "sequence"


class Behaviour(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys that an endpoint may have and that `defaults` may set for all endpoints."""

    headers: Annotated[
        Headers | UnsetType,
        Meta(
            description="Response headers. Values are templates; a list repeats the header.",
            examples=[{"Cache-Control": "no-store", "Set-Cookie": ["a=1", "b=2"]}],
        ),
    ] = UNSET
    latency_ms: Annotated[
        Milliseconds | Latency | UnsetType,
        Meta(
            description=(
                "Time to wait before the reply, in milliseconds: a number, or a distribution that it is drawn"
                " from. Default: 0."
            ),
            examples=[100, {"uniform": [50, 200]}, {"lognormal": {"median": 80, "p99": 900}}],
        ),
    ] = UNSET
    failure_rate: Annotated[
        Percentage | UnsetType,
        Meta(
            description="Share of requests that fail, from 0 (none) to 1 (all). Default: 0.", examples=[0.1]
        ),
    ] = UNSET
    failure: Annotated[
        Status | Failure | UnsetType,
        Meta(
            description="What a failed request gets: a status, or an object. Default: 500.",
            examples=[503, {"status": 503, "body": {"error": "try later"}, "headers": {"Retry-After": 1}}],
        ),
    ] = UNSET
    faults: Annotated[list[FaultWritten] | UnsetType, FAULTS_META] = UNSET
    outage: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description="Outages of the config's `outages` that it is hit by.",
            examples=["database", ["database", "payments"]],
        ),
    ] = UNSET
    group: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description="Groups it belongs to, for faults that are switched on for a group.",
            examples=["orders"],
        ),
    ] = UNSET
    capacity: Annotated[
        bool | Workers | str | Capacity | UnsetType,
        Meta(
            description=(
                "How many requests are worked on at once, while others wait or are shed: a number, the name"
                " of one of the config's `capacities`, or an object. `false`: any number."
            ),
            examples=[10, "database", {"concurrency": 10, "queue": 50, "service_ms": {"exponential": 80}}],
        ),
    ] = UNSET
    rate_limit: Annotated[
        bool | LimitText | RateLimit | Annotated[list[LimitText | RateLimit], Meta(min_length=1)] | UnsetType,
        Meta(
            description=(
                "How many requests are let through, others get 429: a rate such as `10/s` or `100/15m`, the"
                " name of a limit in `rate_limits`, an object, or a list of these. `false`: no limit."
            ),
            examples=["10/s", {"limit": 100, "window_s": 60, "per": "header:X-Api-Key"}, ["api", "1/s"]],
        ),
    ] = UNSET
    auth: Annotated[
        bool | str | list[str] | Access | UnsetType,
        Meta(
            description=(
                "Who may ask: the name of a scheme, a list of schemes of which one is enough, or an object."
                " `true`: the only scheme there is. `false`: no authentication."
            ),
            examples=["main", {"use": "main", "scopes": ["write"]}],
        ),
    ] = UNSET
    middleware: Annotated[
        Function | list[Function] | UnsetType,
        Meta(
            description=(
                "Python functions that go around the answer, the outermost first, inside those of the whole"
                " config."
            ),
            examples=["middleware:timing", ["middleware:log", "middleware:sign"]],
        ),
    ] = UNSET
    validate: Annotated[
        str | Validate | UnsetType,
        Meta(
            description=(
                "JSON Schemas that requests must fit: the path of the one for the body, or an object."
                " Other requests get 400, 415 or 422."
            ),
            examples=["schemas/order.json", {"query": {"properties": {"page": {"type": "integer"}}}}],
        ),
    ] = UNSET
    cache: Annotated[
        bool | Annotated[float, Meta(ge=0, le=2**31)] | Cache | UnsetType,
        Meta(
            description=(
                "How replies may be cached: `max-age` in seconds, or an object. Adds an ETag and answers"
                " conditional requests; `true` does only that, `false` nothing."
            ),
            examples=[60, {"max_age_s": 60, "visibility": "private", "vary": ["Accept"]}],
        ),
    ] = UNSET

    templates: Templates = UNSET

    def __post_init__(self) -> None:
        if self.headers is not UNSET:
            check_headers(self.headers)
        check_rate_limit(self.rate_limit)
        check_functions(self.middleware)


class Endpoint(Behaviour, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One endpoint: which requests it takes and what it answers."""

    path: Annotated[
        str | RegexPath,
        Meta(
            description=(
                "The path: literal, with `{name}` or `{name:int}` parameters, with the wildcards `*`"
                " (one segment) and `**` (the rest), or `{regex: …}`."
            ),
            examples=["/api/users", "/users/{id}", "/users/{id:int}", "/files/{rest:path}", "/static/**"],
        ),
    ]
    name: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)] | None,
        Meta(description="Name used in logs and reports. Default: the method and the path."),
    ] = None
    method: Annotated[
        str | Annotated[list[str], Meta(min_length=1)],
        Meta(
            description="One method, a list of them, or `ANY`. A `GET` endpoint also answers `HEAD`.",
            examples=["POST", ["PUT", "PATCH"], "ANY"],
        ),
    ] = "GET"
    match: Annotated[
        Match | UnsetType,
        Meta(
            description="Which requests at this path it takes, by query, headers, cookies, body and more.",
            examples=[{"query": {"page": 2}}, {"body": {"json": {"kind": "gift"}}}],
        ),
    ] = UNSET
    priority: Annotated[
        int,
        Meta(
            ge=-1_000_000,
            le=1_000_000,
            description="Among endpoints that match, the highest priority answers.",
        ),
    ] = 0
    status: Annotated[Status, Meta(description="Status of the reply.")] = 200
    response: Annotated[
        Any,
        Meta(
            description="The reply's body as JSON. Text in it is a template.",
            examples=[{"id": "{{ uuid }}"}],
        ),
    ] = UNSET
    body: Annotated[str | UnsetType, Meta(description="The reply's body as text. It is a template.")] = UNSET
    file: Annotated[
        str | BodyFile | UnsetType,
        Meta(description="The reply's body from a file.", examples=["bodies/invoice.pdf"]),
    ] = UNSET
    base64: Annotated[
        str | UnsetType, Meta(description="The reply's body as base64, for small binary data.")
    ] = UNSET
    responses: Annotated[
        list[Choice] | Responses | UnsetType,
        Meta(
            description="Several answers: one after the other, at random, by condition, or by `Accept`.",
            examples=[[{"status": 503}, {"response": {"ok": True}}]],
        ),
    ] = UNSET
    resource: Annotated[
        str | Resource | UnsetType,
        Meta(
            description=(
                "A collection of the `database`, served with list, read, create, replace, change and delete"
                " at and below the path: its name, or an object."
            ),
            examples=["users", {"collection": "users", "read_only": True}],
        ),
    ] = UNSET
    handler: Annotated[
        Function | UnsetType,
        Meta(
            description=(
                "A Python function that answers, or an ASGI application, as `module:name`; the module is"
                " looked for in the config's folder."
            ),
            examples=["handlers:cart", "legacy.app:app"],
        ),
    ] = UNSET
    proxy: Annotated[
        str | Proxy | UnsetType,
        Meta(
            description="A server that requests are sent on to: its address, or an object.",
            examples=["https://api.example.com", {"target": "http://localhost:9000", "strip_prefix": "/api"}],
        ),
    ] = UNSET
    record: Annotated[
        bool | str | Record | UnsetType,
        Meta(
            description=(
                "A folder of recordings that answers, and that answers of a `proxy` are kept in: "
                "its name, or an"
                " object. `true`: `recordings`."
            ),
            examples=["recordings", {"folder": "recordings", "mode": "replay", "latency": "recorded"}],
        ),
    ] = UNSET
    callbacks: Annotated[
        str | Callback | list[str | Callback] | UnsetType,
        Meta(
            description="Requests (webhooks) that are sent after the reply: URLs, or objects.",
            examples=[
                "http://localhost:3000/hooks",
                [{"url": "{{ body.callback_url }}", "delay_ms": 500, "response": {"event": "paid"}}],
            ],
        ),
    ] = UNSET
    times: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(description="How often it answers; then the next endpoint that fits does.", examples=[3]),
    ] = UNSET
    ttl: Annotated[
        Annotated[float, Meta(gt=0)] | Annotated[str, Meta(pattern=DURATION)] | UnsetType,
        Meta(
            description=(
                "How long it answers, from when it was loaded: seconds, or a text such as `500ms`, `60s`,"
                " `5m` or `1h`; then the next endpoint that fits does."
            ),
            examples=["60s"],
        ),
    ] = UNSET
    state: Annotated[
        StateChange | UnsetType,
        Meta(
            description="What it needs of the state, and what it changes.",
            examples=[{"scenario": "checkout", "required": "filled", "next": "paid"}],
        ),
    ] = UNSET

    @property
    def kind(self) -> str:
        """Which of the exclusive response keys was written; `empty` if none was."""
        return next((kind for kind in RESPONSE_KINDS if getattr(self, kind) is not UNSET), "empty")

    @property
    def conditions(self) -> str:
        """What it demands of a request or of the state: equal text for equal demands, "" for none."""
        demands: list[Any] = [] if self.match is UNSET else [self.match]
        if self.state is not UNSET and self.state.required is not UNSET:
            demands.append((self.state.scenario, self.state.required, self.state.per))
        if isinstance(self.responses, Responses | list):
            choices = self.responses if isinstance(self.responses, list) else self.responses.choices
            if choices and all(choice.match is not UNSET for choice in choices):
                demands.append([choice.match for choice in choices])
        return repr(demands) if demands or self.ends else ""

    @property
    def ends(self) -> bool:
        """Whether there comes a time when it answers no more."""
        ending = isinstance(self.responses, Responses) and self.responses.then == "end"
        return self.times is not UNSET or self.ttl is not UNSET or ending

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in upper case; `ANY` stands alone. A resource has its own."""
        if self.resource is not UNSET:
            reads = isinstance(self.resource, Resource) and self.resource.read_only
            return ("GET",) if reads else RESOURCE_METHODS
        written = [self.method] if isinstance(self.method, str) else self.method
        upper = tuple(dict.fromkeys("ANY" if name == "*" else name.upper() for name in written))
        return ("ANY",) if "ANY" in upper else upper

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.path, str):
            if not self.path.startswith("/") and self.path not in {"*", "**"}:
                raise ValueError(f'a path starts with "/": write "/{self.path}"')
            if "?" in self.path:
                raise ValueError('a path has no query: write only the part before "?"')
        if self.resource is not UNSET and (self.method != "GET" or self.status != 200):
            raise ValueError(
                "a resource has its own methods and statuses: leave `method` and `status` out"
                " (`read_only: true` for reading alone)"
            )
        for method in self.methods:
            if not TOKEN.fullmatch(method):
                raise ValueError(f"{method!r} is not a method: write a name such as GET, POST or ANY")
        check_functions(self.handler)
        written = [kind for kind in RESPONSE_KINDS if getattr(self, kind) is not UNSET]
        if isinstance(self.proxy, str):
            check_target(self.proxy)
        if len(written) > 1 and written != ["proxy", "record"]:
            raise ValueError(
                f"an endpoint answers with one of {', '.join(RESPONSE_KINDS)};"
                f" this one has {' and '.join(written)}"
            )
