"""A folder of recordings while a server uses it: what it answers, what is added to it, what differs from it.

`folder` reads and writes, `matching` finds, `replies` makes steps, `redact` takes secrets out, `drift`
compares; a tape is where they meet. All of it happens in the thread of the event loop, but for what
`Keeper.ended` gives away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from typing import Any

import msgspec

from understudy.model import Record
from understudy.model.record import Mode
from understudy.record.drift import DriftReport
from understudy.record.exchange import BodyInFile, RecordedExchange
from understudy.record.folder import Folder, FolderWriter
from understudy.record.matching import Found, Miss, Shelf
from understudy.record.modes import WRITING
from understudy.record.redact import Redactor
from understudy.record.replies import Rendered, Replies
from understudy.request import Request

HEAVY_BYTES = 262_144
"""Exchanges with larger bodies, or more messages, are redacted and written in a thread."""
_MESSAGE_BYTES = 200
"""What a message of a WebSocket costs beside its data."""

MAX_MISSED = 1000
"""Requests without a recording that are told apart."""


class Tape:
    """`mode` is what is done now: the config's, or what was switched on since, which `switched` says.

    `name` is the folder as the config has it. `has_target`: there is a server to ask, so that all modes are
    possible.
    """

    def __init__(self, settings: Record, folder: Path, mode: Mode, *, has_target: bool) -> None:
        """Raises ConditionError for a JSONPath in `match` that is none."""
        self.settings = settings
        self.name = settings.folder
        self.folder = folder
        self.mode = self.configured = mode
        self.has_target = has_target
        self.switched: Mode | None = None
        self.redactor = Redactor(settings.redact)
        self.shelf = Shelf(settings.match, settings.then, self.redactor.request)
        self.replies = Replies(settings)
        self.drift = DriftReport(settings.ignore)
        self.rendered: dict[str, Rendered] = {}
        """What fills the templates in, by exchange, where recordings may have some."""
        self.added = 0
        self.missed: dict[str, int] = {}
        """Requests that found nothing in mode `replay`, without their secrets, and how often; the first of
        them, and under "" all others."""
        self.fresh: dict[str, RecordedExchange] = {}
        """What was added since the folder was read, by id."""
        self.peers: tuple[Tape, ...] = ()
        """Other tapes of the same folder that are in use: what one adds, all answer from."""
        self.changed: Callable[[], None] = _nothing
        """Called when what is answered changes: replies that were kept elsewhere are old."""
        self.version = 0
        """Another number since."""
        self._successor: Tape | None = None
        self._writer: FolderWriter | None = None
        self._renewed: set[str] = set()
        self._lock = Lock()  # one writes, or compares, at a time

    # --- reading -------------------------------------------------------------------------------------------

    def fill(self, exchanges: Sequence[RecordedExchange]) -> None:
        """Answer from these. Raises OSError if a body's file cannot be read."""
        self.shelf.fill(exchanges)
        self.replies.learn(exchanges)

    def take_over(self, old: Tape) -> None:
        """Go on for a tape of the program before: what it has added meanwhile, what it has handed out, and
        how it was switched, unless the config now says something else."""
        for exchange in old.fresh.values():
            known = self.shelf.get(exchange.id)
            # what was read is newer, if it was edited by hand, or older, if it was read before it was renewed
            is_new = known is None or known.recorded_at < exchange.recorded_at
            if is_new and (self.folder / f"{exchange.id}.json").exists():
                self._put(exchange)
        self.shelf.take_over(old.shelf)
        self._writer, self._lock = old._writer, old._lock  # what it still has under way is written as before
        self.added, self._renewed = old.added, set(old._renewed)
        self.missed = old.missed
        if old.settings.ignore == self.settings.ignore:
            self.drift = old.drift
        if old.switched is not None and old.configured == self.configured and self.may(old.switched):
            self.mode = self.switched = old.switched

    def is_forerunner(self, new: Tape) -> bool:
        """Whether a tape of the next program is of the same folder, so that it goes on for this one."""
        return self.folder == new.folder and self.name == new.name

    def retire(self, successor: Tape) -> None:
        """Nothing new is asked of this one; requests that are still on their way are kept by another."""
        self._successor = successor

    def take(self, request: Request, space: str) -> Found | Miss:
        """The recorded answer whose turn it is."""
        return self.shelf.take(request, space)

    def misses(self, request: Request) -> None:
        """Count a request that is told that nothing was recorded for it."""
        name = f"{request.method} {self.redactor.target(request.raw_target.decode('utf-8', 'replace'))}"
        if name not in self.missed and len(self.missed) >= MAX_MISSED:
            name = ""
        self.missed[name] = self.missed.get(name, 0) + 1

    @property
    def is_recording(self) -> bool:
        """Whether something may be added."""
        return self.mode in WRITING

    @property
    def is_plain(self) -> bool:
        """Whether answers depend on neither time nor lots."""
        settings = self.settings
        return settings.latency == "none" and not settings.shift_dates and not settings.render

    # --- modes ---------------------------------------------------------------------------------------------

    def may(self, mode: Mode) -> bool:
        """Whether the mode is possible: most need a server to ask, and one file is not written to."""
        return mode == "replay" or (self.has_target and not (mode in WRITING and self.folder.is_file()))

    def switch(self, mode: Mode) -> None:
        """From now on do this. Recorded answers begin anew if that is something else."""
        if mode != self.mode:
            self.shelf.rewind()
        self.mode = self.switched = mode
        self._renewed.clear()
        self._change()

    def reset(self) -> None:
        """Do what the config says, and begin anew."""
        self.switch(self.configured)
        self.switched = None
        self.shelf.rewind()

    def _change(self) -> None:
        self.version += 1
        self.changed()

    # --- writing -------------------------------------------------------------------------------------------

    @property
    def writer(self) -> FolderWriter:
        """What writes to the folder, which is made when it is first written to."""
        if self._writer is None:
            if self._successor is not None:  # which is closed at the end
                return self._successor.writer
            self._writer = FolderWriter(self.folder)
        return self._writer

    def close(self) -> None:
        """Nothing more is written."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def keeper(self, mode: Mode, request: Request, space: str) -> Keeper:
        """What watches a request that is sent on in this mode."""
        turn = None
        if mode == "diff" or (mode == "refresh" and self.mode != "refresh"):
            turn = self.shelf.take(request, space).exchange
        return Keeper(self, mode, space, turn)

    @property
    def is_busy(self) -> bool:
        """Whether a thread is writing, or comparing."""
        return self._lock.locked()

    def store(
        self, exchange: RecordedExchange, mode: Mode, turn: RecordedExchange | None = None
    ) -> RecordedExchange:
        """Write an exchange without its secrets. Called in any thread; `settle` makes it known.

        `turn` is the exchange whose place it takes in mode `refresh`, where that is known.
        """
        with self._lock:
            found = None
            if mode == "refresh":
                same = self.shelf.like(exchange)
                found = turn if turn in same else self._to_be_renewed(same)
            if found is None:
                return self.writer.write(exchange)
            self._renewed.add(found.id)
            return self.writer.replace(replace(exchange, id=found.id))

    def _to_be_renewed(self, same: Sequence[RecordedExchange]) -> RecordedExchange | None:
        """The exchange whose place is taken by a new one for the same request: the first that is not new
        already."""
        return next((one for one in same if one.id not in self._renewed), None)

    def settle(self, exchange: RecordedExchange, space: str = "") -> None:
        """Let a written exchange answer from now on. A request of the space has got it."""
        if self._successor is not None:
            self._successor.settle(exchange, space)
            return
        self._renewed.add(exchange.id)
        for tape in (self, *self.peers):
            tape.added += 1
            tape._put(exchange)
            tape.shelf.took(exchange.id, space)
            tape._change()

    def _put(self, exchange: RecordedExchange) -> None:
        self.fresh[exchange.id] = exchange
        self.shelf.add(exchange)  # or in the place of the one with its id
        self.replies.forget(exchange.id)
        self.rendered.pop(exchange.id, None)  # what a server says is no template

    def compare(self, exchange: RecordedExchange, turn: RecordedExchange | None = None) -> None:
        """Report how an exchange differs from the recording, of which it is the turn of `turn`. Called in any
        thread."""
        same = self.shelf.like(exchange)
        known = turn if turn in same else same[-1] if same else None
        with self._lock:
            self.drift.add(known, exchange)

    def as_json(self) -> dict[str, Any]:
        """What `/__record` says of it."""
        return {
            "folder": self.name,
            "mode": self.mode,
            "exchanges": len(self.shelf.exchanges),
            "added": self.added,
            "unused": [exchange.id for exchange in self.shelf.unused()],
            "drift": sum(self.drift.counts().values()),
        }


class Keeper:
    """Watches one request that is sent on: what it sees is kept, or compared with `turn`."""

    def __init__(self, tape: Tape, mode: Mode, space: str, turn: RecordedExchange | None) -> None:
        self._tape = tape
        self._mode = mode
        self._space = space
        self._turn = turn

    @property
    def max_body_bytes(self) -> int:
        return self._tape.settings.max_body_bytes

    def spool(self) -> Path:
        """A new file: in the folder, where it is no recording yet, or elsewhere if it is only compared."""
        if self._mode != "diff":
            return self._tape.writer.spool()
        handle, name = mkstemp(prefix="understudy-")
        os.close(handle)
        return Path(name)

    def ended(self, seen: RecordedExchange) -> Callable[[], Callable[[], None]] | None:
        """Keep it, or say what takes long."""
        if self._mode != "diff" and _weight(seen) <= HEAVY_BYTES and not self._tape.is_busy:
            self._work(seen)()
            return None
        return lambda: self._work(seen)

    def _work(self, seen: RecordedExchange) -> Callable[[], None]:
        try:
            return self._keep(seen)
        except Exception:
            _drop(seen)  # a full disk would stay full of bodies that nobody gets to see
            raise

    def _keep(self, seen: RecordedExchange) -> Callable[[], None]:
        tape, mode = self._tape, self._mode
        redacted = tape.redactor.exchange(seen)
        if mode == "diff":
            try:
                tape.compare(redacted, self._turn)
            finally:
                _drop(redacted)
            return _nothing
        written = tape.store(redacted, mode, self._turn)
        return lambda: tape.settle(written, self._space)


def _drop(exchange: RecordedExchange) -> None:
    """Remove the files of its bodies."""
    for one in (exchange.request, exchange.reply):
        if one is not None and isinstance(one.body, BodyInFile):
            with suppress(OSError):
                one.body.path.unlink(missing_ok=True)


def _nothing() -> None:
    """There is nothing to be done."""


def with_settings(written: Record, folder: Folder) -> Record:
    """What a config says about a folder, and below it what the folder says itself: each key that is not
    as it would be without being written is the config's."""
    if folder.settings is None:
        return written
    usual = Record()
    said = {key: getattr(written, key) for key in FOLDER_KEYS if getattr(written, key) != getattr(usual, key)}
    own = {key: getattr(folder.settings, key) for key in FOLDER_KEYS}
    return msgspec.structs.replace(written, **{**own, **said})


FOLDER_KEYS = tuple(key for key in Record.__struct_fields__ if key not in ("folder", "mode", "render"))
"""Keys of `record` that a folder may say itself."""


def _weight(exchange: RecordedExchange) -> int:
    bodies = [exchange.request.body, exchange.reply.body if exchange.reply is not None else b""]
    messages = sum(len(message.data) + _MESSAGE_BYTES for message in exchange.messages)
    return messages + sum(body.size if isinstance(body, BodyInFile) else len(body) for body in bodies)


__all__ = ["Keeper", "Tape", "with_settings"]
