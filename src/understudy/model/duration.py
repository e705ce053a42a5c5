"""Lengths of time, as a user writes them."""

import re

DURATION = r"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h|d)?$"
"""A length of time with its unit, longer than none; without a unit, seconds."""
_UNIT_S = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration_s(written: float | str) -> float:
    """Seconds, from a number of them or from a text that fits DURATION."""
    if not isinstance(written, str):
        return float(written)
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]*)", written).groups()  # type: ignore[union-attr]
    return float(number) * _UNIT_S[unit]
