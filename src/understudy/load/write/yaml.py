"""YAML: what changes is written anew, all the rest stays as it is, to the space.

PyYAML's events say where values stand, and their text is exchanged key by key. Where that cannot be done, the
endpoint's own text goes through ruamel.yaml, which keeps comments, order and quotes, but not all spaces.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from understudy.load.fault import Keys, NotReadable
from understudy.load.syntax.yaml import parse
from understudy.load.write import CannotWrite, is_same, merge

MAX_FLOW = 100
"""A value in braces stays in braces if it is no longer than this."""


@dataclass
class _Node:
    """A value in the text: where it begins, and where the last of what is in it ends."""

    start: int
    column: int
    end: int
    is_flow: bool
    is_list: bool = False
    is_scalar: bool = False
    key: _Node | None = None
    children: dict[str | int, _Node] = field(default_factory=dict)


def replace(text: str, keys: Keys, old: Any, value: Any) -> str:
    """The text with another value at `keys`."""
    node, parent = _find(text, keys)
    if isinstance(old, dict) and isinstance(value, dict):
        changed = _by_key(text, node, old, value)
        if changed is not None and _reads_as(changed, keys, value):
            return changed
    if parent is not None and parent.is_flow:
        return text[: node.start] + json.dumps(value, ensure_ascii=False) + text[node.end :]
    end = _line_end(text, node.end)
    snippet = _dedent(text[node.start : end], node.column)
    unit, offset = _style(text)
    rendered = _edited(snippet, old, value, unit, offset)
    return text[: node.start] + _indented(rendered, node.column) + text[end:]


def _reads_as(text: str, keys: Keys, value: Any) -> bool:
    try:
        data = parse(text)
        for key in keys:
            data = data[key]
    except (NotReadable, LookupError, TypeError):
        return False
    return is_same(data, value)


def _by_key(text: str, node: _Node, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """The text with only those keys of an object exchanged that differ; None if that cannot be done."""
    edits: list[tuple[int, int, str]] = []
    if node.children.keys() != old.keys() or not _edit_keys(text, node, old, new, edits):
        return None
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _edit_keys(
    text: str, node: _Node, old: dict[str, Any], new: dict[str, Any], edits: list[tuple[int, int, str]]
) -> bool:
    kept = [key for key in old if key in new]
    if not kept:
        return False
    for key in old:
        child = node.children[key]
        if child.key is None:
            return False
        if key not in new:
            if node.is_flow:
                return False
            start = text.rfind("\n", 0, child.key.start) + 1
            if text[start : child.key.start].strip():  # behind the dash of its list
                return False
            edits.append((start, min(_line_end(text, child.end) + 1, len(text)), ""))
        elif not is_same(old[key], new[key]) and not _edit_value(
            text, node, child, old[key], new[key], edits
        ):
            return False
    added = {key: value for key, value in new.items() if key not in old}
    if added:
        last = node.children[kept[-1]]
        if node.is_flow:
            edits.append(
                (last.end, last.end, "".join(f", {_flow({key: added[key]})[1:-1]}" for key in added))
            )
        else:
            first = next(iter(node.children.values())).key
            assert first is not None
            unit, offset = _style(text)
            rendered = "\n" + _edited("", {}, added, unit, offset)
            end = _line_end(text, last.end)
            edits.append((end, end, _indented(rendered, first.column)))
    return True


def _edit_value(
    text: str, node: _Node, child: _Node, old: Any, new: Any, edits: list[tuple[int, int, str]]
) -> bool:
    """Exchange the value of a key. False if that cannot be done in place."""
    if isinstance(old, dict) and isinstance(new, dict) and child.children.keys() == old.keys():
        mark = len(edits)
        if _edit_keys(text, child, old, new, edits):
            return True
        del edits[mark:]
    own = text[child.start : child.end]
    if child.start < child.end and "\n" not in own and (child.is_scalar or child.is_flow):
        rendered = _flow(new) if isinstance(new, dict | list) else _flow([new])[1:-1]
        if (
            "\n" not in rendered
            and len(rendered) <= MAX_FLOW
            and (child.is_flow or not isinstance(new, dict | list))
        ):
            edits.append((child.start, child.end, rendered))
            return True
    if node.is_flow or child.key is None:
        return False
    unit, offset = _style(text)
    name = text[child.key.start : child.key.end]
    rendered = _edited("", {}, {"x": new}, unit, offset).removeprefix("x")
    instead = name + _indented(rendered, child.key.column)
    edits.append((child.key.start, _line_end(text, child.end), instead))
    return True


def _flow(value: Any) -> str:
    """A value on one line."""
    from ruamel.yaml import YAML

    editor = YAML(typ="rt")
    editor.default_flow_style = True
    editor.width = 10_000
    out = io.StringIO()
    editor.dump(value, out)
    return out.getvalue().rstrip("\n")


def remove(text: str, keys: Keys) -> str:
    """The text without an element of a list."""
    node, parent = _find(text, keys)
    assert parent is not None, "a whole document is never removed"
    if parent.is_flow:
        after = re.compile(r"\s*,\s*").match(text, node.end)
        if after is not None:
            return text[: node.start] + text[after.end() :]
        return re.sub(r"\s*,\s*\Z", "", text[: node.start]) + text[node.end :]
    end = min(_line_end(text, node.end) + 1, len(text))
    start = _dash(text, node, parent.column)
    if len(parent.children) > 1:
        return text[:start] + text[end:]
    if parent.key is None:  # the whole document is this list
        return text[:start] + "[]\n" + text[end:]
    colon = text.index(":", parent.key.end) + 1
    return f"{text[:colon]} []{text[colon:start]}{text[end:]}"


def insert(text: str, value: Any) -> str:
    """The text with one more element at the beginning of `endpoints`."""
    unit, offset = _style(text)
    rendered = _edited("", {}, value, unit, offset)
    root = _tree(text)
    known = root.children.get("endpoints")
    if known is None:
        if root.is_flow:
            raise CannotWrite("the file has no `endpoints` yet, and is written with braces: edit it by hand")
        return f"{text.rstrip(chr(10))}\nendpoints:\n{_item(rendered, offset)}"
    if known.is_flow:
        if known.children:
            return (
                f"{text[: known.start + 1]}{json.dumps(value, ensure_ascii=False)}, {text[known.start + 1 :]}"
            )
        before, rest = text[: known.start].rstrip(" "), text[known.end :].lstrip("\n")
        return f"{before}\n{_item(rendered, offset)}{rest}"
    first = known.children[0]
    start = _dash(text, first, known.column)
    key_end = _line_end(text, text[:start].rfind("endpoints"))
    # Above the comments of the first element, which are about that one.
    while start > key_end + 1 and (line := text[: start - 1].rpartition("\n")[2]).strip().startswith("#"):
        start -= len(line) + 1
    return text[:start] + _item(rendered, known.column) + text[start:]


def _edited(snippet: str, old: Any, value: Any, unit: int, offset: int) -> str:
    """The endpoint's own text, changed where `value` differs from `old`."""
    from ruamel.yaml import YAML

    editor = YAML(typ="rt")
    editor.preserve_quotes = True
    editor.width = 10_000
    editor.indent(mapping=unit, sequence=offset + 2, offset=offset)
    node = editor.load(snippet) if snippet and isinstance(old, dict) else None
    if node is None or not isinstance(value, dict):
        node = _made(value)
    elif not is_same(old, value):
        merge(node, old, value, _made)
    out = io.StringIO()
    editor.dump(node, out)
    return out.getvalue().rstrip("\n")


