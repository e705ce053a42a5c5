"""Reads folders of recordings. A file that is wrong is told by its name, with all others that are."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from understudy.errors import ConfigError, Problem
from understudy.load.fault import Fault, Keys, NotReadable
from understudy.load.files import missing, shown
from understudy.load.source import Source, path_text
from understudy.load.syntax import parse
from understudy.model.record import Record
from understudy.record.exchange import BodyInFile, Payload, RecordedExchange
from understudy.record.folder import names
from understudy.record.folder.bodies import MAX_IN_MEMORY, Wrong
from understudy.record.folder.disk import read_bounded
from understudy.record.folder.document import exchange_of, mistakes_of
from understudy.record.folder.settings import NAMES as SETTINGS
from understudy.record.folder.settings import Settings, read_settings

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Of one exchange, without the bodies in files beside it."""
MAX_EXCHANGES = 500_000
MAX_LEVELS = 8
"""Folders in folders."""
MAX_PROBLEMS = 1000

_PLACE = re.compile(r" - at `\$?([^`]*)`\Z")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_KEY = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]|\[\.\.\.\]")


class Folder(NamedTuple):
    """What a folder of recordings holds, in the order in which it was recorded.

    `settings` are those in the folder, `target` the server that they name. `problems` are what is wrong in
    its files, which are left out: only who asked for it gets them. `warnings` are what foreign files had
    that is no exchange.
    """

    exchanges: tuple[RecordedExchange, ...]
    settings: Record | None = None
    target: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def read_folder(path: Path, *, strict: bool = True) -> Folder:
    """The exchanges and settings in a folder.

    Raises ConfigError with all problems of all files; if not `strict`, they are in the result, and only a
    folder that cannot be read at all is an error.
    """
    if not path.is_dir():
        raise ConfigError([Source(path).problem(missing(path, (), "folder"))])
    problems: list[Problem] = []
    exchanges: list[RecordedExchange] = []
    seen: dict[str, str] = {}
    for file, id_ in _files(path, problems):
        if len(exchanges) + len(problems) >= MAX_EXCHANGES:
            problems.append(Problem(f"more than {MAX_EXCHANGES:,} exchanges", shown(path)))
            break
        if id_ in seen:
            problems.append(
                Problem(f"the same recording as {os.path.basename(seen[id_])}", shown(Path(file)))
            )
            continue
        seen[id_] = file
        found = _read(file, id_)
        if isinstance(found, RecordedExchange):
            exchanges.append(found)
        else:
            problems += found
    settings = _settings(path, problems)
    if problems and strict:
        raise ConfigError(_bounded(problems))
    exchanges.sort(key=lambda one: (one.recorded_at, names.number_of(one.id), one.id))
    return Folder(
        tuple(exchanges),
        settings.record if settings else None,
        settings.target if settings else "",
        tuple(_bounded(problems)),
    )


def read_exchange(file: Path) -> RecordedExchange:
    """The exchange in one file; its id is the name. Raises ConfigError."""
    found = try_exchange(file)
    if isinstance(found, RecordedExchange):
        return found
    raise ConfigError(found)


def try_exchange(file: Path) -> RecordedExchange | list[Problem]:
    """The exchange in one file, or what is wrong with it."""
    return _read(os.path.realpath(file), file.name.rpartition(".")[0])


def files_beside(file: Path) -> list[Path]:
    """The files of the bodies of an exchange file; none if it cannot be read."""
    try:
        data = json.loads(_json_of(str(file), _text(str(file))))
    except (OSError, ValueError, NotReadable, RecursionError):
        return []
    messages = [data.get(key) for key in ("request", "response")] if isinstance(data, dict) else []
    named = [one.get(key) for one in messages if isinstance(one, dict) for key in ("file", "encoded")]
    begin = f"{file.name.rpartition('.')[0]}."
    own = [
        name for name in named if isinstance(name, str) and name.startswith(begin) and names.is_beside(name)
    ]
    return [file.with_name(name) for name in own if name != file.name]


