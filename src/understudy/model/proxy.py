"""What a user writes about servers that requests are sent on to."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, field

from understudy.model.base import Model
from understudy.model.parts import Headers, check_headers

_BARE = re.compile(r"(localhost|[\w-]+(?:\.[\w-]+)+)(?::[0-9]+)?(?:/[^?#@]*)?")
"""An address of a server whose scheme was forgotten."""


def check_target(target: str) -> None:
    """Refuse what is no address of a server."""
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{target!r} is no address of a server: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        hint = "write http://host or https://host:port/path"
        if found := _BARE.fullmatch(target):
            is_near = found[1] == "localhost" or found[1].startswith("127.")
            hint = f"did you mean {'http' if is_near else 'https'}://{target}?"
        raise ValueError(f"{target!r} is no address of a server: {hint}")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{target!r} has more than a scheme, a host, a port and a path")


class Tls(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the certificate of another server is checked, and what is shown to it."""

    verify: Annotated[bool, Meta(description="Whether its certificate must be valid for its name.")] = True
    ca_file: Annotated[
        str | None, Meta(description="PEM file with the authorities that are trusted beside the system's.")
    ] = None
    cert_file: Annotated[str | None, Meta(description="PEM file with a client certificate.")] = None
    key_file: Annotated[
        str | None, Meta(description="PEM file with the key of the client certificate. Default: `cert_file`.")
    ] = None


class Reaching(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How other servers are reached: what those that are named and those that clients name have in common."""

    tls: Annotated[Tls, Meta(description="How the server's certificate is checked.")] = field(
        default_factory=Tls
    )
    connect_timeout_s: Annotated[float, Meta(gt=0, description="Time to connect; above: 504.")] = 10
    timeout_s: Annotated[
        float, Meta(gt=0, description="Time in which something must come of a reply; above: 504.")
    ] = 60
    max_connections: Annotated[
        int, Meta(ge=1, description="Connections that are open to a server at the same time; others wait.")
    ] = 256


class Proxy(Reaching, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that requests are sent on to, and how."""

    target: Annotated[
        str,
        Meta(
            description="Its address; a path in it stands before that of each request.",
            examples=["https://api.example.com", "http://localhost:9000/v1"],
        ),
    ]
    strip_prefix: Annotated[
        str,
        Meta(
            pattern=r"^(/[^?#]*)?$",
            description="What is taken off the beginning of paths before they are sent on.",
            examples=["/api"],
        ),
    ] = ""
    keep_host: Annotated[
        bool, Meta(description="Whether the `Host` header is sent on as it came, instead of the target's.")
    ] = False
    headers: Annotated[
        Headers, Meta(description="Headers that are put on requests, in the place of those of the same name.")
    ] = {}
    remove_headers: Annotated[list[str], Meta(description="Headers that are taken off requests.")] = []
    rewrite_location: Annotated[
        bool,
        Meta(
            description=(
                "Whether `Location` headers that lead to the target lead here instead, and cookies lose "
                "their `Domain`."
            ),
        ),
    ] = False
    http2: Annotated[
        Literal["auto", "never", "always"],
        Meta(
            description=(
                "`auto`: HTTP/2 where a server with TLS offers it. `always`: also without TLS, with prior"
                " knowledge."
            )
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        check_target(self.target)
        check_headers(self.headers)

    @classmethod
    def of(cls, written: "str | Proxy") -> "Proxy":
        """The long form of what may be written."""
        return cls(target=written) if isinstance(written, str) else written


class ForwardProxy(Reaching, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Being the proxy of unmodified clients (`HTTP_PROXY`, `HTTPS_PROXY`)."""

    hosts: Annotated[
        list[str],
        Meta(
            description="Hosts that are looked into, with `*` as a wildcard. Default: all.",
            examples=[["api.example.com", "*.internal"]],
        ),
    ] = field(default_factory=lambda: ["*"])
    others: Annotated[
        Literal["tunnel", "refuse"],
        Meta(description="What becomes of other hosts: passed on unseen, or 403."),
    ] = "tunnel"
    ca_folder: Annotated[
        str | None,
        Meta(description="Where the certificate authority is. Default: in the user's data folder."),
    ] = None
    http2: Annotated[Literal["auto", "never"], Meta(description="Whether HTTP/2 is used where offered.")] = (
        "auto"
    )
