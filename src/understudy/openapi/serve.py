"""OpenAPI documents in the place of a config: `understudy petstore.yaml`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from understudy.errors import ConfigError
from understudy.formats.imported import Fetch
from understudy.formats.looks import like_openapi
from understudy.formats.read import open_source, text_source
from understudy.formats.serve import adapt as adapt_others
from understudy.formats.serve import adapt_document as adapt_others_document
from understudy.load.foreign import Adapted, Document, Opened
from understudy.load.limits import LARGE_FILE_BYTES
from understudy.load.source import Source
from understudy.load.values import Values
from understudy.openapi.lazy import open_document

CORS = {"credentials": True, "expose": ["*"]}
"""What browsers may do where a document is served alone: all that Prism lets them, cookies included. Most who
serve one like that have a browser in front of it."""


def adapt(source: Source) -> Adapted | None:
    """A file, or a folder, of another tool as a config; None if it is none. Raises ConfigError.

    A large file that was not read yet, a Source without data, is looked at as far as is needed to tell.
    """
    if source.data is None and source.file is not None and source.file.is_file():
        is_large = source.file.stat().st_size >= LARGE_FILE_BYTES
        opened = _large(source.file) if is_large else None
        return adapt_others(source) if opened is None else served(opened)
    if not like_openapi(source.data):
        return adapt_others(source)
    if source.file is not None and (source.values.written or source.values.faults):
        source = open_source(source.file)  # what looked like `${…}` means nothing special there
    return served(source)


def adapt_document(document: Document) -> Adapted:
    """A document from the web as a config that can be served. Raises ConfigError."""
    suffix = PurePosixPath(urlsplit(document.url).path).suffix
    source = text_source(document.text, document.url, suffix)
    return served(source, document.fetch) if like_openapi(source.data) else adapt_others_document(document)


def served(document: Source, fetch: Fetch | None = None) -> Adapted:
    """A document as a config that serves it and nothing else. `fetch` gives what is behind its addresses."""
    name = document.file.name if document.file is not None else document.label or "openapi"
    return Adapted(
        source=Whole(
            document.file,
            {"openapi": name, "cors": CORS},
            values=Values(None),
            digest=document.digest,
            label=document.label,
        ),
        folder=document.file.parent if document.file is not None else Path.cwd(),
        opened={name: Opened(document, fetch)},
    )


class Whole(Source):
    """A config that was made of a whole file, so that its places are none in that."""

    def line(self, keys: Any) -> int | None:
        """None: what is wrong is said of the document."""
        return None


def _large(path: Path) -> Source | None:
    """A large document; None if it is none."""
    try:
        with path.open("rb") as file:
            begin = file.read(4096)
    except OSError:
        return None
    if b"openapi" not in begin and b"swagger" not in begin:
        return None  # who writes a document says first what it is
    try:
        source = open_document(path)
    except ConfigError:
        return None  # it is told when the file is read as a config
    return source if like_openapi(source.data) else None