def _bounded(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    more = len(problems) - MAX_PROBLEMS
    return [*problems[:MAX_PROBLEMS], Problem(f"and {more:,} problems more", problems[MAX_PROBLEMS].file)]


# --- which files --------------------------------------------------------------------------------------------


def _files(
    folder: Path, problems: list[Problem], under: str = "", level: int = 0
) -> Iterator[tuple[str, str]]:
    """The exchange files below a folder with their ids, by name."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda one: one.name)
    except OSError as error:
        problems.append(Problem(f"cannot be read: {(error.strerror or str(error)).lower()}", shown(folder)))
        return
    for entry in entries:
        name = entry.name
        if name[0] == "." or (not level and name in SETTINGS):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not name.isprintable():
                problems.append(
                    Problem("its name has characters that cannot be shown", shown(Path(entry.path)))
                )
            elif level >= MAX_LEVELS:
                problems.append(
                    Problem(f"more than {MAX_LEVELS} folders in folders", shown(Path(entry.path)))
                )
            else:
                yield from _files(Path(entry.path), problems, f"{under}{name}/", level + 1)
        elif not name.isprintable() and names.is_exchange_file(name):
            problems.append(Problem("its name has characters that cannot be shown", shown(Path(entry.path))))
        elif entry.is_symlink() and (names.is_exchange_file(name) or entry.is_dir()):
            problems.append(Problem("this is a link, which could lead anywhere", shown(Path(entry.path))))
        elif names.is_exchange_file(name):
            yield entry.path, under + name.rpartition(".")[0]


def _settings(folder: Path, problems: list[Problem]) -> Settings | None:
    files = [folder / name for name in SETTINGS if os.path.lexists(folder / name)]
    if len(files) > 1:
        problems.append(Problem(f"the settings are in {files[0].name}, too", shown(files[1])))
    if not files:
        return None
    found = read_settings(files[0])
    if isinstance(found, Settings):
        return found
    problems += found
    return None


# --- one file -----------------------------------------------------------------------------------------------


def _read(file: str, id_: str) -> RecordedExchange | list[Problem]:
    """An exchange, or what is wrong with its file."""
    folder = os.path.dirname(file)

    def beside(name: str) -> Payload:
        path = os.path.join(folder, name)
        found = read_bounded(path, MAX_IN_MEMORY)
        return BodyInFile(Path(path), found) if isinstance(found, int) else found

    try:
        data = _text(file)
        return exchange_of(_json_of(file, data), id_, beside)
    except OSError as error:
        return [Problem(f"cannot be read: {(error.strerror or str(error)).lower()}", shown(Path(file)))]
    except NotReadable as error:
        source = Source(Path(file))
        return [source.problem(fault) for fault in error.faults]
    except Wrong as wrong:
        return [_problem(file, wrong.fault)]
    except msgspec.ValidationError as error:
        return [_problem(file, fault) for fault in _misshapen(file, str(error))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _unreadable(file, error)
    except ValueError as error:
        return [Problem(str(error), shown(Path(file)))]


def _text(file: str) -> bytes:
    data = read_bounded(file, MAX_FILE_BYTES)
    if isinstance(data, int):
        raise ValueError(f"larger than {MAX_FILE_BYTES // 2**20} MB")
    return data.removeprefix(b"\xef\xbb\xbf")


def _json_of(file: str, data: bytes) -> bytes:
    """The JSON text of a file, which may be YAML. Raises NotReadable."""
    if file.endswith(".json"):
        return data
    try:
        value, _ = parse(data.decode(), ".yaml")
        parts: list[str] = []
        size = 0
        for part in _ENCODER.iterencode(value):  # aliases may make it much larger than the file is
            size += len(part)
            if size > MAX_FILE_BYTES:
                raise NotReadable([Fault("with its aliases written out it is too large")])
            parts.append(part)
        return "".join(parts).encode()
    except UnicodeError:
        raise NotReadable([Fault("the file is not UTF-8: save it as UTF-8")]) from None


def _unreadable(file: str, error: Exception) -> list[Problem]:
    """What is wrong with a text that is no JSON, with its line."""
    source = Source(Path(file))
    try:
        parse(_text(file).decode(), ".json")
    except NotReadable as found:
        return [source.problem(fault) for fault in found.faults]
    except (OSError, ValueError):
        pass
    said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    if isinstance(error, UnicodeDecodeError):
        said = "the file is not UTF-8: save it as UTF-8"
    return [Problem(said, shown(Path(file)))]


def _problem(file: str, fault: Fault) -> Problem:
    path = Path(file)
    source = Source(path, format="json" if path.suffix == ".json" else "yaml")
    try:
        return source.problem(fault)
    except (ValueError, RecursionError):  # it says nothing about lines
        return Problem(fault.message, source.shown, None, path_text(fault.keys), fault.found, fault.accepted)


def _misshapen(file: str, said: str) -> list[Fault]:
    """Every mistake in the shape of a file; at least what msgspec says of the first."""
    try:
        found = mistakes_of(json.loads(_json_of(file, _text(file))))
    except (OSError, ValueError, NotReadable, RecursionError):  # JSON that only msgspec reads to its end
        found = []
    return found or [_of_shape(said)]


def _of_shape(said: str) -> Fault:
    """What msgspec says of a value that has another shape, with its place as keys."""
    found = _PLACE.search(said)
    if found is None:
        return Fault(_lower(said))
    keys: Keys = tuple(
        int(number) if number else name for name, number in _KEY.findall(found[1]) if name or number
    )
    return Fault(_lower(said[: found.start()]), keys)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