def _made(value: Any) -> Any:
    """A plain value as ruamel.yaml writes it best: a text of several lines as a block."""
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return {key: _made(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_made(item) for item in value]
    if (
        isinstance(value, str)
        and "\n" in value
        and not re.search(r"[ \t]\n|^\s|[^\n -~\u00a0-\ud7ff]", value)
    ):
        return LiteralScalarString(value)
    return value


def _style(text: str) -> tuple[int, int]:
    """How deep keys are indented, and how deep the dashes of lists, as far as the text tells."""
    deeper = re.search(r"^( *)(?:- )?\w[^\n]*:[ ]*\n\1( +)\w", text, re.MULTILINE)
    dashes = re.search(r"^( *)\w[^\n]*:[ ]*\n(?:\s*#[^\n]*\n)*\1( *)- ", text, re.MULTILINE)
    return (len(deeper[2]) if deeper else 2), (len(dashes[2]) if dashes else 2)


def _item(rendered: str, column: int) -> str:
    return f"{' ' * column}- {_indented(rendered, column + 2)}\n"


def _indented(text: str, column: int) -> str:
    """`text` at a column: all its lines but the first, and none that is empty."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * column + line if line else "" for line in rest)])


def _dedent(text: str, column: int) -> str:
    first, *rest = text.split("\n")
    margin = " " * column
    return "\n".join([first, *(line.removeprefix(margin) for line in rest)])


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _dash(text: str, node: _Node, column: int) -> int:
    """The beginning of the line on which the dash of a list's element stands."""
    start = text.rfind("\n", 0, node.start) + 1
    while start and (
        len(text) <= start + column or text[start + column] != "-" or text[start : start + column].strip()
    ):
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _find(text: str, keys: Keys) -> tuple[_Node, _Node | None]:
    node, parent = _tree(text), None
    for key in keys:
        node, parent = node.children[key], node
    return node, parent


def _tree(text: str) -> _Node:
    """The values of a document with their places."""
    events = iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            break
    return _node(next(events), events, text)


def _node(event: Any, events: Any, text: str) -> _Node:
    start, end = event.start_mark, event.end_mark
    node = _Node(start.index, start.column, end.index, bool(getattr(event, "flow_style", False)))
    if not isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
        while node.end > node.start and text[node.end - 1] in "\n ":  # a block ends after its last line
            node.end -= 1
        node.is_scalar = True
        return node
    node.is_list = isinstance(event, yaml.SequenceStartEvent)
    for inner in events:
        if isinstance(inner, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            if node.is_flow and inner.end_mark is not None:
                node.end = inner.end_mark.index
            return node
        key: str | int = len(node.children)
        name = None
        if not node.is_list:
            key = str(getattr(inner, "value", key))
            name = _node(inner, events, text)
            inner = next(events)
        child = node.children[key] = _node(inner, events, text)
        child.key = name
        node.end = max(node.end, child.end)
    return node
