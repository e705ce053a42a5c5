"""What all faults have in common."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.occasion import Occasion

Bytes = Annotated[int, Meta(ge=0, le=2**31)]
SomeBytes = Annotated[int, Meta(ge=1, le=2**31)]

FOREVER_S = 86_400.0
"""How long a client is left hanging that does not go by itself."""


class Fault(Occasion, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fault"):
    """Something that goes wrong with one request."""

    phase: Annotated[
        Literal["before", "after"] | UnsetType,
        Meta(
            description=(
                "`before`: the request is not processed, nothing is remembered. `after`: it is, but the reply"
                " is lost or spoilt. Default: `after` for faults that spoil a reply, else `before`."
            )
        ),
    ] = UNSET
