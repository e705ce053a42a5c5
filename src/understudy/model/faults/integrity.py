"""Faults of integrity: messages that break the rules of HTTP or of what they carry."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.faults.base import Bytes, Fault
from understudy.model.parts import Percentage


class Truncate(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="truncate"):
    """The connection is closed before as much of the body has come as Content-Length promised."""

    after_bytes: Annotated[
        Bytes | UnsetType, Meta(description="Bytes of the body that are sent.", examples=[100])
    ] = UNSET
    fraction: Annotated[
        Percentage | UnsetType,
        Meta(description="The share of the body that is sent. Default: half.", examples=[0.5]),
    ] = UNSET

    def __post_init__(self) -> None:
        if self.after_bytes is not UNSET and self.fraction is not UNSET:
            raise ValueError("`after_bytes` and `fraction` exclude each other")


class LimitData(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="limit_data"):
    """Toxiproxy's: the connection is closed after so many bytes of the reply, its head included."""

    bytes: Annotated[Bytes, Meta(description="Bytes that are sent.", examples=[100])]


class ContentLength(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="content_length"):
    """Content-Length is not the length of the body, or is missing."""

    add_bytes: Annotated[
        Annotated[int, Meta(ge=-(2**31), le=2**31)] | UnsetType,
        Meta(
            description="What is added to the true length; -5 says five less. Default: -1.",
            examples=[-5, 5],
        ),
    ] = UNSET
    missing: Annotated[
        bool, Meta(description="Whether there is none, so that the end of the connection ends the body.")
    ] = False

    def __post_init__(self) -> None:
        if self.missing and self.add_bytes is not UNSET:
            raise ValueError("`add_bytes` and `missing` exclude each other")
        if self.add_bytes == 0:
            raise ValueError("with `add_bytes: 0` the length is right")


class MalformedChunk(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="malformed_chunk"):
    """A chunked reply whose chunks break the rules (RFC 9112 section 7.1), then the connection closes."""

    how: Annotated[
        Literal["garbage", "size", "short", "no_end"],
        Meta(
            description=(
                "`garbage`: random bytes where a chunk begins, as WireMock does. `size`: a chunk size that is"
                " no number. `short`: a chunk with less than it says. `no_end`: the last chunk is missing."
            )
        ),
    ] = "garbage"


class WireMockMalformedChunk(
    MalformedChunk, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="MALFORMED_RESPONSE_CHUNK"
):
    """WireMock's name of `malformed_chunk`."""


class Garbage(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="garbage"):
    """Random bytes instead of HTTP, then the connection closes."""

    bytes: Annotated[
        Annotated[int, Meta(ge=1, le=1_048_576)], Meta(description="How many.", examples=[64])
    ] = 64


class WireMockGarbage(
    Garbage, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="RANDOM_DATA_THEN_CLOSE"
):
    """WireMock's name of `garbage`."""


class Corrupt(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="corrupt"):
    """Some bytes of the body are other ones; head and length are right."""

    bytes: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)],
        Meta(description="How many bytes are changed, at most all of them.", examples=[3]),
    ] = 1


class BadGzip(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bad_gzip"):
    """The head says that the body is compressed, and it cannot be unpacked (RFC 1952)."""

    how: Annotated[
        Literal["plain", "cut", "checksum", "corrupt"],
        Meta(
            description=(
                "`plain`: it is not compressed. `cut`: its end is missing. `checksum`: the CRC is wrong."
                " `corrupt`: bytes in the middle are wrong."
            )
        ),
    ] = "plain"


class OversizedHeader(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="oversized_header"):
    """A header that is larger than clients take, or very many of them."""

    bytes: Annotated[
        Annotated[int, Meta(ge=1, le=16_777_216)], Meta(description="Size of its value.", examples=[100_000])
    ] = 100_000
    count: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)], Meta(description="How many headers share these bytes.")
    ] = 1


class DuplicateHeader(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="duplicate_header"):
    """A header that must stand once stands twice, with different values."""

    name: Annotated[
        str, Meta(description="Which header.", examples=["Content-Type"], pattern="^[!#-'*+.^-z|~0-9A-Z-]+$")
    ] = "Content-Length"
    value: Annotated[
        Annotated[str, Meta(pattern="^[^\\r\\n\\x00]*$")] | UnsetType,
        Meta(
            description=(
                "Value of the second. Default: for Content-Length one more, else the first's behind `x-`."
            ),
            examples=["text/html"],
        ),
    ] = UNSET


class InvalidHeader(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="invalid_header"):
    """A header line that is none."""

    how: Annotated[
        Literal["no_colon", "space", "control", "empty_name", "non_ascii"],
        Meta(
            description=(
                "`no_colon`: no colon in it. `space`: a space before the colon. `control`: NUL in the value."
                " `empty_name`: nothing before the colon. `non_ascii`: a name that is not ASCII."
            )
        ),
    ] = "no_colon"


class BadStatusLine(Fault, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bad_status_line"):
    """The first line of the reply is no status line (RFC 9112 section 4)."""

    line: Annotated[
        str,
        Meta(
            description="What it is instead, without its line break.",
            pattern="^[^\\r\\n]*$",
            max_length=65_536,
            examples=["HTTP/1.1 OK", "HTTP/9.9 200 OK", "HTTP/1.1 999999 Odd"],
        ),
    ] = "HTTP/1.1 OK"
