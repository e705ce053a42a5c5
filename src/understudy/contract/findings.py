"""What may be wrong with a config beside an OpenAPI document: the TABLE, and one thing that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from understudy.formats.imported import Origin

Level = Literal["error", "warning", "info"]


class Contract(NamedTuple):
    """A check: how bad what it finds is, and what that is, in a sentence."""

    level: Level
    sentence: str


CONTRACT: dict[str, Contract] = {
    "undocumented-path": Contract("error", "the document has no operation for the endpoint"),
    "undocumented-method": Contract("error", "the document has the path, but not with this method"),
    "undocumented-status": Contract("error", "the operation has no response of this status"),
    "undocumented-media-type": Contract("error", "the response has no body of this media type"),
    "invalid-body": Contract("error", "the body does not fit the schema of the response"),
    "missing-body": Contract("error", "the response has a body in the document, but not in the config"),
    "unexpected-body": Contract("warning", "the response has a body in the config, but not in the document"),
    "missing-header": Contract("error", "a header is missing that the response must have"),
    "invalid-header": Contract("error", "a header does not fit its schema"),
    "unknown-parameter": Contract(
        "warning", "the endpoint asks for a parameter that the operation does not have"
    ),
    "beyond-document": Contract("info", "a resource answers more than is documented"),
    "missing-operation": Contract("warning", "no endpoint stands for the operation"),
    "several-operations": Contract(
        "info", "the endpoint stands for several operations, and is compared with each"
    ),
    "not-compared": Contract(
        "warning", "an answer could not be had without a running server, so it was not compared"
    ),
}
"""Everything that may be found, by name."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    `endpoint` is its name and `operation` `GET /pets`, "" for none. `label` tells the answers of one endpoint
    apart, and `pointer` leads to the place in the body. `config` and `document` are where it was written.
    """

    check: str
    detail: str
    endpoint: str = ""
    operation: str = ""
    label: str = ""
    pointer: str = ""
    config: Origin | None = None
    document: Origin | None = None

    @property
    def level(self) -> str:
        """How bad it is."""
        return CONTRACT[self.check].level

    @property
    def place(self) -> str:
        """Where it is, for people."""
        answer = f"answer {self.label}" if self.label else ""
        # most endpoints are called after method and path, which the detail may have said
        name = "" if self.endpoint == self.detail.partition(";")[0] else self.endpoint
        return ", ".join(filter(None, (self.operation or name, answer, self.pointer)))

    def as_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {
            "check": self.check,
            "level": self.level,
            "message": CONTRACT[self.check].sentence,
            "detail": self.detail,
            "endpoint": self.endpoint,
            "operation": self.operation,
            "answer": self.label,
            "pointer": self.pointer,
            "config": _origin(self.config),
            "document": _origin(self.document),
        }


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    return None if origin is None else {"file": origin.file, "line": origin.line}
