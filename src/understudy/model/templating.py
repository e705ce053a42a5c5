"""What a user writes about the language in which texts are templates."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model

Language = Literal["jinja", "wiremock", "mockoon"]


class Templating(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The language of templates, and what is handed to them."""

    language: Annotated[
        Language,
        Meta(
            description=(
                "`jinja`, or Handlebars with the helpers and names of `wiremock` or of `mockoon`, for what"
                " comes from there."
            ),
            examples=["wiremock"],
        ),
    ]
    parameters: Annotated[
        dict[str, Any],
        Meta(description="What WireMock's templates see as `parameters`.", examples=[{"greeting": "Hello"}]),
    ] = {}

    def __post_init__(self) -> None:
        if self.parameters and self.language != "wiremock":
            raise ValueError("`parameters` are for templates of `wiremock` alone")


Templates = Annotated[
    Language | Templating | UnsetType,
    Meta(
        description=(
            "The language in which the texts here are templates: `jinja`, or Handlebars as `wiremock` and"
            " `mockoon` have it. Default: `jinja`."
        ),
        examples=["wiremock", {"language": "wiremock", "parameters": {"greeting": "Hello"}}],
    ),
]
"""The key `templates`, wherever texts are."""


def templating(written: Language | Templating | UnsetType) -> Templating | None:
    """The long form; None if nothing was written."""
    if written is UNSET:
        return None
    return written if isinstance(written, Templating) else Templating(language=written)
