"""What a user writes about who may ask: schemes that protect endpoints, and a provider that issues tokens."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from understudy.model.base import Model, only_one
from understudy.model.duration import DURATION
from understudy.model.match import Conditions

Duration = Annotated[float, Meta(gt=0)] | Annotated[str, Meta(pattern=DURATION)]
NAME = Annotated[str, Meta(min_length=1, max_length=200)]
SECRET = Annotated[str, Meta(min_length=1)]
CLAIMS = dict[str, Any]
SECRETS = (
    Literal["any"]
    | Annotated[list[SECRET], Meta(min_length=1)]
    | Annotated[dict[str, CLAIMS], Meta(min_length=1)]
)

HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")
ALGORITHMS = (
    *HMAC_ALGORITHMS,
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"),
)
Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
SigningAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
SCHEME_KINDS = ("api_key", "basic", "bearer", "jwt", "session", "oauth")
ACCESS_KINDS = ("use", *SCHEME_KINDS)


class User(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who can log in."""

    password: Annotated[SECRET, Meta(description="The password.", examples=["${ADA_PASSWORD:-secret}"])]
    claims: Annotated[
        CLAIMS,
        Meta(
            description="What is known of the user: templates see it as `claims`, tokens have it.",
            examples=[{"email": "ada@example.test", "roles": ["admin"]}],
        ),
    ] = {}


