"""Files of a static folder: type, ETag, conditions and ranges (RFC 9110 sections 8.8, 13 and 14).

Nothing outside the folder is ever sent: each segment of the path is checked, links are followed only to
places inside, and names that begin with a dot are not there (but for `.well-known`, RFC 8615).
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from urllib.parse import quote

from understudy.request import Request, decoded_value
from understudy.steps import Header, Reply, SendFile, ServeStatic
from understudy.views.dates import http_date, read_http_date
from understudy.views.ranges import asked_part

_ETAG = re.compile(r'(?:W/)?"[^"]*"')


def resolve_static(step: ServeStatic, request: Request) -> Reply | SendFile:
    """The step that answers a request for a file."""
    path = find_file(step.folder, step.relative)
    try:
        status = path.stat() if path is not None else None
        if path is not None and status is not None and S_ISDIR(status.st_mode):
            if step.relative and not step.relative.endswith("/"):
                return _to_folder(step, request)
            path = find_file(step.folder, f"{step.relative.rstrip('/')}/{step.index}".lstrip("/"))
            status = path.stat() if path is not None else None
    except OSError:
        return step.missing()
    if path is None or status is None or not S_ISREG(status.st_mode):
        return step.missing()
    etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    modified = http_date(status.st_mtime)
    headers: tuple[Header, ...] = (
        (b"Content-Type", content_type(path).encode()),
        (b"ETag", etag.encode()),
        (b"Last-Modified", modified.encode()),
        (b"Accept-Ranges", b"bytes"),
        *step.headers,
    )
    if _is_unchanged(request, etag, status.st_mtime):
        return Reply(304, headers[1:], b"")
    size = status.st_size
    wanted = asked_part(
        request.method, request.header("range"), request.header("if-range"), {etag, modified}, size
    )
    if wanted is None:
        return SendFile(Reply(200, headers, b"", length=size), path, 0, size)
    start, stop = wanted
    if start >= stop:
        refused = (*headers[3:], (b"Content-Range", f"bytes */{size}".encode()))
        return Reply(416, refused, b"")
    headers += ((b"Content-Range", f"bytes {start}-{stop - 1}/{size}".encode()),)
    return SendFile(Reply(206, headers, b"", length=stop - start), path, start, stop - start)


def find_file(folder: Path, relative: str) -> Path | None:
    """What a path of a URL names below a folder; None if that is nothing, or not below it."""
    path = folder
    for segment in relative.split("/"):
        name = decoded_value(segment)
        if not name:
            continue
        if "/" in name or "\\" in name or "\0" in name or (name.startswith(".") and name != ".well-known"):
            return None
        path /= name
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return real if real.is_relative_to(folder.resolve()) else None


def content_type(path: Path) -> str:
    """The media type by the file's ending; text is UTF-8."""
    guessed, encoding = mimetypes.guess_type(path.name)
    if encoding is not None or guessed is None:
        return "application/octet-stream"
    if guessed.startswith("text/") or guessed in {"application/javascript", "image/svg+xml"}:
        return f"{guessed}; charset=utf-8"
    return guessed


def _to_folder(step: ServeStatic, request: Request) -> Reply:
    """Relative links in a folder's index only work behind a slash."""
    path, mark, query = request.target.partition("?")
    location = quote(path, safe="/%:@!$&'()*+,;=~-._") + "/" + mark + query
    # `//host` would lead elsewhere (open redirect): the path begins with exactly one slash.
    location = "/" + location.lstrip("/\\")
    return Reply(308, ((b"Location", location.encode("latin-1", "replace")), *step.headers), b"")


def _is_unchanged(request: Request, etag: str, modified_s: float) -> bool:
    tags = request.header("if-none-match")
    if tags is not None:  # compared weakly, and stronger than a date (RFC 9110 section 13.1.2)
        return tags.strip() == "*" or etag in [tag.removeprefix("W/") for tag in _ETAG.findall(tags)]
    since = _date(request.header("if-modified-since"))
    return since is not None and int(modified_s) <= since


def _date(text: str | None) -> float | None:
    try:
        return read_http_date(text).timestamp() if text else None
    except (TypeError, ValueError):
        return None
