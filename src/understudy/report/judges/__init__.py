"""The judges: each looks at one client, or at all of them, and gives findings. CHECKS is the TABLE."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.model.report import ReportSettings
from understudy.report.clients import Client
from understudy.report.finding import Finding


def judge_all(clients: Sequence[Client], settings: ReportSettings) -> list[Finding]:
    """What all judges find."""
    return []
