"""Writing a user's file: whole or not at all, and never over what somebody else has just written."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from understudy.errors import UnderstudyError
from understudy.load.fault import NotReadable
from understudy.load.files import read_text
from understudy.load.source import digest_of
from understudy.load.write import CannotWrite

_BOM = b"\xef\xbb\xbf"


class FileChanged(UnderstudyError):
    """A file is no longer as it was when it was loaded."""


def replace_file(path: Path, text: str, digest: str) -> tuple[str, str]:
    """Write a text into a file whose present text has this digest; the old text and the new.

    Through a temporary file in the same folder, which takes over the permissions and then the name, so that a
    reader sees the old text or the new one. Raises FileChanged, CannotWrite.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        old = read_text(target)
        if digest_of(old) != digest:
            raise FileChanged(f"{path.name} has changed since it was loaded: reload, and try again")
        data = text.encode()
        with target.open("rb") as known:
            if known.read(3) == _BOM:
                data = _BOM + data
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        temporary.replace(target)
    except NotReadable as error:
        raise CannotWrite(f"{path.name} {error.faults[0].message}") from None
    except OSError as error:
        raise CannotWrite(f"{path.name} cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return old, text
