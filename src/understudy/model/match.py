"""What a user writes about the requests that an endpoint takes, beyond path and method."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model

Scalar = str | int | float | bool


class Operators(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on one value. All that are written must hold."""

    equals: Annotated[Scalar | UnsetType, Meta(description="The value is this.", examples=["web"])] = UNSET
    not_: Annotated[
        "Scalar | Operators | UnsetType",
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
    gt: Annotated[int | float | UnsetType, Meta(description="A number greater than this.", examples=[10])] = (
        UNSET
    )
    gte: Annotated[int | float | UnsetType, Meta(description="A number of at least this.", examples=[10])] = (
        UNSET
    )
    lt: Annotated[int | float | UnsetType, Meta(description="A number less than this.", examples=[10])] = (
        UNSET
    )
    lte: Annotated[int | float | UnsetType, Meta(description="A number of at most this.", examples=[10])] = (
        UNSET
    )
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
    all: Annotated["list[Scalar | Operators] | UnsetType", Meta(description="All of these hold.")] = UNSET
    any: Annotated[
        "list[Scalar | Operators] | UnsetType", Meta(description="At least one of these holds.")
    ] = UNSET


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
    extra_items: Annotated[
        bool, Meta(description="Whether lists may have more elements than those in `json` have.")
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
    xml: Annotated[
        str | UnsetType,
        Meta(
            description=(
                "The body is XML like this; space between elements, prefixes, the order of attributes and"
                " comments do not matter."
            ),
            examples=["<order><id>7</id></order>"],
        ),
    ] = UNSET
    xpath: Annotated[
        Conditions | UnsetType,
        Meta(
            description="XPath 1.0 expressions, each with a condition for one of its results.",
            examples=[{"/order/@id": 7, "count(//item)": {"gt": 1}}],
        ),
    ] = UNSET
    namespaces: Annotated[
        dict[str, str],
        Meta(
            description="Prefixes that the expressions in `xpath` use, and what they stand for.",
            examples=[{"s": "http://www.w3.org/2003/05/soap-envelope"}],
        ),
    ] = {}
    base64: Annotated[str | UnsetType, Meta(description="The body's bytes are these.", examples=["AAEC"])] = (
        UNSET
    )


class PartConditions(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on one part of a multipart body. All that are written must hold of the same part."""

    name: Annotated[
        Condition | UnsetType, Meta(description="The name of the field.", examples=["avatar"])
    ] = UNSET
    filename: Annotated[
        Condition | UnsetType,
        Meta(description="The name of the file.", examples=[{"ends_with": ".png"}]),
    ] = UNSET
    content_type: Annotated[
        Condition | UnsetType,
        Meta(description="The media type, in lower case, without parameters.", examples=["image/png"]),
    ] = UNSET
    headers: Annotated[
        Conditions,
        Meta(description="Conditions on the part's headers.", examples=[{"Content-ID": "<a>"}]),
    ] = {}
    text: Annotated[
        Condition | UnsetType,
        Meta(description="Conditions on the part as text.", examples=[{"contains": "Ada"}]),
    ] = UNSET
    body: Annotated[
        str | BodyConditions | UnsetType,
        Meta(
            description="Conditions on the part's bytes, as on a body.", examples=[{"json": {"public": True}}]
        ),
    ] = UNSET


class GraphqlConditions(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on a call of GraphQL over HTTP. All that are written must hold."""

    operation: Annotated[
        Condition | UnsetType,
        Meta(
            description="The name of the operation; if the client sends none, that of the only one.",
            examples=["GetUser"],
        ),
    ] = UNSET
    type: Annotated[
        Literal["query", "mutation", "subscription"] | UnsetType,
        Meta(description="What kind of operation it is.", examples=["mutation"]),
    ] = UNSET
    variables: Annotated[
        Conditions,
        Meta(
            description="Conditions on variables; a dot leads into objects.",
            examples=[{"id": 7, "input.kind": "gift"}],
        ),
    ] = {}
    query: Annotated[
        str | UnsetType,
        Meta(
            description="The document is this; white space, commas and comments do not matter.",
            examples=["{ users { name } }"],
        ),
    ] = UNSET


class Match(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions on a request. All that are written must hold."""

    params: Annotated[
        Conditions,
        Meta(description="Conditions on parameters of the path.", examples=[{"id": {"gt": 100}}]),
    ] = {}
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
            description="Conditions on the fields of a form, urlencoded or multipart.",
            examples=[{"grant_type": "password"}],
        ),
    ] = {}
    body: Annotated[
        str | BodyConditions | UnsetType,
        Meta(
            description="Conditions on the body; text: the whole body.", examples=[{"json": {"kind": "gift"}}]
        ),
    ] = UNSET
    state: Annotated[
        Conditions,
        Meta(
            description="Conditions on variables of the state; a dot leads into objects.",
            examples=[{"logged_in": True, "cart.total": {"gt": 100}}],
        ),
    ] = {}
    url: Annotated[
        Condition | UnsetType,
        Meta(
            description="Condition on path and query together, as the client sent them.",
            examples=["/users?page=2", {"matches": "/users\\?page=[0-9]+"}],
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
    accept: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description="A media type that the client accepts, or several of which it accepts one.",
            examples=["application/json", ["text/csv", "text/plain"]],
        ),
    ] = UNSET
    jwt: Annotated[
        Conditions,
        Meta(
            description=(
                "Conditions on claims of the bearer token, which is not verified; a dot leads into objects."
            ),
            examples=[{"sub": "ada", "realm_access.roles": "admin"}],
        ),
    ] = {}
    multipart: Annotated[
        PartConditions | list[PartConditions] | UnsetType,
        Meta(
            description="Conditions on a part of a multipart body, or on several.",
            examples=[{"name": "avatar", "content_type": "image/png"}],
        ),
    ] = UNSET
    graphql: Annotated[
        GraphqlConditions | UnsetType,
        Meta(description="Conditions on a call of GraphQL.", examples=[{"operation": "GetUser"}]),
    ] = UNSET
    ignore_case: Annotated[
        bool,
        Meta(
            description=(
                "Whether upper and lower case are the same in the names of query parameters and of fields of"
                " a form; those of headers always are."
            )
        ),
    ] = False
    all: Annotated[list["Match"], Meta(description="All of these hold.")] = []
    any: Annotated[list["Match"], Meta(description="At least one of these holds.")] = []
    not_: Annotated["Match | UnsetType", Meta(description="These do not all hold.")] = field(
        default=UNSET, name="not"
    )
