"""A config as stub mappings of WireMock's: `mappings/` and `__files/`, or one file with all stubs.

Stubs are made of the config itself, so that conditions, templates, states and delays stay what they are. What
answers from a database or from Python is written as its samples show it.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from understudy.formats.exported import Exported, Outgoing
from understudy.formats.order import levels_between
from understudy.formats.outgoing import CannotSay, Place
from understudy.formats.wiremock.read import FILES, MAPPINGS, MAX_FILES_BYTES
from understudy.formats.wiremock.stub import DEFAULT_PRIORITY
from understudy.formats.wiremock.write_response import Bodies
from understudy.formats.wiremock.write_stub import stubs_of
from understudy.load.files import files_below
from understudy.model import Config

Written = dict[str, Any]


def write_wiremock(outgoing: Outgoing) -> Exported:
    """The stubs. A suffix asks for one file with all of them, none for a folder."""
    loaded = outgoing.loaded
    place = Place(loaded)
    in_folder = not outgoing.suffix
    bodies = Bodies(place, FILES, in_folder=in_folder)
    endpoints = loaded.config.endpoints
    groups: list[list[Written]] = []
    for number in range(len(endpoints)):
        inner = place.at("endpoints", number)
        try:
            groups.append(list(stubs_of(number, outgoing, bodies, inner)))
        except CannotSay as left:
            inner.warn(f"this endpoint is left out: {left}")
            groups.append([])
    _set_priorities(groups, levels_between(endpoints, strict=in_folder), strict=in_folder)
    statics = _statics(place, in_folder=in_folder)
    _warn_of_the_rest(place)
    stubs = [stub for group in groups for stub in group]
    if not in_folder:
        # of two with the same priority WireMock asks the one that was added last
        return Exported({"": _text({"mappings": stubs[::-1]})}, tuple(place.warnings))
    files = {**statics, **bodies.files}
    names: set[str] = set()
    for number, stub in enumerate(reversed(stubs), 1):
        name = _file_name(stub, number, len(stubs), names)
        files[f"{MAPPINGS}/{name}.json"] = _text(stub)
    return Exported(files, tuple(place.warnings))


def _set_priorities(groups: list[list[Written]], levels: list[int], *, strict: bool) -> None:
    """Give each stub the priority that it needs to be asked in our order.

    `strict`: where nothing is said of the order in which stubs are added, one that goes before another must
    have the higher priority. Stubs of one endpoint go one before the other, as they stand.
    """
    if not strict:  # the order in which they stand says it
        for stub in (stub for group in groups for stub in group):
            stub["level"] = 0
    widths = [1 + max((stub["level"] for stub in group), default=0) for group in groups]
    widest = max(widths, default=1)
    top = max((level * widest for level in levels), default=0) + widest
    base = max(DEFAULT_PRIORITY, top)
    for group, level, width in zip(groups, levels, widths, strict=True):
        for stub in group:
            later = width - 1 - stub.pop("level")
            priority = base - level * widest - later
            if priority != DEFAULT_PRIORITY:
                stub["priority"] = priority


def _statics(place: Place, *, in_folder: bool) -> dict[str, bytes]:
    """The files of static folders, which WireMock serves from `__files`."""
    found: dict[str, bytes] = {}
    total = 0
    for number, static in enumerate(place.loaded.config.statics):
        inner = place.at("static", number)
        if not in_folder:
            inner.warn("static folders are written where -o names a folder only")
            continue
        prefix = static.path.strip("/")
        folder = place.loaded.resolve(static.folder)
        for file in files_below(folder):
            data = file.read_bytes()
            total += len(data)
            if total > MAX_FILES_BYTES:
                inner.warn(f"the files are larger than {MAX_FILES_BYTES // 2**20} MB: the rest is left out")
                return found
            relative = file.relative_to(folder).as_posix()
            found["/".join(filter(None, (FILES, prefix, relative)))] = data
    return found


def _warn_of_the_rest(place: Place) -> None:
    config, usual = place.loaded.config, Config()
    for key in ("chaos", "connections", "outages", "middleware", "cors"):
        if getattr(config, key) != getattr(usual, key):
            place.at(key).warn(f"`{key}` has no counterpart")


def _file_name(stub: Written, number: int, count: int, taken: set[str]) -> str:
    """A name that says what it is. The number keeps them in order, the first to be added first."""
    request = stub.get("request", {})
    where = next((request[key] for key in request if key.startswith("url")), "any")
    what = stub.get("name") or f"{request.get('method')} {unquote(str(where))}"
    stem = re.sub(r"[^a-z0-9]+", "-", str(what).lower()).strip("-")[:60] or "stub"
    name = f"{number:0{len(str(count))}d}-{stem}"
    taken.add(name)
    return name


def _text(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


__all__ = ["write_wiremock"]
