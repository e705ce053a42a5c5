"""Which names of fields and headers say that their value is secret.

A name is read as words: `stripeSecretKey`, `stripe-secret-key` and `STRIPE_SECRET_KEY` are `stripe secret
key`, and end with `secret key`, which is in the TABLE. What ends otherwise is no secret: `token_type`,
`tokens_used`, `password_required`, `secret_key_id`. Sources of the names: the filters of Rails, Django and
Sentry (`sensitive_params`, `hidden`, `DEFAULT_DENYLIST`), the parameters of OAuth 2 (RFC 6749, 7636, 8628)
and OpenID Connect, and what detect-secrets' KeywordDetector looks for.
"""

from __future__ import annotations

import re
from functools import lru_cache

FIELDS: dict[str, tuple[str, ...]] = {
    # rule: how a name may end; the most telling first
    "password": ("password", "passwd", "pwd", "passwort", "passphrase", "pass_phrase", "passcode"),
    "access_token": ("access_token",),
    "refresh_token": ("refresh_token",),
    "id_token": ("id_token",),
    "csrf_token": ("csrf_token", "xsrf_token", "csrfmiddlewaretoken", "authenticity_token"),
    "session_token": ("session_token",),
    "security_token": ("security_token",),
    "api_key": ("api_key", "apikey", "app_key", "appkey", "subscription_key", "x_api_key", "api_token"),
    "client_secret": ("client_secret", "consumer_secret", "app_secret"),
    "client_assertion": ("client_assertion",),
    "code_verifier": ("code_verifier",),
    "device_code": ("device_code",),
    "private_key": ("private_key", "priv_key", "ssh_key", "private_key_pem", "private_pem"),
    "access_key": ("access_key", "secret_access_key", "account_key", "shared_access_key", "shared_key"),
    "secret_key": ("secret_key", "signing_key", "encryption_key", "master_key", "signing_secret", "hmac_key"),
    "signature": ("amz_signature", "goog_signature", "shared_access_signature"),
    "authorization": ("authorization", "auth_header"),
    "credentials": ("credential", "credentials"),
    "connection_string": ("connection_string", "connectionstring"),
    "session": (
        "session",
        "session_id",
        "sessionid",
        "sess_id",
        "session_key",
        "phpsessid",
        "jsessionid",
        "connect_sid",
    ),
    "otp": (
        "otp",
        "totp",
        "otp_code",
        "mfa_code",
        "two_factor_code",
        "verification_code",
        "one_time_password",
    ),
    "pin": ("pin",),
    "cvv": ("cvv", "cvc", "cvv2", "card_cvc", "card_verification_value", "security_code"),
    "card_number": ("card_number", "cardnumber", "card_no", "credit_card", "creditcard", "cc_number"),
    "mnemonic": ("mnemonic", "seed_phrase", "recovery_phrase", "recovery_code", "backup_code"),
    "security_answer": ("security_answer", "secret_answer"),
    "jwt": ("jwt",),
    "bearer": ("bearer",),
    "secret": ("secret", "secrets"),
    "token": ("token", "auth_token", "authtoken"),
}
"""The TABLE of field rules. `stripeSecretKey` is found by `secret_key`, and its placeholder names that
rule."""

ENDINGS = frozenset(
    (
        *("value", "plain", "plaintext", "raw", "text", "base64", "b64", "hash"),
        *("confirmation", "confirm", "again", "repeat", "repeated", "verify"),
    )
)
"""Last words that change nothing: `password_confirmation` is as secret as `password`."""

INNOCENT = (
    # positions in a list, which are sent back as they came: page tokens of Google, AWS and Azure
    *("page_token", "next_token", "continuation_token", "sync_token", "cursor_token", "previous_token"),
    *("marker_token", "resume_token", "pagination_token", "delta_token", "watch_token", "start_token"),
    # how many, not which
    *("per_token", "max_token", "price_token", "cost_token", "first_token", "last_token"),
    # what is told about them
    *(
        "show_password",
        "forgot_password",
        "reset_password",
        "change_password",
        "has_password",
        "needs_password",
    ),
    *("is_secret", "has_secret", "is_token", "has_token", "is_session", "has_session", "require_password"),
    *("map_pin", "gpio_pin", "drop_pin", "training_session", "workout_session", "current_session"),
)
"""Endings that are no secrets, though they end like one."""

