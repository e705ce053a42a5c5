"""Does the real API still answer as it was recorded?

`compare` holds two exchanges against each other; `DriftReport` collects by endpoint what it finds. What may
be found, and how bad it is, is in the TABLE of `checks`.
"""

from understudy.record.drift.checks import CHECKS, LEVELS, Drift, Level
from understudy.record.drift.compare import compare
from understudy.record.drift.ignore import check_ignored
from understudy.record.drift.report import DriftReport

__all__ = ["CHECKS", "LEVELS", "Drift", "DriftReport", "Level", "check_ignored", "compare"]
