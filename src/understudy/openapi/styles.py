"""How parameters are written: the styles of OpenAPI 3.1 section 4.7.12.2, those of Swagger 2.0, and RFC 6570.

A style is compiled for one parameter. It gives text, a list of texts or an object of them, which `shapes.py`
makes values of; ABSENT where nothing was sent; and the error Misstyled where what was sent is not in the
style at all. `allowReserved` says how clients encode, and changes nothing for who reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from understudy.openapi.shapes import Shape

ABSENT: Any = object()
"""Nothing was sent."""
MAX_DEPTH = 20
"""Brackets in a name of `deepObject`."""
MAX_ITEMS = 10_000
"""Items of a list, as many as a query may have fields."""
SPACED_COMMA = re.compile(r"[ \t]*,[ \t]*")
"""Spaces around a comma mean nothing in a header (RFC 9110 section 5.6.1)."""


class Misstyled(Exception):
    """A text that is not in its style; what it must be."""


class Spec(NamedTuple):
    """A parameter whose style is to be compiled."""

    name: str
    shape: Shape
    explode: bool

    @property
    def is_list(self) -> bool:
        """Whether it is a list, or may be one."""
        return self.shape.is_list and not self.shape.is_object

    @property
    def is_object(self) -> bool:
        """Whether it is an object, or may be one."""
        return self.shape.is_object


class Fields(NamedTuple):
    """Fields by name, and the text that they were read from, still encoded ("" if nobody needs it)."""

    values: Mapping[str, list[str]]
    encoded: str


FromText = Callable[[str], Any]
FromFields = Callable[[Fields], Any]


# --- one text: paths and headers ----------------------------------------------------------------------------


def simple(spec: Spec, separator: str = ",") -> FromText:
    """`blue,black,brown`; `R,100,G,200` and, exploded, `R=100,G=200`."""
    if spec.is_object:
        return lambda text: _object(_split(text, separator), spec.explode)
    if spec.is_list:
        if spec.shape.is_scalar:
            return lambda text: _split(text, separator) if separator in text else text
        return lambda text: _split(text, separator)
    return lambda text: text


def in_header(spec: Spec) -> FromText:
    """`simple` for the header of an answer."""
    read = simple(spec)
    return (lambda text: read(SPACED_COMMA.sub(",", text))) if spec.is_list or spec.is_object else read


def label(spec: Spec) -> FromText:
    """`.blue`, `.blue,black`, exploded `.blue.black`; `.R,100` and, exploded, `.R=100.G=200`."""
    read = simple(spec, "." if spec.explode else ",")

    def look(text: str) -> Any:
        if not text.startswith("."):
            raise Misstyled('must begin with "."')
        return read(text[1:])

    return look


def matrix(spec: Spec) -> FromText:
    """`;color=blue`, `;color=blue,black`, exploded `;color=blue;color=black`; `;R=100;G=200`."""
    read = simple(spec)
    start = f"{spec.name}="

    def value(part: str) -> str:
        if part == spec.name:
            return ""
        if not part.startswith(start):
            raise Misstyled(f'must begin with ";{start}"')
        return part[len(start) :]

    def look(text: str) -> Any:
        if not text.startswith(";"):
            raise Misstyled('must begin with ";"')
        inner = text[1:]
        if not spec.explode:
            return read(value(inner))
        if spec.is_object:
            return _object(_split(inner, ";"), exploded=True)
        if spec.is_list:
            found = [value(part) for part in inner.split(";", MAX_ITEMS)] if inner else []
            return found[0] if len(found) == 1 and spec.shape.is_scalar else found
        return value(inner)

    return look


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator, MAX_ITEMS) if text else []


def _object(parts: list[str], exploded: bool) -> dict[str, str]:
    if exploded:
        return {name: value for name, _, value in (part.partition("=") for part in parts)}
    return dict(zip(parts[::2], [*parts[1::2], ""], strict=False))


# --- fields: queries, forms and cookies ---------------------------------------------------------------------


def form(spec: Spec) -> FromFields:
    """`color=blue`; `color=blue,black`, exploded `color=blue&color=black`; `R=100&G=200` if exploded."""
    if spec.is_object and spec.explode:
        return _spread(spec)
    if spec.is_list and spec.explode:
        return _repeated(spec)
    if spec.is_object or spec.is_list:
        return _joined(spec, ",")
    name = spec.name

    def one(fields: Fields) -> Any:
        found = fields.values.get(name)
        if found is None:
            return ABSENT
        return found[0] if len(found) == 1 else found

    return one


def delimited(separator: str) -> Callable[[Spec], FromFields]:
    """`color=blue%20black` for a space, `color=blue|black` for a bar; exploded it is as `form`."""

    def style(spec: Spec) -> FromFields:
        if spec.explode or not (spec.is_list or spec.is_object):
            return form(spec._replace(explode=True))
        return _joined(spec, separator)

    return style


def deep_object(spec: Spec) -> FromFields:
    """`color[R]=100&color[G]=200`, also within one another; lists are `a[]`, `a[0]`, or repeated names."""
    name, shape = spec.name, spec.shape
    start = f"{name}["

    def look(fields: Fields) -> Any:
        tree: dict[str, Any] = {}
        for key, values in fields.values.items():
            if key.startswith(start):
                keys = _brackets(key[len(name) :])
                if keys:
                    _put(tree, keys, values)
        if tree:
            return _grown(tree, shape)
        plain = fields.values.get(name)
        if plain is None:
            return ABSENT
        return plain[0] if len(plain) == 1 and (shape.is_scalar or not shape.is_list) else list(plain)

    return look


def _spread(spec: Spec) -> FromFields:
    """An object whose properties are fields of their own."""
    names = {name: spec.shape.named(name).is_list for name in spec.shape.names}

    def look(fields: Fields) -> Any:
        found = {
            name: values if is_list or len(values) > 1 else values[0]
            for name, is_list in names.items()
            if (values := fields.values.get(name))
        }
        return found or ABSENT

    return look


def _repeated(spec: Spec) -> FromFields:
    name, may_be_one = spec.name, spec.shape.is_scalar

    def look(fields: Fields) -> Any:
        found = fields.values.get(name)
        if found is None:
            return ABSENT
        if len(found) == 1 and (may_be_one or not found[0]):
            return found[0]
        return list(found)

    return look


def _joined(spec: Spec, separator: str) -> FromFields:
    """A list, or an object, in one field.

    A comma that is encoded belongs to an item, unless it is all there is to separate them: many clients
    encode each comma.
    """
    name, may_be_one = spec.name, spec.shape.is_scalar

    def look(fields: Fields) -> Any:
        found = fields.values.get(name)
        if found is None:
            return ABSENT
        text = separator.join(found)
        if not text or (may_be_one and separator not in text):
            return text
        parts = None
        if separator == "," and "%" in fields.encoded:
            parts = _encoded_parts(fields.encoded, name, MAX_ITEMS)
        if parts is None:
            parts = text.split(separator, MAX_ITEMS)
        return _object(parts, exploded=False) if spec.is_object else parts

    return look


def _encoded_parts(encoded: str, name: str, most: int) -> list[str] | None:
    """The items between commas that are not encoded; None if there are no such commas."""
    texts = [
        value
        for key, _, value in (pair.partition("=") for pair in encoded.split("&"))
        if unquote_plus(key) == name
    ]
    if not any("," in text for text in texts):
        return None
    return [unquote_plus(part) for part in ",".join(texts).split(",", most)]


_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def _brackets(text: str) -> list[str]:
    """The keys in brackets; none if the text is anything else."""
    keys = _BRACKETS.findall(text)
    if len(keys) > MAX_DEPTH or sum(map(len, keys)) + 2 * len(keys) != len(text):
        return []
    return keys


def _put(tree: dict[str, Any], keys: list[str], values: list[str]) -> None:
    for key in keys[:-1]:
        inner = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # `a[b]=1` and `a[b][c]=2` cannot both be
        tree = inner
    tree.setdefault(keys[-1], values)


def _grown(tree: dict[str, Any], shape: Shape) -> Any:
    """The tree with lists where the schema has them."""
    if shape.is_list and all(key == "" or (key.isascii() and key.isdigit() and len(key) < 7) for key in tree):
        found: list[Any] = []
        for _, inner in sorted(tree.items(), key=lambda one: int(one[0] or 10**7)):
            if isinstance(inner, dict):
                found.append(_grown(inner, shape.item))
            else:
                found += inner
        return found
    made = {}
    for key, inner in tree.items():
        below = shape.named(key)
        if isinstance(inner, dict):
            made[key] = _grown(inner, below)
        else:
            made[key] = inner[0] if len(inner) == 1 and not below.is_list else inner
    return made


TEXT_STYLES: dict[str, Callable[[Spec], FromText]] = {"simple": simple, "label": label, "matrix": matrix}
"""The styles of paths and headers."""

FIELD_STYLES: dict[str, Callable[[Spec], FromFields]] = {
    "form": form,
    "cookie": form,  # of OpenAPI 3.2: as `form`, but nothing is encoded
    "spaceDelimited": delimited(" "),
    "pipeDelimited": delimited("|"),
    "tabDelimited": delimited("\t"),  # of Swagger 2.0
    "deepObject": deep_object,
}
"""The styles of queries, forms and cookies."""
