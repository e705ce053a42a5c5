"""Keys whose form gives them away, wherever they stand.

The forms are those that gitleaks, truffleHog and detect-secrets know and that the issuers have published.
Each pattern is linear in the text (no nested repetition) and has hints: texts one of which stands in
everything it finds. A text is searched for the hints first, which is what makes this cheap (see `gate`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from understudy.record.redact.placeholders import BASIC, is_placeholder


class Pattern(NamedTuple):
    """What is secret wherever it stands. The secret is the group `secret`, else all that is found.

    `is_secret` looks at it more closely. `any_case`: the hints are in lower case, and stand for every case.
    `gate` stands in the place of hints where these would be too common: an expression that is found wherever
    the pattern is.
    """

    rule: str
    regex: re.Pattern[str]
    hints: tuple[str, ...]
    is_secret: Callable[[str], bool] = lambda text: True
    any_case: bool = False
    gate: re.Pattern[str] | None = None


_B = r"(?<![A-Za-z0-9])"
"""Before a key there is nothing of a longer word."""
_E = r"(?![A-Za-z0-9])"


def _key(rule: str, regex: str, *hints: str) -> Pattern:
    return Pattern(rule, re.compile(_B + f"(?:{regex})" + _E), hints)


def passes_luhn(text: str) -> bool:
    """Whether the digits in a text are those of a payment card (ISO/IEC 7812-1, annex B), by brand and
    length."""
    digits = [int(one) for one in text if one.isdigit()]
    if len(digits) not in {14, 15, 16} or len(set(digits)) < 2:
        return False
    start = "".join(map(str, digits[:4]))
    brand = {
        14: start[:2] in {"36", "38", "39"} or "300" <= start[:3] <= "305",  # Diners Club
        15: start[:2] in {"34", "37"},  # American Express
        16: start[0] == "4"  # Visa
        or "51" <= start[:2] <= "55"  # Mastercard
        or "2221" <= start <= "2720"
        or start == "6011"  # Discover
        or start[:2] == "65"
        or "3528" <= start <= "3589",  # JCB
    }
    if not brand[len(digits)]:
        return False
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mixed(text: str) -> bool:
    """Whether a text has letters and digits, as a key has and a word has not."""
    return any(one.isdigit() for one in text) and any(one.isalpha() for one in text)


def _is_credential(text: str) -> bool:
    return text != BASIC and not is_placeholder(text) and _mixed(text)


PATTERNS: tuple[Pattern, ...] = (
    Pattern(  # RFC 7468, RFC 4716, OpenPGP (RFC 9580); an end that is missing was cut off
        "private_key",
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*+"
            r"(?P<secret>(?!REDACTED-)[A-Za-z0-9+/=\s\\:,._()-]+?)(?:\s|\\[nr])*(?=-----END|\"|'|<|\Z)"
        ),
        ("PRIVATE KEY",),
    ),
    Pattern(
        "private_key",
        re.compile(
            r"PuTTY-User-Key-File-\d:[^\0]{0,4096}?Private-Lines: \d+\s+"
            r"(?P<secret>[A-Za-z0-9+/=\s]{40,}?)(?=Private-MAC|\Z)"
        ),
        ("PuTTY-User-Key-File",),
    ),
    Pattern(  # RFC 7519, and encrypted ones (RFC 7516)
        "jwt",
        re.compile(
            _B + r"ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)?"
        ),
        (),
        gate=re.compile(r"ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\."),
    ),
    Pattern(  # RFC 3986 section 3.2.1
        "url_password",
        re.compile(
            r"://[^\s/?#@:\"'<>]{0,256}:(?P<secret>(?!REDACTED-)[^\s/?#@\"'<>]{1,256})@(?=[A-Za-z0-9\[_.%-])"
        ),
        (),
        gate=re.compile(r"://[^\s/?#@:]*:[^\s/?#@]+@"),
    ),
    Pattern(
        "connection_string",
        re.compile(
            r"(?:AccountKey|SharedAccessKey|SharedSecretValue|Password|Pwd)=(?P<secret>(?!REDACTED-)[^;\s\"'<&]{4,})",
            re.IGNORECASE,
        ),
        ("accountkey=", "sharedaccesskey=", "sharedsecretvalue=", "password=", "pwd="),
        any_case=True,
    ),
    Pattern(
        "bearer",
        re.compile(
            r"\b(?:bearer|basic)(?:\s+|%20|\+)(?P<secret>(?!REDACTED)[A-Za-z0-9._~+/-]{12,}=*)", re.IGNORECASE
        ),
        (),
        _is_credential,
        gate=re.compile(r"(?i)(?:bearer|basic)(?:[^!-~]+|%20|\+)[A-Za-z0-9._~+/-]{12}"),
    ),
    Pattern(  # 40 characters beside the id of a key, or beside its name
        "aws_secret_key",
        re.compile(
            r"(?:A[KS]IA[A-Z2-7]{16}|aws.{0,20}?(?:secret|key)).{0,40}?[^A-Za-z0-9/+=]"
            r"(?P<secret>(?=[A-Za-z/+]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
            re.IGNORECASE | re.DOTALL,
        ),
        ("akia", "asia", "aws"),
        any_case=True,
    ),
    _key("aws_access_key", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}", "AKIA", "ASIA", "ABIA", "ACCA"),
    _key("github_token", r"gh[pousr]_[A-Za-z0-9]{36,255}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _key("github_token", r"github_pat_[A-Za-z0-9_]{22,255}", "github_pat_"),
    _key(
        "gitlab_token",
        r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.-]{20,255}|GR1348941[A-Za-z0-9_-]{20}",
        *(
            "glpat-",
            "glptt-",
            "gldt-",
            "glrt-",
            "glcbt-",
            "glft-",
            "glsoat-",
            "glagent-",
            "glimt-",
            "gloas-",
            "glffct-",
        ),
        "GR1348941",
    ),
    _key(
        "slack_token",
        r"xox[abeoprs]-(?:\d-)?[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{20,255}",
        "xox",
        "xapp-",
    ),
    Pattern(
        "slack_webhook",
        re.compile(
            r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>(?!REDACTED-)[A-Za-z0-9+/_-]{20,})"
        ),
        ("hooks.slack.com",),
    ),
    Pattern(
        "discord_webhook",
        re.compile(
            r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/(?P<secret>(?!REDACTED-)[A-Za-z0-9_-]{20,})"
        ),
        ("discord",),
    ),
    Pattern(
        "teams_webhook",
        re.compile(r"webhook\.office\.com/webhookb2/(?P<secret>(?!REDACTED-)[A-Za-z0-9@/_-]{40,})"),
        ("webhook.office.com",),
    ),
    _key("discord_token", r"[MNO][A-Za-z\d_-]{23,26}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,40}")._replace(
        gate=re.compile(r"\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27}")
    ),
    _key("stripe_key", r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,255}", "k_live_", "k_test_", "k_prod_"),
    _key("stripe_key", r"whsec_[A-Za-z0-9+/=_-]{24,255}", "whsec_"),
    _key("google_api_key", r"AIza[A-Za-z0-9_-]{35}", "AIza"),
    _key("google_token", r"ya29\.[A-Za-z0-9_.-]{20,2048}|1//0[A-Za-z0-9_-]{40,255}", "ya29.", "1//0"),
    _key("google_secret", r"GOCSPX-[A-Za-z0-9_-]{20,64}", "GOCSPX-"),
    _key("anthropic_key", r"sk-ant-[A-Za-z0-9_-]{20,255}", "sk-ant-"),
    _key(
        "openai_key", r"sk-(?:proj-|svcacct-|admin-|None-)[A-Za-z0-9_-]{20,255}|sk-[A-Za-z0-9]{20,255}"
    )._replace(gate=re.compile(r"sk-[A-Za-z0-9_-]{20}")),
    _key("openrouter_key", r"sk-or-v1-[0-9a-f]{64}", "sk-or-v1-"),
    _key("huggingface_token", r"(?:hf|api_org)_[A-Za-z]{30,40}")._replace(
        gate=re.compile(r"(?:hf|org)_[A-Za-z]{30}")
    ),
    _key("groq_key", r"gsk_[A-Za-z0-9]{40,64}|xai-[A-Za-z0-9]{70,90}", "gsk_", "xai-"),
    _key("replicate_key", r"r8_[A-Za-z0-9]{37}|pplx-[A-Za-z0-9]{40,56}", "r8_", "pplx-"),
    _key("sendgrid_key", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", "SG."),
    _key("mailgun_key", r"key-[0-9a-f]{32}")._replace(gate=re.compile(r"key-[0-9a-f]{32}")),
    _key("mailchimp_key", r"[0-9a-f]{32}-us\d{1,2}")._replace(gate=re.compile(r"[0-9a-f]{8}-us\d")),
    _key("brevo_key", r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}", "xkeysib-"),
    _key("twilio_key", r"(?:SK|AC)[0-9a-f]{32}")._replace(gate=re.compile(r"(?:SK|AC)[0-9a-f]{32}")),
    _key("npm_token", r"npm_[A-Za-z0-9]{36}", "npm_"),
    _key("pypi_token", r"pypi-AgE[A-Za-z0-9_-]{50,1024}", "pypi-AgE"),
    _key("rubygems_key", r"rubygems_[0-9a-f]{48}", "rubygems_"),
    _key("docker_token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}", "dckr_"),
    _key("digitalocean_token", r"do[opr]_v1_[0-9a-f]{64}", "dop_v1_", "doo_v1_", "dor_v1_"),
    _key(
        "shopify_token",
        r"shp(?:at|ca|pa|ss|ua)_[0-9A-Fa-f]{32}",
        *("shpat_", "shpca_", "shppa_", "shpss_", "shpua_"),
    ),
    _key("square_token", r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,60}|EAAA[A-Za-z0-9_-]{60}", "sq0", "EAAA"),
    _key("facebook_token", r"EAA[A-Z][A-Za-z0-9]{60,255}", "EAA"),
    _key("vault_token", r"hv[sbr]\.[A-Za-z0-9_-]{24,512}", "hvs.", "hvb.", "hvr."),
    _key("terraform_token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}", ".atlasv1."),
    _key("databricks_token", r"dapi[0-9a-f]{32}(?:-\d)?", "dapi"),
    _key("datadog_key", r"ddp_[A-Za-z0-9]{36}|ddapp_[A-Za-z0-9]{36}", "ddp_", "ddapp_"),
    _key(
        "newrelic_key",
        r"NR(?:AK|JS|II|RA|IQ)-[A-Za-z0-9_-]{19,48}",
        "NRAK-",
        "NRJS-",
        "NRII-",
        "NRRA-",
        "NRIQ-",
    ),
    _key("grafana_token", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,400}", "glsa_", "glc_"),
    _key("sentry_token", r"sntry[su]_[A-Za-z0-9+/=_-]{32,400}", "sntrys_", "sntryu_"),
    _key("linear_key", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}", "lin_api_", "lin_oauth_"),
    _key("notion_token", r"secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,60}")._replace(
        gate=re.compile(r"(?:secret|ntn)_[A-Za-z0-9]{40}")
    ),
    _key("airtable_token", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}")._replace(
        gate=re.compile(r"pat[A-Za-z0-9]{14}\.[0-9a-f]{8}")
    ),
    _key(
        "atlassian_token", r"ATATT3[A-Za-z0-9_=-]{100,255}|ATCTT3[A-Za-z0-9_=-]{60,255}", "ATATT3", "ATCTT3"
    ),
    _key("postman_key", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", "PMAK-"),
    _key(
        "figma_token",
        r"fig[duo]r?_[A-Za-z0-9_-]{40,60}",
        "figd_",
        "figu_",
        "figo_",
        "figdr_",
        "figur_",
        "figor_",
    ),
    _key("supabase_key", r"sb(?:p|_secret)_[A-Za-z0-9_-]{20,60}", "sbp_", "sb_secret_"),
    _key("planetscale_token", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}", "pscale_"),
    _key(
        "doppler_token",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,60}",
        *("dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."),
    ),
    _key("age_key", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", "AGE-SECRET-KEY-"),
    _key("telegram_token", r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{33}", ":AA"),
    _key("azure_secret", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", "Q~"),
    Pattern(
        "azure_sas",
        re.compile(r"[?&;]sig=(?P<secret>(?!REDACTED-)[A-Za-z0-9%+/=_-]{20,})"),
        ("sig=",),
    ),
    Pattern(
        "signature",
        re.compile(r"\bX-(?:Amz|Goog)-Signature=(?P<secret>(?!REDACTED-)[0-9A-Fa-f]{32,})"),
        ("-Signature=",),
    ),
    Pattern(
        "card_number",
        re.compile(r"(?<![\w.+-])\d(?:[ -]?\d){13,15}(?![\w-]|\.\d)"),
        (),
        passes_luhn,
        # before escapes (line breaks) and `+` are read as what they mean; within hashes there are no cards
        gate=re.compile(r"(?:^|\\[bfnrt]|[^A-Za-z0-9_.-])\d(?:[ +-]?\d){13,15}(?:[^A-Za-z0-9_-]|$)"),
    ),
)
"""The TABLE of forms. Those that hold others come first."""
