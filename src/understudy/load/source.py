"""One document of a config, with all that is needed to say where in it something is wrong."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import Problem
from understudy.load.fault import Fault, Keys, NotReadable
from understudy.load.files import read_text, shown
from understudy.load.syntax import parse, places
from understudy.load.syntax.place import Place
from understudy.load.values import Environment, Values

_PLAIN_KEY = re.compile(r"[$A-Za-z_][A-Za-z0-9_]*")


def path_text(keys: Keys) -> str:
    """A place in a document as people write it: `endpoints[3].headers["X-Id"]`."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            shown_key = key if len(key) <= 60 else key[:59] + "…"
            text += '["' + shown_key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"]'
    return text


class Source(msgspec.Struct):
    """A document and where it came from. `file` is None for data that a program handed over.

    `label` is what messages call a document without a file, and `text` where its lines are looked up.
    `digest` is that of the file's text when it was read; "" if there is none.
    """

    file: Path | None = None
    data: Any = None
    format: str = ""
    values: Values = msgspec.field(default_factory=lambda: Values(None))
    order: int = 0  # in which the sources were read
    label: str | None = None
    digest: str = ""
    text: str | None = None
    _place: Place | None = None
    _scanned: bool = False

    @property
    def shown(self) -> str | None:
        """The file's name for messages."""
        return shown(self.file) if self.file is not None else self.label

    def line(self, keys: Keys) -> int | None:
        """The line, from 1, of a place or of what encloses it. The file is read again for it, once."""
        if not self._scanned:
            self._scanned = True
            if self.format and (self.file is not None or self.text is not None):
                try:
                    text = read_text(self.file) if self.file is not None else self.text
                    self._place = places(text or "", self.format)
                except (NotReadable, OSError):  # removed since: then without a line
                    self._place = None
        return self._place.find(keys).line if self._place is not None else None

    def problem(self, fault: Fault, *, is_value: bool = True) -> Problem:
        """The fault as the user gets to see it. `is_value`: what was found is the value at its place."""
        found, suggestion = fault.found, fault.suggestion
        redact = self.values.environment.redact
        written = self.values.written.get(fault.keys)
        if is_value and written is not None and found is not None:
            found, suggestion = f'the value of "{written}"', None
        return Problem(
            message=redact(fault.message),
            file=self.shown,
            line=fault.line if fault.line is not None else self.line(fault.keys),
            path=path_text(fault.keys),
            found=redact(found) if found is not None else None,
            accepted=fault.accepted,
            suggestion=redact(suggestion) if suggestion is not None else None,
        )


def read_source(file: Path, environment: Environment | None, order: int) -> tuple[Source, list[Fault]]:
    """The document in a file, `${…}` filled in. A fault means that `data` is None, or has holes."""
    source = Source(file, order=order, values=Values(environment))
    try:
        text = read_text(file)
        source.digest = digest_of(text)
        data, source.format = parse(text, os.path.splitext(file.name)[1])
    except NotReadable as error:
        return source, list(error.faults)
    source.data = source.values.clean(data)
    return source, source.values.faults


def digest_of(text: str) -> str:
    """What tells two versions of a file's text apart."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def read_data(file: Path, order: int) -> tuple[Source, list[Fault]]:
    """The document in a file of data, in which `${…}` means nothing special."""
    return read_source(file, None, order)
