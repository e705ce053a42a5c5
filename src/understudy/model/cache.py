"""What a user writes about how replies may be cached."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model
from understudy.model.parts import TOKEN

Seconds = Annotated[int, Meta(ge=0, le=2**31)]
"""As long as Cache-Control can say (RFC 9111 section 1.2.2)."""


class Cache(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How replies may be cached, by clients and by this server (RFC 9111)."""

    max_age_s: Annotated[
        Seconds | UnsetType, Meta(description="Seconds that a reply is fresh (`max-age`).", examples=[60])
    ] = UNSET
    s_maxage_s: Annotated[
        Seconds | UnsetType, Meta(description="The same for shared caches (`s-maxage`).")
    ] = UNSET
    visibility: Annotated[
        Literal["public", "private"] | UnsetType,
        Meta(description="Who may keep a reply: any cache (`public`), or only the client's own (`private`)."),
    ] = UNSET
    no_store: Annotated[bool, Meta(description="Nobody may keep the reply (`no-store`).")] = False
    no_cache: Annotated[
        bool, Meta(description="The reply must be revalidated before each use (`no-cache`).")
    ] = False
    must_revalidate: Annotated[
        bool, Meta(description="A stale reply is never used without revalidation (`must-revalidate`).")
    ] = False
    immutable: Annotated[
        bool, Meta(description="The reply does not change while it is fresh (`immutable`).")
    ] = False
    stale_while_revalidate_s: Annotated[
        Seconds | UnsetType,
        Meta(description="Seconds that a stale reply may be used while a new one is fetched."),
    ] = UNSET
    vary: Annotated[
        list[str],
        Meta(
            description="Request headers that the reply depends on (`Vary`).", examples=[["Accept-Language"]]
        ),
    ] = []
    etag: Annotated[
        bool | Annotated[str, Meta(min_length=1)],
        Meta(
            description=(
                "`auto` or `true`: an ETag made from the body. `weak`: a weak one. `false`: none."
                " Other text is the ETag itself, and a template."
            ),
            examples=["weak", "v{{ state.version }}"],
        ),
    ] = True
    last_modified: Annotated[
        bool | Annotated[str, Meta(min_length=1)],
        Meta(
            description=(
                "`true`: a `Last-Modified` with the time of the first reply since it was loaded. Text is"
                " a date, as in HTTP, ISO 8601 or unix seconds, and a template."
            ),
            examples=["2026-01-31T08:00:00Z", "{{ state.changed }}"],
        ),
    ] = False
    expires: Annotated[bool, Meta(description="Whether `Expires` says the same as `max-age`.")] = False
    store_s: Annotated[
        Annotated[float, Meta(gt=0, le=2**31)] | UnsetType,
        Meta(
            description=(
                "Seconds that the server itself keeps a reply, and sends it again, with a growing `Age`."
            ),
            examples=[30],
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        for name in self.vary:
            if not TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} cannot be a header name")
        lasting = ("max_age_s", "s_maxage_s", "stale_while_revalidate_s", "store_s", "immutable", "expires")
        if self.no_store:
            for key in lasting:
                if getattr(self, key) is not UNSET and getattr(self, key) is not False:
                    raise ValueError(f"`no_store` and `{key}` exclude each other")

    @property
    def control(self) -> str:
        """The value of Cache-Control; "" if there is nothing to say."""
        parts: list[str] = [] if self.visibility is UNSET else [self.visibility]
        for name, seconds in (
            ("max-age", self.max_age_s),
            ("s-maxage", self.s_maxage_s),
            ("stale-while-revalidate", self.stale_while_revalidate_s),
        ):
            if seconds is not UNSET:
                parts.append(f"{name}={seconds}")
        for key in ("no_store", "no_cache", "must_revalidate", "immutable"):
            if getattr(self, key):
                parts.append(key.replace("_", "-"))
        return ", ".join(parts)


__all__ = ["Cache"]
