"""A document as it is served: its operations by number, each read when it is asked for."""

from __future__ import annotations

from functools import cached_property

from understudy.errors import ConfigError, Problem
from understudy.formats.openapi.document import Document, Library, Node
from understudy.formats.openapi.operations import Api, Head, Operation, reader_of
from understudy.formats.openapi.paths import Path, path_for
from understudy.formats.openapi.security import Security
from understudy.formats.openapi.to_config import MAX_OPERATIONS
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.model import OpenApi
from understudy.openapi.checker import Checkers, Side
from understudy.openapi.data import Data
from understudy.openapi.links import Targets


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

    def path(self, number: int, settings: OpenApi) -> Path | None:
        """The path of an operation's endpoint; None, and a warning, if it cannot have one."""
        head = self.heads[number]
        prefix = settings.prefix.rstrip("/") + (head.prefix if settings.servers else "")
        return path_for(head.path, prefix, head.node, {})

    def checkers(self, side: Side) -> Checkers:
        """Validators of what clients send, or get, shared by all operations."""
        if side not in self._checkers:
            self._checkers[side] = Checkers(self.is_new, side)
        return self._checkers[side]

    @cached_property
    def data(self) -> Data:
        """What makes data from its schemas."""
        return Data(self.root, self.is_new)

    @cached_property
    def targets(self) -> Targets:
        """The operations that links lead to."""
        return Targets(map(self.operation, range(len(self.heads))))

    def warnings(self) -> tuple[Problem, ...]:
        """What could not be used of what was read by now, in the order of the file."""
        return tuple(sorted(self.library.warnings, key=lambda one: (one.file or "", one.line or 0)))