class Users(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Users with passwords, sent with every request (RFC 7617)."""

    users: Annotated[
        Literal["any"] | Annotated[dict[str, SECRET | User], Meta(min_length=1)],
        Meta(
            description="User name → password, or an object with claims; `any`: whoever has some.",
            examples=[{"ada": "secret"}],
        ),
    ]


class ApiKey(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that each request carries, in a header, the query or a cookie."""

    header: Annotated[
        NAME | UnsetType,
        Meta(description="The header it is in. Default: `X-API-Key`.", examples=["X-API-Key"]),
    ] = UNSET
    query: Annotated[
        NAME | UnsetType, Meta(description="The query parameter it is in.", examples=["api_key"])
    ] = UNSET
    cookie: Annotated[NAME | UnsetType, Meta(description="The cookie it is in.", examples=["key"])] = UNSET
    keys: Annotated[
        SECRETS,
        Meta(
            description="The keys that are accepted: a list, key → its `claims`, or `any`.",
            examples=[["k-123"], {"k-123": {"plan": "free"}}],
        ),
    ]

    def __post_init__(self) -> None:
        only_one(self, ("header", "query", "cookie"), "a key")


class Bearer(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fixed tokens, sent as `Authorization: Bearer TOKEN` (RFC 6750)."""

    tokens: Annotated[
        SECRETS,
        Meta(
            description="The tokens that are accepted: a list, token → its `claims`, or `any`.",
            examples=[["t-123"], {"t-123": {"sub": "ada", "scope": "read write"}}],
        ),
    ]


class Jwt(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signed tokens with claims (RFC 7519). Without a key: signed by this server, see `understudy token`."""

    algorithms: Annotated[
        list[Algorithm],
        Meta(
            description="Signature algorithms. Empty: HS256 for a secret, else all that fit the keys.",
            examples=[["RS256"]],
        ),
    ] = []
    secret: Annotated[
        SECRET | UnsetType,
        Meta(description="The shared secret of HS256, HS384 and HS512.", examples=["${JWT_SECRET:-secret}"]),
    ] = UNSET
    key_file: Annotated[
        str | UnsetType,
        Meta(
            description="A public or private key: PEM or JWK, in a file below the config's folder.",
            examples=["keys/public.pem"],
        ),
    ] = UNSET
    jwks: Annotated[
        str | dict[str, Any] | UnsetType,
        Meta(description="Several keys: a JWK Set (RFC 7517), or the file it is in.", examples=["jwks.json"]),
    ] = UNSET
    issuer: Annotated[
        str | list[str],
        Meta(description="What `iss` must be. Empty: anything.", examples=["https://auth.example.test/"]),
    ] = []
    audience: Annotated[
        str | list[str],
        Meta(description="What `aud` must have. Empty: anything.", examples=["https://api.example.test"]),
    ] = []
    leeway_s: Annotated[
        float,
        Meta(ge=0, le=86_400, description="Seconds by which clocks may differ, for `exp`, `nbf` and `iat`."),
    ] = 0
    claims: Annotated[
        Conditions,
        Meta(
            description="Claims that a token must have: the value, or conditions on it.",
            examples=[{"tenant": "acme", "exp": {"present": True}}],
        ),
    ] = {}

    def __post_init__(self) -> None:
        only_one(self, ("secret", "key_file", "jwks"), "a jwt scheme")


class Session(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logging in with a password gives a cookie. Adds endpoints that log in and out."""

    users: Annotated[
        dict[str, SECRET | User],
        Meta(
            min_length=1,
            description="User name → password, or an object with claims.",
            examples=[{"ada": "secret"}],
        ),
    ]
    cookie: Annotated[
        str, Meta(pattern=r"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$", description="Name of the cookie.")
    ] = "sid"
    login: Annotated[
        str, Meta(pattern="^/", description="Path of the endpoint that takes `username` and `password`.")
    ] = "/login"
    logout: Annotated[str, Meta(pattern="^/", description="Path of the endpoint that ends the session.")] = (
        "/logout"
    )
    ttl: Annotated[
        Duration, Meta(description="How long a session lasts: seconds, or a text such as `30m`.")
    ] = "1h"


class Scheme(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to say who one is: exactly one of its keys but `realm`."""

    api_key: Annotated[
        SECRET | Annotated[list[SECRET], Meta(min_length=1)] | ApiKey | UnsetType,
        Meta(
            description="A key in each request: the key, a list of keys, or an object.",
            examples=["k-123", {"query": "api_key", "keys": ["k-123"]}],
        ),
    ] = UNSET
    basic: Annotated[
        Users | UnsetType,
        Meta(description="User name and password in each request.", examples=[{"users": {"ada": "secret"}}]),
    ] = UNSET
    bearer: Annotated[
        SECRET | Annotated[list[SECRET], Meta(min_length=1)] | Bearer | UnsetType,
        Meta(
            description="Fixed tokens in `Authorization`: a token, a list, or an object.", examples=["t-123"]
        ),
    ] = UNSET
    jwt: Annotated[
        Literal["own"] | Jwt | UnsetType,
        Meta(
            description="Signed tokens: `own` for those that this server signs, or an object.",
            examples=[{"secret": "${JWT_SECRET:-secret}", "audience": "api"}],
        ),
    ] = UNSET
    session: Annotated[
        Session | UnsetType,
        Meta(description="A cookie that logging in gives.", examples=[{"users": {"ada": "secret"}}]),
    ] = UNSET
    oauth: Annotated[
        bool | UnsetType, Meta(description="`true`: access tokens of the built-in provider.", examples=[True])
    ] = UNSET
    realm: Annotated[
        str,
        Meta(
            pattern=r"^[ !#-\[\]-~]*$",
            description="What is protected, as `WWW-Authenticate` names it.",
        ),
    ] = "understudy"

    @property
    def kind(self) -> str | None:
        """Which of the exclusive keys was written; None if none was."""
        return next((kind for kind in SCHEME_KINDS if getattr(self, kind) is not UNSET), None)

    def __post_init__(self) -> None:
        only_one(self, SCHEME_KINDS, "a scheme")
        if self.oauth is False:
            raise ValueError("write `oauth: true`, or leave it out")


class Access(Scheme, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request needs: a scheme by name, or one described here, and scopes and claims beside it."""

    use: Annotated[
        NAME | list[NAME] | UnsetType,
        Meta(description="The scheme, or several of which one is enough.", examples=["main"]),
    ] = UNSET
    scopes: Annotated[
        list[NAME], Meta(description="Scopes that the token must have, all of them.", examples=[["write"]])
    ] = []
    claims: Annotated[
        Conditions,
        Meta(
            description="Claims that it must have: the value, or conditions on it; else 403.",
            examples=[{"role": "admin"}],
        ),
    ] = {}

    def __post_init__(self) -> None:
        super().__post_init__()
        only_one(self, ACCESS_KINDS, "auth")


class Client(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that gets tokens from the provider."""

    secret: Annotated[SECRET | UnsetType, Meta(description="Its secret.", examples=["s3cret"])] = UNSET
    public: Annotated[
        bool, Meta(description="Whether it has no secret, as apps in browsers and on phones: it needs PKCE.")
    ] = False
    redirect_uris: Annotated[
        list[Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9+.-]*:")]],
        Meta(
            description=(
                "Where users are sent back to, exactly; only the port of `http://127.0.0.1/…` is free"
                " where none is written."
            ),
            examples=[["http://localhost:3000/callback"]],
        ),
    ] = []
    scopes: Annotated[
        list[NAME],
        Meta(description="Scopes that it may have. Empty: any.", examples=[["read", "write"]]),
    ] = []
    claims: Annotated[
        CLAIMS, Meta(description="Claims of the tokens that it gets for itself.", examples=[{"tier": "gold"}])
    ] = {}

    def __post_init__(self) -> None:
        if self.public and self.secret is not UNSET:
            raise ValueError("a public client has no secret: remove `secret` or `public`")


class Provider(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OAuth 2 and OpenID Connect provider of your own. Adds its endpoints, found by discovery."""

    clients: Annotated[
        dict[str, SECRET | Client],
        Meta(
            min_length=1,
            description="Client id → its secret, or an object.",
            examples=[{"shop": "s3cret", "app": {"public": True}}],
        ),
    ]
    users: Annotated[
        dict[str, SECRET | User],
        Meta(
            description="User name → password, or an object with claims.",
            examples=[{"ada": {"password": "secret", "claims": {"email": "ada@example.test"}}}],
        ),
    ] = {}
    path: Annotated[
        str,
        Meta(pattern=r"^/[A-Za-z0-9._~/-]*[^/]$", description="Below which path its endpoints are."),
    ] = "/oauth"
    issuer: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s?#]+$")] | UnsetType,
        Meta(
            description="What `iss` is. Default: the address that the request was sent to.",
            examples=["http://127.0.0.1:8000"],
        ),
    ] = UNSET
    audience: Annotated[
        str | list[str] | UnsetType,
        Meta(
            description="What `aud` of access tokens is. Default: the issuer.",
            examples=["https://api.example.test"],
        ),
    ] = UNSET
    access_token_ttl: Annotated[Duration, Meta(description="How long access tokens hold.")] = "1h"  # noqa: S105 - a time
    refresh_token_ttl: Annotated[Duration, Meta(description="How long refresh tokens hold.")] = "30d"  # noqa: S105 - a time
    code_ttl: Annotated[Duration, Meta(description="How long authorization codes hold.")] = "60s"
    login: Annotated[
        Literal["auto", "form"],
        Meta(
            description=(
                "`auto`: whoever `login_hint` names, else the first user, is logged in at once."
                " `form`: a page asks for name and password."
            )
        ),
    ] = "auto"
    algorithm: Annotated[SigningAlgorithm, Meta(description="What tokens are signed with.")] = "RS256"
    key_file: Annotated[
        str | UnsetType,
        Meta(
            description="The private key, PEM or JWK. Default: a new one at each start.",
            examples=["keys/private.pem"],
        ),
    ] = UNSET


class Auth(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Schemes that endpoints name in `auth`, and a provider that issues tokens."""

    schemes: Annotated[
        dict[str, Scheme],
        Meta(
            description="Schemes by name.",
            examples=[{"main": {"bearer": "t-123"}}],
        ),
    ] = {}
    provider: Annotated[
        Provider | UnsetType,
        Meta(
            description="An OAuth 2 and OpenID Connect provider.",
            examples=[{"clients": {"shop": "s3cret"}}],
        ),
    ] = UNSET


__all__ = [
    "ALGORITHMS",
    "HMAC_ALGORITHMS",
    "Access",
    "ApiKey",
    "Auth",
    "Bearer",
    "Client",
    "Jwt",
    "Provider",
    "Scheme",
    "Session",
    "User",
    "Users",
]
