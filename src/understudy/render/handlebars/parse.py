"""Handlebars text → nodes: the language of handlebarsjs.com, without partials and decorators.

First the text is cut into tags, then white space is taken away as `~` and, where the dialect does so, tags
that stand alone on their lines demand; last the tags are put together as a tree. Depth is bounded, and the
time grows with the length of the text.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

from understudy.render.errors import Rejected
from understudy.render.handlebars.nodes import (
    Block,
    Call,
    Expression,
    Literal,
    Mustache,
    Node,
    Nodes,
    Path,
    Text,
)

MAX_DEPTH = 50
"""How deeply blocks, and expressions in parentheses, may be nested."""

_SEGMENT = re.compile(r"\[(?P<quoted>[^\]]*)\]|(?P<name>[^\s!\"#%-,./;->@\[-^`{-~]+)")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?=[\s=)|]|\Z)")
_NAMED = re.compile(r"(?:\[(?P<quoted>[^\]]*)\]|(?P<name>[^\s!\"#%-,./;->@\[-^`{-~]+))\s*=\s*")
_BLOCK_NAMES = re.compile(r"\sas\s*\|([^|]*)\|\s*\Z")
_ENDS = " \t\r\n)|="
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}
_KINDS = {"#": "open", "^": "inverse", "/": "close", "&": "raw_value", ">": "partial", "!": "comment"}


class _Tag(NamedTuple):
    """A tag, or text where `kind` is `text`. `left` and `right`: whether `~` takes the white space there."""

    kind: str
    inner: str
    source: str
    left: bool = False
    right: bool = False


def parse(text: str, *, standalone: bool) -> Nodes:
    """The nodes of a template. `standalone`: a tag alone on its line takes all of it. Raises Rejected."""
    return _Tree(_trimmed(_tags(text), standalone)).nodes()


# ---- tags


def _tags(text: str) -> list[_Tag]:
    found: list[_Tag] = []
    plain: list[str] = []
    at = 0
    while (start := text.find("{{", at)) >= 0:
        escapes = len(text[at:start]) - len(text[at:start].rstrip("\\"))
        if escapes == 1:  # `\{{` is put out as it is, as far as the next tag
            end = text.find("{{", start + 2)
            if end < 0:
                end = len(text)
            else:  # the backslashes in front of it belong to that tag
                end -= 2 if text.startswith("\\\\", end - 2) else text[end - 1] == "\\"
            plain += text[at : start - 1], text[start:end]
            at = end
            continue
        plain.append(
            text[at : start - 1] if escapes > 1 else text[at:start]
        )  # `\\{{`: a backslash, and a tag
        if joined := "".join(plain):
            found.append(_Tag("text", joined, joined))
        plain.clear()
        tag, at = _tag(text, start)
        found.append(tag)
        if tag.kind == "raw_open":
            at = _raw_body(text, at, tag, found)
    if joined := "".join((*plain, text[at:])):
        found.append(_Tag("text", joined, joined))
    return found


def _tag(text: str, start: int) -> tuple[_Tag, int]:
    """The tag that begins at `start`, and the offset behind it."""
    if text.startswith("{{{{", start):
        end = text.find("}}}}", start + 4)
        if end < 0:
            raise Rejected(_shown(text[start:]), "the raw block is not closed with }}}}")
        return _Tag("raw_open", text[start + 4 : end].strip(), text[start : end + 4]), end + 4
    comment = re.compile(r"\{\{(~?)!--.*?--(~?)\}\}", re.DOTALL).match(text, start)
    if comment is not None:
        return _Tag("comment", "", comment[0], bool(comment[1]), bool(comment[2])), comment.end()
    position = start + 2
    left = text.startswith("~", position)
    position += left
    triple = text.startswith("{", position)
    position += triple
    end = _closer(text, position, "}" if triple else "", start)
    inner = text[position:end]
    behind = end + triple
    right = text.startswith("~", behind) or (not triple and inner.endswith("~"))
    if not triple and inner.endswith("~"):
        inner = inner[:-1]
    if text.startswith("~", behind):
        behind += 1
    behind += 2
    kind = "raw_value" if triple else "value"
    if not triple:
        kind, inner = _kind(inner)
    return _Tag(kind, inner.strip(), text[start:behind], left, right), behind


def _closer(text: str, at: int, brace: str, start: int) -> int:
    """The offset of what closes a tag, past the strings and `[segments]` in it."""
    if text.startswith("!", at):
        end = text.find("}}", at)
        if end >= 0:
            return end
    for found in re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\}", re.DOTALL).finditer(
        text, at
    ):
        if found[0] == "}":
            end = found.start()
            if brace and (text.startswith("}}}", end) or text.startswith("}~}}", end)):
                return end
            if not brace and text.startswith("}}", end):
                return end
    raise Rejected(_shown(text[start:]), f"the tag is not closed with {'}}' + brace}")


def _kind(inner: str) -> tuple[str, str]:
    stripped = inner.strip()
    if stripped in {"else", "^"}:
        return "else", ""
    if re.match(r"else\s", stripped):
        return "else", stripped[4:]
    kind = _KINDS.get(stripped[:1], "value")
    return kind, stripped[1:] if kind != "value" else stripped


def _raw_body(text: str, at: int, tag: _Tag, found: list[_Tag]) -> int:
    name = tag.inner.split()[0] if tag.inner else ""
    close = f"{{{{{{{{/{name}}}}}}}}}"
    end = text.find(close, at)
    if end < 0:
        raise Rejected(tag.source, f"the raw block is not closed with {close}")
    found.append(_Tag("raw_body", text[at:end], text[at:end]))
    return end + len(close)


# ---- white space

_STANDALONE = frozenset({"open", "inverse", "close", "else", "comment"})


def _trimmed(tags: list[_Tag], standalone: bool) -> list[_Tag]:
    texts = [tag.inner for tag in tags]
    if standalone:
        for number, tag in enumerate(tags):
            if tag.kind in _STANDALONE and _is_alone(tags, number):
                if number:
                    texts[number - 1] = re.sub(r"[ \t]*\Z", "", texts[number - 1])
                if number + 1 < len(tags):
                    texts[number + 1] = re.sub(r"\A[ \t]*\r?\n?", "", texts[number + 1])
    for number, tag in enumerate(tags):
        if tag.left and number and tags[number - 1].kind == "text":
            texts[number - 1] = texts[number - 1].rstrip()
        if tag.right and number + 1 < len(tags) and tags[number + 1].kind == "text":
            texts[number + 1] = texts[number + 1].lstrip()
    return [tag._replace(inner=text) for tag, text in zip(tags, texts, strict=True)]


def _is_alone(tags: list[_Tag], number: int) -> bool:
    """Whether nothing but white space shares the line with a tag."""
    before = tags[number - 1] if number else None
    after = tags[number + 1] if number + 1 < len(tags) else None
    if before is not None:
        if before.kind != "text":
            return False
        line = before.source.rpartition("\n")
        if line[2].strip(" \t") or (not line[1] and number > 1):
            return False
    if after is not None:
        if after.kind != "text":
            return False
        line = after.source.partition("\n")
        if line[0].strip(" \t\r") or (not line[1] and number + 2 < len(tags)):
            return False
    return True


# ---- the tree


class _Tree:
    """Puts tags together."""

    def __init__(self, tags: list[_Tag]) -> None:
        self._tags = tags
        self._at = 0

    def nodes(self) -> Nodes:
        """All of them."""
        nodes, end = self._until(0)
        if end is not None:
            raise Rejected(end.source, "no block is open here")
        return nodes

    def _until(self, depth: int) -> tuple[Nodes, _Tag | None]:
        """The nodes before the next `else` or closing tag of this level, and that tag."""
        if depth > MAX_DEPTH:
            raise Rejected(self._tags[self._at - 1].source, f"blocks are nested more than {MAX_DEPTH} deep")
        nodes: list[Node] = []
        while self._at < len(self._tags):
            tag = self._tags[self._at]
            self._at += 1
            match tag.kind:
                case "text":
                    if tag.inner:
                        nodes.append(Text(tag.inner))
                case "value" | "raw_value":
                    nodes.append(Mustache(call(tag.inner, tag.source), tag.kind == "value"))
                case "open" | "inverse":
                    block, end = self._block(tag, depth)
                    name = _name(tag.inner)
                    if end.inner != name:
                        raise Rejected(
                            end.source, f"the block that is open here is closed with {{{{/{name}}}}}"
                        )
                    nodes.append(block)
                case "raw_open":
                    body = Text(self._tags[self._at].inner)
                    self._at += 1
                    nodes.append(Block(call(tag.inner, tag.source), (), (body,), (), raw=True))
                case "partial":
                    raise Rejected(tag.source, "partials are not understood")
                case "else" | "close":
                    return tuple(nodes), tag
        return tuple(nodes), None

    def _block(self, tag: _Tag, depth: int) -> tuple[Block, _Tag]:
        """A block, and the tag that closes it."""
        if tag.inner.startswith(("*", ">")):
            raise Rejected(tag.source, "partials and decorators are not understood")
        head, names = _without_names(tag.inner)
        opened = call(head, tag.source)
        body, end = self._until(depth + 1)
        inverse: Nodes = ()
        if end is not None and end.kind == "else":
            if end.inner:  # `{{else if …}}` is a block of its own, with the same closing tag
                chained, end = self._block(end, depth + 1)
                inverse = (chained,)
            else:
                inverse, end = self._until(depth + 1)
        if end is None or end.kind == "else":
            raise Rejected(tag.source, "the block is not closed")
        if tag.kind == "inverse":
            body, inverse = inverse, body
        return Block(opened, names, body, inverse), end


def _name(inner: str) -> str:
    return inner.split(None, 1)[0] if inner else ""


def _without_names(inner: str) -> tuple[str, tuple[str, ...]]:
    """A block without its `as |names|`, and these."""
    found = _BLOCK_NAMES.search(inner)
    return (inner[: found.start()], tuple(found[1].split())) if found else (inner, ())


# ---- expressions


def call(inner: str, source: str) -> Call:
    """What stands in a tag. Raises Rejected."""
    reader = _Reader(inner, source)
    found = reader.call(0)
    reader.end()
    return found


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._at = 0

    def end(self) -> None:
        """Refuse what is left over."""
        self._space()
        if self._at < len(self._text):
            self._refuse()

    def call(self, depth: int) -> Call:
        """A name and what stands behind it, up to the end or a closing parenthesis."""
        if depth > MAX_DEPTH:
            raise Rejected(_shown(self._source), f"parentheses are nested more than {MAX_DEPTH} deep")
        start = self._at
        target = self._value(depth)
        if isinstance(target, Call):
            raise Rejected(_shown(self._source), "an expression begins with a name, not with parentheses")
        if isinstance(target, Literal):  # `{{12}}` and `{{"a b"}}` are names as well
            text = self._text[start : self._at].strip()
            target = Path((str(target.value) if text[:1] in "\"'" else text,), source=text)
        arguments: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        while True:
            self._space()
            if self._at >= len(self._text) or self._text[self._at] == ")":
                break
            found = _NAMED.match(self._text, self._at)
            if found is not None:
                self._at = found.end()
                named.append((found["name"] or found["quoted"] or "", self._value(depth)))
            elif named:
                raise Rejected(_shown(self._source), "arguments without a name come before those with one")
            else:
                arguments.append(self._value(depth))
        return Call(target, tuple(arguments), tuple(named), self._text[start : self._at].strip())

    def _space(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _value(self, depth: int) -> Expression:
        self._space()
        if self._at >= len(self._text):
            raise Rejected(_shown(self._source), "something is missing at the end")
        character = self._text[self._at]
        if character == "(":
            self._at += 1
            inner = self.call(depth + 1)
            if self._text[self._at : self._at + 1] != ")":
                raise Rejected(_shown(self._source), "a parenthesis is not closed")
            self._at += 1
            return inner
        if found := _STRING.match(self._text, self._at):
            self._at = found.end()
            quote = character
            return Literal(found[0][1:-1].replace("\\" + quote, quote))
        if found := _NUMBER.match(self._text, self._at):
            self._at = found.end()
            return Literal(float(found[0]) if "." in found[0] else int(found[0][:400]))
        return self._path()

    def _path(self) -> Expression:
        text, start = self._text, self._at
        is_data = text.startswith("@", self._at)
        self._at += is_data
        up = 0
        while text.startswith("../", self._at):
            up += 1
            self._at += 3
        scoped = up > 0
        if text.startswith("..", self._at):
            self._at += 2
            return Path((), up + 1, is_data, True, text[start : self._at])
        if text.startswith("./", self._at):
            scoped = True
            self._at += 2
        elif text.startswith(".", self._at) and text[self._at + 1 : self._at + 2] in {"", *_ENDS}:
            self._at += 1
            return Path((), up, is_data, True, text[start : self._at])
        parts: list[str] = []
        while found := _SEGMENT.match(text, self._at):
            self._at = found.end()
            name = found["name"]
            if name == "this" and not parts and not is_data:
                scoped = True
            else:
                parts.append(found["quoted"] if name is None else name)
            if text[self._at : self._at + 1] not in {".", "/"} or not _SEGMENT.match(text, self._at + 1):
                break
            self._at += 1
        if not parts and not scoped:
            self._refuse()
        if len(parts) == 1 and not scoped and not is_data and parts[0] in _LITERALS and text[start] != "[":
            return Literal(_LITERALS[parts[0]])
        return Path(tuple(parts), up, is_data, scoped, text[start : self._at])

    def _refuse(self) -> NoReturn:
        raise Rejected(_shown(self._source), f"{self._text[self._at : self._at + 10]!r} is not expected here")


def _shown(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
