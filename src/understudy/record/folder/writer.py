"""Writes exchanges into a folder, so that whoever reads it sees whole ones or nothing.

All files are first written at the writer's desk (see `desk`). Files beside an exchange get their names first,
the exchange's file the last one. New names are taken with link(2), which two writers cannot do at once, so
that several servers may write to one folder. Nothing is forced onto the disk: a process may be killed at any
moment, but who pulls the plug may lose the last exchanges.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from understudy.errors import UnderstudyError
from understudy.load.files import shown
from understudy.record.exchange import BodyInFile, Payload, RecordedExchange
from understudy.record.folder import names
from understudy.record.folder.bodies import MAX_IN_MEMORY
from understudy.record.folder.desk import Desk, clear_up
from understudy.record.folder.disk import claim, linked_parent, made, put, told
from understudy.record.folder.document import Written, written
from understudy.record.folder.reader import MAX_FILE_BYTES, files_beside

WRITE = "the recording cannot be written to"


class FolderWriter:
    """Writes to the folder at `path`, which is made if it is not there. Raises UnderstudyError.

    It is for one thread. Each call returns when the files are in place; `close` takes the spooled files away.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers: dict[tuple[str, str], int] = {}
        with told("recordings cannot be kept in", path):
            path.mkdir(parents=True, exist_ok=True)
            clear_up(path)
            self._desk = Desk(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing more is written. Files that were spooled and not written are removed."""
        self._desk.close()

    def spool(self) -> Path:
        """A new, empty file for a body that is still arriving. Written as a `BodyInFile`, it moves."""
        with told(WRITE, self.path):
            return self._desk.spool()

    def own(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange with copies of its bodies in files, which may be changed before it is written."""

        def copied(body: Payload, _: str) -> Payload:
            if not isinstance(body, BodyInFile):
                return body
            path = self.spool()
            with told("the body cannot be copied from", body.path):
                shutil.copyfile(body.path, path)
            return BodyInFile(path, body.size)

        return _with_bodies(exchange, copied)

    def write(self, exchange: RecordedExchange) -> RecordedExchange:
        """Add an exchange. Gives it with its `id`, and with its bodies where they are now."""
        host = names.host_folder(exchange.request.origin)
        slug = names.slug(exchange.request.method, exchange.request.target)
        number = self._numbers.get((host, slug), 0)
        loaded = self._loaded(exchange)
        files = None
        while files is None:
            number += 1
            id_ = f"{host}/{names.numbered(slug, number)}"
            files = self._publish(loaded, id_) if self._file_of(id_) is None else None
        self._numbers[host, slug] = number
        self._drop_spooled(exchange)
        return self._settled(loaded, id_, files)

    def replace(self, exchange: RecordedExchange) -> RecordedExchange:
        """Write an exchange in the place of the one that has its `id`."""
        path = self._path_of(exchange.id)
        loaded = self._loaded(exchange)
        before = self._file_of(exchange.id)
        old = files_beside(Path(before)) if before is not None else []
        folder, stem = os.path.split(path)
        files = self._written(loaded, stem)
        final = f"{path}.json"
        ready = self._desk.lay("again", exchange.id)
        desk = os.path.dirname(ready)
        laid = [os.path.join(desk, name) for name in files.files]
        last = f"{ready}.json"
        draft = f"{last}.part"
        try:
            with told(WRITE, final):
                made(folder)
                for one, body in zip(laid, files.files.values(), strict=True):
                    put(body, one, self.path)
                put(files.text, draft, self.path)
                os.replace(draft, last)
                for one in [*laid, last]:
                    os.replace(one, os.path.join(folder, os.path.basename(one)))
                if before is not None and before != final:  # it was written by hand, as YAML
                    _remove(before)
                for beside in old:
                    if beside.name not in files.files:
                        beside.unlink(missing_ok=True)
        finally:
            for one in (*laid, draft, last):
                _remove(one)
        self._drop_spooled(exchange)
        return self._settled(loaded, exchange.id, files)

    def remove(self, id_: str) -> None:
        """Remove an exchange and the files beside it. Raises UnderstudyError if it is not there."""
        path = self._path_of(id_)
        file = self._file_of(id_)
        if file is None:
            raise UnderstudyError(f"there is no recording {id_} in {self.path}")
        beside = files_beside(Path(file))
        with told("the recording cannot be removed:", file):
            os.unlink(file)
            for one in beside:
                one.unlink(missing_ok=True)
        host, _, name = id_.rpartition("/")
        self._numbers.pop((host, name.partition("~")[0]), None)
        try:
            os.rmdir(os.path.dirname(path))
        except OSError:  # it has more in it
            return

    # --- how

    def _publish(self, exchange: RecordedExchange, id_: str) -> Written | None:
        """Write an exchange as new; None if somebody else has just taken its name, or that of its files."""
        folder, stem = os.path.split(os.path.join(self.path, id_))
        files = self._written(exchange, stem)
        last = f"{stem}.json"
        bodies: dict[str, Payload] = {**files.files, last: files.text}
        laid: list[str] = []
        taken: list[str] = []
        done = False
        try:
            with told(WRITE, os.path.join(folder, last)):
                desk = os.path.dirname(self._desk.lay("new", id_))
                made(folder)
                for name, body in bodies.items():
                    laid.append(os.path.join(desk, name))
                    put(body, laid[-1], self.path)
                for name, one in zip(bodies, laid, strict=True):
                    target = os.path.join(folder, name)
                    if not claim(one, target):
                        return None
                    taken.append(target)
                done = True
        finally:
            for one in (*laid, *(() if done else taken)):
                _remove(one)
        return files

    def _written(self, exchange: RecordedExchange, stem: str) -> Written:
        try:
            files = written(exchange, stem)
        except ValueError as error:
            raise UnderstudyError(f"this exchange cannot be kept: {error}") from None
        if len(files.text) > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 2**20
            raise UnderstudyError(f"this exchange cannot be kept: its file would be larger than {limit} MB")
        return files

    def _loaded(self, exchange: RecordedExchange) -> RecordedExchange:
        """The exchange with small bodies in memory, where they can be looked into."""

        def loaded(body: Payload, _: str) -> Payload:
            if not isinstance(body, BodyInFile) or body.size > MAX_IN_MEMORY:
                return body
            with told("the body cannot be read from", body.path):
                return body.path.read_bytes()

        return _with_bodies(exchange, loaded)

    def _settled(self, exchange: RecordedExchange, id_: str, files: Written) -> RecordedExchange:
        """The exchange with its id, and with the files of its bodies where they are now."""

        def settled(body: Payload, side: str) -> Payload:
            if not isinstance(body, BodyInFile):
                return body
            path = self.path / id_
            begin = f"{path.name}.{side}."
            name = next(name for name, one in files.files.items() if one is body and name.startswith(begin))
            return BodyInFile(path.with_name(name), body.size)

        return replace(_with_bodies(exchange, settled), id=id_)

    def _drop_spooled(self, exchange: RecordedExchange) -> None:
        """Remove the spooled files of an exchange that was written."""
        for message in (exchange.request, exchange.reply):
            body = message.body if message is not None else b""
            if isinstance(body, BodyInFile) and body.path.is_relative_to(self._desk.path):
                body.path.unlink(missing_ok=True)

    def _path_of(self, id_: str) -> str:
        if not names.is_id(id_):
            raise UnderstudyError(f"{id_!r} is no id of a recording, such as api.example.com/get-users")
        if (link := linked_parent(self.path, id_)) is not None:
            raise UnderstudyError(f"{shown(Path(link))} is a link: recordings are not written through it")
        return os.path.join(self.path, id_)

    def _file_of(self, id_: str) -> str | None:
        """The file of an exchange that is there."""
        path = self._path_of(id_)
        files = (path + suffix for suffix in names.SUFFIXES)
        return next((file for file in files if os.path.lexists(file)), None)


def _remove(file: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(file)


def _with_bodies(exchange: RecordedExchange, change: Callable[[Payload, str], Payload]) -> RecordedExchange:
    """The exchange with other bodies; `change` gets each with `request` or `response`."""
    request, reply = exchange.request, exchange.reply
    if (body := change(request.body, "request")) is not request.body:
        request = replace(request, body=body)
    if reply is not None and (body := change(reply.body, "response")) is not reply.body:
        reply = replace(reply, body=body)
    if request is exchange.request and reply is exchange.reply:
        return exchange
    return replace(exchange, request=request, reply=reply)
