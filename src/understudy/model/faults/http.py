"""Faults of HTTP: well-formed messages that say the wrong thing."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.faults.base import Bytes, Fault
from understudy.model.parts import Headers, Status, check_headers

RetryAfter = Annotated[float, Meta(ge=0, le=2**31)]


class Error(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="error"):
    """An error status instead of the reply."""

    status: Annotated[Status, Meta(description="Status of the reply.", examples=[503])] = 500
    mix: Annotated[
        dict[str, Annotated[float, Meta(ge=0)]] | UnsetType,
        Meta(
            description="Several statuses, each with its weight, one of which is drawn.",
            examples=[{"500": 1, "503": 3, "429": 1}],
        ),
    ] = UNSET
    body: Annotated[
        Any,
        Meta(
            description=(
                "Body: text is sent as text, anything else as JSON."
                ' Default: `{"error": "Simulated failure"}`.'
            ),
            examples=[{"error": "overloaded"}],
        ),
    ] = UNSET
    headers: Annotated[
        Headers, Meta(description="Headers of the reply.", examples=[{"X-Reason": "chaos"}])
    ] = {}
    retry_after_s: Annotated[
        RetryAfter | UnsetType,
        Meta(description="Adds `Retry-After`: when the client may come again.", examples=[2]),
    ] = UNSET
    retry_after_as: Annotated[
        Literal["seconds", "date"],
        Meta(description="How `Retry-After` is written (RFC 9110 section 10.2.3)."),
    ] = "seconds"

    def __post_init__(self) -> None:
        check_headers(self.headers)
        if self.mix is not UNSET:
            for status in self.mix:
                if not (status.isascii() and status.isdigit() and 200 <= int(status[:9]) <= 599):
                    raise ValueError(f"{status!r} in `mix` is not a status from 200 to 599")
            if not sum(self.mix.values()) > 0:
                raise ValueError("the weights in `mix` add up to nothing")
        if self.retry_after_s is not UNSET and any(name.lower() == "retry-after" for name in self.headers):
            raise ValueError("`retry_after_s` and the header Retry-After are the same: leave one out")


class RedirectLoop(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="redirect_loop"):
    """A redirect that leads back to where it came from."""

    status: Annotated[Literal[301, 302, 303, 307, 308], Meta(description="Status of the redirect.")] = 302


class ContentType(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="content_type"):
    """The reply's `Content-Type` is not that of its body."""

    type: Annotated[
        str,
        Meta(
            description="What it says instead.",
            examples=["text/html"],
            pattern="^[!-~]([ -~]*[!-~])?$",
            max_length=1000,
        ),
    ] = "text/html"


class Charset(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="charset"):
    """The head names another character set than that of the body."""

    charset: Annotated[
        str,
        Meta(
            description="What `Content-Type` says the body is in.",
            examples=["utf-16"],
            pattern="^[A-Za-z0-9._-]+$",
        ),
    ] = "utf-16"


class EmptyBody(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="empty_body"):
    """The status and headers are right, but the body is empty."""


class InvalidJson(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="invalid_json"):
    """The body is no JSON, under a head that says so and a right Content-Length."""

    how: Annotated[
        Literal["cut", "comma", "html", "nan", "utf8"],
        Meta(
            description=(
                "`cut`: its end is missing. `comma`: a stray comma. `html`: an HTML page. `nan`: `NaN` for a"
                " value, which some parsers take. `utf8`: a byte that is no UTF-8."
            )
        ),
    ] = "cut"


class GraphqlErrors(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="graphql_errors"):
    """A GraphQL reply that has `errors` under status 200 (GraphQL specification, section 7)."""

    message: Annotated[str, Meta(description="The error's message.")] = "Simulated failure"
    code: Annotated[str, Meta(description="`extensions.code` of the error.")] = "INTERNAL_SERVER_ERROR"
    keep_data: Annotated[
        bool, Meta(description="Whether the reply's `data` come along: a partial failure.")
    ] = False
    path: Annotated[
        list[str | int] | UnsetType,
        Meta(
            description="The field that failed: names, and numbers in lists from 0. It is null in the data.",
            examples=[["user", "orders", 0]],
        ),
    ] = UNSET


class EventStream(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="event_stream"):
    """A stream of server-sent events has gaps, a malformed event or an early end (HTML, section 9.2)."""

    gap_ms: Annotated[
        Annotated[float, Meta(ge=0, le=86_400_000)],
        Meta(description="Pause before each event but the first.", examples=[500]),
    ] = 0.0
    malformed: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(description="Which event, from 1, is malformed.", examples=[2]),
    ] = UNSET
    cut_after: Annotated[
        Bytes | UnsetType,
        Meta(
            description="After how many events the connection is cut, in the middle of the next.",
            examples=[3],
        ),
    ] = UNSET
