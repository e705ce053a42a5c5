"""One pass over the tokens of an expression or block: it checks every name and gathers edits.

It is the sandbox's gate too. Templates can reach Python objects only through data (dicts and lists), and
what could be misused of those are their methods; so only listed methods may be called, and only helpers,
macros and methods may be called at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from understudy.render.arguments import CONSTANTS, UNKNOWN, closing_bracket, depth_at, split_arguments
from understudy.render.context import REQUEST_FIELDS, TEXT_FIELDS, TEXT_ROOTS, Key, Path
from understudy.render.errors import Rejected
from understudy.render.helpers import HELPERS
from understudy.render.helpers.base import Function, Helper, call_fault, parameters
from understudy.render.helpers.fakes import DEFAULT_LOCALE, providers
from understudy.render.lexer import tokens
from understudy.render.local_names import LocalNames
from understudy.render.names import FILTERS, FUNCTIONS, KEYWORDS, METHODS, TAGS, TESTS, nearest

ALL_FILTERS = FILTERS | {name for name, helper in HELPERS.items() if helper.filter}
_SEES_ABSENCE = frozenset({"default", "d", "int", "float"})
"""Filters that get a missing value as undefined rather than "", so that they can tell."""
_RETURNS = {"text": "text", "number": "plain", "data": "data"}


class Variables:
    """The variables of one compiled template: a name for each path."""

    def __init__(self) -> None:
        self.names: dict[Path, str] = {}

    def name(self, path: Path) -> str:
        """The variable of a path, the same each time."""
        return self.names.setdefault(path, f"_v{len(self.names)}")


@dataclass(frozen=True, slots=True)
class Known:
    """What the expressions of one template may name: the bound helpers, and the roots of data."""

    functions: Mapping[str, Function]
    roots: frozenset[str]
    variables: Variables


class Rewritten(NamedTuple):
    """An expression as minijinja gets it.

    `returns` is `text` (a str always), `plain` (what minijinja writes well as JSON by itself) or `data`. An
    expression that is nothing but a static path has that `path`; its source is not rewritten.
    """

    source: str
    returns: str
    path: Path | None = None


class Expression:
    """One pass over the tokens of an expression or block: it gathers edits and what the expression reads."""

    def __init__(self, known: Known, inner: str, local: LocalNames, block: bool = False) -> None:
        self.known = known
        self.inner = inner
        self.local = local
        self.block = block
        self.tokens = tokens(inner)
        self.edits: list[tuple[int, int, str]] = []
        self.returns: set[str] = set()
        self.paths: list[tuple[int, int, Path]] = []
        self.whole = False  # one path or call is all there is
        self.path: Path | None = None

    def rewrite(self) -> Rewritten:
        """The expression as minijinja gets it. Raises Rejected."""
        at = 0
        if self.block and self.tokens:
            at = self._tag()
        while at < len(self.tokens):
            at = self._token(at)
        source: list[str] = []
        end = 0
        for start, stop, text in self._all_edits():
            source += self.inner[end:start], text
            end = stop
        source.append(self.inner[end:])
        returns = "data" if "data" in self.returns else "plain"
        if self.whole and self.returns == {"text"}:
            returns = "text"
        return Rewritten("".join(source), returns, self.path)

    def _all_edits(self) -> list[tuple[int, int, str]]:
        if self.path is not None:  # its variable is named by who knows the form it takes
            return []
        paths = ((start, end, self.known.variables.name(path)) for start, end, path in self.paths)
        return sorted([*self.edits, *paths])

    def _text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def _reject(self, message: str, name: str = "", known: Collection[str] = ()) -> Rejected:
        shown = f"{{%{self.inner}%}}" if self.block else self.inner.strip()
        return Rejected(shown, message, nearest(name, known) if known else None)

    def _tag(self) -> int:
        """Check the block's tag; the index of the first token behind it that is to be read."""
        tag = self._text(0)
        if tag not in TAGS:
            raise self._reject(f"there is no block {tag} in templates here", tag, TAGS)
        if tag == "filter":
            self._filter(1)
            return 2
        return 2 if tag == "macro" else 1

    def _token(self, at: int) -> int:
        """Deal with the token at the index; the index of the next one to look at."""
        token, before, after = self.tokens[at], self._text(at - 1), self._text(at + 1)
        if token.kind == "operator":
            if token.text == "|":
                self._filter(at + 1)
                return at + 2
            if token.text == "." and after and self.tokens[at + 1].kind == "name":
                if self._text(at + 2) == "(":
                    self._method(at + 1)
                    return at + 3
                return at + 2
            is_value = before in {")", "]", "}"} or (at and self.tokens[at - 1].kind in {"string", "number"})
            if token.text == "(" and is_value:
                raise self._reject("only helpers, macros and methods can be called")
            return at + 1
        if token.kind != "name":
            return at + 1
        if token.text == "is":
            return self._test(at + 1)
        if after == "=" and not (self.block and self._text(0) == "set" and depth_at(self.tokens, at) == 0):
            if token.text == "caller":
                raise self._reject("caller cannot be given as an argument")
            return at + 1  # the name of an argument
        return self._name(at)

    def _name(self, at: int) -> int:
        name, called = self._text(at), self._text(at + 1) == "("
        if name in self.local.values:
            if called:
                raise self._reject(f"{name} is a value; only helpers, macros and methods can be called")
            self.returns.add("data")
            return at + 1
        if name in self.local.macros or name in self.local.special:
            self.returns.add("data")
            return at + 1
        if name in KEYWORDS:
            return at + 1
        if name in self.known.roots:
            return self._path(at)
        if name == "fake":
            return self._fake(at)
        if name in HELPERS:
            return self._helper(at, HELPERS[name])
        if name in FUNCTIONS:
            self.returns.add("data")
            if not called:
                raise self._reject(f"{name} is a function; call it: {name}(…)")
            return at + 1
        known = self.known.roots | set(HELPERS) | FUNCTIONS | self.local.values | self.local.macros
        raise self._reject(f"there is no variable or helper {name}", name, known)

    # ---- static paths

    def _path(self, at: int) -> int:
        start, root, strict = at, self._text(at), self._text(at - 1) == "in"
        keys: list[Key] = []
        at += 1
        if self._text(at) == "(":
            raise self._reject(f"{root} is data; it cannot be called")
        while (step := self._step(at)) is not None:
            key, at = step
            keys.append(key)
        path = self._normal(root, keys)
        after = self._text(at)
        if after == "is" or (after == "|" and self._text(at + 1) in _SEES_ABSENCE):
            strict = True
        path = path._replace(strict=strict and path.root in TEXT_ROOTS)
        self.paths.append((self.tokens[start].start, self.tokens[at - 1].end, path))
        self.returns.add(_path_returns(path))
        if start == 0 and at == len(self.tokens) and not self.block:
            self.path, self.whole = path, True
        return at

    def _step(self, at: int) -> tuple[Key, int] | None:
        """The static key behind the index, and the index behind it."""
        match self._text(at):
            case "." if at + 1 < len(self.tokens) and self._text(at + 2) != "(":
                token = self.tokens[at + 1]
                if token.kind == "name":
                    return token.text, at + 2
                if token.kind == "number" and token.text.isdecimal():
                    return int(token.text), at + 2
            case "[" if self._text(at + 2) == "]" and self._text(at + 3) != "(":
                token = self.tokens[at + 1]
                if token.kind == "string" and "\\" not in token.text:
                    return token.text[1:-1], at + 3
                if token.kind == "number" and token.text.isdecimal():
                    return int(token.text), at + 3
        return None

    def _normal(self, root: str, keys: list[Key]) -> Path:
        if root == "request" and keys:
            field = str(keys[0])
            if field not in REQUEST_FIELDS:
                raise self._reject(f"request has no field {field}", field, REQUEST_FIELDS)
            if field in TEXT_ROOTS or field == "params":
                root, keys = field, keys[1:]
        if root == "headers" and keys:
            keys = [str(keys[0]).lower(), *keys[1:]]
        return Path(root, tuple(keys))

    # ---- helpers

    def _helper(self, at: int, helper: Helper) -> int:
        token = self.tokens[at]
        if self._text(at + 1) == "(":
            self._arguments(at + 1, self.known.functions[helper.name], helper)
            self.returns.add(_RETURNS[helper.returns])
            self.whole = at == 0 and closing_bracket(self.tokens, at + 1) == len(self.tokens) - 1
            return at + 2
        if helper.bare is None:
            raise self._reject(f"{helper.name} is a helper; call it: {helper.usage}")
        self.edits.append((token.start, token.end, f"({helper.bare})"))
        self.returns.add(_RETURNS[helper.returns])
        self.whole = len(self.tokens) == 1
        return at + 1

    def _fake(self, at: int) -> int:
        """`fake.PROVIDER`, `fake.PROVIDER(…)` or `fake(locale).PROVIDER(…)` as a call of the helper."""
        start, locale, dot = self.tokens[at].start, DEFAULT_LOCALE, at + 1
        if self._text(at + 1) == "(":
            arguments, _ = split_arguments(self.tokens, at + 1)
            dot = closing_bracket(self.tokens, at + 1) + 1
            if len(arguments) != 1 or not isinstance(arguments[0][1], str):
                raise self._reject("fake takes one locale, as a text such as 'de_DE'")
            locale = arguments[0][1]
        if self._text(dot) != "." or dot + 1 >= len(self.tokens):
            raise self._reject(f"say what to fake: {HELPERS['fake'].usage}")
        provider = self._text(dot + 1)
        try:
            known = providers(locale)
        except ValueError as error:
            raise self._reject(str(error)) from None
        if provider not in known:
            raise self._reject(f"Faker has no {provider} for {locale}", provider, known)
        called = self._text(dot + 2) == "("
        end = self.tokens[dot + 2 if called else dot + 1].end
        call = f"fake('{locale}', '{provider}'" + (", " if called else ")")
        self.edits.append((start, end, call))
        self.returns.add("data")
        return dot + (3 if called else 2)

    def _arguments(self, opening: int, function: Function, helper: Helper) -> None:
        """Check a call against the helper's parameters. Raises Rejected for what can never work."""
        arguments, splat = split_arguments(self.tokens, opening)
        if splat:
            return
        names = [name for name, _ in arguments if name]
        positional = len(arguments) - len(names)
        if fault := call_fault(function, positional, names):
            wrong = next((name for name in names if name not in parameters(function)), "")
            raise self._reject(f"{helper.name} {fault}", wrong, parameters(function) if wrong else ())
        if helper.check:
            literals = {
                name or parameters(function)[index]: value
                for index, (name, value) in enumerate(arguments)
                if value is not UNKNOWN
            }
            try:
                helper.check(literals)
            except ValueError as error:
                raise self._reject(str(error)) from None

    # ---- filters, tests, methods

    def _filter(self, at: int) -> None:
        name = self._text(at)
        if name not in ALL_FILTERS:
            raise self._reject(f"there is no filter {name}", name, ALL_FILTERS)
        helper = HELPERS.get(name)
        if helper is not None and helper.filter:
            self.returns.add(_RETURNS[helper.returns])
            if self._text(at + 1) == "(":
                self._filter_arguments(at + 1, helper)

    def _filter_arguments(self, opening: int, helper: Helper) -> None:
        function = self.known.functions[helper.name]
        arguments, splat = split_arguments(self.tokens, opening)
        names = [name for name, _ in arguments if name]
        fault = None if splat else call_fault(function, len(arguments) - len(names) + 1, names)
        if fault:
            raise self._reject(f"{helper.name} {fault}")

    def _test(self, at: int) -> int:
        if self._text(at) == "not":
            at += 1
        name = self._text(at)
        if at < len(self.tokens) and self.tokens[at].kind == "name" and name not in TESTS | set(CONSTANTS):
            raise self._reject(f"there is no test {name}", name, TESTS)
        return at + 1

    def _method(self, at: int) -> None:
        name = self._text(at)
        if name not in METHODS:
            raise self._reject(f"there is no method {name} in templates", name, METHODS)
        self.returns.add("data")


def _path_returns(path: Path) -> str:
    """What kind of value a path gives; of `query` it may be of any type, as a POST's body overlays it."""
    if path.root == "request":
        return "text" if len(path.keys) == 1 and path.keys[0] in TEXT_FIELDS else "data"
    if path.root in {"headers", "cookies", "form"}:
        return "text" if len(path.keys) == 1 else "data"
    return "plain" if path.root in {"query", "params"} and len(path.keys) == 1 else "data"