HEADERS: dict[str, str] = {
    "authorization": "authorization",  # RFC 9110 section 11.6.2
    "proxy-authorization": "proxy_authorization",
    "x-authorization": "authorization",
    "x-forwarded-authorization": "authorization",
    "x-original-authorization": "authorization",
    "cookie": "cookie",  # RFC 6265
    "cookie2": "cookie",
    "x-api-key": "api_key",
    "x-apikey": "api_key",
    "api-key": "api_key",  # Azure OpenAI
    "apikey": "api_key",  # Kong, Supabase
    "x-goog-api-key": "api_key",
    "x-functions-key": "api_key",  # Azure Functions
    "x-rapidapi-key": "api_key",
    "x-mashape-key": "api_key",
    "x-algolia-api-key": "api_key",
    "x-master-key": "api_key",
    "ocp-apim-subscription-key": "api_key",  # Azure API Management
    "dd-api-key": "api_key",  # Datadog
    "dd-application-key": "api_key",
    "x-elastic-api-key": "api_key",
    "x-honeycomb-team": "api_key",
    "x-insert-key": "api_key",  # New Relic
    "x-auth-key": "api_key",  # Cloudflare
    "x-auth": "auth_token",
    "x-access-token": "access_token",
    "x-auth-token": "auth_token",  # OpenStack
    "x-subject-token": "auth_token",
    "x-vault-token": "auth_token",
    "x-consul-token": "auth_token",
    "x-gitlab-token": "auth_token",
    "private-token": "auth_token",  # GitLab
    "job-token": "auth_token",
    "deploy-token": "auth_token",
    "x-shopify-access-token": "access_token",
    "x-figma-token": "auth_token",
    "x-amz-security-token": "security_token",  # AWS Signature Version 4
    "x-aws-ec2-metadata-token": "security_token",
    "x-csrf-token": "csrf_token",
    "x-csrftoken": "csrf_token",
    "x-xsrf-token": "csrf_token",
    "x-client-cert": "client_certificate",
    "x-forwarded-client-cert": "client_certificate",
    "x-hub-signature": "webhook_signature",  # GitHub: an HMAC lets short secrets be guessed
    "x-hub-signature-256": "webhook_signature",
    "x-slack-signature": "webhook_signature",
    "x-shopify-hmac-sha256": "webhook_signature",
    "x-twilio-signature": "webhook_signature",
    "stripe-signature": "webhook_signature",
    "x-amzn-oidc-data": "access_token",
    "x-amzn-oidc-accesstoken": "access_token",
    "cf-access-jwt-assertion": "jwt",
    "x-goog-iap-jwt-assertion": "jwt",
    "x-ms-token-aad-access-token": "access_token",
}
"""The TABLE of header rules, by name in lower case. Other headers are judged as fields are: `X-My-Token`."""

NOT_RANDOM = re.compile(
    r"(?:^|_)(?:ids?|uid|u?uids?|guid|cursor|e_?tag|match|hash|sha\d*|md5|crc\w*|digest|checksum|fingerprint|"
    r"thumbprint|integrity|images?|img|photo|avatar|thumbnail|icon|picture|data|blob|content|bytes|url|uri|href|src|"
    r"link|path|slug|version|revision|rev|commit|ref|nonce|state|after|before|next|prev|previous|start|end|"
    r"page_token|next_token|continuation_token|sync_token|marker|offset|trace|traceparent|span|ray|cache|policy|"
    r"agent|date|time|timestamp|at|code_challenge|challenge|boundary|type|name|title|filename|file|email|"
    r"public_key|key_id|kid|jti|x5t|x5c|n|e|x|y|report_to|nel|via|server|timing|accept|language|encoding|accesspoint)$"
    r"|^(?:sec|accept|content|if|trace|x_amz_cf|x_amz_id|x_cache|x_served|cf|alt|strict|access_control|"
    r"x_request|x_correlation|x_trace|x_b3|x_github|x_ratelimit|ratelimit|age|expires|last|etag|vary|host)(?:_|$)"
)
"""Names whose values look random and are no secrets, in words with `_`: only the test of entropy asks
this."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(r"_?\d+$")
_BY_ENDING = {ending: rule for rule, endings in FIELDS.items() for ending in endings}
_GLUED = {
    ending.replace("_", ""): rule
    for ending, rule in _BY_ENDING.items()
    if len(ending.replace("_", "")) >= 6 and ending not in {"bearer", "session", "secret", "secrets"}
}
_GLUED_INNOCENT = tuple(one.replace("_", "") for one in INNOCENT)
MAX_NAME = 128


@lru_cache(4096)
def words_of(name: str) -> str:
    """A name as its words, in lower case and with `_` between: `stripe_secret_key`."""
    return _NO_WORD.sub("_", _CAMEL.sub("_", name).lower()).strip("_")


@lru_cache(8192)
def field_rule(name: str) -> str | None:
    """The rule by which the value of a field is secret; None if its name says nothing."""
    if not 2 < len(name) <= MAX_NAME:
        return None
    words = words_of(name)
    if (rule := _rule_of(words) or _rule_of(_DIGITS.sub("", words))) is not None:
        return rule
    stem, _, last = words.rpartition("_")
    return _rule_of(stem) if last in ENDINGS else None


def _rule_of(words: str) -> str | None:
    if any(words == one or words.endswith("_" + one) for one in INNOCENT):
        return None
    rest = words
    while rest:  # the longest ending first
        if rest in _BY_ENDING:
            return _BY_ENDING[rest]
        _, _, rest = rest.partition("_")
    glued = words.replace("_", "")
    if glued.endswith(_GLUED_INNOCENT):
        return None
    for start in range(len(glued) - 5):
        if (rule := _GLUED.get(glued[start:])) is not None:
            return rule
    return None


@lru_cache(4096)
def header_rule(name: str) -> str | None:
    """The rule by which the value of a header is secret; None if its name says nothing."""
    lower = name.lower()
    return HEADERS.get(lower) or (None if lower.startswith("sec-") else field_rule(lower))


@lru_cache(4096)
def may_be_random(name: str) -> bool:
    """Whether a value of this name that looks random is to be taken for a secret."""
    return len(name) <= MAX_NAME and NOT_RANDOM.search(words_of(name)) is None
