"""An OpenAPI document and those that it refers to.

Everything is looked at through a `Node`: a value, the document that it is in, and its place there, so that
whatever is said of it has a line. References (`$ref`) are followed one at a time, when somebody asks:
nothing is ever copied, so that neither circles nor references that multiply cost anything here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urldefrag, urljoin, urlsplit

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Fetch, Origin
from understudy.formats.read import open_source, text_source
from understudy.load.fault import Fault, Keys
from understudy.load.source import Source

MAX_DOCUMENTS = 500
"""Documents that one may lead to, over all references."""
MAX_CHAIN = 50
"""References that lead to references."""
MAX_WARNINGS = 200
"""More say nothing new."""
MAX_CONTENT_BYTES = 16 * 1024 * 1024
"""Largest file that is an example."""
NOT_FETCHED = "the reference is not followed: web addresses need --remote"


class Unresolved(Exception):
    """A reference leads nowhere: the text says why."""


def split_target(target: str) -> SplitResult:
    """The parts of the address that a reference names. Raises Unresolved for what is none."""
    try:
        return urlsplit(target)
    except ValueError as error:  # such as `http://[`
        raise Unresolved(f"the reference leads nowhere: {error}") from None


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. `document` is the one it is in."""

    value: Any
    document: Document
    keys: Keys = ()

    def get(self, key: str | int) -> Node | None:
        """The value of a key, references followed; None if there is none, or it leads nowhere."""
        child = self.child(key)
        return child.resolved() if child is not None else None

    def child(self, key: str | int) -> Node | None:
        """The value of a key as it is written."""
        if isinstance(self.value, dict) and isinstance(key, str) and key in self.value:
            return Node(self.value[key], self.document, (*self.keys, key))
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return Node(self.value[key], self.document, (*self.keys, key))
        return None

    def text(self, key: str, default: str = "") -> str:
        """The text of a key; the default if it has none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool = False) -> bool:
        """The boolean of a key; the default if it has none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, bool) else default

    def items(self, key: str | None = None) -> Iterator[tuple[str, Node]]:
        """The keys of an object and their values, references followed; none if it is no object.

        With a key: those of the object there.
        """
        node = self if key is None else self.get(key)
        if node is None or not isinstance(node.value, dict):
            return
        for name in node.value:
            child = node.get(name)
            if child is not None:
                yield name, child

    def elements(self, key: str) -> Iterator[Node]:
        """The elements of the list at a key, references followed."""
        node = self.get(key)
        if node is None or not isinstance(node.value, list):
            return
        for number in range(len(node.value)):
            child = node.get(number)
            if child is not None:
                yield child

    def resolved(self) -> Node | None:
        """What a reference leads to, this node itself if it is none; None, and a warning, if nowhere."""
        node = self
        for _ in range(MAX_CHAIN):
            if not isinstance(node.value, dict) or not isinstance(node.value.get("$ref"), str):
                return node
            try:
                node = node.document.look_up(node.value["$ref"])
            except Unresolved as error:
                self.warn(str(error), "$ref", found=node.value["$ref"])
                return None
        self.warn("references lead to references without end", "$ref", found=self.value["$ref"])
        return None

    def warn(
        self,
        message: str,
        key: str | int | None = None,
        found: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        """Say that something here could not be used."""
        keys = self.keys if key is None else (*self.keys, key)
        self.document.library.warn(self.document.source, Fault(message, keys, found, suggestion=suggestion))

    def origin(self) -> Origin:
        """Where it was written."""
        return Origin(self.document.source.shown, self.document.source.line(self.keys))


@dataclass(eq=False)
class Document:
    """One document. `address` is its path or URL."""

    source: Source
    address: str
    library: Library
    _anchors: dict[str, Keys] | None = None

    @property
    def root(self) -> Node:
        """The whole of it."""
        return Node(self.source.data, self)

    def look_up(self, reference: str) -> Node:
        """What a reference in this document leads to. Raises Unresolved."""
        target, fragment = urldefrag(reference)
        document = self if not target else self.library.open(self, target)
        if not fragment:
            return document.root
        if not fragment.startswith("/"):
            keys = document.anchors().get(unquote(fragment))
            if keys is None:
                raise Unresolved("the reference leads nowhere: there is no such anchor")
            return document.at(keys)
        return document.at(pointer_keys(fragment, document.source.data))

    def at(self, keys: Keys) -> Node:
        """The node at a place. Raises Unresolved."""
        node: Node | None = self.root
        for key in keys:
            node = node.child(key) if node is not None else None
        if node is None:
            raise Unresolved("the reference leads nowhere")
        return node

    def anchors(self) -> dict[str, Keys]:
        """The places that `$anchor` names."""
        if self._anchors is None:
            self._anchors = {}
            stack: list[tuple[Any, Keys]] = [(self.source.data, ())]
            while stack:
                value, keys = stack.pop()
                if isinstance(value, dict):
                    for key in ("$anchor", "$dynamicAnchor"):
                        if isinstance(value.get(key), str):
                            self._anchors.setdefault(value[key], keys)
                    stack += [(item, (*keys, key)) for key, item in value.items() if _is_nest(item)]
                else:
                    stack += [(item, (*keys, n)) for n, item in enumerate(value) if _is_nest(item)]
        return self._anchors


def _is_nest(value: Any) -> bool:
    return isinstance(value, dict | list)


def pointer_keys(pointer: str, data: Any) -> Keys:
    """The keys of a JSON pointer (RFC 6901) in a URI fragment, as they are in `data`."""
    keys: list[str | int] = []
    for part in pointer.split("/")[1:]:
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(data, list) and name.isascii() and name.isdigit() and len(name) < 10:
            keys.append(int(name))
            data = data[int(name)] if int(name) < len(data) else None
        else:
            keys.append(name)
            data = data.get(name) if isinstance(data, dict) else None
    return tuple(keys)


@dataclass(eq=False)
class Library:
    """All documents of one import, and what was found wrong in them."""

    main: Document = field(init=False)
    fetch: Fetch | None = None
    warnings: list[Problem] = field(default_factory=list)
    _documents: dict[str, Document | str] = field(default_factory=dict)
    _contents: dict[Path, str | bytes | None] = field(default_factory=dict)
    _seen: set[tuple[int, Fault]] = field(default_factory=set)

    def begin(self, source: Source, url: str | None) -> Document:
        """Take the main document."""
        address = url or (str(source.file) if source.file is not None else "")
        self.main = Document(source, address, self)
        self._documents[_canonical(address)] = self.main
        return self.main

    def files(self) -> tuple[Path, ...]:
        """The files that were read, or that should have been there."""
        found = [
            document.source.file for document in self._documents.values() if isinstance(document, Document)
        ]
        return (*(file for file in found if file is not None), *self._contents)

    def warn(self, source: Source, fault: Fault) -> None:
        """Note a fault, once."""
        mark = (id(source), fault)
        if mark in self._seen or len(self._seen) > MAX_WARNINGS:
            return
        self._seen.add(mark)
        if len(self._seen) > MAX_WARNINGS:
            fault = Fault(f"more than {MAX_WARNINGS} things could not be carried over; this is one")
        self.warnings.append(source.problem(fault))

    def open(self, base: Document, target: str) -> Document:
        """The document at an address, as written in another. Raises Unresolved."""
        is_url = bool(split_target(target).scheme in ("http", "https") or _is_url(base.address))
        address = urljoin(base.address, target) if is_url else self._path(base, target)
        key = _canonical(address)
        if key not in self._documents:
            if len(self._documents) > MAX_DOCUMENTS:
                raise Unresolved(
                    f"the reference is not followed: there are {MAX_DOCUMENTS} documents already"
                )
            self._documents[key] = self._read(address)
        known = self._documents[key]
        if isinstance(known, str):
            raise Unresolved(known)
        return known

    def content(self, base: Document, target: str) -> str | bytes:
        """What is in a file that is no document, as named in one: text, or bytes if it is none. Raises
        Unresolved."""
        if split_target(target).scheme in ("http", "https") or _is_url(base.address):
            if self.fetch is None:
                raise Unresolved(NOT_FETCHED)
            try:
                return _text_or_bytes(self.fetch(urljoin(base.address, target)))
            except (ConfigError, ValueError) as error:
                raise Unresolved(f"the reference leads nowhere: {error}") from None
        path = Path(self._path(base, target))
        if path not in self._contents:
            if len(self._contents) > MAX_DOCUMENTS:
                raise Unresolved(f"the reference is not followed: there are {MAX_DOCUMENTS} files already")
            self._contents[path] = _read_content(path)
        found = self._contents[path]
        if found is None:
            raise Unresolved("the reference leads nowhere: there is no such file, or it cannot be read")
        return found

    def _path(self, base: Document, target: str) -> str:
        parts = split_target(target)
        if parts.scheme not in ("", "file") or not base.address:
            raise Unresolved("the reference is not followed: it is neither a file nor a web address")
        relative = unquote(parts.path)
        if "\0" in relative:
            raise Unresolved("the reference leads nowhere: no file has such a name")
        folder = Path(os.path.realpath(self.main.address)).parent
        path = Path(os.path.realpath(Path(base.address).parent / relative))
        if not path.is_relative_to(folder):
            raise Unresolved("the reference is not followed: it leads out of the document's folder")
        return str(path)

    def _read(self, address: str) -> Document | str:
        """The document, or why there is none."""
        try:
            if _is_url(address):
                if self.fetch is None:
                    return NOT_FETCHED
                name = urlsplit(address).path
                text = self.fetch(address).decode("utf-8-sig")
                source = text_source(text, address, os.path.splitext(name)[1])
            else:
                if not os.path.isfile(address):
                    return "the reference leads nowhere: there is no such file"
                source = open_source(Path(address))
        except UnicodeDecodeError:
            return "the reference leads to a document that is not UTF-8"
        except ConfigError as error:
            problem = error.problems[0]
            line = f":{problem.line}" if problem.line is not None else ""
            return f"the reference leads to {problem.file or address}{line}, {problem.message}"
        return Document(source, address, self)


def _read_content(path: Path) -> str | bytes | None:
    try:
        if not path.is_file() or path.stat().st_size > MAX_CONTENT_BYTES:
            return None
        return _text_or_bytes(path.read_bytes())
    except OSError:
        return None


def _text_or_bytes(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data


def _is_url(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _canonical(address: str) -> str:
    return address if _is_url(address) or not address else os.path.realpath(address)
