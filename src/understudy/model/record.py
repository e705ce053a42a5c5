"""What a user writes about recordings."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model

MODES = ("replay", "record", "once", "refresh", "spy", "diff", "passthrough")
Mode = Literal["replay", "record", "once", "refresh", "spy", "diff", "passthrough"]
MODE_ALIASES: dict[str, Mode] = {
    "none": "replay",  # VCR
    "all": "record",
    "new_episodes": "once",
    "simulate": "replay",  # Hoverfly
    "capture": "record",
    "proxyOnce": "once",  # mountebank
    "proxyAlways": "record",
    "proxyTransparent": "passthrough",
}
"""Names that other tools have for the modes."""
ModeWritten = Literal[
    "replay",
    "record",
    "once",
    "refresh",
    "spy",
    "diff",
    "passthrough",
    "none",
    "all",
    "new_episodes",
    "simulate",
    "capture",
    "proxyOnce",
    "proxyAlways",
    "proxyTransparent",
]


def mode_of(written: str) -> Mode:
    """A mode from what may be written. Raises KeyError for an unknown one."""
    return written if written in MODES else MODE_ALIASES[written]  # type: ignore[return-value]


class RecordMatch(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which parts of a request must be as recorded. It may be changed after recording."""

    method: Annotated[bool, Meta(description="Whether the method counts. HEAD is answered by a GET's.")] = (
        True
    )
    host: Annotated[
        bool, Meta(description="Whether the server counts that was asked. Only a forward proxy can tell.")
    ] = False
    path: Annotated[bool, Meta(description="Whether the path counts.")] = True
    query: Annotated[
        bool | list[str],
        Meta(
            description="Whether the query counts, in whatever order of its names; or the names that count.",
            examples=[["page", "q"]],
        ),
    ] = True
    ignore_query: Annotated[
        list[str], Meta(description="Query parameters that do not count.", examples=[["_", "timestamp"]])
    ] = []
    headers: Annotated[
        list[str], Meta(description="Request headers that count, beside `Range`.", examples=[["Accept"]])
    ] = []
    body: Annotated[
        bool | Literal["raw"],
        Meta(
            description=(
                "Whether the body counts: JSON and forms by what they mean, others by their bytes."
                " `raw`: all by their bytes."
            )
        ),
    ] = True
    ignore_body: Annotated[
        list[str],
        Meta(
            description="Fields of JSON and form bodies that do not count: names, or JSONPath.",
            examples=[["request_id", "$.meta.sent_at"]],
        ),
    ] = []


class Redact(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken out of recordings, beside what is always taken for a secret."""

    headers: Annotated[
        list[str], Meta(description="More headers whose values are secret.", examples=[["X-Tenant"]])
    ] = []
    fields: Annotated[
        list[str],
        Meta(
            description=(
                "More names of fields that are secret, in JSON, forms, queries and cookies; `*` is a "
                "wildcard."
            ),
            examples=[["ssn", "*_pin"]],
        ),
    ] = []
    patterns: Annotated[
        dict[str, str],
        Meta(
            description="Regular expressions (RE2) of what is secret wherever it stands, by name.",
            examples=[{"customer": "CUST-[0-9]{8}"}],
        ),
    ] = {}
    keep: Annotated[
        list[str],
        Meta(
            description="What is no secret: names of headers, fields or rules, or whole values.",
            examples=[["page_token", "entropy"]],
        ),
    ] = []
    entropy: Annotated[bool, Meta(description="Whether texts that look random are taken for secrets.")] = True


class Record(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder of recorded exchanges, and what is done with it."""

    folder: Annotated[str, Meta(min_length=1, description="The folder, relative to the config's folder.")] = (
        "recordings"
    )
    mode: Annotated[
        ModeWritten | UnsetType,
        Meta(
            description=(
                "`replay`: only what was recorded. `record`: always the real server, each exchange is added."
                " `once`: what is missing is recorded. `refresh`: always the real server, in the "
                "place of what"
                " was recorded. `spy`: what was recorded, else the real server, nothing is added. `diff`: the"
                " real server, and what differs from the recording is reported. `passthrough`: only the real"
                " server. Default: `once` beside a `proxy`, else `replay`."
            )
        ),
    ] = UNSET
    match: Annotated[RecordMatch, Meta(description="Which parts of a request count.")] = field(
        default_factory=RecordMatch
    )
    then: Annotated[
        Literal["repeat", "cycle", "error"],
        Meta(
            description=(
                "When a request was answered as often as it was recorded: `repeat` the last answer, `cycle`"
                " from the first, or an `error`, which says so."
            )
        ),
    ] = "repeat"
    latency: Annotated[
        Literal["none", "recorded", "fitted"],
        Meta(
            description=(
                "When answers come: at once, after the time that was recorded, or after one drawn from all"
                " times of the same method and path."
            )
        ),
    ] = "none"
    speed: Annotated[
        float, Meta(gt=0, le=1e6, description="How many times faster than recorded.", examples=[10])
    ] = 1.0
    shift_dates: Annotated[
        bool | Literal["all"],
        Meta(
            description=(
                "Whether `Date`, `Expires`, `Last-Modified`, the expiry of cookies and the like are "
                "moved by as"
                " much as time has passed since the recording; `all`: dates in JSON and text bodies, too."
            )
        ),
    ] = False
    rewrite_location: Annotated[
        bool | str,
        Meta(
            description=(
                "Whether recorded `Location` headers that lead to the recorded server lead here instead, and"
                " cookies lose their `Domain`; or how addresses begin that do."
            ),
            examples=["https://api.example.com/v1"],
        ),
    ] = False
    render: Annotated[
        bool,
        Meta(
            description="Whether recorded headers and text bodies are templates. Not for files of strangers."
        ),
    ] = False
    redact: Annotated[
        bool | Redact, Meta(description="Whether secrets are taken out before anything is kept.")
    ] = True
    ignore: Annotated[
        list[str],
        Meta(
            description="What is no drift in mode `diff`: names of headers, or JSONPath in bodies.",
            examples=[["Date", "$.generated_at"]],
        ),
    ] = []
    max_body_bytes: Annotated[
        int, Meta(ge=0, description="Larger bodies are passed on, but not recorded.")
    ] = 4 * 1024**3

    def mode_with(self, has_proxy: bool) -> Mode:
        """The mode, if not written then what is usual."""
        if self.mode is UNSET:
            return "once" if has_proxy else "replay"
        return mode_of(self.mode)

    @classmethod
    def of(cls, written: "bool | str | Record") -> "Record":
        """The long form of what may be written: `true`, a folder, or all of it."""
        if isinstance(written, bool):
            return cls()
        return cls(folder=written) if isinstance(written, str) else written
