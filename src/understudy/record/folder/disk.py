"""Files of a folder, read and put into place with care: no links followed, nothing read without a bound."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from understudy.errors import UnderstudyError
from understudy.load.files import shown
from understudy.record.exchange import Payload

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK))
"""What file systems say that have no hard links."""


@contextmanager
def told(what: str, path: str | Path) -> Iterator[None]:
    """Make an OSError one line for users. Raises UnderstudyError."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnderstudyError(f"{what} {shown(Path(path))}: {reason}") from error


def read_bounded(path: str | Path, limit: int) -> bytes | int:
    """The bytes of a regular file, or its size if that is above `limit`.

    Raises OSError, or ValueError for what is a link or no file.
    """
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("this is a link, which could lead anywhere") from None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("this is not a file")
        if status.st_size > limit:
            return status.st_size
        data = os.read(descriptor, status.st_size + 1)
        while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def made(folder: str) -> None:
    """Make a folder, if it is not there. Raises OSError."""
    try:
        os.mkdir(folder)
    except FileExistsError:  # if it is no folder, whoever writes to it hears of it
        return
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)


def put(body: Payload, path: str, inside: Path) -> None:
    """Write a new file. A body in a file below `inside` is linked, not copied. Raises OSError."""
    if isinstance(body, bytes):
        with open(path, "xb", buffering=0) as file:
            rest = memoryview(body)
            while rest:  # a disk that is almost full takes a part
                rest = rest[file.write(rest) :]
    elif body.path.is_relative_to(inside):
        try:
            os.link(body.path, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            shutil.copyfile(body.path, path)
    else:
        shutil.copyfile(body.path, path)


def claim(source: str, target: str) -> bool:
    """Give a file a second name that nothing has; False if something has it. Raises OSError."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        try:  # without links: take the name first
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            return False
        draft = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}")
        shutil.copyfile(source, draft)
        os.replace(draft, target)
    return True


def linked_parent(folder: str | Path, name: str) -> str | None:
    """A folder between `folder` and `name` in it (`a/b`) that is a link, which could lead anywhere; None if
    none is."""
    at = os.fspath(folder)
    for part in name.split("/")[:-1]:
        at = os.path.join(at, part)
        if os.path.islink(at):
            return at
    return None


def is_same(one: Path, other: Path) -> bool:
    """Whether two names are there, and are those of one file."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
