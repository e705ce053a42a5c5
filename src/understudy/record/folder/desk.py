"""Where a writer puts files together before they get their names: a hidden folder of its own.

`FOLDER/.writing-TOKEN/` has `lock`, which is locked (on Windows: open) as long as the writer lives; `spool/`,
bodies that are still arriving; `new/` and `again/`, files under the names that they are to get, of new
exchanges and of ones that are written again. What a writer leaves behind that was killed is cleared up by the
next one:

- new: files beside an exchange get their names before it does. If it has none, theirs are taken away.
- again: the exchange's file under `again/` means that all its files are there: they are put into place.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from understudy.record.folder.disk import is_same, linked_parent, made
from understudy.record.folder.names import is_exchange_file

try:
    import fcntl
except ImportError:  # Windows: nothing says for sure who is alive
    fcntl = None  # type: ignore[assignment]

PREFIX = ".writing-"
OLD_S = 3600.0
"""Where there are no locks: a desk on which nothing was done for so long is taken to be left."""


class Desk:
    """The hidden folder of a writer in `folder`. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        while True:
            self.path = folder / f"{PREFIX}{os.urandom(6).hex()}"
            self.path.mkdir()
            if (lock := _lock(self.path, os.O_CREAT)) is not None:
                break  # else who clears up was faster
        self._lock = lock
        (self.path / ".gitignore").write_text("*\n")
        for name in ("spool", "new", "again"):
            (self.path / name).mkdir()

    def spool(self) -> Path:
        """A new, empty file."""
        path = self.path / "spool" / os.urandom(8).hex()
        path.parent.mkdir(parents=True, exist_ok=True)  # see `is_left`
        path.touch(exist_ok=False)
        return path

    def lay(self, kind: str, id_: str) -> str:
        """The path under which the exchange `id_` is put together, without suffix; its folder is there."""
        path = os.path.join(self.path, kind, id_)
        made(os.path.dirname(path))
        return path

    def close(self) -> None:
        """Take the folder away, with all that is still in it; once."""
        lock, self._lock = self._lock, -1
        if lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(lock)


def clear_up(folder: Path) -> None:
    """Clear up after writers that have died. Raises OSError."""
    now_s = _now_s(folder) if fcntl is None else 0.0
    for name in os.listdir(folder):
        left = folder / name
        if not name.startswith(PREFIX) or left.is_symlink() or not left.is_dir():
            continue
        if fcntl is None and not is_left(left, now_s):
            continue
        if (lock := _lock(left, 0)) is None:
            continue
        try:
            _undo_new(folder, left / "new")
            _finish_again(folder, left / "again")
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)


def _lock(desk: Path, flags: int) -> int | None:
    """Lock a desk, for as long as what is given is open; None if somebody has, or it has gone."""
    if fcntl is None and not flags:
        return _take(desk)
    if fcntl is None:
        return os.open(desk / "lock", os.O_RDWR | flags, 0o600)
    try:
        descriptor = os.open(desk / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
    except FileNotFoundError:
        if not flags:
            _remove_empty(desk)
        return None
    except OSError:  # a link, or a folder: not of ours
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), (desk / "lock").stat()):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def is_left(desk: Path, now_s: float) -> bool:
    """Whether nothing was done on a desk for an hour: so it is known who has died where there are no locks.

    A writer that was idle for so long and lives makes what it needs anew. Raises OSError.
    """
    newest_s = desk.stat().st_mtime
    for parent, folders, files in os.walk(desk):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):  # somebody else clears up
                newest_s = max(newest_s, os.lstat(os.path.join(parent, name)).st_mtime)
    return now_s - newest_s > OLD_S


def _now_s(folder: Path) -> float:
    """What the clock of the file system says, which may be that of another machine. Raises OSError."""
    probe = folder / f"{PREFIX}{os.urandom(6).hex()}"
    probe.mkdir()
    try:
        return probe.stat().st_mtime
    finally:
        probe.rmdir()


def _take(desk: Path) -> int | None:
    """Take an old desk in the place of locking it; None if somebody has, or uses it.

    On Windows the file cannot be removed as long as its writer has it open.
    """
    lock = desk / "lock"
    try:
        lock.unlink()
    except FileNotFoundError:
        _remove_empty(desk)
        return None
    except OSError:
        return None
    return os.open(os.devnull, os.O_RDWR)


def _remove_empty(desk: Path) -> None:
    """Remove a desk whose writer was killed before it had a lock."""
    try:
        desk.rmdir()
    except OSError:  # it is not empty, as it has a lock by now
        return


def _undo_new(folder: Path, new: Path) -> None:
    files = _files_below(new)
    kept = {
        path.with_suffix("")
        for path in files
        if _is_exchange(path) and is_same(path, folder / path.relative_to(new))
    }
    for path in files:
        name = path.relative_to(new)
        target = folder / name
        stem = path.with_name(path.name.partition(".")[0])
        if stem not in kept and linked_parent(folder, name.as_posix()) is None and is_same(path, target):
            target.unlink(missing_ok=True)


def _finish_again(folder: Path, again: Path) -> None:
    files = _files_below(again)
    for last in [path for path in files if _is_exchange(path)]:
        beside = [path for path in files if path != last and path.name.startswith(f"{last.stem}.")]
        for path in [*beside, last]:
            name = path.relative_to(again)
            target = folder / name
            if target.parent.is_dir() and linked_parent(folder, name.as_posix()) is None:
                os.replace(path, target)


def _is_exchange(path: Path) -> bool:
    return path.suffix == ".json" and is_exchange_file(path.name)


def _files_below(folder: Path) -> list[Path]:
    """All files below a folder, and none to which links lead."""
    if folder.is_symlink():
        return []
    found = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return [path for path in found if not path.is_symlink()]
