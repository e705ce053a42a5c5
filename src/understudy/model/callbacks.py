"""What a user writes about callbacks (webhooks): requests that are sent after a reply."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model
from understudy.model.latency import Latency
from understudy.model.match import Match
from understudy.model.parts import TOKEN, Headers, Milliseconds, check_headers
from understudy.model.templating import Templates

_CLASS = re.compile(r"[1-5]xx")
BODY_KINDS = ("body", "response", "form")
MAX_ATTEMPTS = 20


def _check_statuses(written: Iterable[int | str], *, error: bool) -> None:
    """Refuse what is neither a status nor a class of them, nor `error` where that is a word."""
    for item in written:
        if isinstance(item, int):
            wrong = not 100 <= item <= 599
        else:
            wrong = not _CLASS.fullmatch(item) and not (error and item == "error")
        if wrong:
            also = ', or "error"' if error else ""
            raise ValueError(f"{item!r} is not a status such as 503, a class such as 5xx{also}")


def statuses(written: Iterable[int | str]) -> frozenset[int]:
    """The statuses that are meant by numbers and by classes such as `5xx`."""
    found: set[int] = set()
    for item in written:
        if isinstance(item, int):
            found.add(item)
        elif item.endswith("xx"):
            found.update(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
    return frozenset(found)


class CallbackWhen(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests a callback is sent for: all that is written must hold."""

    status: Annotated[
        int | str | list[int | str] | UnsetType,
        Meta(
            description="Statuses of the reply, or classes of them. Default: all.",
            examples=["2xx", [200, 201]],
        ),
    ] = UNSET
    match: Annotated[
        Match | UnsetType,
        Meta(description="Conditions on the request.", examples=[{"query": {"notify": "yes"}}]),
    ] = UNSET

    @property
    def statuses(self) -> frozenset[int] | None:
        """The statuses, None for all."""
        return None if self.status is UNSET else statuses(self._written())

    def _written(self) -> list[int | str]:
        written = self.status
        return written if isinstance(written, list) else [] if written is UNSET else [written]

    def __post_init__(self) -> None:
        _check_statuses(self._written(), error=False)


