"""Writing files that a command has made, without losing what is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path


def write_files(
    files: Mapping[Path, bytes], *, force: bool, command: str, same: Collection[Path] = ()
) -> tuple[str, str] | None:
    """Write files, and the folders that they are in; what went wrong, and what helps.

    None of them is written if one is there already, but by `force`; those of `same` may be, if they are what
    is to be written. `command` is what the user has typed.
    """
    wanted = {path: data for path, data in files.items() if path not in same or not _is_same(path, data)}
    there = [path for path in wanted if path.exists()]
    if there and not force:
        names = ", ".join(map(str, there[:3])) + (" and more" if len(there) > 3 else "")
        return (
            f"{names} {'is' if len(there) == 1 else 'are'} there already",
            f"\nTry: understudy {command} … --force, or another -o",
        )
    for path, data in wanted.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            return f"{path} cannot be written: {(error.strerror or str(error)).lower()}", ""
    return None


def _is_same(path: Path, data: bytes) -> bool:
    """Whether a file already is what is to be written, as the data of a config beside its source."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
