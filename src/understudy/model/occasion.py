"""How often, when, and within which bounds something goes wrong: what faults and outages share."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.duration import DURATION
from understudy.model.parts import Percentage
from understudy.model.schedule import When

Ttl = Annotated[float, Meta(gt=0)] | Annotated[str, Meta(pattern=DURATION)]


class Occasion(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often, when, and within which bounds something goes wrong."""

    probability: Annotated[
        Percentage, Meta(description="Share of the requests that are hit, from 0 to 1.", examples=[0.1])
    ] = 1.0
    when: Annotated[
        When | UnsetType,
        Meta(
            description="Which requests it is for: by number, bursts, time or conditions. Default: all.",
            examples=[{"first": 2}, {"window": {"after_s": 30, "for_s": 10}}],
        ),
    ] = UNSET
    max_active: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType,
        Meta(description="Most requests that are hit at the same time; more are spared.", examples=[10]),
    ] = UNSET
    ttl: Annotated[
        Ttl | UnsetType,
        Meta(
            description="How long it goes on, in seconds or as `90s` or `5m`; then all is well again.",
            examples=["5m"],
        ),
    ] = UNSET
