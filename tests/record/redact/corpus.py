"""Secrets and innocent values.

Secrets are fake, and put together here, so that scanners do not take them for real. `KEYS` have a form;
`NAMED` are secret by their names; `INNOCENT` must stay, each in a field that it is usual in.
"""

from base64 import b64encode, urlsafe_b64encode
from hashlib import shake_256
from string import ascii_lowercase, ascii_uppercase, digits

ALNUM = ascii_uppercase + ascii_lowercase + digits
HEX = "0123456789abcdef"
BASE32 = ascii_uppercase + "234567"


def drawn(length: int, purpose: str, alphabet: str = ALNUM) -> str:
    """Characters that look drawn, the same in each run."""
    return "".join(alphabet[byte % len(alphabet)] for byte in shake_256(purpose.encode()).digest(length))


def jwt(**claims: object) -> str:
    """A signed token."""
    from json import dumps

    pieces = [dumps(one).encode() for one in ({"alg": "HS256", "typ": "JWT", "kid": "key-of-ada"}, claims)]
    return (
        ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in pieces)
        + "."
        + drawn(43, "signature")
    )


def pem(kind: str) -> str:
    """A private key as a file."""
    lines = "\n".join(drawn(64, f"{kind}{at}") for at in range(6))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


_KEYS = [
    ("aws access key", "AKIA" + drawn(16, "aws", BASE32), ""),
    ("aws temporary key", "ASIA" + drawn(16, "sts", BASE32), ""),
    ("aws secret key", "aws_secret_access_key = " + (key := "wJ7" + drawn(37, "awssecret")), key),
    ("github classic", "ghp_" + drawn(36, "ghp"), ""),
    ("github oauth", "gho_" + drawn(36, "gho"), ""),
    ("github user", "ghu_" + drawn(36, "ghu"), ""),
    ("github server", "ghs_" + drawn(36, "ghs"), ""),
    ("github refresh", "ghr_" + drawn(76, "ghr"), ""),
    ("github fine", "github_pat_" + drawn(22, "pat") + "_" + drawn(59, "pat2"), ""),
    ("gitlab", "glpat-" + drawn(20, "glpat"), ""),
    ("gitlab deploy", "gldt-" + drawn(20, "gldt"), ""),
    ("gitlab runner", "GR1348941" + drawn(20, "runner"), ""),
    ("slack bot", "xoxb-" + drawn(12, "a", digits) + "-" + drawn(12, "b", digits) + "-" + drawn(24, "c"), ""),
    ("slack user", "xoxp-" + drawn(12, "d", digits) + "-" + drawn(32, "e"), ""),
    ("slack app", "xapp-1-A" + drawn(10, "f", BASE32) + "-" + drawn(64, "g", HEX), ""),
    (
        "slack webhook",
        "https://hooks.slack.com/services/" + (hook := "T0" + drawn(8, "h", BASE32) + "/B0" + drawn(32, "i")),
        hook,
    ),
    (
        "discord webhook",
        "https://discord.com/api/webhooks/" + drawn(18, "j", "123456789") + "/" + (hook := drawn(68, "k")),
        hook,
    ),
    ("discord bot", "M" + drawn(23, "l") + "." + drawn(6, "m") + "." + drawn(27, "n"), ""),
    ("stripe live", "sk_live_" + drawn(24, "sk"), ""),
    ("stripe restricted", "rk_live_" + drawn(24, "rk"), ""),
    ("stripe test", "sk_test_" + drawn(24, "skt"), ""),
    ("stripe webhook", "whsec_" + drawn(32, "wh"), ""),
    ("google api", "AIza" + drawn(35, "aiza"), ""),
    ("google oauth", "ya29." + drawn(60, "ya29"), ""),
    ("google secret", "GOCSPX-" + drawn(28, "gocspx"), ""),
    ("openai", "sk-" + drawn(48, "oai"), ""),
    ("openai project", "sk-proj-" + drawn(48, "proj"), ""),
    ("anthropic", "sk-ant-api03-" + drawn(93, "ant") + "AA", ""),
    ("openrouter", "sk-or-v1-" + drawn(64, "or", HEX), ""),
    ("hugging face", "hf_" + drawn(34, "hf", ascii_uppercase + ascii_lowercase), ""),
    ("groq", "gsk_" + drawn(52, "gsk"), ""),
    ("replicate", "r8_" + drawn(37, "r8"), ""),
    ("sendgrid", "SG." + drawn(22, "sg") + "." + drawn(43, "sg2"), ""),
    ("mailgun", "key-" + drawn(32, "mg", HEX), ""),
    ("mailchimp", drawn(32, "mc", HEX) + "-us12", ""),
    ("brevo", "xkeysib-" + drawn(64, "bv", HEX) + "-" + drawn(16, "bv2"), ""),
    ("twilio key", "SK" + drawn(32, "twilio", HEX), ""),
    ("twilio account", "AC" + drawn(32, "twilioac", HEX), ""),
    ("npm", "npm_" + drawn(36, "npm"), ""),
    ("pypi", "pypi-AgEIcHlwaS5vcmc" + drawn(70, "pypi"), ""),
    ("rubygems", "rubygems_" + drawn(48, "gem", HEX), ""),
    ("docker", "dckr_pat_" + drawn(27, "dckr"), ""),
    ("digitalocean", "dop_v1_" + drawn(64, "do", HEX), ""),
    ("shopify", "shpat_" + drawn(32, "shop", HEX), ""),
    ("square", "sq0csp-" + drawn(43, "sq"), ""),
    ("facebook", "EAAC" + drawn(120, "fb"), ""),
    ("vault", "hvs." + drawn(90, "hvs"), ""),
    ("terraform", drawn(14, "tf") + ".atlasv1." + drawn(67, "tf2"), ""),
    ("databricks", "dapi" + drawn(32, "dapi", HEX), ""),
    ("new relic", "NRAK-" + drawn(27, "nr", ascii_uppercase + digits), ""),
    ("grafana", "glsa_" + drawn(32, "glsa") + "_" + drawn(8, "glsa2", HEX), ""),
    ("sentry", "sntrys_" + drawn(80, "sntrys"), ""),
    ("linear", "lin_api_" + drawn(40, "lin"), ""),
    ("notion", "secret_" + drawn(43, "notion"), ""),
    ("airtable", "pat" + drawn(14, "at") + "." + drawn(64, "at2", HEX), ""),
    ("atlassian", "ATATT3" + drawn(186, "atl"), ""),
    ("postman", "PMAK-" + drawn(24, "pm", HEX) + "-" + drawn(34, "pm2", HEX), ""),
    ("figma", "figd_" + drawn(43, "fig"), ""),
    ("supabase", "sbp_" + drawn(40, "sbp", HEX), ""),
    ("planetscale", "pscale_tkn_" + drawn(43, "ps"), ""),
    ("doppler", "dp.pt." + drawn(43, "dp"), ""),
    ("age", "AGE-SECRET-KEY-1" + drawn(58, "age", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"), ""),
    ("telegram", drawn(9, "tg", "123456789") + ":AA" + drawn(33, "tg2"), ""),
    ("azure secret", drawn(3, "az") + "8Q~" + drawn(34, "az2"), ""),
    (
        "azure storage",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + (key := drawn(86, "acc") + "=="),
        key,
    ),
    ("azure sas", "https://a.blob.core.windows.net/c?sv=2022&sig=" + (key := drawn(43, "sas")), key),
    ("presigned", "https://b.s3.amazonaws.com/k?X-Amz-Signature=" + (key := drawn(64, "amz", HEX)), key),
    ("jwt", jwt(sub="ada-lovelace", exp=1700000000), ""),
    ("jwt of a stranger", jwt(email="ada@example.org", groups=["admins-of-all"]), ""),
    ("rsa key", pem("RSA "), drawn(64, "RSA 3")),
    ("pkcs8 key", pem(""), drawn(64, "3")),
    ("ec key", pem("EC "), drawn(64, "EC 3")),
    ("openssh key", pem("OPENSSH "), drawn(64, "OPENSSH 3")),
    ("url with password", "postgres://ada:" + (key := "tr0ub4dor&3") + "@db.example.org/x", key),
    ("url with token", "https://x-access-token:" + (key := drawn(20, "url")) + "@github.com/a/b", key),
    ("bearer in text", "sent with Bearer " + (key := drawn(24, "bearer") + "1"), key),
    ("basic in text", "sent with Basic " + (key := b64encode(b"ada:correct-horse-1").decode()), key),
    ("password in text", "login failed: user=ada password=" + (key := "tr0ub4dor-3"), key),
    ("password in quotes", "{'password': '" + (key := "correct horse") + "'}", key),
    ("visa", "4111 1111 1111 1111".replace("1111 1111 1111", "1111 1111 1111"), ""),
    ("mastercard", "5555-5555-5555-4444", ""),
    ("amex", "3782" + "822463" + "10005", ""),
]
KEYS: dict[str, tuple[str, str]] = {name: (text, gone or text) for name, text, gone in _KEYS}
"""Name → what stands in a text, and what of it must be gone."""

NAMED: tuple[tuple[str, str], ...] = tuple(
    (name, value)
    for value in ("hunter2x", "Tr0ub4dor & 3", 'quo"te\\d/✓')
    for name in (
        *("password", "passwd", "pwd", "Password", "user_password", "newPassword", "password_confirmation"),
        *(
            "secret",
            "client_secret",
            "clientSecret",
            "stripeSecretKey",
            "STRIPE_SECRET_KEY",
            "webhook-secret",
        ),
        *("token", "access_token", "accessToken", "access-token", "refresh_token", "id_token", "authToken"),
        *(
            "api_key",
            "apikey",
            "apiKey",
            "api-key",
            "X-Api-Key",
            "private_key",
            "privateKey",
            "authorization",
        ),
        *(
            "session",
            "sessionid",
            "session_id",
            "sessionToken",
            "otp",
            "pin",
            "cvv",
            "card_number",
            "cardNumber",
        ),
        *(
            "connectionString",
            "credentials",
            "passphrase",
            "csrf_token",
            "authenticity_token",
            "user[password]",
        ),
        *("signing_secret", "security_answer", "mnemonic", "code_verifier", "device_code", "accountKey"),
    )
)

INNOCENT: tuple[tuple[str, str], ...] = (
    *(
        ("id", one)
        for one in (
            "123e4567-e89b-42d3-a456-426614174000",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cus_NffrFeUfNV2Hib",
        )
    ),
    *(("customer", one) for one in ("pi_3MtwBwLkdIwHu7ix28a3tqPA", "price_1MoBy5LkdIwHu7ixZhnattbh", "42")),
    ("user_id", drawn(28, "firebase")),
    ("node_id", "MDQ6VXNlcjU4MzIzMQ=="),
    ("id", "Z2lkOi8vc2hvcGlmeS9Qcm9kdWN0LzEyMzQ1Njc4OTA="),
    ("sha", drawn(40, "git", HEX)),
    ("commit", drawn(40, "git2", HEX)),
    ("value", drawn(64, "sha256", HEX)),
    ("anything", drawn(32, "md5", HEX)),
    ("anything", drawn(40, "sha1", HEX)),
    ("anything", "9b2e7f3a-4d1c-4c1b-8f6e-2d3c4b5a6978"),
    ("anything", "01HQ3K5Z6N8X9Y2V4W7T1R0PAB"),
    ("etag", 'W/"' + drawn(27, "etag") + '"'),
    ("integrity", "sha384-" + drawn(64, "sri")),
    ("next_page_token", drawn(40, "page")),
    ("nextPageToken", drawn(40, "page2")),
    ("next_token", drawn(44, "page3")),
    ("continuationToken", drawn(44, "page4")),
    ("cursor", drawn(40, "cursor")),
    ("after", drawn(40, "after")),
    ("anything", "eyJpZCI6MTAwLCJjcmVhdGVkX2F0IjoiMjAyNC0wMS0wMSJ9"),
    ("anything", "Y3Vyc29yOjIwMjQtMDEtMDFUMDA6MDA6MDBa"),
    ("avatar", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"),
    ("anything", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"),
    ("picture", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),
    ("anything", "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQE"),
    ("anything", "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    *(
        ("created_at", one)
        for one in ("2024-01-31T12:34:56.789Z", "Mon, 01 Jan 2024 00:00:00 GMT", "20240131T123456Z")
    ),
    *(("timestamp", one) for one in ("1706704496", "1706704496789", "1706704496.789")),
    ("token_type", "Bearer"),
    ("tokens_used", "1234"),
    ("max_tokens", "4096"),
    ("password_required", "true"),
    ("password_changed_at", "2024-01-31"),
    ("has_password", "yes"),
    ("secret_name", "prod/db/main"),
    ("tokenizer", "cl100k_base"),
    ("keyword", "mock server"),
    ("key", "name"),
    ("public_key_id", "abc"),
    ("passenger", "Ada Lovelace"),
    ("compass", "north"),
    ("shipping", "express"),
    ("spinner", "dots"),
    ("author", "Ada"),
    ("authority", "example.org"),
    ("authenticated", "yes"),
    ("description", "Enter your password: it must contain a digit. Invalid token: expected a string."),
    ("message", "The secret of a good test is that it fails for one reason; no token was sent."),
    ("text", "Basic authentication is required, Bearer tokens are not accepted."),
    ("name", "getUserByIdFromDatabaseV2AndCacheV3"),
    ("anything", "com.example.service.UserAccountServiceImpl"),
    ("slug", "how-to-mock-an-api-in-2024-with-python"),
    ("anything", "how-to-mock-an-api-in-2024-with-python"),
    ("path", "/api/v1/Users/Ada/Files/Report2024Final.pdf"),
    ("url", "https://api.example.com/v1/users/42?page=2&sort=name&cursor=abc"),
    ("href", "http://localhost:8080/items;v=1?q=a%20b#top"),
    ("email", "ada.lovelace+news@example.org"),
    ("phone", "+44 20 7946 0958"),
    ("iban_country", "DE"),
    ("isbn", "978-3-16-148410-0"),
    ("order_number", "1234567812345678"),
    ("tracking", "1Z999AA10123456784"),
    ("coordinates", "52.520008,13.404954"),
    ("user_agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"),
    ("version", "1.2.3-beta.4+build.5678"),
    ("color", "#ff8800"),
    ("regex", "^[A-Za-z0-9]{20,}$"),
    ("sql", "SELECT id, name FROM users WHERE age > 30"),
    ("html", "<p>Hello <b>world</b></p>"),
    ("x", "AKIA"),
    ("x", "sk-learn-is-a-library-for-machine-learning"),
    ("x", "task-1234567890123456789012"),
    ("x", "ghp_short"),
    ("model", "gpt-4o-mini-2024-07-18"),
    ("express-session", "^1.17.3"),  # packages with such names, as a registry tells of them
    ("js-token", "^3.0.0 || ^4.0.0"),
    ("pbkdf2-password", ">= 1.0 < 2"),
    ("cookie-session", "~2.0.0-beta.3"),
    ("client-secret", "1.2.x"),
    ("jwt", "*"),
    ("access-token", "latest"),
    ("request_id", "req_" + drawn(24, "req")),
    ("x", "chatcmpl-" + drawn(29, "chat")),
)
