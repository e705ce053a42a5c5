"""What a user writes about an answer, wherever one is described."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.parts import Headers, Status, check_headers
from understudy.model.templating import Templates

CONTENT_KINDS = ("response", "body", "file", "base64")


class BodyFile(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body that is kept in a file beside the config."""

    path: Annotated[str, Meta(description="Path of the file, relative to the config's folder.")]
    template: Annotated[bool, Meta(description="Whether the file is a template.")] = False


class Content(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer: status, headers, and at most one of `response`, `body`, `file` and `base64`."""

    status: Annotated[Status, Meta(description="Status of the reply.")] = 200
    headers: Annotated[
        Headers | UnsetType,
        Meta(
            description="Response headers. Values are templates; a list repeats the header.",
            examples=[{"Cache-Control": "no-store", "Set-Cookie": ["a=1", "b=2"]}],
        ),
    ] = UNSET
    response: Annotated[
        Any,
        Meta(
            description="The reply's body as JSON. Text in it is a template.",
            examples=[{"id": "{{ uuid }}"}],
        ),
    ] = UNSET
    body: Annotated[str | UnsetType, Meta(description="The reply's body as text. It is a template.")] = UNSET
    file: Annotated[
        str | BodyFile | UnsetType,
        Meta(description="The reply's body from a file.", examples=["bodies/invoice.pdf"]),
    ] = UNSET
    base64: Annotated[
        str | UnsetType, Meta(description="The reply's body as base64, for small binary data.")
    ] = UNSET
    templates: Templates = UNSET

    @property
    def kind(self) -> str:
        """Which of the exclusive keys was written; `empty` if none was."""
        return next((kind for kind in CONTENT_KINDS if getattr(self, kind) is not UNSET), "empty")

    def __post_init__(self) -> None:
        if self.headers is not UNSET:
            check_headers(self.headers)
        written = [kind for kind in CONTENT_KINDS if getattr(self, kind) is not UNSET]
        if len(written) > 1:
            raise ValueError(
                f"an answer has one of {', '.join(CONTENT_KINDS)}; this one has {' and '.join(written)}"
            )
