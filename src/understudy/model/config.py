"""What a user writes: the whole config."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.auth import Auth
from understudy.model.base import Model
from understudy.model.capacity import Capacity, Workers
from understudy.model.chaos import Chaos, Outage
from understudy.model.connections import Connections
from understudy.model.endpoint import Behaviour, Endpoint
from understudy.model.openapi import OpenApiWritten
from understudy.model.parts import Headers, check_headers
from understudy.model.proxy import ForwardProxy, Proxy, check_target
from understudy.model.python import Function, check_functions
from understudy.model.rate_limit import LimitText, RateLimit, check_rate_limits
from understudy.model.record import Record
from understudy.model.report import Expect, ReportSettings
from understudy.model.state import State


def _amount(
    description: str, ge: float | None = None, gt: float | None = None, le: float | None = None
) -> Meta:
    return Meta(description=description, ge=ge, gt=gt, le=le)  # type: ignore[call-overload,no-any-return]


class Cors(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cross-origin requests from browsers (Fetch standard, section 3.3)."""

    origins: Annotated[
        list[str], Meta(description='Origins that may ask, such as "http://localhost:3000".')
    ] = field(default_factory=lambda: ["*"])
    methods: Annotated[
        list[str], Meta(description="Methods allowed in a preflight. Empty: whatever was asked for.")
    ] = []
    headers: Annotated[
        list[str], Meta(description="Headers allowed in a preflight. Empty: whatever was asked for.")
    ] = []
    expose: Annotated[list[str], Meta(description="Response headers that scripts may read.")] = []
    credentials: Annotated[bool, Meta(description="Whether cookies and authorization may be sent.")] = False
    max_age_s: Annotated[int, _amount("Seconds a browser may remember a preflight.", ge=0)] = 86_400


