"""Files that a foreign document names, which stand beside it or below."""

from __future__ import annotations

import os
from pathlib import Path

from understudy.load.files import is_file, real

MAX_BYTES = 16 * 1024 * 1024


def read_beside(folder: Path | None, name: str) -> tuple[bytes | None, str]:
    """What is in a file below a folder, or None and why it is not read."""
    shown = name[:80]
    if folder is None:
        return None, f"{shown} is not read, as the document comes from no file"
    path = real(folder, name)
    if path is None:
        return None, f"{shown!r} is no file name"
    if not path.is_relative_to(os.path.realpath(folder)):
        return None, f"{shown} is outside of the document's folder"
    if not is_file(path):
        return None, f"there is no file {shown}"
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, f"{shown} is larger than {MAX_BYTES // 2**20} MB"
        return path.read_bytes(), ""
    except OSError as error:
        return None, f"{shown} cannot be read: {(error.strerror or str(error)).lower()}"
