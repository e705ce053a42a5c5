"""Where stub mappings are found, and all of them as one config."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy.errors import ConfigError, Problem
from understudy.formats.imported import Imported, Options, Origin
from understudy.formats.order import keep_order
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.wiremock.stub import STARTED, Stub, read_stub
from understudy.load.fault import Fault
from understudy.load.files import files_below
from understudy.load.source import Source

MAPPINGS = "mappings"
FILES = "__files"
MAX_FILES_BYTES = 64 * 1024 * 1024
"""What all bodies in `__files` may hold together: they are kept in memory while they are read."""


def read_wiremock(source: Source, options: Options) -> Imported:
    """A folder of WireMock's, or one file with a stub or a list of stubs, as a config. Raises ConfigError."""
    warnings: list[Problem] = []
    root = source.file
    is_folder = root is not None and source.data is None
    sources = _sources(root) if is_folder and root is not None else [source]
    base = _base(root, is_folder)
    files = _bodies(base / FILES, source, warnings) if base is not None else {}
    stubs: list[tuple[Stub, Origin]] = []
    for spot, data in _stubs(sources, warnings):
        try:
            stubs.append((read_stub(data, files, FILES, spot), spot.origin))
        except LeftOut as left:
            left.spot.warn(f"this stub is left out: {left.message}")
    stubs.reverse()  # of two with the same priority WireMock asks the one that was added last
    stubs.sort(key=lambda pair: pair[0].priority)
    written = [stub.written for stub, _ in stubs]
    _tell_names_apart(written)
    keep_order(written, [stub.endpoint for stub, _ in stubs])
    served = is_folder and bool(files)
    return Imported(
        config=_config(written, served),
        files={f"{FILES}/{name}": data for name, data in files.items() if served or _uses(written, name)},
        warnings=tuple(warnings),
        origins=tuple(origin for _, origin in stubs),
        read=tuple(one.file for one in sources if one.file is not None),
        patterns=((base / MAPPINGS, "**/*.json"), (base / FILES, "**/*")) if is_folder and base else (),
    )


def _config(written: list[dict[str, Any]], served: bool) -> dict[str, Any]:
    config: dict[str, Any] = {"trailing_slash": "strict"}
    names = dict.fromkeys(endpoint["state"]["scenario"] for endpoint in written if "state" in endpoint)
    if names:
        config["state"] = {"scenarios": dict.fromkeys(names, STARTED)}
    if served:
        config["static"] = FILES
    return {**config, "endpoints": written}


def _uses(written: list[dict[str, Any]], name: str) -> bool:
    path = f"{FILES}/{name}"
    return any(endpoint.get("file") in (path, {"path": path, "template": True}) for endpoint in written)


def _tell_names_apart(written: list[dict[str, Any]]) -> None:
    """Number names that several stubs have, as an endpoint's name is its own."""
    count = Counter(endpoint.get("name") for endpoint in written)
    taken: set[str] = set(filter(None, count))
    for endpoint in written:
        name = endpoint.get("name")
        if name is None or count[name] == 1:
            continue
        number = 1
        while f"{name} ({number})" in taken:
            number += 1
        endpoint["name"] = f"{name[:190]} ({number})"
        taken.add(endpoint["name"])


# ---- files


def _base(root: Path | None, is_folder: bool) -> Path | None:
    """The folder that holds `mappings` and `__files`."""
    if root is None:
        return None
    if is_folder:
        return root
    return root.parent.parent if root.parent.name == MAPPINGS else root.parent


def _sources(root: Path) -> list[Source]:
    """The documents of all files with stubs. Raises ConfigError for those that cannot be read."""
    from understudy.formats.read import open_source

    folder = root / MAPPINGS
    sources: list[Source] = []
    problems: list[Problem] = []
    for file in files_below(folder if folder.is_dir() else root):
        if file.suffix != ".json":
            continue
        try:
            sources.append(open_source(file))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return sources


def _stubs(sources: list[Source], warnings: list[Problem]) -> Iterator[tuple[Spot, Any]]:
    """Each stub and its place, in the order in which WireMock adds them."""
    for source in sources:
        spot = Spot(source, (), warnings)
        data = source.data
        if isinstance(data, dict) and "mappings" in data:
            mappings = data["mappings"]
            if not isinstance(mappings, list):
                raise ConfigError([source.problem(Fault("`mappings` is a list of stubs", ("mappings",)))])
            yield from ((spot.at("mappings", number), one) for number, one in enumerate(mappings))
        else:
            yield spot, data


def _bodies(folder: Path, source: Source, warnings: list[Problem]) -> dict[str, bytes]:
    """The files below `__files`, by their path in it."""
    found: dict[str, bytes] = {}
    total = 0
    for file in files_below(folder):
        try:
            total += file.stat().st_size
            if total > MAX_FILES_BYTES:
                most = MAX_FILES_BYTES // 2**20
                message = f"the files in {FILES} are larger than {most} MB: the rest is left out"
                warnings.append(source.problem(Fault(message)))
                break
            found[file.relative_to(folder).as_posix()] = file.read_bytes()
        except OSError as error:
            name = file.relative_to(folder).as_posix()
            warnings.append(
                source.problem(Fault(f"{FILES}/{name} cannot be read: {error.strerror or error}"))
            )
    return found
