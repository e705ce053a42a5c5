"""Values from one form to another: JSON, JSONPath, Base64, percent-encoding, hashes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from understudy.render.helpers.base import Helper, pure
from understudy.render.values import as_json, as_text

if TYPE_CHECKING:
    from jsonpath import JSONPath

ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512", "blake2b", "crc32")


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON text, on one line or indented by so many spaces."""
    text = as_json(value)
    if indent is None:
        return text
    import msgspec

    return msgspec.json.format(text, indent=indent)


def from_json(text: Any) -> Any:
    """The value that a JSON text stands for. Raises ValueError when it is not JSON."""
    import msgspec

    try:
        return msgspec.json.decode(as_text(text))
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


@lru_cache(maxsize=256)
def compiled_path(expression: str) -> JSONPath:
    """A JSONPath expression, compiled once. Raises ValueError with the reason when it is not one."""
    import jsonpath

    try:
        path = jsonpath.compile(expression)
    except jsonpath.JSONPathError as error:
        reason = str(error).splitlines()[0] if str(error) else "syntax error"
        raise ValueError(f"{expression!r} is not a JSONPath: {reason}") from None
    if not isinstance(path, jsonpath.JSONPath):
        raise ValueError(f"{expression!r} joins several JSONPaths; use one")
    return path


def json_path(value: Any, path: str) -> Any:
    """What the JSONPath selects: one value or null if it names one place, else a list."""
    compiled = compiled_path(path)
    if not isinstance(value, dict | list):
        return None if compiled.singular_query() else []
    found = compiled.findall(value)
    if compiled.singular_query():
        return found[0] if found else None
    return found


def base64_encode(value: Any, urlsafe: bool = False) -> str:
    """The text's UTF-8 bytes in Base64; the `urlsafe` alphabet has no padding."""
    data = as_text(value).encode()
    if urlsafe:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")
    return base64.b64encode(data).decode()


def base64_decode(value: Any) -> str:
    """The text behind Base64, of either alphabet, padded or not. Raises ValueError when it is not Base64."""
    text = as_text(value).strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ValueError("this is not Base64") from None
    return data.decode("utf-8", "replace")


def url_encode(value: Any) -> str:
    """The text percent-encoded as one part of a URL, slashes too."""
    return quote(as_text(value), safe="")


def url_decode(value: Any) -> str:
    """The text behind percent-encoding."""
    return unquote(as_text(value))


def hash_text(value: Any, algorithm: str = "sha256") -> str:
    """The hexadecimal digest of the text's UTF-8 bytes. Raises ValueError for an unknown algorithm."""
    _check_algorithm(algorithm)
    data = as_text(value).encode()
    if algorithm == "crc32":
        import zlib

        return f"{zlib.crc32(data):08x}"
    import hashlib

    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def hmac_text(value: Any, key: Any, algorithm: str = "sha256", encoding: str = "hex") -> str:
    """The keyed digest (RFC 2104) of the text, as `hex` or `base64`."""
    _check_algorithm(algorithm)
    if algorithm == "crc32":
        raise ValueError("crc32 has no HMAC")
    if encoding not in {"hex", "base64"}:
        raise ValueError(f"encoding is {encoding!r}; it may be hex or base64")
    import hmac

    digest = hmac.digest(as_text(key).encode(), as_text(value).encode(), algorithm)
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _check_algorithm(algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise ValueError(f"there is no algorithm {algorithm!r}; there are {', '.join(ALGORITHMS)}")


def _check_hash(arguments: Mapping[str, Any]) -> None:
    _check_algorithm(arguments.get("algorithm", "sha256"))


def _check_path(arguments: Mapping[str, Any]) -> None:
    if isinstance(path := arguments.get("path"), str):
        compiled_path(path)


HELPERS = (
    Helper(
        "json",
        "encoding",
        "json(value, indent=none)",
        "The value as JSON text.",
        "{{ json({'a': 1}) }}",
        pure(json_text),
        returns="text",
        filter=True,
    ),
    Helper(
        "from_json",
        "encoding",
        "from_json(text)",
        "The value that a JSON text stands for.",
        "{{ from_json('[1, 2]') }}",
        pure(from_json),
        filter=True,
    ),
    Helper(
        "jsonpath",
        "encoding",
        "jsonpath(value, path)",
        "What a JSONPath selects: one value if it names one place, else a list.",
        "{{ jsonpath(body, '$.items[0].name') }}",
        pure(json_path),
        filter=True,
        check=_check_path,
    ),
    Helper(
        "base64_encode",
        "encoding",
        "base64_encode(text, urlsafe=false)",
        "The text in Base64.",
        "{{ base64_encode('hello') }}",
        pure(base64_encode),
        returns="text",
        filter=True,
    ),
    Helper(
        "base64_decode",
        "encoding",
        "base64_decode(text)",
        "The text behind Base64, of either alphabet, padded or not.",
        "{{ 'aGVsbG8=' | base64_decode }}",
        pure(base64_decode),
        returns="text",
        filter=True,
    ),
    Helper(
        "url_encode",
        "encoding",
        "url_encode(text)",
        "The text percent-encoded as one part of a URL.",
        "{{ url_encode('a b/c') }}",
        pure(url_encode),
        returns="text",
        filter=True,
    ),
    Helper(
        "url_decode",
        "encoding",
        "url_decode(text)",
        "The text behind percent-encoding.",
        "{{ 'a%20b' | url_decode }}",
        pure(url_decode),
        returns="text",
        filter=True,
    ),
    Helper(
        "hash",
        "encoding",
        "hash(text, algorithm='sha256')",
        f"The hexadecimal digest of the text: {', '.join(ALGORITHMS)}.",
        "{{ hash(request.body, 'md5') }}",
        pure(hash_text),
        returns="text",
        filter=True,
        check=_check_hash,
    ),
    Helper(
        "hmac",
        "encoding",
        "hmac(text, key, algorithm='sha256', encoding='hex')",
        "The keyed digest of the text, as `hex` or `base64`.",
        "{{ hmac(request.body, 'secret') }}",
        pure(hmac_text),
        returns="text",
        filter=True,
        check=_check_hash,
    ),
)
