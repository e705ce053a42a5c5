"""What a user writes about one endpoint.

Each key has a short form and, where more can be said, a long form: a union that msgspec tells apart by
the shape of the value. A key that was not written is `UNSET`, so that `defaults` can fill it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.match import Match

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
RESPONSE_KINDS = ("response", "body", "file", "base64")
PARAMETER_TYPES = ("str", "int", "float", "uuid", "path", "slug", "date")

Percentage = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=86_400_000)]
Status = Annotated[int, Meta(ge=200, le=599)]
HeaderValue = str | int | float | bool
Headers = dict[str, HeaderValue | list[HeaderValue]]


def check_headers(headers: Headers) -> None:
    """Refuse names and values that would break the message (RFC 9110 section 5)."""
    for name, values in headers.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} cannot be a header name")
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and any(character in value for character in "\r\n\0"):
                raise ValueError(f"header {name} has a line break in its value")


class RegexPath(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A path given as a regular expression over the whole decoded path."""

    regex: Annotated[str, Meta(description="Must match the whole path.", examples=["^/v[12]/x$"])]

    def __post_init__(self) -> None:
        try:
            re.compile(self.regex)
        except re.error as error:
            raise ValueError(f"the regular expression cannot be read: {error}") from None


class Uniform(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A latency drawn anew for each request, every value between two bounds being as likely."""

    uniform: Annotated[
        tuple[Milliseconds, Milliseconds],
        Meta(description="Lower and upper bound in milliseconds.", examples=[[50, 200]]),
    ]

    def __post_init__(self) -> None:
        low, high = self.uniform
        if low > high:
            raise ValueError(f"the lower bound comes first: write [{high:g}, {low:g}]")


class Failure(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request gets that `failure_rate` picks out."""

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


class BodyFile(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body that is kept in a file beside the config."""

    path: Annotated[str, Meta(description="Path of the file, relative to the config's folder.")]
    template: Annotated[bool, Meta(description="Whether the file is a template.")] = False


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
        Milliseconds | Uniform | UnsetType,
        Meta(
            description=(
                "Time to wait before the reply, in milliseconds: a number, or `{uniform: [low, high]}`."
                " Default: 0."
            ),
            examples=[100, {"uniform": [50, 200]}],
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

    def __post_init__(self) -> None:
        if self.headers is not UNSET:
            check_headers(self.headers)


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

    @property
    def kind(self) -> str:
        """Which of the exclusive response keys was written; `empty` if none was."""
        return next((kind for kind in RESPONSE_KINDS if getattr(self, kind) is not UNSET), "empty")

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in upper case; `ANY` stands alone."""
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
        for method in self.methods:
            if not TOKEN.fullmatch(method):
                raise ValueError(f"{method!r} is not a method: write a name such as GET, POST or ANY")
        written = [kind for kind in RESPONSE_KINDS if getattr(self, kind) is not UNSET]
        if len(written) > 1:
            raise ValueError(
                f"an endpoint answers with one of {', '.join(RESPONSE_KINDS)};"
                f" this one has {' and '.join(written)}"
            )
