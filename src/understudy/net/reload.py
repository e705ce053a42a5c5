"""Hot reload: the files change, a new program is built beside the old one, and one attribute is swapped.

Building happens in a thread, so that requests go on meanwhile. A config that does not load leaves the old
program serving, and everybody who asked is told why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from time import perf_counter
from typing import TYPE_CHECKING, Any

from understudy.build import rebuild
from understudy.errors import ConfigError, Problem
from understudy.load import Loaded
from understudy.load.fault import NotReadable
from understudy.load.files import WILDCARD, expand, read_text
from understudy.load.foreign import Adapted, Document
from understudy.load.live import TooManyChanges
from understudy.load.overlay import Layer
from understudy.load.source import digest_of
from understudy.model import Config
from understudy.net.disk import replace_file

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.program import Program
    from understudy.record.exchange import RecordedExchange
    from understudy.record.tape import Tape

Source = str | Path | Mapping[str, Any] | Config | Document | Adapted
NEED_A_RESTART = frozenset({"host", "port", "seed", "watch", "state.store"})
"""Settings that a running server keeps."""
MAX_SPACES = 100
"""Spaces with endpoints, and so a program, of their own."""
DEBOUNCE_MS = 50
"""Editors write a file in several steps; this long after the last one it is read."""


@dataclass(frozen=True)
class Changes:
    """What a reload changed, by endpoint name, by top-level key of the config, and by id of the recording."""

    endpoints: int
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    took_ms: float = 0.0

    @property
    def nothing(self) -> bool:
        """Whether the new program is as the old one was."""
        return not (self.added or self.removed or self.changed or self.settings or self.recordings)

    def as_json(self) -> dict[str, Any]:
        """The body of a successful `/__reload`."""
        return {
            "message": str(self),
            "endpoints": self.endpoints,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "settings": self.settings,
            "recordings": self.recordings,
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
        if number := len(self.recordings):
            parts.append(f"{number:,} recording{'s' * (number != 1)} changed")
        text = f"Configuration reloaded: {', '.join(parts) or 'nothing changed'}"
        return f"{text}; {' and '.join(later)} will change with the next start" if later else text


Edit = Callable[[Loaded, Loaded, Layer], Layer]
"""(the config below a layer, the config with it, the layer) → the next layer."""
Write = Callable[[Loaded, Loaded, Layer], tuple[Path, str]]
"""(the config of the files, the config as served, the next layer) → a file and its new text."""


class Reloader:
    """Builds programs from one source, now and whenever it changes, with live changes laid over it.

    `layers` has the live changes by space; those of "" hold for all spaces, and lie below the others.
    """

    def __init__(self, server: Server, build: Callable[[Source], Program], source: Source) -> None:
        self._server = server
        self._build = build
        self.source = source
        self.base = server.program.loaded
        self.layers: dict[str, Layer] = {}
        self._one_at_a_time = asyncio.Lock()
        self._watch_again = asyncio.Event()
        self._to_be_mended: frozenset[Path] = frozenset()
        """Files that the last reload found mistakes in; the program that is served may not know them."""
        self._own_writes: dict[Path, str] = {}

    async def reload(self, source: Source | None = None) -> Changes:
        """Build anew and swap. Raises ConfigError, and then nothing has changed."""
        async with self._one_at_a_time:
            changes = await self._reload(self.source if source is None else source, self.layers)
            # From here on, also a file that becomes again what was written has changed.
            self._own_writes.clear()
            return changes

    async def _reload(self, source: Source, layers: dict[str, Layer]) -> Changes:
        begun = perf_counter()

        def work() -> tuple[Loaded, Program]:
            plain = self._build(source)
            return plain.loaded, self._laid_over(plain, layers) if layers else plain

        try:
            base, new = await self._server.loop.run_in_executor(None, work)
        except ConfigError as error:
            self._to_be_mended = _files(error)
            raise
        self._to_be_mended = frozenset()
        self.base, self.source, self.layers = base, source, layers
        self._watch_again.set()
        return self._swap(new, begun)

    async def change(self, space: str, edit: Edit) -> Changes:
        """Change the endpoints of a space ("": of all), whole or not at all.

        Raises ConfigError, or what `edit` raises, and then nothing has changed.
        """
        async with self._one_at_a_time:
            begun = perf_counter()
            layers = self._edited(space, edit)
            main = self._server.program

            def work() -> Program:
                if not space:
                    return self._laid_over(None, layers)
                spaces = {name: program for name, program in main.spaces.items() if name in layers}
                if space in layers:
                    spaces[space] = rebuild(self.base, self._of(space, layers))
                return main.with_spaces(spaces)

            new = await self._server.loop.run_in_executor(None, work)
            self.layers = layers
            return self._swap(new, begun, space)

    async def persist(self, edit: Edit, write: Write, settle: Edit) -> Changes:
        """Change the endpoints of all spaces, and the file they are in. `settle` is what is then left live.

        Raises ConfigError, FileChanged, CannotWrite, UnderstudyError, and what `edit` raises.
        """
        async with self._one_at_a_time:
            layers = self._edited("", edit)
            served, base = self._server.program.loaded, self.base

            def work() -> tuple[Path, str, str]:
                tried = self._laid_over(None, layers)  # a mistake must not reach the file
                path, new = write(base, tried.loaded, layers.get("", Layer()))
                return path, *replace_file(path, new, _digest_in(base, path))

            path, old, new = await self._server.loop.run_in_executor(None, work)
            self._own_writes[path] = digest_of(new)
            left = settle(base, served, self.layers.get("", Layer()))
            try:
                return await self._reload(self.source, _with_layer(self.layers, "", left))
            except ConfigError:
                await self._server.loop.run_in_executor(None, replace_file, path, old, digest_of(new))
                self._own_writes[path] = digest_of(old)
                raise

    def below(self, space: str) -> Loaded:
        """The config that a space's own changes lie over."""
        return self._server.program.loaded if space else self.base

    def served(self, space: str) -> Loaded:
        """The config as a space sees it."""
        program = self._server.program
        return program.spaces.get(space, program).loaded

    def _edited(self, space: str, edit: Edit) -> dict[str, Layer]:
        layer = edit(self.below(space), self.served(space), self.layers.get(space, Layer()))
        layers = _with_layer(self.layers, space, layer)
        if space not in self.layers and len(layers.keys() - {""}) > MAX_SPACES:
            raise TooManyChanges(
                f"{MAX_SPACES} spaces have endpoints of their own already: DELETE /__spaces/NAME drops one"
            )
        return layers

    def _laid_over(self, plain: Program | None, layers: dict[str, Layer]) -> Program:
        main = (
            plain
            if plain is not None and "" not in layers
            else rebuild(self.base_of(plain), self._of("", layers))
        )
        main.spaces = {
            space: rebuild(self.base_of(plain), self._of(space, layers)) for space in layers if space
        }
        return main

    def base_of(self, plain: Program | None) -> Loaded:
        """The config without live changes."""
        return self.base if plain is None else plain.loaded

    @staticmethod
    def _of(space: str, layers: dict[str, Layer]) -> list[Layer]:
        """The layers that a space sees, the lowest first."""
        return [layers[name] for name in dict.fromkeys(("", space)) if name in layers]

    def _swap(self, new: Program, begun: float, space: str = "") -> Changes:
        old = self._server.program
        self._server.swap(new)
        if watched_folders(old) != watched_folders(new):
            self._watch_again.set()
        took_ms = (perf_counter() - begun) * 1000
        return compare(old.spaces.get(space, old), new.spaces.get(space, new), took_ms)

    def is_own_write(self, path: str) -> bool:
        """Whether a file is as this server has written it, so that there is no need to read it again."""
        for written, digest in self._own_writes.items():
            if path in (str(written), str(written.resolve())):
                try:
                    return digest_of(read_text(written)) == digest
                except NotReadable:
                    return False
        return False

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
                (
                    is_relevant(self._server.program, path)
                    and not self.is_own_write(path)
                    and not self._server.writer.is_own(Path(path))
                )
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


