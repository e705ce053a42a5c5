"""What a user writes about a collection that is served like the resource of a real API."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model

RESOURCE_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WHOLE_DATABASE = "*"
"""The name that stands for all collections of the database."""


class Resource(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection of the `database` that is listed, read, created, changed and deleted."""

    collection: Annotated[
        Annotated[str, Meta(min_length=1, max_length=200)],
        Meta(
            description=(
                "Name of the collection in `database`; one that is not there begins empty."
                " `*`: all collections, each below the path."
            ),
            examples=["users"],
        ),
    ]
    id: Annotated[
        str,
        Meta(
            min_length=1,
            pattern=r"^[^.]+(\.[^.]+){0,9}$",
            description="Key of a record that holds its id; dots lead into nested objects.",
            examples=["id", "data.id"],
        ),
    ] = "id"
    id_type: Annotated[
        Literal["auto", "number", "uuid", "string"],
        Meta(
            description=(
                "Ids of new records: `number` is the largest plus one, `uuid` and `string` are drawn."
                " `auto`: numbers if all ids there are numbers, else UUIDs."
            )
        ),
    ] = "auto"
    schema: Annotated[
        dict[str, Any] | str | UnsetType,
        Meta(
            description=(
                "JSON Schema that records must fit when they are written, else 422: the schema, or the path"
                " of a JSON or YAML file with one."
            ),
            examples=["user.schema.json", {"required": ["name"]}],
        ),
    ] = UNSET
    dialect: Annotated[
        Literal["both", "v0", "v1"],
        Meta(
            description=(
                "Which query parameters are understood: those of json-server 0.17 (`v0`), of 1.0 (`v1`),"
                " or `both`."
            )
        ),
    ] = "both"
    read_only: Annotated[bool, Meta(description="Whether records can only be read.")] = False
