"""The rules of one config: the TABLEs of names and patterns, with what a user added and took away."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache
from typing import Any

from understudy.match.regex import RegexError, safe_search
from understudy.model.record import Redact
from understudy.record.redact import names
from understudy.record.redact.entropy import MIN_LENGTH, looks_random
from understudy.record.redact.gate import active, gate, named
from understudy.record.redact.patterns import PATTERNS, Pattern
from understudy.record.redact.placeholders import PREFIX

NameRule = Callable[[str], str | None]
OTHER_RULES = (
    "entropy",
    "cookie",
    "client_certificate",
    "webhook_signature",
    "proxy_authorization",
    "auth_token",
)
_RULE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def rule_names() -> list[str]:
    """All built-in rules by name, as `keep` may name them."""
    found = {*names.FIELDS, *names.HEADERS.values(), *(one.rule for one in PATTERNS), *OTHER_RULES}
    return sorted(found)


def check(redact: bool | Redact) -> str | None:
    """What is wrong with a user's rules, in a sentence that names the place; None if nothing is."""
    if isinstance(redact, bool):
        return None
    for name, pattern in redact.patterns.items():
        if _RULE_NAME.fullmatch(name) is None:
            return f"patterns: {name!r} is no name for a rule: use letters, digits, `_`, `-` and `.`"
        try:
            finds = safe_search(pattern)
        except RegexError as error:
            return f"patterns.{name}: {error}"
        if finds(""):
            return f"patterns.{name}: {pattern!r} is found in an empty text, so everything would be secret"
    for key, written in (("headers", redact.headers), ("fields", redact.fields)):
        if any(not one.strip("* ") for one in written):
            return f"{key}: a name is needed, `*` alone is everything"
    return None


class Rules:
    """Rules, ready to be used. Raises ValueError where `check` has something to say."""

    def __init__(self, redact: Redact) -> None:
        if (wrong := check(redact)) is not None:
            raise ValueError(wrong)
        self._kept_names = frozenset(names.words_of(one) for one in redact.keep)
        self._kept_values = frozenset(redact.keep)
        self._entropy = redact.entropy and "entropy" not in self._kept_names
        kept = self._kept_names
        self.patterns = tuple(one for one in PATTERNS if one.rule not in kept)
        self._has_all = len(self.patterns) == len(PATTERNS)
        self.extra = tuple(
            (name, _compiled(pattern))
            for name, pattern in redact.patterns.items()
            if names.words_of(name) not in kept
        )
        self._is_gated = not (self.extra or redact.fields)
        self.field_rule: NameRule = lru_cache(8192)(self._name_rule(redact.fields, names.field_rule))
        self.header_rule: NameRule = lru_cache(2048)(self._name_rule(redact.headers, names.header_rule))

    def _name_rule(self, added: list[str], usual: NameRule) -> NameRule:
        """What a user's names say first, then the TABLE; `keep` goes before both."""
        own = [re.compile(translate(names.words_of(_marked(one)).replace(_STAR, "*"))) for one in added]
        kept = self._kept_names

        def rule(name: str) -> str | None:
            if len(name) > names.MAX_NAME or PREFIX in name:
                return None
            words = names.words_of(name)
            if words in kept:
                return None
            if any(one.match(words) for one in own):
                return words
            found = usual(name)
            return None if found in kept else found

        return rule

    def may_hold(self, text: str | bytes) -> bool:
        """Whether a text may hold a secret: a quick look that is wrong in one direction only."""
        if not self._is_gated:
            return True
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return gate().search(data) is not None

    def may_name(self, text: str) -> bool:
        """Whether a text may hold a name whose value is secret; wrong in one direction only."""
        return not self._is_gated or named().search(text.encode("utf-8", "surrogatepass")) is not None

    def patterns_for(self, text: str) -> tuple[Pattern, ...]:
        """The patterns that may find something in a text, or in what it hides."""
        if _HIDES.search(text) is not None:  # no hint can be looked for
            return self.patterns
        return self.patterns_in(text)

    def patterns_in(self, text: str | bytes) -> tuple[Pattern, ...]:
        """The patterns that may find something in a text as it stands."""
        found = active(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return found if self._has_all else tuple(one for one in found if one in self.patterns)

    def applies(self, rule: str) -> bool:
        """Whether a rule is in force: a user may have named it in `keep`."""
        return rule not in self._kept_names

    def keeps(self, text: str) -> bool:
        """Whether a whole value is no secret, since a user says so."""
        return text in self._kept_values

    def looks_random(self, name: str, text: str) -> bool:
        """Whether the whole value of a name is taken for a secret because of how it looks."""
        return self._entropy and len(text) >= MIN_LENGTH and names.may_be_random(name) and looks_random(text)


_HIDES = re.compile(r"\\[u/\"]|%[0-9A-Fa-f]{2}|&#")
"""A text may hold others in escapes or codes."""
_STAR = "anyx0x"
"""What stands for `*` while a name is split into words."""


def _marked(name: str) -> str:
    return name.replace("*", _STAR)


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options=options)
