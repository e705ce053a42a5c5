"""Templates of a config as WireMock's, where WireMock has the same, and texts that are none as they are."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from understudy.formats.outgoing import CannotSay
from understudy.model import Templating
from understudy.render.handlebars.compile import is_handlebars
from understudy.render.lexer import is_template, pieces

_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}(.*)\{%[-+]?\s*endraw\s*[-+]?%\}", re.DOTALL)
_STRING = re.compile(r"""(?P<quote>['"])((?:(?!(?P=quote))[^\\])*)(?P=quote)""")
_NAME = r"(?:\.([A-Za-z_]\w*)|\[\s*['\"]([\w -]+)['\"]\s*\])"
_ONE = re.compile(rf"(query|params|headers|cookies|form){_NAME}", re.ASCII)
_BODY = re.compile(r"body((?:\.[A-Za-z_]\w*|\[\d+\]|\[\s*'[\w -]+'\s*\])*)", re.ASCII)
_INT = re.compile(r"random_int\(\s*(?:low\s*=\s*)?(-?\d+)\s*,\s*(?:high\s*=\s*)?(-?\d+)\s*\)")
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS = {
    "uuid": "randomValue type='UUID'",
    "timestamp": "now format=\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"",
    "now": "now format=\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"",
    "date": "now format='yyyy-MM-dd'",
    "random_int": "randomInt lower=0 upper=1000001",
    "body": "request.body",
    "request.method": "request.method",
    "request.path": "request.path",
    "request.url": "request.url",
    "request.host": "request.host",
    "request.client": "request.clientIp",
}


class Said(NamedTuple):
    """A text of WireMock's. `is_template`: it means nothing without the response-template transformer."""

    text: str
    is_template: bool


class Texts:
    """The texts of one answer. `root` is what WireMock's templates call the request."""

    def __init__(self, templating: Templating | None, root: str = "request") -> None:
        self._language = "jinja" if templating is None else templating.language
        self.parameters = {} if templating is None else templating.parameters
        self._root = root

    def text(self, text: str) -> Said:
        """A text as WireMock has it. Raises CannotSay."""
        if self._language == "wiremock":
            return Said(text, is_handlebars(text))
        if self._language == "mockoon":
            if is_handlebars(text):
                raise CannotSay("templates of Mockoon's are not WireMock's")
            return Said(text, False)
        return self._jinja(text) if is_template(text) else Said(text, False)

    def _jinja(self, text: str) -> Said:
        found = []
        literal = []
        for piece in pieces(text):
            if piece.kind == "comment":
                continue
            if piece.kind == "block" or piece.left or piece.right:
                raise CannotSay(f"{piece.source.strip()} has no counterpart")
            if piece.kind == "text":
                found.append(piece.source)
                literal.append(piece.source)
                continue
            raw = _RAW.fullmatch(piece.source)
            constant = None if raw else _STRING.fullmatch(piece.inner.strip())
            if raw or constant:
                plain = raw[1] if raw else constant[2] if constant else ""
                found.append(plain)
                literal.append(plain)
                continue
            found.append("{{" + expression(piece.inner.strip(), self._root) + "}}")
        said = Said("".join(found), len(found) > len(literal))
        if said.is_template and "{{" in "\0".join(literal):
            raise CannotSay("text that looks like a template stands beside one")
        return said

    def json(self, value: Any) -> tuple[Any, bool]:
        """A JSON value, and whether a text in it is a template. Raises CannotSay."""
        if isinstance(value, dict):
            pairs = {key: self.json(item) for key, item in value.items()}
            return {key: item for key, (item, _) in pairs.items()}, any(flag for _, flag in pairs.values())
        if isinstance(value, list):
            items = [self.json(item) for item in value]
            return [item for item, _ in items], any(flag for _, flag in items)
        return self.text(value) if isinstance(value, str) else (value, False)


def expression(written: str, root: str = "request") -> str:
    """A Handlebars expression for one of Jinja's. Raises CannotSay."""
    word = written.removesuffix("()") if written.endswith("()") else written
    if word in _WORDS:
        return _WORDS[word].replace("request.", f"{root}.", 1)
    if one := _ONE.fullmatch(written):
        return _named(one[1], one[2] or one[3], root, written)
    if interval := _INT.fullmatch(written):
        return f"randomInt lower={interval[1]} upper={int(interval[2]) + 1}"
    if (inside := _BODY.fullmatch(written)) and inside[1]:
        path = inside[1].replace('"', "'")
        return f'jsonPath {root}.body "${path}"'
    raise CannotSay(f"{{{{ {written} }}}} has no counterpart")


def _named(part: str, name: str, root: str, written: str) -> str:
    if part == "form":
        raise CannotSay(f"{{{{ {written} }}}} has no counterpart")
    theirs = {"params": "path", "query": "query", "headers": "headers", "cookies": "cookies"}[part]
    if part == "headers":
        name = name.replace("_", "-")
    key = name if _PLAIN_KEY.fullmatch(name) else f"[{name}]"
    return f"{root}.{theirs}.{key}"
