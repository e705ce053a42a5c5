"""From what a parser gave to plain JSON data: environment variables filled in, bounds and types checked.

`${NAME}` and `${NAME:-default}` stand in any text that is not a key; `$${` is a literal `${`. `${{` is left
alone, since it is a dollar sign before a template. A text that is nothing but one `${…}` becomes a number
or a boolean if it reads like one, so that `"port": "${PORT:-8000}"` works; but not where text is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import msgspec

from understudy.load.fault import Fault, Keys, too_deep
from understudy.load.limits import MAX_DEPTH, MAX_FAULTS

# fmt: off
TEXT_KEYS = frozenset((  # keys that accept text, so that all text below them stays text
    "$schema", "accept", "access_token_ttl", "active", "add", "algorithm", "algorithms", "api_key", "at",
    "audience", "backoff", "base64", "bearer", "body", "ca_file", "ca_folder", "cert_file", "claims",
    "client", "clients", "code_ttl", "collection", "content_type", "cookie", "cookies", "database",
    "delete", "description", "dialect", "docs", "dynamic", "etag", "expose", "fields", "file", "filename",
    "folder", "form", "group", "groups", "handler", "header", "headers", "host", "hosts", "http2", "id",
    "id_type", "idempotent", "ignore", "include", "index", "initial", "issuer", "jwks", "jwt", "keep",
    "key_file", "keys", "language", "last_modified", "latency", "login", "logout", "method", "methods",
    "middleware", "mode", "name", "next", "openapi", "operation", "origins", "others", "outage",
    "parameters", "params", "password", "path", "patterns", "per", "prefix", "profile", "push", "query",
    "realm", "recorded", "redirect_uris", "refresh_token_ttl", "regex", "remaining", "remove_headers",
    "required", "reset", "resource", "response", "retry_after", "rewrites", "scenario", "scenarios",
    "schema", "scheme", "scopes", "secret", "set", "shift_dates", "space_header", "spec", "states",
    "static", "store", "strip_prefix", "style", "target", "templates", "text", "then", "tokens",
    "trailing_slash", "ttl", "type", "url", "use", "users", "validate", "validate_responses", "variables",
    "vary", "visibility",
))
# fmt: on
MIN_SECRET = 4  # characters; hiding shorter values would garble messages and protect nothing

_VARIABLE = re.compile(r"\$\$\{(?!\{)|\$\{(?!\{)([^}]*)(\}?)")
_CONTENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?(?:[eE][-+]?[0-9]{1,2})?|true|false")
_SIMPLE = (int, bool, type(None))


class Environment(msgspec.Struct):
    """The environment of one load, and which of its values were used: `secrets`, value → `${NAME}`."""

    variables: Mapping[str, str]
    secrets: dict[str, str] = {}

    def redact(self, text: str) -> str:
        """`text` with the names in place of the values, also where something has changed their capitals."""
        for value, name in self.secrets.items():
            text = re.sub(re.escape(value), lambda _, name=name: name, text, flags=re.IGNORECASE)  # type: ignore[misc]
        return text


class Values:
    """Cleans the values of one document, and remembers what must not be shown in messages."""

    def __init__(self, environment: Environment | None) -> None:
        self.faults: list[Fault] = []
        self.written: dict[Keys, str] = {}  # places filled from the environment → the text in the file
        self.environment = environment or Environment({})
        self._is_data = environment is None  # `${…}` means nothing special
        self._keys: list[str | int] = []

    def clean(self, value: Any, texts: bool = False) -> Any:
        """`value` as plain JSON data. The same object where nothing changes."""
        kind = type(value)
        if kind is str:
            return self._text(value, texts)
        if kind in _SIMPLE:
            return value
        if kind is float:
            if not isfinite(value):
                self._fault("a number is too large, or is none", found=str(value))
            return value
        if kind is dict or kind is list:
            return self._collection(value, texts)
        return self._foreign(value, texts)

    def _collection(self, value: Any, texts: bool) -> Any:
        keys = self._keys
        if len(keys) >= MAX_DEPTH:
            if len(self.faults) < MAX_FAULTS:
                self.faults.append(too_deep(MAX_DEPTH, tuple(keys[:8])))
            return None
        is_dict = type(value) is dict
        changed: Any = None
        has_numbers = False
        for key, item in value.items() if is_dict else enumerate(value):
            if is_dict and not (type(key) is str and key.isascii()):
                if type(key) is int:
                    has_numbers = True
                else:
                    self._key(key)
            kind = type(item)
            if kind in _SIMPLE or (kind is str and "${" not in item and item.isascii()):
                continue  # nearly every leaf: no call
            keys.append(key)
            new = self.clean(item, texts or key in TEXT_KEYS or (key == "state" and "match" in keys))
            keys.pop()
            if new is not item:
                if changed is None:
                    changed = value.copy()
                changed[key] = new
        cleaned = value if changed is None else changed
        if has_numbers:  # as JSON and YAML have them: {503: 1} of a program is {"503": 1}
            return {str(key) if type(key) is int else key: item for key, item in cleaned.items()}
        return cleaned

    def _key(self, key: Any) -> None:
        if not isinstance(key, str):
            self._fault("a key must be text", found=repr(key)[:60])
        elif not _encodable(key):
            self._fault("a key has half a surrogate pair in it, which is no character")

    def _foreign(self, value: Any, texts: bool) -> Any:
        """What only a caller's own objects hold, never a file."""
        if isinstance(value, Mapping):
            return self._collection(dict(value), texts)
        if isinstance(value, list | tuple):
            return self._collection(list(value), texts)
        if isinstance(value, str):  # of an enum or another subclass
            return self._text(str.__str__(value), texts)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return self.clean(float(value))
        if hasattr(value, "isoformat"):  # a date or a time
            return value.isoformat()
        self._fault("not a value that JSON has", found=type(value).__name__)
        return None

    def _text(self, text: str, texts: bool) -> Any:
        if not text.isascii() and not _encodable(text):
            self._fault("text has half a surrogate pair in it, which is no character")
            return text
        if self._is_data or "${" not in text:
            return text
        filled = _VARIABLE.sub(self._fill, text)
        if filled == text:
            return text
        self.written[tuple(self._keys)] = text
        match = _VARIABLE.fullmatch(text)
        if not texts and match and match[1] is not None and _SCALAR.fullmatch(filled):
            return _scalar(filled)
        return filled

    def _fill(self, match: re.Match[str]) -> str:
        content = match[1]
        if content is None:
            return "${"
        parts = _CONTENT.fullmatch(content) if match[2] else None
        if parts is None:
            self._fault(
                "`${` begins the name of an environment variable",
                found=match[0][:60],
                accepted="${NAME}, ${NAME:-default}, or $${ for a literal ${",
            )
            return match[0]
        name, default = parts[1], parts[2]
        value = self.environment.variables.get(name)
        if default is not None and not value:  # as in a shell: `:-` stands in for unset and for empty
            return default
        if value is None:
            self._fault(
                f"the environment variable {name} is not set",
                accepted=f"a default, as in ${{{name}:-…}}, or $${{ for a literal ${{",
            )
            return match[0]
        if not _encodable(value):
            self._fault(f"the environment variable {name} is not UTF-8")
            return match[0]
        if len(value) >= MIN_SECRET:
            self.environment.secrets[value] = f"${{{name}}}"
        return value

    def _fault(self, message: str, **more: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(message, tuple(self._keys), **more))  # type: ignore[arg-type]


def _scalar(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return float(text) if set(text) & set(".eE") else int(text)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
