"""A folder of recordings while a server uses it: what it answers, what is added to it, what differs from it.

`folder` reads and writes, `matching` finds, `replies` makes steps, `redact` takes secrets out, `drift`
compares; a tape is where they meet. All of it happens in the thread of the event loop, but for what
`Keeper.ended` gives away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
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
"""Exchanges with larger bodies are redacted and written in a thread."""


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
        self.mode = mode
        self.has_target = has_target
        self.switched: Mode | None = None
        self.redactor = Redactor(settings.redact)
        self.shelf = Shelf(settings.match, settings.then, self.redactor.request)
        self.replies = Replies(settings)
        self.drift = DriftReport(settings.ignore)
        self.rendered: dict[str, Rendered] = {}
        """What fills the templates in, by exchange, where recordings may have some."""
        self.added = 0
        self.fresh: dict[str, RecordedExchange] = {}
        """What was added since the folder was read, by id."""
        self._writer: FolderWriter | None = None
        self._renewed: set[str] = set()
        self._lock = Lock()  # one writes, or compares, at a time

    # --- reading -------------------------------------------------------------------------------------------

    def fill(self, exchanges: Sequence[RecordedExchange]) -> None:
        """Answer from these. Raises OSError if a body's file cannot be read."""
        self.shelf.fill(exchanges)
        self.replies.learn(exchanges)

    def take_over(self, old: Tape) -> None:
        """Go on for a tape of the program before: what it has added meanwhile, and how it was switched."""
        known = {exchange.id for exchange in self.shelf.exchanges}
        for exchange in old.fresh.values():
            if exchange.id not in known and (self.folder / f"{exchange.id}.json").exists():
                self.shelf.add(exchange)
        self.added, self.drift, self._renewed = old.added, old.drift, old._renewed
        self._writer, self._lock = old._writer, old._lock  # what it still has under way is written as before
        if old.switched is not None and self.may(old.switched):
            self.switch(old.switched)

    def take(self, request: Request, space: str) -> Found | Miss:
        """The recorded answer whose turn it is."""
        return self.shelf.take(request, space)

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
        """Whether the mode is possible."""
        return mode == "replay" or (self.has_target and not self.folder.is_file())

    def switch(self, mode: Mode) -> None:
        """From now on do this."""
        self.mode = self.switched = mode
        self._renewed.clear()

    # --- writing -------------------------------------------------------------------------------------------

    @property
    def writer(self) -> FolderWriter:
        """What writes to the folder, which is made when it is first written to."""
        if self._writer is None:
            self._writer = FolderWriter(self.folder)
        return self._writer

    def close(self) -> None:
        """Nothing more is written."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def keeper(self, mode: Mode) -> Keeper:
        """What watches a request that is sent on in this mode."""
        return Keeper(self, mode)

    def store(self, exchange: RecordedExchange, mode: Mode) -> RecordedExchange:
        """Write an exchange without its secrets. Called in any thread; `settle` makes it known."""
        with self._lock:
            found = self._to_be_renewed(exchange) if mode == "refresh" else None
            if found is None:
                return self.writer.write(exchange)
            self._renewed.add(found.id)
            return self.writer.replace(replace(exchange, id=found.id))

    def _to_be_renewed(self, exchange: RecordedExchange) -> RecordedExchange | None:
        """The exchange whose place this one takes: the first for the same request that is not new already."""
        same = self.shelf.like(exchange)
        return next((one for one in same if one.id not in self._renewed), None)

    def settle(self, exchange: RecordedExchange, mode: Mode) -> None:
        """Let a written exchange answer from now on."""
        self.added += 1
        self._renewed.add(exchange.id)
        self.fresh[exchange.id] = exchange
        if mode == "refresh" and self.shelf.get(exchange.id) is not None:
            self.shelf.replace(exchange)
        else:
            self.shelf.add(exchange)
        self.replies.forget(exchange.id)

    def compare(self, exchange: RecordedExchange) -> None:
        """Report how an exchange differs from the recording. Called in any thread."""
        same = self.shelf.like(exchange)
        with self._lock:
            self.drift.add(same[-1] if same else None, exchange)

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
    """Watches one request that is sent on: what it sees is kept, or compared."""

    def __init__(self, tape: Tape, mode: Mode) -> None:
        self._tape = tape
        self._mode = mode

    @property
    def max_body_bytes(self) -> int:
        return self._tape.settings.max_body_bytes

    def spool(self) -> Path:
        """A new file in the folder, where it is no recording yet."""
        return self._tape.writer.spool()

    def ended(self, seen: RecordedExchange) -> Callable[[], Callable[[], None]] | None:
        """Keep it, or say what takes long."""
        if self._mode != "diff" and _weight(seen) <= HEAVY_BYTES:
            self._work(seen)()
            return None
        return lambda: self._work(seen)

    def _work(self, seen: RecordedExchange) -> Callable[[], None]:
        tape, mode = self._tape, self._mode
        redacted = tape.redactor.exchange(seen)
        if mode == "diff":
            tape.compare(redacted)
            for body in (redacted.request.body, redacted.reply.body if redacted.reply is not None else b""):
                if isinstance(body, BodyInFile):
                    body.path.unlink(missing_ok=True)
            return _nothing
        written = tape.store(redacted, mode)
        return lambda: tape.settle(written, mode)


def _nothing() -> None:
    """All is done."""


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
    return sum(body.size if isinstance(body, BodyInFile) else len(body) for body in bodies)


__all__ = ["Keeper", "Tape", "with_settings"]
