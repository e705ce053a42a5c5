"""`understudy check --against SPEC`: a config beside an OpenAPI document, for people and for programs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from understudy.errors import Problem

if TYPE_CHECKING:
    from understudy.contract.findings import Finding
    from understudy.program import Program

MISSING = "missing-operation"
_LEVELS = ("error", "warning", "info")


@dataclass(frozen=True)
class Compared:
    """What was found, the worst first. `complete`: an operation without an endpoint is an error."""

    config: str
    document: str
    answers: int
    findings: tuple[Finding, ...]
    warnings: tuple[Problem, ...]
    complete: bool

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.counts()["error"]

    def level(self, finding: Finding) -> str:
        """How bad it is, for this user."""
        return "error" if self.complete and finding.check == MISSING else finding.level

    def counts(self) -> dict[str, int]:
        """How many findings there are of each level."""
        levels = list(map(self.level, self.findings))
        return {level: levels.count(level) for level in _LEVELS}

    def as_json(self) -> dict[str, Any]:
        """The result for programs."""
        return {
            "config": self.config,
            "document": self.document,
            "answers": self.answers,
            "counts": self.counts(),
            "findings": [{**one.as_json(), "level": self.level(one)} for one in self.findings],
            "warnings": [one.as_json() for one in self.warnings],
        }

    def as_text(self, *, color: bool = False) -> str:
        """The result for a terminal: a line for each finding, and how many there are."""
        from understudy.cli.places import Row, lines_of

        rows = [
            Row(self.level(one), one.check, one.place, one.detail, (one.config, one.document))
            for one in sorted(self.findings, key=lambda one: _LEVELS.index(self.level(one)))
        ]
        counts = self.counts()
        told = ", ".join(
            f"{counts[level]} {level}{'s' * (counts[level] != 1 and level != 'info')}"
            for level in _LEVELS
            if counts[level]
        )
        answers = f"{self.answers} answer{'s' * (self.answers != 1)}"
        whole = f"{self.config} against {self.document}: {answers}, {told or 'all as documented'}"
        return "\n".join([*lines_of(rows, color=color), whole])


def against(program: Program, spec: str, *, complete: bool = False, remote: bool = False) -> Compared:
    """A config beside the document at a path or an address. Raises ConfigError if that cannot be read.

    `complete`: each operation needs an endpoint. `remote`: the document may lead to the web.
    """
    from understudy.cli.documents import read_spec
    from understudy.contract.against import answers_of, compare_with
    from understudy.net.builder import load_written

    document = read_spec(spec, remote)
    loaded = program.loaded
    if loaded.config.openapi:  # what it serves of documents is looked at as if it were written in the config
        loaded = load_written(loaded.origins.main.file or loaded.config)
    samples, problems = answers_of(loaded, dict(os.environ))
    findings = compare_with(loaded, samples, problems, document)
    return Compared(
        config=program.loaded.locate(())[0] or "the config",
        document=document.name,
        answers=len(samples),
        findings=findings,
        warnings=document.warnings(),
        complete=complete,
    )
