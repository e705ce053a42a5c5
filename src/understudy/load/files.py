"""Names and bounds of the files that a config mentions."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from understudy.load.fault import Fault, Keys, NotReadable
from understudy.load.limits import MAX_FILE_BYTES

WILDCARD = re.compile(r"[*?\[]")


def read_text(path: Path) -> str:
    """The text of a file: UTF-8, with or without a byte order mark. Raises NotReadable."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except IsADirectoryError:
        raise NotReadable([Fault("this is a folder, not a file")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise NotReadable([Fault(f"cannot be read: {(reason or str(error)).lower()}")]) from None
    if len(data) > MAX_FILE_BYTES:
        raise NotReadable([Fault(f"larger than {MAX_FILE_BYTES // 2**20} MB")])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotReadable([Fault("the file is UTF-16: save it as UTF-8", line=1)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{error.object[error.start]:02x}"
        raise NotReadable([Fault("the file is not UTF-8: save it as UTF-8", found=byte, line=line)]) from None


def shown(path: Path) -> str:
    """`path` as a user would write it: relative to the working directory when below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def real(folder: Path, relative: str) -> Path | None:
    """The file that `relative` names seen from `folder`, symlinks resolved. None: not a file name at all."""
    try:
        return Path(os.path.realpath(folder / relative))
    except (ValueError, OSError):
        return None


def is_file(path: Path) -> bool:
    """Whether `path` is a regular file: a pipe or a device could hang the reader."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def files_below(folder: Path) -> Iterator[Path]:
    """All regular files below a folder, by name: its own before those of the folders in it.

    What links lead to outside of it is left out.
    """
    inside = os.path.realpath(folder) + os.sep
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if is_file(path) and os.path.realpath(path).startswith(inside):
                yield path


def nearest(path: Path) -> str | None:
    """The name beside a missing `path` that is spelled most like it."""
    from difflib import get_close_matches

    try:
        names = os.listdir(path.parent)
    except (OSError, ValueError):
        return None
    matches = get_close_matches(path.name, names, 1, 0.6)
    return matches[0] if matches else None


def outside(folder: Path, path: Path, keys: Keys, what: str = "file") -> Fault:
    """The fault of a file that nobody may read through the config."""
    return Fault(
        f"the {what} is outside of the config's folder",
        keys,
        found=shown(path),
        accepted=f"a {what} below {shown(folder)}",
    )


def missing(path: Path, keys: Keys, what: str = "file") -> Fault:
    """The fault of a file that is not there, with the name that may be meant."""
    name = nearest(path)
    if what == "file" and path.is_dir():
        return Fault("this is a folder, not a file", keys, found=shown(path))
    if what == "folder" and path.exists():
        return Fault("this is a file, not a folder", keys, found=shown(path))
    return Fault(
        f"there is no such {what}", keys, found=shown(path), suggestion=f'"{name}"' if name else None
    )


def expand(folder: Path, pattern: str) -> Iterator[Path]:
    """The regular files below `folder` that match `pattern`, in the order of their names.

    `*`, `?` and `[…]` stay within one name, `**` stands for any number of folders. Names that begin with a
    dot match only a pattern that does. `**` does not follow symlinks, which could lead in circles.
    """
    from fnmatch import translate

    parts = [part for part in pattern.split("/") if part not in ("", ".")]

    def walk(place: Path, index: int) -> Iterator[Path]:
        if index == len(parts):
            if is_file(place):
                yield place
            return
        part = parts[index]
        if part != "**":
            if not WILDCARD.search(part):
                yield from walk(place / part, index + 1)
                return
            matches = re.compile(translate(part)).match
            for name in _names(place):
                if matches(name) and (not name.startswith(".") or part.startswith(".")):
                    yield from walk(place / name, index + 1)
            return
        # `**` at the end means every file below
        yield from (
            walk(place, index + 1)
            if index + 1 < len(parts)
            else filter(is_file, (place / name for name in _names(place) if not name.startswith(".")))
        )
        for name in _names(place):
            inner = place / name
            if not name.startswith(".") and inner.is_dir() and not inner.is_symlink():
                yield from walk(inner, index)

    found = dict.fromkeys(walk(folder, 0))
    yield from sorted(found)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
