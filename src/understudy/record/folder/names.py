"""Names of files: of an exchange by its request, and which of those that stand in files are safe.

All that is made here is lower case ASCII, so that no two names are the same on any file system.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_SLUG = 80
MAX_END = 56
"""Of MAX_SLUG, how much the last segment of a long path may have."""
MAX_HOST = 100
MAX_NAME = 255
"""Bytes that a name may have on common file systems."""
RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)))
)
"""Names that are devices on Windows, whatever suffix they have."""
SUFFIXES = (".json", ".yaml", ".yml")
"""How names of exchange files may end."""

_BODY = re.compile(r"(?i).+\.(?:request|response)(?:\..*)?")
_NUMBER = re.compile(r"~([1-9][0-9]{0,8})$")
_ID = re.compile(r"[^/\\\0:]+(?:/[^/\\\0:]+)*")


def host_folder(origin: str) -> str:
    """The name of the folder for a server: `api.example.com`, `localhost_9000`."""
    host = origin.partition("://")[2].lower()
    name = re.sub(r"[^a-z0-9.\-]+", "_", host.replace("[", "").replace("]", "")).strip(".")[:MAX_HOST]
    name = name.rstrip(".") or "host"
    return f"{name}_" if name.partition(".")[0] in RESERVED else name


def slug(method: str, target: str) -> str:
    """The name for a request, without number and suffix: `get-users-42`.

    Of a long path the middle is left out, as its end says more: `get-packages-a0-f4--emma-1-0-tar-gz`.
    """
    path = unquote(target.partition("?")[0], errors="ignore").lower()
    name = _words(f"{method.lower()}-{path}")
    if len(name) > MAX_SLUG:
        end = _words(path.rstrip("/").rpartition("/")[2])[:MAX_END].strip("-")
        start = name[: MAX_SLUG - len(end) - 2].strip("-")
        name = f"{start}--{end}" if end and not name[:MAX_SLUG].endswith(end) else name[:MAX_SLUG].strip("-")
    name = name or "request"
    return f"{name}_" if name in RESERVED else name


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text).strip("-")


def numbered(name: str, number: int) -> str:
    """The name of the n-th exchange, from 1, with this slug."""
    return name if number == 1 else f"{name}~{number}"


def number_of(id_: str) -> int:
    """The number at the end of an id; 1 if there is none."""
    found = _NUMBER.search(id_)
    return int(found[1]) if found else 1


def is_exchange_file(name: str) -> bool:
    """Whether a file of this name holds an exchange, and not a body, or nothing of ours."""
    stem, dot, suffix = name.rpartition(".")
    return bool(dot) and f".{suffix}" in SUFFIXES and name[0] != "." and not _BODY.fullmatch(stem)


def is_beside(name: str) -> bool:
    """Whether a name that stands in a file can only be that of a file beside it."""
    if not name or name[0] == "." or len(name.encode("utf-8", "replace")) > MAX_NAME:
        return False
    return not any(character in "/\\:" or not character.isprintable() for character in name)


def is_id(id_: str) -> bool:
    """Whether this can be the id of an exchange: it leads out of no folder."""
    return _ID.fullmatch(id_) is not None and id_[0] != "." and "/." not in id_
