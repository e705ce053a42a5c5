"""Saying what redaction would take out of files that are there already."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

from understudy.model.record import Redact
from understudy.record.redact.bodies import MAX_DECODED, redact_body
from understudy.record.redact.rules import Rules
from understudy.record.redact.values import Found
from understudy.views.codings import CODINGS, CodingError, decoded

CODED = {coding.suffix: name for name, coding in CODINGS.items()}
MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
SETTINGS = (".yaml", ".yml", ".toml", ".env", ".ini", ".cfg", ".properties", ".conf")
_COUNTS = re.compile(
    rb'^  "secrets": \{\n(?:    "[^"\n]*": [0-9]+,?\n)+  \}$|^secrets:\n(?:  [^:\n]+: [0-9]+\n)+',
    re.MULTILINE,
)
"""How many secrets were taken out of a recorded exchange, by rule, in its file: `record.folder` writes it."""
_START = re.compile(r"[A-Za-z0-9_-]{4}")
SHOWN = 4
"""Characters of a secret that are shown, if it is at least eight times as long."""


class Finding(NamedTuple):
    """A secret in a file. `excerpt` does not tell it. `line` counts from 1, in the decoded file."""

    where: str
    rule: str
    excerpt: str
    line: int | None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {"file": self.where, "line": self.line, "rule": self.rule, "excerpt": self.excerpt}


def find(data: bytes, where: str = "", rules: Redact | None = None) -> list[Finding]:
    """What redaction would take out of a file, in the order in which it stands there.

    Files in a coding (by the ending of `where`, or how they begin) are decoded first. Placeholders are no
    findings. Raises ValueError for rules that cannot be used.
    """
    compiled = Rules(rules or Redact())
    lower = where.lower()
    coding = next((one for end, one in CODED.items() if lower.endswith(end)), None)
    coding = coding or next((one for start, one in MAGIC.items() if data.startswith(start)), None)
    if coding is not None:
        lower = lower.rpartition(".")[0] if lower.endswith(tuple(CODED)) else lower
        with suppress(CodingError):  # then it is looked at as it is
            data = decoded(data, (coding,), MAX_DECODED)
    data = _COUNTS.sub(lambda counts: b"\n" * counts[0].count(b"\n"), data)
    found: list[Found] = []
    is_settings = lower.endswith(SETTINGS)
    redact_body(data, "", "", compiled, found, keeps_shape=True, is_settings=is_settings)
    findings = [
        Finding(where, one.rule, masked(one.raw), line)
        for one, line in zip(found, _lines(data, found), strict=True)
    ]
    return sorted(findings, key=lambda one: one.line or 0)


def masked(secret: str) -> str:
    """A secret as it may be shown: its length, and how it begins if that says nothing about the rest."""
    count = len(secret)
    shown = secret[:SHOWN] if count >= 8 * SHOWN and _START.match(secret) else ""
    return f"{shown}… ({count} characters)" if shown else f"({count} character{'s' * (count != 1)})"


def _lines(data: bytes, found: list[Found]) -> list[int | None]:
    """The lines of secrets; each is looked for behind the one before it, never twice in one place."""
    lines: list[int | None] = []
    seen: dict[bytes, int] = {}
    at = 0
    for one in found:
        raw = one.raw.encode("utf-8", "replace").partition(b"\n")[0]
        behind = seen.get(raw, 0)
        start = next(
            (place for start in (max(at, behind), behind, 0) if (place := data.find(raw, start)) >= 0), -1
        )
        if start < 0:  # it stands there in escapes or codes
            lines.append(data.count(b"\n", 0, at) + 1 if at else None)
            continue
        at = seen[raw] = start + len(raw)
        lines.append(data.count(b"\n", 0, start) + 1)
    return lines
