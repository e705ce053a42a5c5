"""One thing that is not as the document says."""

from __future__ import annotations

from typing import Any, NamedTuple

ERROR, WARNING = "Error", "Warning"
"""Severities: an error is refused, a warning is told of only."""
UNDOCUMENTED = "undocumented"
"""The code of the violation that no document has what was asked for."""


class Violation(NamedTuple):
    """Where, and what is wrong.

    `location` leads there: "path", "query", "header", "cookie", "body" or "response", then keys, as Prism
    has it (its docs/guides/06-errors.md). `code` is the keyword of the schema that does not hold, as Ajv
    names it (`required`, `type`, `minLength`).
    """

    location: tuple[str, ...]
    code: str
    message: str
    severity: str = ERROR

    def as_json(self) -> dict[str, Any]:
        """The violation as clients of Prism know it."""
        return {
            "location": list(self.location),
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
        }


def told(found: tuple[Violation, ...]) -> tuple[dict[str, Any], ...]:
    """Violations as the log has those of any endpoint."""
    return tuple(
        {
            "location": one.location[0],
            "pointer": "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in one.location[1:]),
            "message": one.message,
            "keyword": one.code,
        }
        for one in found
    )
