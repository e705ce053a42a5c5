"""YAML, read so that it means what the same data means in JSON.

PyYAML follows YAML 1.1, in which `no` is false, `010` is eight and `2024-01-01` is a date object. Here plain
words are text unless YAML 1.2 and JSON agree that they are something else: `true`, `false`, `null`
and numbers without leading zeros. So only PyYAML's parser is used, and nodes are turned into data here. No
tag can build anything but plain data, and aliases are bounded.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import yaml

from understudy.load.fault import Fault, NotReadable, too_deep
from understudy.load.limits import MAX_ALIAS_NODES, MAX_DEPTH, MAX_FAULTS
from understudy.load.syntax.place import Place

_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"-?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CORE = "tag:yaml.org,2002:"
_PLAIN, _TEXT, _COLLECTION = "plain", "text", "collection"  # what `resolve` says of a node without a tag
_AS_TEXT = (_TEXT, _CORE + "str", _CORE + "timestamp")
_AS_PLAIN = (_PLAIN, *(_CORE + name for name in ("int", "float", "bool", "null")))
_AS_BYTES = (_CORE + "binary", "!binary")  # the second is that of Ruby
_AS_COLLECTION = (_COLLECTION, _CORE + "map", _CORE + "seq")


class _TooDeep(Exception):
    def __init__(self, line: int | None) -> None:
        self.line = line


class _Shapes:
    """The questions that PyYAML's composer asks about each node, answered without YAML 1.1."""

    depth = 0

    def resolve(self, kind: type, value: object, implicit: Any) -> str:
        if kind is not yaml.ScalarNode:
            return _COLLECTION
        return _PLAIN if implicit[0] else _TEXT

    def descend_resolver(self, parent: Any, index: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH + 1:
            raise _TooDeep(parent.start_mark.line + 1 if parent is not None else None)

    def ascend_resolver(self) -> None:
        self.depth -= 1


if hasattr(yaml, "CSafeLoader"):

    class _Composer(_Shapes, yaml.CSafeLoader):
        """libyaml's parser."""

else:  # PyYAML was built without libyaml: ten times slower, same results

    class _Composer(_Shapes, yaml.SafeLoader):  # type: ignore[no-redef]
        """PyYAML's own parser."""


def parse(text: str, *, binary: bool = False) -> Any:
    """The data in a YAML text; with `binary` a `!!binary` is bytes. Raises NotReadable."""
    try:
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        raise NotReadable([_explain(text, error)]) from None
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        line = text.count("\n", 0, position) + 1
        raise NotReadable([Fault(f"not valid YAML: {error.reason}", line=line)]) from None
    except _TooDeep as error:
        raise NotReadable([too_deep(MAX_DEPTH, line=error.line)]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise NotReadable([Fault(f"not valid YAML: {error}")]) from None
    except ValueError:  # libyaml's binding on a number in an escape that is no character
        raise NotReadable([Fault("not valid YAML: an escape that is no character")]) from None
    builder = _Builder(binary=binary)
    data = builder.build(node) if node is not None else None
    if builder.faults:
        raise NotReadable(builder.faults)
    return data


def places(text: str) -> Place | None:
    """The lines of the values in a YAML text."""
    try:
        node = _compose(text)
    except (yaml.YAMLError, _TooDeep, RecursionError, ValueError):
        return None
    return _place(node, {}) if node is not None else None


def _compose(text: str) -> Any:
    composer = _Composer(text)
    try:
        return composer.get_single_node()
    finally:
        composer.dispose()


class _Builder:
    """Nodes → data. What an anchor names is built once and shared by its aliases."""

    def __init__(self, *, binary: bool = False) -> None:
        self.faults: list[Fault] = []
        self._binary = binary
        self._built: dict[int, Any] = {}
        self._sizes: dict[int, int] = {}  # values under a node, aliases counted as if written out
        self._open: set[int] = set()
        self._stopped = False

    def build(self, node: Any) -> Any:
        key = id(node)
        if key in self._built or self._stopped:
            return self._built.get(key)
        if key in self._open:
            self._fault("an alias that contains itself", node)
            self._stopped = True
            return None
        self._open.add(key)
        if isinstance(node, yaml.ScalarNode):
            built: Any = self._scalar(node)
            self._sizes[key] = 1
        elif node.tag not in _AS_COLLECTION:
            built = None
            self._refuse_tag(node)
            self._sizes[key] = 1
        elif isinstance(node, yaml.SequenceNode):
            built = [self.build(item) for item in node.value]
            self._weigh(node, node.value)
        else:
            built = self._mapping(node)
            self._weigh(node, [value for _, value in node.value])
        self._open.discard(key)
        self._built[key] = built
        return built

    def _weigh(self, node: Any, children: list[Any]) -> None:
        size = 1 + sum(self._sizes.get(id(child), 0) for child in children)
        self._sizes[id(node)] = size
        if size - len(self._sizes) > MAX_ALIAS_NODES and not self._stopped:
            self._fault(f"aliases add more than {MAX_ALIAS_NODES:,} values", node)
            self._stopped = True

    def _mapping(self, node: Any) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._odd_key(key_node)
                continue
            if key_node.tag not in _AS_TEXT and key_node.tag not in _AS_PLAIN:
                self._refuse_tag(key_node)
                continue
            # A key is text, as in JSON and TOML: `1:`, `on:` and `2024-01-01:` are the keys as written.
            key = key_node.value
            if key == "<<" and key_node.tag == _PLAIN:
                for name, value in self._merge(value_node).items():
                    merged.setdefault(name, value)
                continue
            if key in own:
                self._fault(f'the key "{key}" is written twice: first in line {lines[key]}', key_node)
                continue
            lines[key] = key_node.start_mark.line + 1
            own[key] = self.build(value_node)
        return {**merged, **own} if merged else own

    def _merge(self, node: Any) -> dict[str, Any]:
        value = self.build(node)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            value = {name: item for part in reversed(value) for name, item in part.items()}
        if not isinstance(value, dict):
            if not self._stopped:
                self._fault("`<<` takes an object, or a list of objects", node)
            return {}
        return value

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.tag in _AS_TEXT:
            return text
        if self._binary and node.tag in _AS_BYTES:
            return self._bytes(node)
        if node.tag not in _AS_PLAIN:
            self._refuse_tag(node)
            return None
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] not in "-+.0123456789":
            return text
        try:
            if _INTEGER.fullmatch(text):
                return int(text)
            if _BASED.fullmatch(text):
                return int(text, 0)
        except ValueError:
            self._fault("a number has too many digits", node)
            return None
        if _NUMBER.fullmatch(text):
            return float(text)
        if _NOT_A_NUMBER.fullmatch(text):
            self._fault("JSON has no such number", node, found=text, accepted="a number, or null")
        return text

    def _bytes(self, node: Any) -> bytes | None:
        try:
            return base64.b64decode("".join(node.value.split()), validate=True)
        except ValueError:
            self._fault("this is no base64", node)
            return None

    def _odd_key(self, node: Any) -> None:
        if isinstance(node, yaml.MappingNode) and node.flow_style:
            self._fault(
                "a value that begins with { is an object here: put a template in quotes",
                node,
                suggestion='"{{ … }}"',
            )
        else:
            self._fault("a key must be text", node)

    def _refuse_tag(self, node: Any) -> None:
        tag = node.tag
        shown = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
        self._fault("tags are not supported: a config is plain data", node, found=shown)

    def _fault(self, message: str, node: Any, **more: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(message, line=node.start_mark.line + 1, **more))  # type: ignore[arg-type]


def _place(node: Any, made: dict[int, Place]) -> Place:
    known = made.get(id(node))
    if known is not None:
        return known
    place = made[id(node)] = Place(node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            place.children[index] = _place(item, made)
    elif isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            if key_node.value == "<<" and key_node.tag == _PLAIN:
                for name, child in _merged_places(_place(value_node, made), value_node):
                    place.children.setdefault(name, child)
                continue
            inner = _place(value_node, made)
            outer = Place(key_node.start_mark.line + 1)
            outer.children = inner.children
            place.children[key_node.value] = outer
    return place


def _merged_places(place: Place, node: Any) -> list[tuple[str | int, Place]]:
    parts = place.children.values() if isinstance(node, yaml.SequenceNode) else [place]
    return [pair for part in parts for pair in part.children.items()]


_HINTS = (  # what libyaml says → what to do about it
    ("mapping values are not allowed", 'indentation, or text with ": " in it that must be in quotes'),
    ("could not find expected ':'", "a colon is missing after a key, or the indentation is off"),
    ("found undefined alias", "text that begins with * or & must be in quotes"),
    ("found another document", "one file holds one document: remove the second ---"),
    ("did not find expected '-' indicator", "a list goes on with - at the same indentation"),
    ("did not find expected key", "indentation, or a quote too much or too little"),
    ("did not find expected ',' or ']'", "a [ is never closed, or a comma is missing"),
    (
        "did not find expected ',' or '}'",
        "a { is never closed, or a comma is missing; a path with {…} needs quotes here",
    ),
    ("did not find expected node content", "a value is missing, or a [ or { is never closed"),
    ("found unexpected end of stream", "a closing quote is missing"),
    ("unknown escape character", r"inside double quotes a backslash is written twice: \\"),
)


def _explain(text: str, error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    problem = (error.problem or error.context or "cannot be read").removeprefix("but ")
    line = mark.line + 1 if mark is not None else None
    column = f" at column {mark.column + 1}" if mark is not None else ""
    written = text.split("\n")[mark.line : mark.line + 1] if mark is not None else []
    shown = written[0] if written else ""
    character = shown[mark.column : mark.column + 1] if mark is not None else ""
    hint = next((hint for said, hint in _HINTS if said in problem), None)
    if "cannot start any token" in problem:
        if character == "\t" or re.match(r" *\t", shown):
            problem, hint = "a tab in the indentation", "indent with spaces"
        else:
            problem, hint = f"text cannot begin with {character}", "put it in quotes"
    message = f"not valid YAML{column}: {problem}" + (f": {hint}" if hint else "")
    return Fault(message, found=shown.strip()[:60] or None, line=line)
