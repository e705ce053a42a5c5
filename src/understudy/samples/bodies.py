"""Bodies that meet conditions on them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from msgspec import UNSET

from understudy.formats.openapi.generate import CannotGenerate, generate
from understudy.match.kinds.text import as_text
from understudy.model import BodyConditions
from understudy.render.draws import Draws
from understudy.samples.draft import MISSING, Draft, Unmet
from understudy.samples.values import text_for, values_for

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
      | \[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]
      | \[\s*(?P<number>\d{1,3})\s*\] | (?P<any>\[\s*\*\s*\]|\.\*)
      | \[\s*\?\s*\(?\s*@\.(?P<key>[\w.]+)\s*
        (?:==\s*(?P<value>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|null)\s*)?\)?\s*\]
      | \.\.(?P<deep>[A-Za-z_][\w-]*)
    """,
    re.VERBOSE,
)
_XPATH_STEP = re.compile(r"(?P<deep>//?)(?:(?P<text>text\(\))|(?P<name>[\w.:-]+)|@(?P<attribute>[\w.:-]+))")
MAX_STEPS = 20
_PLACEHOLDERS: dict[str, Any] = {
    "#string": "text",
    "#number": 1,
    "#boolean": True,
    "#array": [],
    "#object": {},
    "#uuid": "123e4567-e89b-42d3-a456-426614174000",
    "#null": None,
    "#notnull": "text",
    "#present": "text",
    "#notpresent": MISSING,
    "#ignore": "text",
}


def add_body(written: str | BodyConditions, draft: Draft) -> None:
    """Give a draft a body that meets these conditions. Raises Unmet."""
    if isinstance(written, str):
        draft.raw = written.encode("utf-8", "replace")
        return
    if written.json_schema is not UNSET and draft.json is MISSING:
        draft.json = data_for(written.json_schema)
    if written.json is not UNSET:
        made = example_of(written.json)
        draft.json = made if draft.json is MISSING or written.exact else _joined(draft.json, made)
    for path, condition in ({} if written.json_path is UNSET else written.json_path).items():
        values = values_for(condition)
        if values is None:
            raise Unmet(f"the JSONPath {path}")
        if values:
            draft.json = _put(draft.json, path, values[0])
        elif draft.json is MISSING:
            draft.json = {}
    if written.xml is not UNSET:
        draft.raw = written.xml.encode("utf-8", "replace")
        draft.headers.append(("Content-Type", "application/xml"))
    elif written.xpath is not UNSET and written.xpath:
        draft.raw = _xml(written.xpath, written.namespaces)
        draft.headers.append(("Content-Type", "application/xml"))
    if written.base64 is not UNSET:
        try:
            draft.raw = base64.b64decode(written.base64)
        except binascii.Error:
            raise Unmet("the bytes of the body") from None
    if written.text is not UNSET:
        values = values_for(written.text)
        if values is None:
            raise Unmet("the text of the body")
        # where the body is something else already, that may have the text in it
        if draft.json is MISSING and not draft.raw and not draft.form:
            draft.raw = as_text(values[0]).encode("utf-8", "replace") if values else b""


def data_for(schema: Any, at: str = "body") -> Any:
    """Data that a JSON Schema accepts. Raises Unmet."""
    try:
        return generate(
            schema,
            Draws(0, "sample", 0),
            root=schema,
            direction="request",
            prefer_examples=True,
            strict=False,
        )
    except (CannotGenerate, RecursionError):
        raise Unmet(f"the schema of the {at}") from None


def example_of(pattern: Any) -> Any:
    """A JSON value for a pattern of JSON: each placeholder is something that it stands for. Raises Unmet."""
    if isinstance(pattern, dict):
        made = {key: example_of(value) for key, value in pattern.items()}
        return {key: value for key, value in made.items() if value is not MISSING}
    if isinstance(pattern, list):
        return [value for value in map(example_of, pattern) if value is not MISSING]
    if not isinstance(pattern, str) or not pattern.startswith("#"):
        return pattern
    if pattern.startswith("#regex "):
        text = text_for(pattern.removeprefix("#regex "))
        if text is None:
            raise Unmet(f"the pattern {pattern}")
        return text
    made = _PLACEHOLDERS.get(pattern, pattern)
    return made.copy() if isinstance(made, dict | list) else made


