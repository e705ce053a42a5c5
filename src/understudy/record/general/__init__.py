"""Recordings as endpoints: what they have in common, and no more than they show.

    exchanges ── sift ──▶ Sample ── paths ──▶ templates ── echo, volatile ──▶ answers ── apart ──▶ endpoints

Each decision on the way is a `Rule` (`rules.py` has the TABLE of kinds), which a user sees before anything is
written, may switch off, and may keep in a file, so that more recordings are read by the same rules. All of it
is pure: the same exchanges and wishes give the same config.
"""

from understudy.record.general.generalise import General, generalise
from understudy.record.general.rules import KINDS, Wishes

__all__ = ["KINDS", "General", "Wishes", "generalise"]
