"""Hot reload: the files change, a new program is built beside the old one, and one attribute is swapped.

Building happens in a thread, so that requests go on meanwhile. A config that does not load leaves the old
program serving, and everybody who asked is told why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from time import perf_counter
from typing import TYPE_CHECKING, Any

from understudy.errors import ConfigError, Problem
from understudy.load.files import WILDCARD, expand
from understudy.model import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from understudy.net.server import Server
    from understudy.program import Program

Source = str | Path | Mapping[str, Any] | Config
NEED_A_RESTART = frozenset({"host", "port", "seed", "watch", "state.store"})
"""Settings that a running server keeps."""
DEBOUNCE_MS = 50
"""Editors write a file in several steps; this long after the last one it is read."""


@dataclass(frozen=True)
class Changes:
    """What a reload changed, by endpoint name and by top-level key of the config."""

    endpoints: int
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    took_ms: float = 0.0

    @property
    def nothing(self) -> bool:
        """Whether the new program is as the old one was."""
        return not (self.added or self.removed or self.changed or self.settings)

    def as_json(self) -> dict[str, Any]:
        """The body of a successful `/__reload`."""
        return {
            "message": str(self),
            "endpoints": self.endpoints,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "settings": self.settings,
            "warnings": [warning.as_json() for warning in self.warnings],
            "took_ms": round(self.took_ms, 1),
        }

    def __str__(self) -> str:
        parts = [
            f"{len(names)} {what}"
            for what, names in (("added", self.added), ("removed", self.removed), ("changed", self.changed))
            if names
        ]
        at_once = [name for name in self.settings if name not in NEED_A_RESTART]
        later = [name for name in self.settings if name in NEED_A_RESTART]
        if at_once:
            parts.append(f"{', '.join(at_once)} changed")
        text = f"Configuration reloaded: {', '.join(parts) or 'nothing changed'}"
        return f"{text}; {' and '.join(later)} will change with the next start" if later else text


class Reloader:
    """Builds programs from one source, now and whenever it changes."""

    def __init__(self, server: Server, build: Callable[[Source], Program], source: Source) -> None:
        self._server = server
        self._build = build
        self.source = source
        self._one_at_a_time = asyncio.Lock()
        self._watch_again = asyncio.Event()
        self._to_be_mended: frozenset[Path] = frozenset()
        """Files that the last reload found mistakes in; the program that is served may not know them."""

    async def reload(self, source: Source | None = None) -> Changes:
        """Build anew and swap. Raises ConfigError, and then nothing has changed."""
        async with self._one_at_a_time:
            begun = perf_counter()
            wanted = self.source if source is None else source
            try:
                new = await self._server.loop.run_in_executor(None, partial(self._build, wanted))
            except ConfigError as error:
                self._to_be_mended = _files(error)
                raise
            self._to_be_mended = frozenset()
            old, self.source = self._server.program, wanted
            self._server.swap(new)
            self._watch_again.set()
            return compare(old, new, (perf_counter() - begun) * 1000)

    async def watch(self, tell: Callable[[Changes | ConfigError], None]) -> None:
        """Reload whenever a file of the program changes, and tell what came of it. Runs until cancelled."""
        await asyncio.sleep(0.3)  # importing the watcher must not delay the first requests
        awatch = await self._server.loop.run_in_executor(None, _import_watcher)
        changed = asyncio.Event()
        while True:
            self._watch_again.clear()
            stop = asyncio.Event()
            watchers = [
                self._server.spawn(self._watch(awatch, folders, deep, changed, stop), "file watcher")
                for folders, deep in zip(watched_folders(self._server.program), (False, True), strict=True)
                if folders
            ]
            renew = self._server.spawn(_either(changed, self._watch_again), "file watcher")
            try:
                await renew
                if changed.is_set():
                    changed.clear()
                    try:
                        tell(await self.reload())
                    except ConfigError as error:
                        tell(error)
            finally:
                stop.set()
                renew.cancel()
                await asyncio.gather(*watchers, return_exceptions=True)

    async def _watch(
        self, awatch: Any, folders: list[Path], deep: bool, changed: asyncio.Event, stop: asyncio.Event
    ) -> None:
        """Set `changed` at each change in some folders that matters to the program."""
        async for _ in awatch(
            *folders,
            watch_filter=lambda change, path: (
                (is_relevant(self._server.program, path) and not self._server.writer.is_own(Path(path)))
                or Path(path) in self._to_be_mended
            ),
            debounce=DEBOUNCE_MS * 8,
            step=DEBOUNCE_MS,
            stop_event=stop,
            recursive=deep,
            ignore_permission_denied=True,
        ):
            changed.set()


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    """Wait until one of two events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in (first, second)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _files(error: ConfigError) -> frozenset[Path]:
    """The files that have mistakes in them."""
    return frozenset(Path(problem.file).resolve() for problem in error.problems if problem.file)