def _with_layer(layers: dict[str, Layer], space: str, layer: Layer) -> dict[str, Layer]:
    rest = {name: known for name, known in layers.items() if name != space}
    return {**rest, space: layer} if layer else rest


def _digest_in(loaded: Loaded, path: Path) -> str:
    """The digest of a file's text as it was loaded."""
    sources = [loaded.origins.main, *(entry.part.source for entry in loaded.origins.entries)]
    return next((source.digest for source in sources if source.file == path), "")


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
    deep |= {tape.folder for tape in program.tapes if tape.mode == "replay"}
    flat |= {tape.folder.parent for tape in program.tapes if tape.folder.is_file()}
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
    if any(_is_recording(tape, changed) for tape in program.tapes):
        return True
    return any(changed in expand(folder.resolve(), pattern) for folder, pattern in loaded.patterns)


def _is_recording(tape: Any, changed: Path) -> bool:
    """Whether a file that a user may have edited belongs to what a tape replays; what begins with a dot is
    being written. A tape that records writes itself."""
    folder = tape.folder.resolve()
    if tape.mode != "replay" or not changed.is_relative_to(folder):
        return False
    return not any(part.startswith(".") for part in changed.relative_to(folder).parts)


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
    if "record" not in settings and any(
        before.settings != tape.settings for before, tape in _continued(old, new)
    ):
        settings.append("record")  # as `recordings.yaml` in the folder says
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
        recordings=_changed_recordings(old, new),
        warnings=list(new.warnings),
        took_ms=took_ms,
    )


def _changed_recordings(old: Program, new: Program) -> list[str]:
    """Ids of recorded exchanges that are new, gone, or other ones: edited by hand, most likely."""
    changed: dict[str, None] = {}
    for before, tape in _continued(old, new):
        was = {one.id: _said(one) for one in before.shelf.exchanges}
        now = {one.id: _said(one) for one in tape.shelf.exchanges}
        changed |= dict.fromkeys(id for id in (was | now) if was.get(id) != now.get(id))
    return list(changed)


def _continued(old: Program, new: Program) -> list[tuple[Tape, Tape]]:
    """The tapes of folders that both programs use. That another folder is used is said of the config."""
    return [
        (before, tape)
        for tape in new.tapes
        for before in [next((one for one in old.tapes if one.is_forerunner(tape)), tape)]
        if before is not tape
    ]


def _said(exchange: RecordedExchange) -> tuple[Any, ...]:
    """What was asked and answered, without the times, which files round."""
    reply, failed = exchange.reply, exchange.failed
    return (
        exchange.request,
        None if reply is None else replace(reply, chunks=()),
        failed and failed.kind,
        [one[1:] for one in exchange.messages],
    )


def _body(plan: Any) -> Any:
    """What a file body holds, which the model does not show."""
    return None if plan is None or plan.reply is None else (plan.reply.body, plan.reply.length)
