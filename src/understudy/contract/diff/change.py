"""What has changed, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from understudy.contract.diff.checks import CHECKS, LEVELS
from understudy.formats.imported import Origin


@dataclass(frozen=True)
class Change:
    """One change. `check` is its name in CHECKS, and `detail` what was found.

    `operations` are those that it concerns, `GET /pets`, none if it concerns the whole; `where` is the part
    of the first of them, such as "response 200 application/json", and `pointer` leads to the place in its
    data: `*` stands for every item, and for every other property. `old` and `new` are where it was written;
    None where there is nothing.
    """

    check: str
    detail: str
    operations: tuple[str, ...] = ()
    where: str = ""
    pointer: str = ""
    old: Origin | None = None
    new: Origin | None = None

    @property
    def level(self) -> str:
        """How bad it is: one of LEVELS."""
        return CHECKS[self.check].level

    @property
    def is_breaking(self) -> bool:
        """Whether clients of the old document may break."""
        return self.level == "error"

    @property
    def place(self) -> str:
        """Where it is, for people."""
        about = self.operations[0] if self.operations else ""
        more = len(self.operations) - 1
        if more > 0:
            about += f" and {more} other{'s' * (more > 1)}"
        return ", ".join(part for part in (about, " ".join(filter(None, (self.where, self.pointer)))) if part)

    def as_json(self) -> dict[str, Any]:
        """The change for programs."""
        return {
            "check": self.check,
            "level": self.level,
            "message": CHECKS[self.check].sentence,
            "detail": self.detail,
            "operations": list(self.operations),
            "where": self.where,
            "pointer": self.pointer,
            "old": _origin(self.old),
            "new": _origin(self.new),
        }


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    return None if origin is None else {"file": origin.file, "line": origin.line}


def in_order(changes: list[Change]) -> tuple[Change, ...]:
    """The worst first, each level in the order of the documents."""
    return tuple(sorted(changes, key=lambda one: LEVELS.index(one.level)))