def _import_watcher() -> Any:
    from watchfiles import awatch

    return awatch


def watched_folders(program: Program) -> tuple[list[Path], list[Path]]:
    """The folders in which a change may matter: those watched themselves, and those with all below them.

    Only an include with a wildcard for folders needs the second kind; a config in a busy folder such as
    `/tmp` must not cost anything for what happens elsewhere in it.
    """
    loaded = program.loaded
    flat = {path.parent for path in program.files}
    deep: set[Path] = set()
    for folder, pattern in loaded.patterns:
        parts = PurePath(pattern).parts
        first = next((place for place, part in enumerate(parts) if WILDCARD.search(part)), 0)
        (deep if first < len(parts) - 1 else flat).add(folder.joinpath(*parts[:first]))
    there = {folder.resolve() for folder in deep if folder.is_dir()}
    below = sorted(folder for folder in there if not there.intersection(folder.parents))
    beside = {folder.resolve() for folder in flat if folder.is_dir()}
    return sorted(beside - set(below)), below


def is_relevant(program: Program, path: str) -> bool:
    """Whether a changed file belongs to the program, or would if it were loaded now."""
    loaded = program.loaded
    changed = Path(path)
    if any(changed == file or changed == file.resolve() for file in program.files):
        return True
    return any(changed in expand(folder.resolve(), pattern) for folder, pattern in loaded.patterns)


def compare(old: Program, new: Program, took_ms: float = 0.0) -> Changes:
    """What differs between two programs."""
    before = dict(zip(old.loaded.names, old.loaded.config.endpoints, strict=True))
    after = dict(zip(new.loaded.names, new.loaded.config.endpoints, strict=True))
    code = {endpoint.name for endpoint in new.endpoints if endpoint.runs_code and old.code != new.code}
    bodies_before = {endpoint.name: endpoint.plan for endpoint in old.endpoints}
    bodies_after = {endpoint.name: endpoint.plan for endpoint in new.endpoints}
    settings = [
        name.rstrip("_")
        for name in Config.__struct_fields__
        if name not in {"endpoints", "include", "schema_", "defaults"}
        and getattr(old.loaded.config, name) != getattr(new.loaded.config, name)
    ]
    if (old.state.store, old.state.max_rows) != (new.state.store, new.state.max_rows):
        settings.append("state.store")
    if "database" not in settings and old.loaded.database != new.loaded.database:
        settings.append("database")
    return Changes(
        endpoints=len(after),
        added=[name for name in after if name not in before],
        removed=[name for name in before if name not in after],
        changed=[
            name
            for name in after
            if name in before
            and (
                before[name] != after[name]
                or name in code
                or _body(bodies_before.get(name)) != _body(bodies_after.get(name))
            )
        ],
        settings=settings,
        warnings=list(new.warnings),
        took_ms=took_ms,
    )


def _body(plan: Any) -> Any:
    """What a file body holds, which the model does not show."""
    return None if plan is None or plan.reply is None else (plan.reply.body, plan.reply.length)
