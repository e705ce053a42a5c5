"""What a user writes about the requests that an endpoint accepts."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.content import Content
from understudy.model.parts import Status

Schema = Annotated[
    dict[str, Any] | bool | str,
    Meta(
        description="A JSON Schema of draft 4 to 2020-12, or the path of a JSON or YAML file with one.",
        examples=[
            {"type": "object", "required": ["id"]},
            "schemas/order.json",
            "schemas/shop.yaml#/$defs/Order",
        ],
    ),
]
Invalid = Annotated[int, Meta(ge=400, le=599)]


class Refusal(Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reply to a request that is not valid. Its templates see `violations`."""

    status: Annotated[
        Status | UnsetType, Meta(description="Status of the reply. Default: as without `response`.")
    ] = UNSET  # type: ignore[assignment]


class Validate(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """JSON Schemas that requests must fit, and what happens to those that do not."""

    body: Annotated[
        Schema | UnsetType,
        Meta(description="Schema of the body: JSON, or a form, whose fields are read as the schema's types."),
    ] = UNSET
    query: Annotated[
        Schema | UnsetType,
        Meta(
            description="Schema of the query parameters, as one object.",
            examples=[{"properties": {"page": {"type": "integer", "minimum": 1}}, "required": ["page"]}],
        ),
    ] = UNSET
    headers: Annotated[
        Schema | UnsetType,
        Meta(
            description="Schema of the headers, as one object. The case of their names does not matter.",
            examples=[{"required": ["X-Tenant"]}],
        ),
    ] = UNSET
    params: Annotated[
        Schema | UnsetType,
        Meta(
            description="Schema of the path parameters, as one object.",
            examples=[{"properties": {"id": {"type": "integer", "maximum": 999}}}],
        ),
    ] = UNSET
    mode: Annotated[
        Literal["strict", "warn", "off"],
        Meta(
            description=(
                "`strict`: an invalid request is refused. `warn`: it is answered as usual, with the header"
                " `X-Understudy-Violations`. `off`: nothing is checked. The log has the violations."
            )
        ),
    ] = "strict"
    required_body: Annotated[
        bool | UnsetType,
        Meta(description="Whether there must be a body. Default: yes, if there is a schema for it."),
    ] = UNSET
    content_type: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description=(
                "Media types that the body may have, such as `application/*`; others get 415. Default: any."
            ),
            examples=["application/json", ["application/json", "application/*+json"]],
        ),
    ] = UNSET
    formats: Annotated[
        bool, Meta(description="Whether `format` is checked, such as `date-time`, `email` and `uuid`.")
    ] = True
    status: Annotated[
        Invalid | UnsetType,
        Meta(
            description=(
                "Status for invalid requests. Default: 422 if only the body does not fit its schema, 415 for"
                " its type, else 400."
            ),
            examples=[400],
        ),
    ] = UNSET
    response: Annotated[
        Refusal | UnsetType,
        Meta(
            description="The reply to invalid requests. Default: problem details (RFC 9457).",
            examples=[{"response": {"errors": "{{ violations }}"}}],
        ),
    ] = UNSET

    @property
    def needs_body(self) -> bool:
        """Whether a request without a body is invalid."""
        return self.body is not UNSET if self.required_body is UNSET else self.required_body

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that the body may have, in lower case; none for any."""
        if self.content_type is UNSET:
            return ()
        written = [self.content_type] if isinstance(self.content_type, str) else self.content_type
        return tuple(one.lower() for one in written)

    def __post_init__(self) -> None:
        for one in self.media_types:
            if one.count("/") != 1 or any(character in one for character in " ;,"):
                raise ValueError(f"{one!r} is not a media type: write one such as application/json")
