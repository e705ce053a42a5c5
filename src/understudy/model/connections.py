"""What a user writes about connections: how they fail before a request is known, how long they are kept."""

import sys
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.occasion import Occasion
from understudy.model.parts import Milliseconds

Some = Annotated[int, Meta(ge=1)]


class ConnectionFault(Occasion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with new connections, or with all of them for a time.

    `refuse` and `black_hole` are for all clients, so they need a time: `when` has a `window` or `cron`.
    """

    kind: Annotated[
        Literal["slow_accept", "silent", "close", "reset", "refuse", "black_hole", "down"],
        Meta(
            description=(
                "`slow_accept`: nothing is read for `for_ms`. `silent`: nothing is ever read or sent."
                " `close`: closed at once. `reset`: reset at once. `refuse`: nothing listens, so that clients"
                " are refused; Toxiproxy's name is `down`. `black_hole`: connecting times out (Linux)."
            )
        ),
    ]
    for_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(
            description=(
                "For `slow_accept`: how long. For `silent`: when the connection is closed; default: when the"
                " client gives up."
            ),
            examples=[2000],
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        when = self.when
        if self.kind == "slow_accept" and self.for_ms is UNSET:
            raise ValueError("`slow_accept` needs `for_ms`: how long nothing is read")
        if self.for_ms is not UNSET and self.kind not in {"slow_accept", "silent"}:
            raise ValueError(f"`for_ms` is for `slow_accept` and `silent`: `{self.kind}` has none")
        if self.is_for_all:
            if when is UNSET or (when.window is UNSET and when.cron is UNSET):
                raise ValueError(
                    f"`{self.kind}` needs a time, such as `when: {{window: {{after_s: 10, for_s: 5}}}}`:"
                    " nobody could reach the server any more to end it"
                )
            if self.probability < 1 or self.max_active is not UNSET:
                raise ValueError(
                    f"`{self.kind}` is for all clients: leave out `probability` and `max_active`"
                )
            if when.counts or when.ramp is not UNSET or when.per is not UNSET:
                raise ValueError(
                    f"`{self.kind}` is a matter of time: its `when` has `window` or `cron`, nothing else"
                )
        if self.kind == "black_hole" and sys.platform != "linux":
            raise ValueError("`black_hole` is for Linux; `refuse` is for all systems")
        if when is not UNSET and when.match is not UNSET:
            raise ValueError("a connection has no request yet that `match` could look at")
        if when is not UNSET and when.per not in (UNSET, "client"):
            raise ValueError("a connection has no request yet: `per` can only be `client`")

    @property
    def is_for_all(self) -> bool:
        """Whether it is about listening, and not about one connection."""
        return self.kind in {"refuse", "down", "black_hole"}


class Connections(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How connections fail before a request is known, and how long they are kept."""

    max_requests: Annotated[
        Some | UnsetType,
        Meta(description="Requests that a connection is good for; then it is closed.", examples=[100]),
    ] = UNSET
    announce: Annotated[
        bool,
        Meta(
            description=(
                "Whether the last reply says `Connection: close`. `false`: the connection is closed without a"
                " word, as behind some load balancers."
            )
        ),
    ] = True
    idle_ms: Annotated[
        Milliseconds | UnsetType,
        Meta(
            description="How long a connection may be idle before it is closed without a word.",
            examples=[500],
        ),
    ] = UNSET
    faults: Annotated[
        list[ConnectionFault],
        Meta(
            description="What goes wrong with connections.",
            examples=[[{"kind": "reset", "probability": 0.1}]],
        ),
    ] = []
