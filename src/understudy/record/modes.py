"""What the modes do: the TABLE of them is in docs/record-and-replay.md."""

from __future__ import annotations

from understudy.model.record import Mode

READING: frozenset[Mode] = frozenset(("replay", "once", "spy"))
"""Modes in which a recorded answer is given, where there is one."""
WATCHING: frozenset[Mode] = frozenset(("record", "once", "refresh", "diff"))
"""Modes in which it is watched what the real server answers: to keep it, or to compare it."""
WRITING: frozenset[Mode] = frozenset(("record", "once", "refresh"))
"""Modes in which something may be added to the recording."""
