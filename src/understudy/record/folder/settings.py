"""Settings of a folder: `recordings.yaml` (or `.yml`, `.json`) in it.

They have the keys of `record` in a config but `folder`, `mode` and `render`, and `target`: the server that
was recorded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from understudy.errors import Problem
from understudy.load.diagnose import diagnose
from understudy.load.fault import Fault
from understudy.load.source import read_data
from understudy.load.words import show
from understudy.model.convert import convert
from understudy.model.proxy import check_target
from understudy.model.record import Record
from understudy.record.folder.disk import told

NAMES = ("recordings.yaml", "recordings.yml", "recordings.json")
MAX_SETTINGS_BYTES = 1024 * 1024
_ELSEWHERE = frozenset(("folder", "mode", "render"))
"""Keys of `record` that are for who serves the folder, not for the folder."""
KEYS = (*(key for key in Record.__struct_fields__ if key not in _ELSEWHERE), "target")
_HEAD = """\
# Settings of these recordings. Each file beside this one is one exchange, and may be edited.
"""


class Settings(NamedTuple):
    """What a file of settings says. `target` is "" if it does not say it."""

    record: Record
    target: str


def read_settings(file: Path) -> Settings | list[Problem]:
    """The settings in a file, or all that is wrong with them."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_SETTINGS_BYTES:
            return [Problem("settings are a file of at most 1 MB, and no link", str(file))]
    except OSError as error:
        return [Problem(f"cannot be read: {(error.strerror or str(error)).lower()}", str(file))]
    source, faults = read_data(file, 0)
    if not faults and not isinstance(source.data, dict):
        faults = [Fault("settings are an object", found=show(source.data))]
    if faults:
        return [source.problem(fault) for fault in faults]
    written: dict[str, Any] = dict(source.data)
    faults = [
        Fault("this key has no place in the settings of a folder", (key,), accepted=", ".join(KEYS))
        for key in written
        if key in _ELSEWHERE
    ]
    target = written.pop("target", "")
    if not isinstance(target, str):
        faults.append(Fault("the target is text", ("target",), found=show(target)))
    elif target:
        try:
            check_target(target)
        except ValueError as error:
            faults.append(Fault(str(error), ("target",)))
    known = {key: value for key, value in written.items() if key not in _ELSEWHERE}
    faults += diagnose(known, Record)
    if faults:
        return [source.problem(fault) for fault in faults]
    return Settings(convert(known, Record), target)


def target_of(path: Path) -> str | None:
    """The server that the settings of the folder at `path` name: "" if they name none, or cannot be read.

    None if there are no settings.
    """
    for name in NAMES:
        if os.path.lexists(path / name):
            found = read_settings(path / name)
            return found.target if isinstance(found, Settings) else ""
    return None


def write_settings(path: Path, settings: Record, target: str = "") -> None:
    """Write the settings of the folder at `path`, as far as they are not the usual ones.

    Settings that are there are overwritten. Raises UnderstudyError.
    """
    import yaml

    usual = msgspec.to_builtins(Record())
    pairs: dict[str, Any] = {"target": target} if target else {}
    for key, value in msgspec.to_builtins(settings).items():
        if key in KEYS and value != usual.get(key):
            pairs[key] = _changed(value, usual.get(key))
    text = _HEAD + (
        yaml.safe_dump(pairs, sort_keys=False, allow_unicode=True, width=100) if pairs else "{}\n"
    )
    file = path / NAMES[0]
    with told("the settings cannot be written to", file):
        path.mkdir(parents=True, exist_ok=True)
        draft = path / f".{NAMES[0]}.{os.urandom(6).hex()}"
        try:
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)
        for name in NAMES[1:]:
            (path / name).unlink(missing_ok=True)


def _changed(value: Any, usual: Any) -> Any:
    """Of an object only the keys that are not the usual ones."""
    if isinstance(value, dict) and isinstance(usual, dict):
        return {key: one for key, one in value.items() if one != usual.get(key)}
    return value
