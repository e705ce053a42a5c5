"""Taking secrets out of a text with JSON in it, without formatting it anew.

Only the texts between quotes and the numbers after secret names are replaced, where they stand; every other
byte stays. So it works on JSON (RFC 8259), on lines of JSON, on events whose data is JSON, on what was cut
off, and on scripts, whose quoted texts are looked at in the same way. What stands between them is text
without form.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.record.redact.values import Values

TOKEN = re.compile(
    r'"(?P<text>(?:[^"\\]++|\\.)*+)"(?P<colon>\s*+:)?|(?P<signs>[{}\[\],]++)|(?P<number>(?<![\w.])-?\d[\d.eE+-]*+(?![\w]))'
    r'|"(?P<rest>(?:[^"\\]++|\\.)*+\\?)\Z',  # a text that was cut off
    re.DOTALL,
)
NAME = re.compile(r'"([^"\\]{1,160})"\s*:')
INNER = frozenset({"value", "id", "key", "access", "refresh", "plain", "raw", "data", "string", "secret"})
"""Names within an object of a secret name that are as secret: `"session": {"id": "…"}`."""
BARE = re.compile(r"([A-Za-z_][\w.-]{1,63})\s*(?:=>|[=:])\s*$")
"""A name before a quoted text, where names stand without quotes."""
_LINE = re.compile(r"[ \t{}\[\],]*+(?:(?:\r\n|\n|\r)data:[ \t{}\[\],]*+)++")
"""Where a text of JSON goes on in the next line of an event: that is no name before a value."""
_CUT = re.compile(r'\s*+"((?:[^"\\]++|\\.)*+\\?)\Z', re.DOTALL)
"""A text that has no end: where a body was cut off."""
_WORD = re.compile(r"\b(?!(?:true|false|null)\b)[A-Za-z_]\w{2,}|\d[ -]\d")


class Open:
    """Where a text of JSON that is read in pieces stands: the rules of the open lists and objects."""

    __slots__ = ("name", "rule", "stack")

    def __init__(self) -> None:
        self.stack: list[tuple[bool, str, str | None]] = []
        self.name, self.rule = "", None  # type: tuple[str, str | None]


MAX_OPEN = 10_000


def redact(text: str, values: Values, *, depth: int = 0, state: Open | None = None) -> str:
    """The text without its secrets. `state` is kept between pieces of one text."""
    state = state or Open()
    pieces: list[str] = []
    at = done = 0
    names: dict[str, tuple[str, str | None, bool]] = {}
    for token in TOKEN.finditer(text):
        start, end = token.span()
        kind = token.lastgroup
        if kind == "signs":
            for sign in token[0]:
                _step(sign, state)
            continue
        if kind == "number" and (state.rule is None or not token[0].strip("-0.")):
            continue
        if start - at > 2 and _WORD.search(text, at, start) and _LINE.fullmatch(text, at, start) is None:
            pieces += [text[done:at], values.free(text[at:start])]
            done = start
            if bare := BARE.search(text, max(at, start - 80), start):  # password: "x", in scripts and GraphQL
                state.name = bare[1]
                state.rule = values.rules.field_rule(bare[1])
        at = end
        match kind:
            case "number":
                if state.rule is not None and not values.rules.keeps(token[0]):
                    pieces += [text[done:start], values.note(state.rule, token[0], "0")]
                    done = end
            case "colon":
                raw = token["text"]
                if (known := names.get(raw)) is not None:
                    state.name, state.rule, is_inner = known
                else:
                    state.name = _unescaped(raw)
                    state.rule, is_inner = values.rules.field_rule(state.name), state.name.lower() in INNER
                    new = values.free(state.name)  # a key may be a secret, too
                    if new == state.name:
                        names[raw] = state.name, state.rule, is_inner
                    else:
                        pieces += [text[done : start + 1], json.dumps(new)[1:-1]]
                        done = start + 1 + len(raw)
                if is_inner and state.rule is None and state.stack and not state.stack[-1][0]:
                    state.rule = state.stack[-1][2]
            case "rest":
                raw = token["rest"]
                new = (
                    values.free(raw)
                    if state.rule is None
                    else values.leaf(state.name, raw, state.rule, depth)
                )
                if new != raw:
                    pieces += [text[done : start + 1], new]
                    done = end
            case _:
                raw = token["text"]
                if len(raw) < 5 and state.rule is None:
                    continue
                value = _unescaped(raw)
                new = values.leaf(state.name, value, state.rule, depth)
                if new != value:
                    pieces += [text[done : start + 1], _escaped(new, raw)]
                    done = end - 1
    if state.rule is not None and (cut := _CUT.match(text, at)):
        value = _unescaped(cut[1])
        new = values.leaf(state.name, value, state.rule, depth)
        if new != value:
            return "".join((*pieces, text[done : cut.start(1)], _escaped(new, cut[1])))
    if len(text) - at > 2 and _WORD.search(text, at):
        pieces += [text[done:at], values.free(text[at:])]
        done = len(text)
    return "".join((*pieces, text[done:])) if pieces else text


def names_in(text: str) -> set[str]:
    """The names of all fields that are written without escapes."""
    return set(NAME.findall(text))


def _step(sign: str, state: Open) -> None:
    """A list hands its rule on to what is in it; an object to some names only (see INNER)."""
    if sign in "[{":
        if len(state.stack) < MAX_OPEN:
            state.stack.append((sign == "[", state.name, state.rule))
        if sign == "{":
            state.name, state.rule = "", None
    elif sign == ",":
        is_list, name, rule = state.stack[-1] if state.stack else (False, "", None)
        state.name, state.rule = (name, rule) if is_list else ("", None)
    else:
        if state.stack:
            state.stack.pop()
        state.name, state.rule = "", None


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        text = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return raw
    return text if isinstance(text, str) else raw


def _escaped(new: str, raw: str) -> str:
    """A text between quotes, with the escapes that the old one had use for."""
    escaped = json.dumps(new, ensure_ascii=raw.isascii())[1:-1]
    return escaped.replace("/", "\\/") if "\\/" in raw else escaped