def _joined(one: Any, other: Any) -> Any:
    """`one` with what `other` has; `other` wins."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _joined(one.get(key), value) for key, value in other.items()}
    return other


# ---- JSON by its paths


def _put(data: Any, path: str, value: Any) -> Any:
    """The data with a value where a JSONPath looks for it. Raises Unmet for paths that are not plain."""
    keys: list[tuple[Any, Any]] = []
    position = 1 if path.startswith("$") else 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None or len(keys) > MAX_STEPS:
            raise Unmet(f"the JSONPath {path}")
        position = found.end()
        name = found["name"] or found["quoted"] or found["deep"]
        if name is not None:
            keys.append((name, None))
        elif found["number"] is not None:
            keys.append((int(found["number"]), None))
        elif found["any"] is not None:
            keys.append((0, None))
        else:
            keys.append((0, (found["key"], _constant(found["value"]))))
    return _placed(data, keys, value)


def _constant(text: str | None) -> Any:
    if text is None:
        return "text"
    if text[0] in "'\"":
        return text[1:-1]
    known = {"true": True, "false": False, "null": None}
    return known[text] if text in known else float(text) if "." in text else int(text)


def _placed(data: Any, keys: list[tuple[Any, Any]], value: Any) -> Any:
    if not keys:
        # of an object or a list that is there already, only the place was asked for
        return data if isinstance(data, dict | list) else value
    key, wanted = keys[0]
    inner: Any
    if isinstance(key, int):
        made = list(data) if isinstance(data, list) else []
        made += [None] * (key + 1 - len(made))
        inner = made[key]
        if wanted is not None:
            inner = _placed(inner, [(name, None) for name in wanted[0].split(".")], wanted[1])
            made[key] = inner if len(keys) == 1 else _placed(inner, keys[1:], value)
        else:
            made[key] = _placed(inner, keys[1:], value)
        return made
    known = dict(data) if isinstance(data, dict) else {}
    known[key] = _placed(known.get(key), keys[1:], value)
    return known


# ---- XML by its paths


class _Element:
    def __init__(self, name: str) -> None:
        self.name = name
        self.attributes: dict[str, str] = {}
        self.children: dict[str, _Element] = {}
        self.text = ""

    def written(self, namespaces: dict[str, str]) -> str:
        about = {**{f"xmlns:{prefix}": uri for prefix, uri in namespaces.items()}, **self.attributes}
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in about.items())
        inner = escape(self.text) + "".join(child.written({}) for child in self.children.values())
        return f"<{self.name}{attributes}>{inner}</{self.name}>"


def _xml(conditions: dict[str, Any], namespaces: dict[str, str]) -> bytes:
    """A document in which plain XPaths find what they ask for. Raises Unmet."""
    top = _Element("")
    for path, condition in conditions.items():
        values = values_for(condition)
        if values is None:
            raise Unmet(f"the XPath {path}")
        if values:
            _place(top, path, as_text(values[0]))
    if len(top.children) > 1:
        raise Unmet("XPaths with several roots")
    root = next(iter(top.children.values()), _Element("root"))
    return root.written(namespaces).encode("utf-8", "replace")


def _place(top: _Element, path: str, value: str) -> None:
    element = top
    position = 0
    while position < len(path):
        found = _XPATH_STEP.match(path, position)
        if found is None:
            raise Unmet(f"the XPath {path}")
        position = found.end()
        name = found["name"]
        if name is not None:
            if element is top and found["deep"] == "//" and top.children:
                element = next(iter(top.children.values()))
                if element.name == name:
                    continue
            element = element.children.setdefault(name, _Element(name))
        elif element is top:
            raise Unmet(f"the XPath {path}")
        elif found["attribute"] is not None:
            element.attributes[found["attribute"]] = value
            return
    element.text = value
