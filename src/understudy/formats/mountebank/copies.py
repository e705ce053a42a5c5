"""The behaviour `copy`: tokens of a response that become values of the request, by templates."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from understudy.formats.mountebank.bodies import json_path
from understudy.formats.mountebank.texts import js_regex
from understudy.formats.spot import LeftOut, Spot

_PLACES = {"path": "request.path", "method": "request.method", "body": "request.body"}
_NAMED = {"query": "request.query", "headers": "request.headers"}
_MANY = re.compile(r"\.\.|[*?:,]")
"""What is in a JSONPath that may find several values."""


class _Token(NamedTuple):
    """A text in the response, and the template that stands in its place."""

    text: str
    template: str


class Copies:
    """The tokens of one response, in the order in which they are put in."""

    def __init__(self) -> None:
        self.known: list[_Token] = []

    def add_all(self, written: Any, spot: Spot) -> None:
        """Add one, or a list of them. One that cannot be said is a warning."""
        several = written if isinstance(written, list) else [written]
        for number, one in enumerate(several):
            inner = spot.at(number) if isinstance(written, list) else spot
            try:
                self.known += self._tokens(inner.mapping(one), inner)
            except LeftOut as left:
                left.spot.warn(f"this is not copied, and its token stays as it is written: {left.message}")

    def _tokens(self, written: dict[str, Any], spot: Spot) -> list[_Token]:
        token = spot.at("into").text(written.get("into", ""))
        if not token or re.search(r"[{}'\"\\]{2}|['\"\\]", token):
            spot.at("into").leave("it has no token, or one with quotes, backslashes or double braces")
        value = _value(written.get("from"), spot.at("from"))
        using = spot.at("using")
        how = using.mapping(written.get("using"))
        selector = using.at("selector").text(how.get("selector", ""))
        method = how.get("method")
        if method == "regex":
            return self._by_regex(token, value, selector, how, using)
        if method == "jsonpath":
            path = json_path(selector)
            if _MANY.search(path):
                using.at("selector").leave("a JSONPath that may find several values")
            made = [_Token(token, f"{{{{jsonPath {value} {_quoted(path, using)} default='{token}'}}}}")]
        elif method == "xpath":
            if how.get("ns"):
                using.at("ns").leave("XPath with namespaces")
            if not re.search(r"(text\(\)|@[\w-]+|\))$", selector):
                selector += "/text()"
            made = [_Token(token, f"{{{{xPath {value} {_quoted(selector, using)} default='{token}'}}}}")]
        else:
            using.at("method").leave("there is no such method")
        return [_Token(f"{token}[0]", made[0].template), *made]

    def _by_regex(
        self, token: str, value: str, selector: str, how: dict[str, Any], spot: Spot
    ) -> list[_Token]:
        options = spot.at("options").mapping(how.get("options"))
        flags = "i" * bool(options.get("ignoreCase")) + "m" * bool(options.get("multiline"))
        regex = (f"(?{flags})" if flags else "") + js_regex(selector)
        try:
            groups = re.compile(regex).groups
        except (re.error, OverflowError, RecursionError) as error:
            spot.at("selector").leave(f"the regular expression cannot be read: {error}")
        whole = f"regexExtract {value} {_quoted(regex, spot)}"
        name = f"copied{len(self.known)}"
        made = [
            _Token(
                f"{token}[{number}]",
                f"{{{{{whole} '{name}' default='{token}[{number}]'}}}}{{{{{name}.[{number - 1}]}}}}",
            )
            for number in range(groups, 0, -1)  # those of two digits first
        ]
        plain = f"{{{{{whole} default='{token}'}}}}"
        return [*made, _Token(f"{token}[0]", plain), _Token(token, plain)]

    def put(self, headers: dict[str, Any], body: Any, spot: Spot) -> tuple[dict[str, Any], Any]:
        """Headers and body with templates in the place of the tokens, what looks like one kept."""
        whole = json.dumps([list(headers.values()), body], ensure_ascii=False)
        if not any(token.text in whole for token in self.known):
            return headers, body
        if any(token.text in name for name in headers for token in self.known) or self._in_keys(body):
            spot.leave("a name of a header or a key of JSON has no template")
        if "\\{{" in whole:
            spot.leave("a template cannot stand beside a backslash and two braces")
        return self._put(headers), self._put(body)

    def _in_keys(self, value: Any) -> bool:
        if isinstance(value, dict):
            return any(
                any(token.text in key for token in self.known) or self._in_keys(item)
                for key, item in value.items()
            )
        return isinstance(value, list) and any(map(self._in_keys, value))

    def _put(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self._put(item) for key, item in value.items()}
        return [self._put(item) for item in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        pattern = "|".join(re.escape(one.text) for one in self.known)
        templates = {one.text: one.template for one in reversed(self.known)}
        parts = re.split(f"({pattern})", text)
        made = [
            templates[part] if number % 2 else part.replace("{{", "\\{{") for number, part in enumerate(parts)
        ]
        return "".join(made)


def _value(written: Any, spot: Spot) -> str:
    """The part of the request that is copied from, as a template's expression."""
    place = _PLACES.get(written.lower()) if isinstance(written, str) else None
    if place is None and isinstance(written, dict) and len(written) == 1:
        ((part, name),) = written.items()
        if part.lower() in _NAMED and isinstance(name, str) and name and "]" not in name:
            place = f"{_NAMED[part.lower()]}.[{name}]"
    if place is None:
        spot.leave("what is copied is the path, the method, the body, a header or a parameter of the query")
    return place


def _quoted(text: str, spot: Spot) -> str:
    """A text as a template has it."""
    if "'" in text and '"' in text:
        spot.at("selector").leave("a selector with both kinds of quotes")
    if text.endswith("\\"):
        spot.at("selector").leave("a selector that ends with a backslash")
    return f'"{text}"' if "'" in text else f"'{text}'"
