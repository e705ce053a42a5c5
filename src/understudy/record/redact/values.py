"""Taking the secrets out of single values and of texts without form.

`Values` holds what stays the same for one body or header: the rules, the patterns that may find something
in it, and the tally of what was found. What knows a format finds names and values in it, and asks here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from understudy.record.redact import json_text
from understudy.record.redact.entropy import MIN_LENGTH
from understudy.record.redact.forms import redact_cookies, redact_set_cookie
from understudy.record.redact.packed import unpacked
from understudy.record.redact.patterns import Pattern
from understudy.record.redact.placeholders import (
    BASIC,
    PLACEHOLDER,
    PREFIX,
    forge_jwt,
    is_placeholder,
    placeholder,
)
from understudy.record.redact.rules import Rules

MAX_NESTED = 4
"""How many texts of JSON may stand in texts of JSON."""
MAX_ROUNDS = 4
"""What is left after a replacement may be a secret in turn: it is looked at again, so often at most."""

ASSIGNED = re.compile(
    r"(?P<name>(?<![A-Za-z0-9_.-])[A-Za-z][A-Za-z0-9_.-]{1,63})"
    r"(?:\\*[\"'])?(?P<sign>[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4}|%3[Dd])"
)
"""`password=hunter2`, `"token": "x"`, `secret: 'y'`: a name before its value, in text without form."""
VALUE = re.compile(
    r"(?P<quote>\\*[\"'])(?P<quoted>[^\"'\\\r\n]{1,4096})|(?P<bare>[^\s\"'&;,<>(){}\[\]\\]{3,4096})"
)
LINE = re.compile(
    r"(?im)^[ \t]*((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{1,60}):[ \t]*(\S.*?)[ \t\r]*$"
)
"""A header as a line: in logs, and in recordings."""
_SCHEME = re.compile(
    r"(?i)(basic|bearer|digest|token|negotiate|ntlm|apikey|key|hmac[\w-]*|aws4[\w-]*|dpop|\w{2,24})\s+(?=\S)"
)
_PARAMETER = re.compile(r"([A-Za-z][\w-]*)\s*=\s*(\"(?:[^\"\\]|\\.)*+\"|[^\s,;\"]+)")
_OPEN_PARAMETERS = frozenset(
    (
        *("realm", "qop", "algorithm", "uri", "opaque", "charset", "stale", "domain", "nc"),
        *("signedheaders", "keyid", "headers", "oauth_version", "oauth_signature_method", "oauth_timestamp"),
    )
)
"""Parameters of credentials that are no secrets (RFC 7616, RFC 5849, AWS Signature Version 4)."""
_PRERELEASE = r"(?:-(?:alpha|beta|rc|pre|dev|next|canary|snapshot)(?:[.-]?\d{1,8}){0,3})?"
_RANGE = r"(?:[~^=]|~>|[<>]=?) ?\d{1,4}(?:\.(?:\d{1,8}|[xX*])){0,2}"
_PLAIN = r"v?\d{1,4}\.(?:[xX*]|\d{1,8}\.(?:\d{1,8}|[xX*]))"
_VERSION = rf"(?:{_RANGE}|{_PLAIN}){_PRERELEASE}"
VERSIONS = re.compile(rf"\*|latest|{_VERSION}(?:(?: ?\|\| ?| - |, ?| ){_VERSION}){{0,7}}")
"""Versions of a package that has the name of a secret: `"js-tokens": "^4.0.0"` among dependencies. Without
them what a registry said of a package would be of no use in a replay."""


class Found(NamedTuple):
    """A secret that was taken out. `raw` is what stood there; it must never be shown."""

    rule: str
    raw: str


class Values:
    """Takes secrets out of values and texts. `keeps_shape`: what clients parse stays parseable (replies)."""

    def __init__(
        self, rules: Rules, found: list[Found], text: str, *, keeps_shape: bool, is_settings: bool = False
    ) -> None:
        """`is_settings`: the text is lines of names and values, such as YAML, and no prose."""
        self.rules = rules
        self.found = found
        self.keeps_shape = keeps_shape
        self.is_settings = is_settings
        self.patterns: tuple[Pattern, ...] = rules.patterns_for(text)
        self._is_quiet = not (self.patterns or rules.extra)

    def note(self, rule: str, raw: str, new: str) -> str:
        """Count a secret, unless it is a placeholder already; what stands in its place."""
        if raw != new and not is_placeholder(raw):
            self.found.append(Found(rule, raw))
        return new

    def leaf(self, name: str, text: str, rule: str | None, depth: int = 0) -> str:
        """The value of a field: `rule` is what its name says."""
        if not text or self.rules.keeps(text):
            return text
        if rule is not None:
            return self.secret(rule, text)
        if self._is_quiet and len(text) < MIN_LENGTH and ":" not in text and "=" not in text:
            return text
        if self.rules.looks_random(name, text):
            return self.note("entropy", text, placeholder("entropy"))
        if depth < MAX_NESTED and text[0] in "{[" and '"' in text:
            return json_text.redact(text, self, depth=depth + 1)
        if depth < MAX_NESTED and (packed := unpacked(text)) is not None:
            new = self._within(packed.text, depth + 1)
            return text if new == packed.text else packed.again(new)
        return self.free(text)

    def _within(self, text: str, depth: int) -> str:
        """A text that was hidden in base64: other patterns may find something in it."""
        if not self.rules.may_hold(text):
            return text
        values = Values(self.rules, self.found, text, keeps_shape=self.keeps_shape)
        return json_text.redact(text, values, depth=depth) if '"' in text else values.free(text)

    def secret(self, rule: str, text: str) -> str:
        """What stands in the place of a whole value that is secret."""
        if not text.strip() or self.rules.keeps(text) or VERSIONS.fullmatch(text):
            return text
        if rule in {"authorization", "proxy_authorization"}:
            return self.credentials(rule, text)
        if self.keeps_shape and text.startswith("ey") and (forged := forge_jwt(text)) is not None:
            return self.note(rule, text, forged)
        return self.note(rule, text, placeholder(rule))

    def credentials(self, rule: str, text: str) -> str:
        """The value of `Authorization`: the scheme stays (RFC 9110 section 11.4)."""
        match = _SCHEME.match(text)
        if match is None:
            return self.note(rule, text, placeholder(rule))
        scheme, rest = match[1], text[match.end() :]
        if scheme.lower() == "basic":
            return match[0] + self.note("basic", rest, BASIC)
        if _PARAMETER.match(rest):
            return match[0] + _PARAMETER.sub(lambda found: self._parameter(found, scheme), rest)
        return match[0] + self.note(scheme.lower(), rest, placeholder(scheme))

    def _parameter(self, found: re.Match[str], scheme: str) -> str:
        name, value = found.groups()
        if name.lower() in _OPEN_PARAMETERS:
            return found[0]
        bare = value.strip('"')
        new = self.note(scheme.lower(), bare, placeholder(name)) if bare else bare
        start = found.start(2) - found.start()
        return found[0][:start] + (f'"{new}"' if value[:1] == '"' else new)

    def free(self, text: str) -> str:
        """A text without form: forms of keys, and what is assigned to names that are secret."""
        if ":" in text:
            text = LINE.sub(self._line, text)
        for _ in range(MAX_ROUNDS):
            new = self._around_placeholders(text)
            if new == text:
                break
            text = new
        return text

    def _around_placeholders(self, text: str) -> str:
        if PREFIX not in text:
            return self._once(text)
        pieces, at = [], 0
        for match in PLACEHOLDER.finditer(text):
            pieces += [self._once(text[at : match.start()]), match[0]]
            at = match.end()
        return "".join((*pieces, self._once(text[at:])))

    def _once(self, text: str) -> str:
        if len(text) < 5:
            return text
        if "=" in text or ":" in text or "%3" in text:
            text = self._assigned(text)
        if self.patterns:
            for pattern in self.rules.patterns_in(text):
                text = pattern.regex.sub(self._by(pattern), text)
        for name, regex in self.rules.extra:
            text = self._extra(name, regex, text)
        return text

    def _line(self, found: re.Match[str]) -> str:
        name, value = found.groups()
        lower = name.lower()
        rule = self.rules.header_rule(name)
        if lower.endswith("cookie"):
            new = redact_cookies(value, self) if lower == "cookie" else redact_set_cookie(value, self)
        elif rule is None:
            return found[0]
        else:
            new = self.secret(rule, value)
        start, end = (at - found.start() for at in found.span(2))
        return found[0][:start] + new + found[0][end:]

    def _assigned(self, text: str) -> str:
        pieces, done = [], 0
        for found in ASSIGNED.finditer(text):
            if found.start() < done or (rule := self.rules.field_rule(found["name"])) is None:
                continue
            match = VALUE.match(text, found.end())
            if match is None or (new := self._value(rule, found["sign"], match)) is None:
                continue
            start, end = match.span("quoted" if match["quote"] else "bare")
            pieces += [text[done:start], new]
            done = end
        return "".join((*pieces, text[done:])) if pieces else text

    def _value(self, rule: str, sign: str, match: re.Match[str]) -> str | None:
        """What stands in the place of a value that is assigned to a secret name; None if it is none."""
        if match["quote"]:
            return self.secret(rule, match["quoted"])
        value = match["bare"]
        if ":" in sign and not (self.is_settings or _telling(value)):
            return None  # prose: `Invalid token: expected a string`
        if value.startswith("//"):
            return None
        if rule in {"authorization", "proxy_authorization"} and value.isalpha():
            return None  # `Authorization: Bearer x`: the pattern of credentials knows where it ends
        return self.secret(rule, value)

    def _by(self, pattern: Pattern) -> Callable[[re.Match[str]], str]:
        group = "secret" if "secret" in pattern.regex.groupindex else 0

        def replace(found: re.Match[str]) -> str:
            secret = found[group]
            if not pattern.is_secret(secret) or self.rules.keeps(secret):
                return found[0]
            new = self._shaped(pattern.rule, secret)
            start, end = (at - found.start() for at in found.span(group))
            return found[0][:start] + self.note(pattern.rule, secret, new) + found[0][end:]

        return replace

    def _shaped(self, rule: str, secret: str) -> str:
        if rule == "jwt" and self.keeps_shape and (forged := forge_jwt(secret)) is not None:
            return forged
        return placeholder(rule)

    def _extra(self, name: str, regex: object, text: str) -> str:
        """A user's pattern. RE2 works on UTF-8, which lone surrogates have none of: they pass as bytes."""
        data = (
            text.encode("utf-8", "surrogateescape")
            if _encodes(text)
            else text.encode("utf-8", "surrogatepass")
        )
        pieces, at = [], 0
        for found in regex.finditer(data):  # type: ignore[attr-defined]
            start, end = found.span()
            raw = data[start:end].decode("utf-8", "surrogateescape")
            if start == end or self.rules.keeps(raw):
                continue
            pieces += [data[at:start], self.note(name, raw, placeholder(name)).encode()]
            at = end
        if not pieces:
            return text
        return b"".join((*pieces, data[at:])).decode("utf-8", "surrogateescape")


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _telling(value: str) -> bool:
    """Whether a value in running text looks like a password rather than like the next word."""
    return len(value) >= 6 and any(not one.isalpha() for one in value.rstrip(".,:;!?)"))
