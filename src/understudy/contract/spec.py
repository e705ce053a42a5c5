"""An OpenAPI document that has been read, and how its paths are compared with others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Fetch
from understudy.formats.openapi.document import Library, Node
from understudy.formats.openapi.operations import Api, Operation, read_api
from understudy.load.fault import Fault
from understudy.load.source import Source

MAX_OPERATIONS = 50_000
"""As of an import."""
_EXAMPLE = re.compile(r"\.examples?\b")
PARAMETER = re.compile(r"\{[^{}/]*\}")


@dataclass(frozen=True, eq=False)
class Spec:
    """A document: what it says of operations, the whole of it, and all documents that it refers to."""

    api: Api
    root: Node
    library: Library

    @property
    def is_new(self) -> bool:
        """Whether its schemas are those of OpenAPI 3.1, which are JSON Schemas."""
        return self.api.version in ("3.1", "3.2")

    @property
    def name(self) -> str:
        """The file or the address, for messages."""
        return self.root.document.source.shown or "the document"

    def warnings(self) -> tuple[Problem, ...]:
        """What could not be used, so far, in the order of the document; examples are not looked at."""
        found = [one for one in self.library.warnings if not _EXAMPLE.search(one.path)]
        return tuple(sorted(found, key=lambda one: (one.file or "", one.line or 0)))


def open_spec(source: Source, fetch: Fetch | None = None, url: str | None = None) -> Spec:
    """The document in a Source. `fetch` follows references to the web. Raises ConfigError if it is none."""
    library = Library(fetch=fetch)
    document = library.begin(source, url)
    api = read_api(document)
    if len(api.operations) > MAX_OPERATIONS:
        raise ConfigError(
            [source.problem(Fault(f"more than {MAX_OPERATIONS:,} operations in one document", ("paths",)))]
        )
    return Spec(api, document.root, library)


def template_key(path: str) -> str:
    """A path template without the names of its parameters, a query, and a slash at the end: equal for paths
    that mean the same."""
    plain = PARAMETER.sub("{}", re.split(r"[?#]", path, maxsplit=1)[0])
    return plain.rstrip("/") or "/"


def shown_operation(operation: Operation) -> str:
    """An operation for messages: `GET /pets/{id}`."""
    return f"{operation.method} {operation.path}"
