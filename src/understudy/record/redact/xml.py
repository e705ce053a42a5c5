"""Taking secrets out of XML and HTML, without parsing entities or anything else that could be hostile.

Elements and attributes are found by their form; texts are replaced where they stand. Local names count,
without prefix: `<wsse:Password>`.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from understudy.record.redact import json_text

if TYPE_CHECKING:
    from understudy.record.redact.values import Values

TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_][^\s<>/]{0,200})(?P<attributes>[^<>]*)>(?P<text>[^<]*)")
CDATA = re.compile(r"<!\[CDATA\[(?P<text>.*?)(?:\]\]>|\Z)", re.DOTALL)
ATTRIBUTE = re.compile(r"([A-Za-z_][\w:.-]*)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
NAMING = frozenset(("name", "key", "id", "property"))
NAMED = frozenset(("value", "content"))
"""`<input name="password" value="…">`, `<add key="ApiKey" value="…"/>`, `<meta name="csrf-token"
content="…">`."""


def redact_xml(text: str, values: Values) -> str:
    """A document without its secrets; every other character stays."""
    pieces: list[str] = []
    rule: str | None = None
    name = ""
    at = 0
    while (start := text.find("<", at)) >= 0:
        if start > at:
            pieces.append(values.free(text[at:start]))
        if tag := TAG.match(text, start):
            name = "" if tag["close"] else _local(tag["name"])
            inner, named = _attributes(tag["attributes"], values)
            rule = None if tag["close"] else (values.rules.field_rule(name) or named)
            opened = text[start : tag.start("attributes")] + inner + ">"
            closed = tag["attributes"].endswith("/")
            pieces += [opened, _text(tag["text"], name, None if closed else rule, values)]
            at = tag.end()
        elif cdata := CDATA.match(text, start):
            new = values.leaf(name, cdata["text"], rule)
            pieces += [text[start : cdata.start("text")], new, text[cdata.end("text") : cdata.end()]]
            at = cdata.end()
        else:
            pieces.append("<")
            at = start + 1
    pieces.append(values.free(text[at:]))
    return "".join(pieces)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _attributes(text: str, values: Values) -> tuple[str, str | None]:
    """The attributes without their secrets, and what rule their names give to a text that is named."""
    if "=" not in text:
        return text, None
    found = [(_local(one[1]), one[3][1:-1]) for one in ATTRIBUTE.finditer(text)]
    named = next(
        (rule for key, value in found if key.lower() in NAMING and (rule := values.rules.field_rule(value))),
        None,
    )
    own = next((value for key, value in found if key.lower() in NAMING), "")

    def replace(match: re.Match[str]) -> str:
        key, sign, quoted = match.groups()
        local = _local(key)
        is_named = local.lower() in NAMED
        rule = values.rules.field_rule(local) or (named if is_named else None)
        value = unescape(quoted[1:-1])
        new = values.leaf(own if is_named and own else local, value, rule)
        if new == value:
            return match[0]
        return key + sign + quoted[0] + escape(new, {'"': "&quot;", "'": "&apos;"}) + quoted[-1]

    return ATTRIBUTE.sub(replace, text), named


def _text(raw: str, name: str, rule: str | None, values: Values) -> str:
    bare = raw.strip()
    if not bare:
        return raw
    if rule is None and '"' in bare:
        return json_text.redact(raw, values)  # a script, or JSON in an element
    value = unescape(bare)
    new = values.leaf(name, value, rule)
    return raw if new == value else raw.replace(bare, escape(new), 1)