class Static(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder whose files are served as they are."""

    folder: Annotated[str, Meta(description="The folder, relative to the config's folder.")]
    path: Annotated[str, Meta(pattern="^/", description="Where the folder appears in URLs.")] = "/"
    index: Annotated[str, Meta(description="File that answers for a folder.")] = "index.html"
    headers: Annotated[Headers, Meta(description="Headers added to each file's reply.")] = {}

    def __post_init__(self) -> None:
        check_headers(self.headers)


class Log(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of what happened is kept in memory for `/__logs`."""

    max_entries: Annotated[int, _amount("Requests kept; the oldest go first.", ge=0, le=10_000_000)] = 10_000
    max_bytes: Annotated[int, _amount("Bytes kept, over all entries.", ge=0)] = 64 * 1024 * 1024
    max_body_bytes: Annotated[
        int, _amount("Bytes kept of each request and response body; the rest is cut.", ge=0)
    ] = 64 * 1024


class Limits(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds that keep a broken or hostile client from using the server up."""

    max_target_bytes: Annotated[int, _amount("Longest request target; above: 414.", ge=64)] = 16_384
    max_head_bytes: Annotated[int, _amount("Largest request head; above: 431.", ge=256)] = 65_536
    max_body_bytes: Annotated[int, _amount("Largest request body; above: 413.", ge=0)] = 100 * 1024 * 1024
    max_connections: Annotated[int, _amount("Open connections; above: closed at once.", ge=1)] = 20_000
    max_pipelined: Annotated[int, _amount("Requests read ahead of the reply on one connection.", ge=1)] = 128
    head_timeout_s: Annotated[float, _amount("Time for a request head to arrive.", gt=0)] = 10
    body_timeout_s: Annotated[float, _amount("Time for a request body to arrive.", gt=0)] = 60
    idle_timeout_s: Annotated[float, _amount("Time a connection may stay open without a request.", gt=0)] = 75
    write_timeout_s: Annotated[float, _amount("Time a client may leave a reply unread.", gt=0)] = 60
    handler_timeout_s: Annotated[
        float, _amount("Time for a Python handler or middleware to answer; above: 504.", gt=0)
    ] = 30
    drain_timeout_s: Annotated[
        float, _amount("Time that running requests get when the server stops.", ge=0)
    ] = 5


class Config(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole mock API: the server's settings and its endpoints."""

    schema_: Annotated[str | None, Meta(description="Address of the JSON Schema, for editors.")] = field(
        default=None, name="$schema"
    )
    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _amount("Port to listen on; 0 takes a free one.", ge=0, le=65_535)] = 8000
    seed: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Seed of all random decisions. Default: a new one at each start."),
    ] = None
    watch: Annotated[bool, Meta(description="Whether a change of the files reloads them.")] = True
    cors: Annotated[
        bool | Cors, Meta(description="Cross-origin requests: `true` allows all, an object says which.")
    ] = False
    include: Annotated[
        str | list[str],
        Meta(
            description="More files with endpoints; `*` and `**` are wildcards.",
            examples=["endpoints/*.yaml"],
        ),
    ] = []
    database: Annotated[
        str | list[Any] | dict[str, Any],
        Meta(
            description="Data for templates: the path of a JSON file, a list, or named collections.",
            examples=["movies.json", {"users": [{"id": 1, "name": "Ada"}]}],
        ),
    ] = []
    static: Annotated[
        str | Static | list[str | Static],
        Meta(description="Folders served as they are.", examples=["public"]),
    ] = []
    rewrites: Annotated[
        dict[str, str],
        Meta(
            description=(
                "Paths that are answered as others: patterns as in `path`, perhaps with a query, and what"
                " they become. In their order, each on what those before it have made."
            ),
            examples=[{"/api/{rest:path}": "/{rest}", "/posts/{id}/show": "/posts/{id}"}],
        ),
    ] = {}
    trailing_slash: Annotated[
        Literal["ignore", "strict"],
        Meta(
            description=(
                "`ignore`: a path that no endpoint has is tried again with its last slash removed or"
                " added. `strict`: `/users/` is not `/users`."
            )
        ),
    ] = "ignore"
    defaults: Annotated[
        Behaviour,
        Meta(description="Keys that every endpoint has unless it says otherwise. Headers are merged."),
    ] = field(default_factory=Behaviour)
    endpoints: Annotated[list[Endpoint], Meta(description="The endpoints.")] = []
    openapi: Annotated[
        OpenApiWritten,
        Meta(
            description=(
                "OpenAPI documents whose operations are served, beside the endpoints: files, or objects."
            ),
            examples=["petstore.yaml", [{"spec": "pets.yaml", "prefix": "/pets", "stateful": True}]],
        ),
    ] = []
    proxy: Annotated[
        str | Proxy | UnsetType,
        Meta(
            description="The server that requests are sent on to which no endpoint takes.",
            examples=["https://api.example.com"],
        ),
    ] = UNSET
    record: Annotated[
        bool | str | Record | UnsetType,
        Meta(
            description="The recordings that answer what no endpoint takes, and that its `proxy` adds to.",
            examples=["recordings", {"folder": "recordings", "mode": "spy"}],
        ),
    ] = UNSET
    forward_proxy: Annotated[
        bool | ForwardProxy,
        Meta(
            description=(
                "Whether clients may use this server as their proxy (`HTTP_PROXY`, `HTTPS_PROXY`): an object"
                " says for which hosts."
            )
        ),
    ] = False
    auth: Annotated[
        Auth, Meta(description="Schemes that protect endpoints, and a provider that issues tokens.")
    ] = field(default_factory=Auth)
    rate_limits: Annotated[
        dict[str, LimitText | RateLimit],
        Meta(
            description="Limits by name that endpoints share, as `rate_limit` names them: rates, or objects.",
            examples=[{"api": "100/minute", "search": {"limit": "5/s", "per": "client"}}],
        ),
    ] = {}
    middleware: Annotated[
        Function | list[Function],
        Meta(
            description="Python functions that go around the answer of every endpoint, the outermost first.",
            examples=["middleware:timing"],
        ),
    ] = []
    capacities: Annotated[
        dict[str, Workers | Capacity],
        Meta(
            description="What several endpoints use together (`capacity: NAME`), and how much it can do.",
            examples=[{"database": {"concurrency": 10, "queue": 50, "service_ms": {"exponential": 80}}}],
        ),
    ] = {}
    outages: Annotated[
        dict[str, Outage],
        Meta(
            description="What several endpoints depend on (`outage: NAME`), and when it is down.",
            examples=[{"database": {"when": {"window": {"after_s": 60, "for_s": 10}}}}],
        ),
    ] = {}
    chaos: Annotated[
        Chaos, Meta(description="Faults that are switched on and off while the server runs.")
    ] = field(default_factory=Chaos)
    connections: Annotated[
        Connections, Meta(description="What goes wrong with connections, before any request is known.")
    ] = field(default_factory=Connections)
    state: Annotated[State, Meta(description="What is remembered from request to request, and where.")] = (
        field(default_factory=State)
    )
    space_header: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9-]+$",
            description=(
                "Request header that names a space: requests of each have their own state, endpoints and log,"
                " so that tests can run at the same time."
            ),
        ),
    ] = "X-Understudy-Space"
    log: Annotated[Log, Meta(description="How much is kept for `/__logs`.")] = field(default_factory=Log)
    limits: Annotated[Limits, Meta(description="Bounds on what clients may do.")] = field(
        default_factory=Limits
    )
    report: Annotated[ReportSettings, Meta(description="What the report on the client goes by.")] = field(
        default_factory=ReportSettings
    )
    expect: Annotated[
        Expect, Meta(description="What the report expects of the client: what it does not do is an error.")
    ] = field(default_factory=Expect)

    def __post_init__(self) -> None:
        check_functions(self.middleware)
        if isinstance(self.proxy, str):
            check_target(self.proxy)
        check_rate_limits(self.rate_limits)

    @property
    def statics(self) -> tuple[Static, ...]:
        """The static folders, each in its long form."""
        written = self.static if isinstance(self.static, list) else [self.static]
        return tuple(Static(folder=item) if isinstance(item, str) else item for item in written)
