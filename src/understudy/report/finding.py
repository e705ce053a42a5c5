"""What the report has to say: one thing that a client did, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INFO = "info"
WARNING = "warning"
ERROR = "error"
SEVERITIES = (ERROR, WARNING, INFO)
"""The worst first."""

MAX_EVIDENCE = 50
"""Ids that a finding lists."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is the id of the check, `operation` a label if it is about one, `evidence` ids of the log."""

    check: str
    severity: str
    client: str
    message: str
    advice: str = ""
    operation: str | None = None
    evidence: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "check": self.check,
            "severity": self.severity,
            "client": self.client,
            "operation": self.operation,
            "message": self.message,
            "advice": self.advice,
            "evidence": list(self.evidence[:MAX_EVIDENCE]),
            "facts": dict(self.facts),
        }

    def __str__(self) -> str:
        about = f" [{self.operation}]" if self.operation else ""
        advice = f"\n    {self.advice}" if self.advice else ""
        return f"{self.severity} {self.check}{about}: {self.message}{advice}"
