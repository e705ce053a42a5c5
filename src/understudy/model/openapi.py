"""What a user writes about OpenAPI documents whose operations are served."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from understudy.model.base import Model
from understudy.model.endpoint import Behaviour
from understudy.model.proxy import Proxy, check_target

Checking = Literal["off", "warn", "strict"]


class OpenApi(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenAPI document (3.0, 3.1, 3.2, or Swagger 2.0): its operations are endpoints, and requests and
    answers are as it says."""

    spec: Annotated[
        str,
        Meta(
            min_length=1,
            description=(
                "The document: a file, JSON or YAML, relative to the config's folder, or a web address, which"
                " is read at each start and reload."
            ),
            examples=["petstore.yaml", "https://example.org/openapi.json"],
        ),
    ]
    remote: Annotated[
        bool,
        Meta(description="Whether references of a file to web addresses are followed."),
    ] = False
    prefix: Annotated[
        str,
        Meta(
            pattern=r"^(/[^?#{}*]*)?$",
            description="What paths begin with, before those of the document's server.",
            examples=["/pets-api"],
        ),
    ] = ""
    servers: Annotated[
        bool,
        Meta(
            description="Whether paths begin with the path of the document's server (`servers`, `basePath`)."
        ),
    ] = True
    proxy: Annotated[
        str | Proxy | UnsetType,
        Meta(
            description=(
                "A real server that the operations are sent on to: its address, or an object. Requests, and"
                " its replies, are held against the document. `prefix` is taken off paths first."
            ),
            examples=["https://api.example.org", {"target": "http://localhost:9000"}],
        ),
    ] = UNSET
    dynamic: Annotated[
        bool | Literal["each"],
        Meta(
            description=(
                "Whether answers are made from the schemas, and not taken from examples. `true`: the same"
                " request gets the same data. `each`: each request gets new data."
            )
        ),
    ] = False
    seed: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Seed of the data that is made. Default: that of the config, else 0."),
    ] = None
    validate: Annotated[
        Checking,
        Meta(
            description=(
                "What becomes of requests that are not as the document says. `strict`: they are refused."
                " `warn`: the log and the header `sl-violations` tell. `off`: nothing. With `proxy` it also"
                " says what becomes of those without credentials."
            )
        ),
    ] = "strict"
    validate_responses: Annotated[
        Literal["off", "warn", "strict", "mend"],
        Meta(
            description=(
                "What becomes of examples that do not fit their own schemas. `mend`: another example that"
                " does is sent, or data made from the schema. `warn`: they are sent, and the header"
                " `sl-violations` tells. `strict`: a 500 is sent. `off`: they are sent. An example that a"
                " client asks for by its name is sent in any case but `strict`. With `proxy` it is the same"
                " of replies of the real server, for which `mend` means `warn`."
            )
        ),
    ] = "mend"
    auth: Annotated[
        Literal["off", "presence", "full"],
        Meta(
            description=(
                "What is asked of credentials. `presence`: that there are some, in the form that the"
                " document's security schemes have. `full`: what the scheme of the same name in the config's"
                " `auth.schemes` says. `off`: nothing."
            )
        ),
    ] = "presence"
    stateful: Annotated[
        bool,
        Meta(
            description=(
                "Whether what is sent is remembered: operations on collections and their items (`/pets`,"
                " `/pets/{petId}`) create, list, read, change and delete records."
            )
        ),
    ] = False
    docs: Annotated[
        bool | Annotated[str, Meta(pattern=r"^/[^?#{}*]+$")],
        Meta(
            description=(
                "Where, below `prefix`, a page shows the document; the document itself is beside it, as"
                " `openapi.json` or `openapi.yaml`. `false`: nowhere."
            ),
            examples=["/docs", False],
        ),
    ] = True
    defaults: Annotated[
        Behaviour,
        Meta(
            description="Keys of endpoints that all its operations have, such as `latency_ms`.",
            examples=[{"latency_ms": 80, "failure_rate": 0.01}],
        ),
    ] = field(default_factory=Behaviour)
    operations: Annotated[
        dict[str, Behaviour],
        Meta(
            description=(
                "The same for single operations, by `operationId` or as `METHOD /path`; an endpoint with the"
                " same path or the same name takes the place of one."
            ),
            examples=[{"listPets": {"latency_ms": 500}, "DELETE /pets/{petId}": {"failure_rate": 0.5}}],
        ),
    ] = {}

    def __post_init__(self) -> None:
        if isinstance(self.proxy, str):
            check_target(self.proxy)
        if self.stateful and self.proxy is not UNSET:
            raise ValueError("`stateful` and `proxy` do not go together: the real server remembers")

    @property
    def real(self) -> Proxy | None:
        """The real server that answers for the operations; None if the document does."""
        return None if self.proxy is UNSET else Proxy.of(self.proxy)

    @property
    def page(self) -> str | None:
        """Where the page is; None if there is none."""
        path = DOCS if self.docs is True else self.docs
        return f"{self.prefix.rstrip('/')}{path}" if path else None


DOCS = "/docs"
OpenApiWritten = str | OpenApi | list[str | OpenApi]


def each_openapi(written: OpenApiWritten) -> tuple[tuple[tuple[str | int, ...], OpenApi], ...]:
    """Each document in its long form, with the keys that lead to it from `openapi`."""
    if not isinstance(written, list):
        return (((), OpenApi(spec=written) if isinstance(written, str) else written),)
    return tuple(
        ((number,), OpenApi(spec=one) if isinstance(one, str) else one) for number, one in enumerate(written)
    )
