"""A report of drift for a terminal."""

from __future__ import annotations

from typing import Any

_COLORS = {"breaking": "31", "changed": "33", "info": "36"}
MAX_LINES = 40
"""Differences of an endpoint that are shown; all are in the JSON."""
MAX_PLACE = 60


def text_of(report: dict[str, Any], *, color: bool = False) -> str:
    """A block for each endpoint that differs: level, kind, where, recorded → now, how often; and a sum."""
    lines: list[str] = []
    drifted = [one for one in report["endpoints"] if one["drifts"]]
    for endpoint in drifted:
        lines += [_head(endpoint), *_rows(endpoint["drifts"], color), ""]
        more = endpoint["more"] + max(0, len(endpoint["drifts"]) - MAX_LINES)
        if more:
            lines.insert(-1, f"  ... and {more} more")
    if report["beyond"]:
        lines.append(f"{report['beyond']} exchanges of still more endpoints are not told apart")
    return "\n".join([*lines, _sum(report, len(drifted))])


def _head(endpoint: dict[str, Any]) -> str:
    seen = []
    if endpoint["compared"]:
        seen.append(f"{endpoint['drifted']} of {endpoint['compared']} differ")
    if endpoint["unrecorded"]:
        seen.append(f"{endpoint['unrecorded']} unrecorded")
    return f"{endpoint['method']} {printable(endpoint['path'], 200)}  ({', '.join(seen)})"


def _rows(drifts: list[dict[str, Any]], color: bool) -> list[str]:
    rows = [
        (
            one["level"],
            one["kind"],
            printable(one["where"], MAX_PLACE),
            _change(printable(one["recorded"], 80), printable(one["now"], 80)),
            f"{one['times']}×" if one["times"] > 1 else "",
        )
        for one in drifts[:MAX_LINES]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [_row(row, widths, color) for row in rows]


def _row(row: tuple[str, ...], widths: list[int], color: bool) -> str:
    level, kind, where, change, times = row
    first = f"{level:<{widths[0]}}"
    if color:
        first = f"\x1b[{_COLORS[level]}m{first}\x1b[0m"
    text = f"  {first}  {kind:<{widths[1]}}  {where:<{widths[2]}}  {change}"
    return f"{text}  {times}".rstrip()


def _change(recorded: str, now: str) -> str:
    if recorded and now:
        return f"{recorded} → {now}"
    return f"was {recorded}" if recorded else f"now {now}" if now else ""


def _sum(report: dict[str, Any], drifted: int) -> str:
    counts = report["counts"]
    seen = f"{report['compared']} exchange{'s' * (report['compared'] != 1)} compared"
    if report["unrecorded"]:
        seen += f", {report['unrecorded']} unrecorded"
    if not any(counts.values()):
        return f"{seen}: no drift"
    numbers = ", ".join(f"{number} {level}" for level, number in counts.items() if number)
    total = len(report["endpoints"])
    return f"{seen}: {numbers}, in {drifted} of {total} endpoint{'s' * (total != 1)}"


def printable(text: str, limit: int) -> str:
    """Text from outside, safe for a terminal: no control characters, not too long."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(character if character.isprintable() else "?" for character in cut)
