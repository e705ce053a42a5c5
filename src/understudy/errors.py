"""Everything that can go wrong, by what the reader should do about it.

UnderstudyError
├── ConfigError    the user's file is wrong: exit code 2, or 422 from a control endpoint; has every problem
├── RequestError   the peer broke HTTP or a limit: answered with its `status`, then closed
├── AddressInUse   the port is taken: exit code 1, one line
├── state.store    a store cannot keep a value, is full or cannot be reached: one line says what helps
└── render.errors  a template cannot be compiled (at load), or fails while rendering (a 500 that names it)

Anything else that is raised is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UnderstudyError(Exception):
    """The root: whatever Understudy raises on purpose is one of these."""


_ESCAPED = {
    code: ascii(chr(code))[1:-1]
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0xDC80, 0xDD00))
    if chr(code) not in "\t\n"
}
"""What names of files and values may hold that a terminal would take for commands, or cannot show."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a config, with all that is needed to mend it.

    `path` is the place inside the document (`endpoints[3].latency_ms`), `line` counts from 1.
    """

    message: str
    file: str | None = None
    line: int | None = None
    path: str = ""
    found: str | None = None
    accepted: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        where = (self.file or "config").replace("\n", "\\n")
        if self.line is not None:
            where += f":{self.line}"
        if self.path:
            where += f"  {self.path}"
        lines = [where, f"  {self.message}"]
        if self.found is not None:
            lines.append(f"  found: {self.found}")
        if self.accepted is not None:
            lines.append(f"  accepted: {self.accepted}")
        if self.suggestion is not None:
            lines.append(f"  did you mean {self.suggestion}?")
        return "\n".join(lines).translate(_ESCAPED)

    def as_json(self) -> dict[str, object]:
        """The problem as a JSON object, without the keys that have nothing to say."""
        pairs = {
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "path": self.path or None,
            "found": self.found,
            "accepted": self.accepted,
            "suggestion": self.suggestion,
        }
        return {key: value for key, value in pairs.items() if value is not None}


class ConfigError(UnderstudyError):
    """A config that cannot be used. `problems` holds everything found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the config:"
        super().__init__("\n".join([head, *(str(problem) for problem in self.problems)]))


class RequestError(UnderstudyError):
    """The peer broke the protocol or a limit: answer `status` with `message`, then close the connection.

    `headers` are sent with it.
    """

    def __init__(self, status: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class AddressInUse(UnderstudyError):
    """The address to listen on is taken by another process."""
