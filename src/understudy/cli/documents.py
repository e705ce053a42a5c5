"""OpenAPI documents that a command is given: a file, or an address on the web."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.contract.spec import Spec


def read_spec(name: str, remote: bool = False) -> Spec:
    """The document at a path or an address. Raises ConfigError.

    `remote`: a file's references to the web are followed, as those of a document from the web always are.
    """
    from understudy.contract.spec import open_spec
    from understudy.formats.read import open_source, text_source
    from understudy.load.fault import Fault
    from understudy.net.fetch import fetch, is_url

    if not is_url(name):
        source = open_source(Path(name))
        if source.data is None and source.file is not None and source.file.is_dir():
            raise ConfigError([source.problem(Fault("this is a folder: an OpenAPI document is one file"))])
        return open_spec(source, fetch if remote else None)
    try:
        text = fetch(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError([Problem("the document is not UTF-8", file=name)]) from None
    suffix = PurePosixPath(urlsplit(name).path).suffix
    return open_spec(text_source(text, name, suffix), fetch, name)
