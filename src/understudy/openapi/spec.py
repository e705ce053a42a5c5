"""A document as it is served: its operations by number, each read when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Origin
from understudy.formats.openapi.document import Document, Library, Node, Unresolved, split_target
from understudy.formats.openapi.operations import MAX_OPERATIONS, Api, Head, Operation, reader_of
from understudy.formats.openapi.paths import Path, path_for
from understudy.formats.openapi.security import Security
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model import OpenApi

if TYPE_CHECKING:  # what a start does not need is imported on use
    from understudy.openapi.checker import Checkers, Side
    from understudy.openapi.data import Data
    from understudy.openapi.links import Targets
    from understudy.openapi.stateful.infer import Inference


class Spec:
    """An open document. Raises ConfigError if it is none."""

    def __init__(self, source: Source, library: Library, url: str | None = None) -> None:
        self.source = source
        self.library = library
        self.document: Document = library.begin(source, url)
        self._reader = reader_of(self.document.root)
        self.heads: tuple[Head, ...] = tuple(self._reader.heads())
        if len(self.heads) > MAX_OPERATIONS:
            message = f"more than {MAX_OPERATIONS:,} operations in one document"
            raise ConfigError([source.problem(Fault(message, ("paths",)))])
        self._operations: dict[int, Operation] = {}
        self._checkers: dict[Side, Checkers] = {}

    def follow(self) -> None:
        """Read all documents that this one leads to, so that they are known and stay as they are now."""
        seen: set[int] = set()
        waiting = [self.document]
        while waiting:
            document = waiting.pop()
            if id(document) in seen:
                continue
            seen.add(id(document))
            for target in _targets(document.source.data):
                try:
                    if split_target(target).path.lower().endswith(_DOCUMENTS):
                        waiting.append(self.library.open(document, target))
                    else:
                        self.library.content(document, target)
                except Unresolved:
                    continue  # told when it is needed

    @property
    def root(self) -> Node:
        """The whole document."""
        return self.document.root

    @property
    def is_new(self) -> bool:
        """Whether schemas are those of OpenAPI 3.1 and later, which are JSON Schemas of 2020."""
        return self._reader.version in ("3.1", "3.2")

    @cached_property
    def api(self) -> Api:
        """What the document says beside its operations."""
        return self._reader.api(())

    @cached_property
    def security(self) -> Security:
        """Its security schemes."""
        return Security(self.api)

    def operation(self, number: int) -> Operation:
        """One operation."""
        found = self._operations.get(number)
        if found is None:
            found = self._operations[number] = self._reader.operation(self.heads[number])
        return found

    def origin(self, number: int) -> Origin:
        """Where an operation is written."""
        return self.heads[number].node.origin()

    def path(self, number: int, settings: OpenApi) -> Path | None:
        """The path of an operation's endpoint; None, and a warning, if it cannot have one."""
        head = self.heads[number]
        prefix = settings.prefix.rstrip("/") + (head.prefix if settings.servers else "")
        return path_for(head.path, prefix, head.node, {})

    def checkers(self, side: Side) -> Checkers:
        """Validators of what clients send, or get, shared by all operations."""
        from understudy.openapi.checker import Checkers

        if side not in self._checkers:
            self._checkers[side] = Checkers(self.is_new, side)
        return self._checkers[side]

    @cached_property
    def data(self) -> Data:
        """What makes data from its schemas."""
        from understudy.openapi.data import Data

        return Data(self.root, self.is_new)

    @cached_property
    def targets(self) -> Targets:
        """The operations that links lead to."""
        from understudy.openapi.links import Targets

        return Targets(map(self.operation, range(len(self.heads))))

    @cached_property
    def inference(self) -> Inference:
        """Which of its operations form resources. All of them are read for it."""
        from understudy.openapi.stateful.infer import infer

        return infer(tuple(map(self.operation, range(len(self.heads)))))

    def state_of(self, number: int) -> str:
        """What a stateful server makes of an operation: a sentence."""
        return self.inference.lines[number].why

    def warnings(self) -> tuple[Problem, ...]:
        """What could not be used of what was read by now, in the order of the file."""
        return tuple(sorted(self.library.warnings, key=lambda one: (one.file or "", one.line or 0)))


_DOCUMENTS = (".json", ".yaml", ".yml")


def _targets(data: Any) -> set[str]:
    """The other documents that one refers to."""
    found: set[str] = set()
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for key in ("$ref", "externalValue"):
                written = value.get(key)
                if isinstance(written, str) and not written.startswith("#"):
                    found.add(urldefrag(written)[0])
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found - {""}
