"""Variables of `.http` files: those of the file, and of `http-client.env.json` beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from understudy.errors import ConfigError
from understudy.formats.asked import Book, mark
from understudy.load.files import is_file

ENVIRONMENTS = ("http-client.env.json", "http-client.private.env.json")
MAX_DEPTH = 10
"""How often a value is looked into for other variables: more is a circle."""
MAX_VALUE = 100_000
"""Characters that a value may have with others put in; a longer one is not known."""
_REFERENCE = re.compile(r"\{\{(.*?)\}\}")


class Variables:
    """Puts values in the place of `{{name}}`; what has none becomes a mark."""

    def __init__(self, written: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._known: dict[str, str] = {}
        given = {**environment, **written}
        for name, value in given.items():
            self._known[name] = self._resolved(value, given)

    def _resolved(self, value: str, given: Mapping[str, str]) -> str:
        for _ in range(MAX_DEPTH):
            if "{{" not in value:
                return value
            new = _REFERENCE.sub(lambda found: given.get(found[1].strip(), found[0]), value)
            if len(new) > MAX_VALUE:
                return mark("value")
            if new == value:
                break
            value = new
        return _REFERENCE.sub(lambda found: mark(found[1].strip()), value)

    def fill(self, text: str) -> str:
        """The text with what is known."""
        if "{{" not in text:
            return text

        def value(found: re.Match[str]) -> str:
            name = found[1].strip().removeprefix("%").strip()  # REST Client: `%name` is percent-encoded
            return self._known.get(name, mark(name))

        return _REFERENCE.sub(value, text)


def environment(book: Book) -> dict[str, str]:
    """What all environments of the files beside the document agree on. Raises ConfigError."""
    from understudy.formats.read import open_source

    if book.folder is None:
        return {}
    values: dict[str, set[str]] = {}
    for file in ENVIRONMENTS:
        path = book.folder / file
        if not is_file(path):
            continue
        try:
            data = open_source(path).data
        except ConfigError as error:
            book.warnings.extend(error.problems)
            continue
        book.read.append(path)
        for variables in (data if isinstance(data, dict) else {}).values():
            for name, value in (variables if isinstance(variables, dict) else {}).items():
                if isinstance(value, str | int | float) and not isinstance(value, bool):
                    values.setdefault(name, set()).add(str(value))
    return {
        name: next(iter(found))
        for name, found in values.items()
        if len(found) == 1 and "\0" not in next(iter(found))
    }
