"""What a user writes about the requests that an endpoint takes, beyond path and method."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model

Scalar = str | int | float | bool


class Operators(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on one value. All that are written must hold."""

    equals: Annotated[Scalar | UnsetType, Meta(description="The value is this.", examples=["web"])] = UNSET
    not_: Annotated[
        Scalar | Operators | UnsetType,
        Meta(description="The value is not this, or the conditions do not hold.", examples=["internal"]),
    ] = field(default=UNSET, name="not")
    one_of: Annotated[
        list[Scalar] | UnsetType, Meta(description="The value is one of these.", examples=[["de", "fr"]])
    ] = UNSET
    contains: Annotated[
        Scalar | UnsetType, Meta(description="The value has this in it.", examples=["json"])
    ] = UNSET
    starts_with: Annotated[
        Scalar | UnsetType, Meta(description="The value begins with this.", examples=["Bearer "])
    ] = UNSET
    ends_with: Annotated[
        Scalar | UnsetType, Meta(description="The value ends with this.", examples=[".pdf"])
    ] = UNSET
    matches: Annotated[
        str | UnsetType,
        Meta(
            description="The whole value matches this regular expression (RE2).", examples=["[A-Z]{3}-\\d+"]
        ),
    ] = UNSET
    ignore_case: Annotated[
        bool, Meta(description="Whether upper and lower case are the same to the conditions on text.")
    ] = False
    gt: Annotated[float | UnsetType, Meta(description="A number greater than this.", examples=[10])] = UNSET
    gte: Annotated[float | UnsetType, Meta(description="A number of at least this.", examples=[10])] = UNSET
    lt: Annotated[float | UnsetType, Meta(description="A number less than this.", examples=[10])] = UNSET
    lte: Annotated[float | UnsetType, Meta(description="A number of at most this.", examples=[10])] = UNSET
    before: Annotated[
        str | UnsetType,
        Meta(description="A time before this one; without a zone: UTC.", examples=["2026-01-31"]),
    ] = UNSET
    after: Annotated[
        str | UnsetType,
        Meta(description="A time after this one; without a zone: UTC.", examples=["2026-01-31T12:00:00Z"]),
    ] = UNSET
    present: Annotated[
        bool | UnsetType, Meta(description="`true`: it is there, `false`: it is not.", examples=[True])
    ] = UNSET
    absent: Annotated[
        bool | UnsetType, Meta(description="`true`: it is not there, `false`: it is.", examples=[True])
    ] = UNSET
    includes: Annotated[
        list[Scalar] | UnsetType,
        Meta(description="Each of these is among the values of a repeated name.", examples=[["a", "b"]]),
    ] = UNSET
    exactly: Annotated[
        list[Scalar] | UnsetType,
        Meta(description="The values of a repeated name are these, in any order.", examples=[["a", "b"]]),
    ] = UNSET
    every: Annotated[
        bool,
        Meta(description="Whether all values of a repeated name must pass; without it, one is enough."),
    ] = False
    all: Annotated[list[Scalar | Operators] | UnsetType, Meta(description="All of these hold.")] = UNSET
    any: Annotated[list[Scalar | Operators] | UnsetType, Meta(description="At least one of these holds.")] = (
        UNSET
    )


Condition = Scalar | Operators
Conditions = dict[str, Condition]


class BodyConditions(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on the body. All that are written must hold."""

    text: Annotated[
        Condition | UnsetType,
        Meta(description="Conditions on the body as text.", examples=[{"contains": "Ada"}]),
    ] = UNSET
    json: Annotated[
        Any,
        Meta(
            description=(
                "The body is JSON like this. It may have more keys, unless `exact` says otherwise."
                ' Text such as `"#string"`, `"#number"` or `"#regex [0-9]+"` stands for any such value.'
            ),
            examples=[{"customer": {"name": "#string"}, "total": 12}],
        ),
    ] = UNSET
    exact: Annotated[bool, Meta(description="Whether `json` must be all there is.")] = False
    ignore_order: Annotated[
        bool, Meta(description="Whether the order of the elements of lists in `json` does not matter.")
    ] = False
    json_path: Annotated[
        Conditions | UnsetType,
        Meta(
            description="JSONPath expressions (RFC 9535), each with a condition for one of its results.",
            examples=[{"$.items[*].sku": "A-1", "$.total": {"gt": 100}}],
        ),
    ] = UNSET
    json_schema: Annotated[
        dict[str, Any] | bool | UnsetType,
        Meta(
            description="The body is JSON that this JSON Schema accepts.",
            examples=[{"type": "object", "required": ["id"]}],
        ),
    ] = UNSET
    base64: Annotated[str | UnsetType, Meta(description="The body's bytes are these.", examples=["AAEC"])] = (
        UNSET
    )


class Match(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on a request. All that are written must hold."""

    query: Annotated[
        Conditions,
        Meta(
            description="Conditions on query parameters.", examples=[{"page": 2, "debug": {"absent": True}}]
        ),
    ] = {}
    headers: Annotated[
        Conditions,
        Meta(description="Conditions on headers; names in any case.", examples=[{"X-Tenant": "acme"}]),
    ] = {}
    cookies: Annotated[
        Conditions, Meta(description="Conditions on cookies.", examples=[{"session": {"present": True}}])
    ] = {}
    form: Annotated[
        Conditions,
        Meta(
            description="Conditions on the fields of an urlencoded body.",
            examples=[{"grant_type": "password"}],
        ),
    ] = {}
    body: Annotated[
        str | BodyConditions | UnsetType,
        Meta(
            description="Conditions on the body; text: the whole body.", examples=[{"json": {"kind": "gift"}}]
        ),
    ] = UNSET
    host: Annotated[
        Condition | UnsetType,
        Meta(description="Condition on the Host header without its port.", examples=["api.example.test"]),
    ] = UNSET
    client: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description="Address of the client, or a network it is in.",
            examples=["127.0.0.1", ["10.0.0.0/8"]],
        ),
    ] = UNSET
    all: Annotated[list[Match], Meta(description="All of these hold.")] = []
    any: Annotated[list[Match], Meta(description="At least one of these holds.")] = []
    not_: Annotated[Match | UnsetType, Meta(description="These do not all hold.")] = field(
        default=UNSET, name="not"
    )
