"""JSON, YAML and TOML: three ways to write one language.

Each format is a module with `parse` (text → plain data, or `NotReadable`) and `places` (text → lines of its
values). The modules are imported when a file of theirs is read, since PyYAML alone costs as much as the
rest of the start; `places` runs only once something has to be said about a line.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from understudy.load.fault import Fault, NotReadable
from understudy.load.syntax.place import Place

FORMATS: dict[str, tuple[str, ...]] = {  # format → suffixes; the order is the one of `find_config`
    "json": (".json",),
    "yaml": (".yaml", ".yml"),
    "toml": (".toml",),
}
SUFFIXES: dict[str, str] = {suffix: name for name, suffixes in FORMATS.items() for suffix in suffixes}

_OTHER_SUFFIXES = {".har": "json"}  # of other tools' files, which are large: nothing is guessed


def parse(text: str, suffix: str) -> tuple[Any, str]:
    """The data in `text` and the format it is in: the one of `suffix`, or else what the text looks like.

    Raises NotReadable.
    """
    if not text.strip():
        raise NotReadable([Fault("the file is empty", line=1)])
    name = SUFFIXES.get(suffix.lower()) or _OTHER_SUFFIXES.get(suffix.lower())
    if name is not None:
        return _module(name).parse(text), name
    return _guess(text)


def places(text: str, name: str) -> Place | None:
    """The lines of the values in a text that `parse` could read."""
    place: Place | None = _module(name).places(text)
    return place


def _guess(text: str) -> tuple[Any, str]:
    # A text that begins like JSON gets JSON's message; a TOML header, `[table]`, begins like it too.
    first_error: NotReadable | None = None
    for name in ("json", "toml", "yaml") if text.lstrip()[0] in "{[" else ("toml", "yaml"):
        try:
            return _module(name).parse(text), name
        except NotReadable as error:
            if first_error is None or (name == "yaml" and text.lstrip()[0] not in "{["):
                first_error = error
    assert first_error is not None
    raise first_error


def _module(name: str) -> ModuleType:
    return import_module(f"understudy.load.syntax.{name}")
