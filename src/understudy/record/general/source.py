"""A folder of recordings as a config: the row `recording` of FORMATS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Imported, Options, Origin
from understudy.load.fault import Fault
from understudy.load.source import Source
from understudy.record.exchange import RecordedExchange
from understudy.record.general.generalise import generalise
from understudy.record.general.rules import UnknownRule, Wishes

if TYPE_CHECKING:
    from understudy.record.folder import Folder


def read_folder(source: Source, options: Options) -> Imported:
    """A folder of recordings as endpoints for what was recorded and the like. Raises ConfigError."""
    if source.file is None:
        raise ConfigError([source.problem(Fault("recordings are a folder, and no document"))])
    folder = recording(source.file)
    exchanges: Sequence[RecordedExchange] = folder.exchanges
    if not exchanges:
        raise ConfigError([source.problem(Fault("there are no recordings in this folder"))])
    wishes = Wishes(options.without, options.rules, options.latency, options.hosts, options.assets)
    try:
        general = generalise(exchanges, wishes)
    except UnknownRule as unknown:
        raise ConfigError([Problem(str(unknown), path="--without")]) from None
    return Imported(
        config=general.config,
        warnings=(*folder.warnings, *general.warnings),
        origins=tuple(Origin(source.shown, None) for _ in general.comments),
        comments=general.comments,
        rules=general.rules,
    )


def recording(path: Path) -> Folder:
    """What `understudy.record.folder` finds there, with `exchanges` and `warnings`. Raises ConfigError."""
    from understudy.record.folder import read_recording

    return read_recording(path)