class Retries(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a callback is sent again that was not received, and after which time."""

    attempts: Annotated[
        int, Meta(ge=1, le=MAX_ATTEMPTS, description="How often it is sent at most, the first time included.")
    ] = 3
    backoff_ms: Annotated[Milliseconds, Meta(description="Time before the second attempt.")] = 1000
    multiplier: Annotated[
        float, Meta(ge=1, le=100, description="How many times longer each further wait is than the last.")
    ] = 2
    max_backoff_ms: Annotated[Milliseconds, Meta(description="Longest wait.")] = 60_000
    jitter: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Share of each wait that is random: 0 none of it, 1 all of it.",
        ),
    ] = 0
    on: Annotated[
        list[int | str],
        Meta(
            description=(
                "What is tried again: statuses, classes such as `5xx`, and `error` (no answer at all)."
            ),
            examples=[["5xx", 429, "error"]],
        ),
    ] = field(default_factory=lambda: ["5xx", 408, 429, "error"])

    def __post_init__(self) -> None:
        _check_statuses(self.on, error=True)


class Signature(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A header that proves to the receiver who sent the body: an HMAC of it."""

    secret: Annotated[
        str, Meta(min_length=1, description="The shared secret.", examples=["${WEBHOOK_SECRET}"])
    ]
    scheme: Annotated[
        Literal["github", "stripe"],
        Meta(
            description=(
                "`github`: prefix and hex digest of the body. `stripe`: `t=TIME,v1=DIGEST`, the digest being"
                " that of `TIME.BODY`."
            )
        ),
    ] = "github"
    header: Annotated[
        Annotated[str, Meta(min_length=1)] | UnsetType,
        Meta(description="Name of the header. Default: `X-Hub-Signature-256` or `Stripe-Signature`."),
    ] = UNSET
    algorithm: Annotated[
        Literal["hmac-sha256", "hmac-sha1", "hmac-sha512"], Meta(description="The digest.")
    ] = "hmac-sha256"
    prefix: Annotated[
        str | UnsetType,
        Meta(description="What stands before the digest with `github`. Default: as `sha256=`."),
    ] = UNSET

    @property
    def hash_name(self) -> str:
        """The digest as hashlib calls it."""
        return self.algorithm.removeprefix("hmac-")

    @property
    def header_name(self) -> str:
        """The header's name."""
        if self.header is not UNSET:
            return self.header
        return "X-Hub-Signature-256" if self.scheme == "github" else "Stripe-Signature"

    def __post_init__(self) -> None:
        check_headers({self.header_name: ""})
        if self.prefix is not UNSET and re.search(r"[\r\n\0]", self.prefix):
            raise ValueError("the prefix has a line break in it")


class Callback(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that is sent after the reply; its texts are templates, which also see `reply`."""

    url: Annotated[
        str,
        Meta(
            min_length=1,
            description="Where to. One that begins with `/` is on this server.",
            examples=["http://localhost:3000/hooks", "{{ body.callback_url }}"],
        ),
    ]
    method: Annotated[str, Meta(description="The method.")] = "POST"
    headers: Annotated[Headers, Meta(description="Its headers.", examples=[{"X-Event": "order.paid"}])] = {}
    response: Annotated[
        Any,
        Meta(
            description="Its body as JSON. Text in it is a template.",
            examples=[{"event": "paid", "order": "{{ reply.body.id }}"}],
        ),
    ] = UNSET
    body: Annotated[str | UnsetType, Meta(description="Its body as text. It is a template.")] = UNSET
    form: Annotated[
        dict[str, str | int | float | bool] | UnsetType,
        Meta(description="Its body as the fields of a form.", examples=[{"event": "paid"}]),
    ] = UNSET
    delay_ms: Annotated[
        Milliseconds | Latency,
        Meta(description="Time between the reply and the callback.", examples=[500, {"uniform": [100, 900]}]),
    ] = 0
    when: Annotated[
        CallbackWhen | UnsetType,
        Meta(description="Which requests it is sent for. Default: all.", examples=[{"status": "2xx"}]),
    ] = UNSET
    retries: Annotated[
        Annotated[int, Meta(ge=0, le=MAX_ATTEMPTS - 1)] | Retries,
        Meta(description="How often it is sent again if it fails: a number, or an object.", examples=[3]),
    ] = 0
    timeout_s: Annotated[
        float, Meta(gt=0, le=3600, description="Time for each attempt, the answer included.")
    ] = 10
    sign: Annotated[
        Signature | UnsetType,
        Meta(
            description="A header with an HMAC of the body.",
            examples=[{"secret": "${WEBHOOK_SECRET}", "scheme": "github"}],
        ),
    ] = UNSET

    templates: Templates = UNSET

    @property
    def retry(self) -> Retries:
        """The retries in their long form."""
        return self.retries if isinstance(self.retries, Retries) else Retries(attempts=self.retries + 1)

    def __post_init__(self) -> None:
        check_headers(self.headers)
        if not TOKEN.fullmatch(self.method):
            raise ValueError(f"{self.method!r} is not a method: write a name such as POST or PUT")
        written = [kind for kind in BODY_KINDS if getattr(self, kind) is not UNSET]
        if len(written) > 1:
            raise ValueError(
                f"a callback has one of {', '.join(BODY_KINDS)}; this one has {' and '.join(written)}"
            )


def each_callback(written: str | Callback | list[str | Callback]) -> tuple[Callback, ...]:
    """The callbacks of an endpoint, each in its long form."""
    several = written if isinstance(written, list) else [written]
    return tuple(Callback(url=item) if isinstance(item, str) else item for item in several)
