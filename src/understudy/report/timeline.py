"""An operation as a picture: SVG with a bar for each attempt, gaps and their lengths, faults, waits."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from understudy.report.attempt import Attempt, milliseconds
from understudy.report.operations import Operation

WIDTH = 920
MARGIN = 14
LANE = 26
TOP = 22
BAR = 16
MAX_DRAWN = 60
"""Attempts of one operation that are drawn; the rest is counted."""
CHARACTER = 6.4
"""The width of a character of a label, roughly."""
LONGEST_WAIT = 1.5
"""A wait that was asked for is drawn up to so many times the length of the operation."""


def safe(value: object) -> str:
    """Text for the page: escaped, without control characters."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in str(value))
    return escape(text)


def timeline(operation: Operation) -> str:
    """The SVG element. Its text alternative says the same in words."""
    drawn = operation.attempts[:MAX_DRAWN]
    start = drawn[0].at
    length_s = max(max(attempt.ends_at for attempt in drawn) - start, 1e-4)
    asked = [attempt.ends_at - start + attempt.hint.wait_s for attempt in drawn if attempt.hint is not None]
    end_s = min(max([length_s, *asked]), length_s * LONGEST_WAIT)
    scale = (WIDTH - 2 * MARGIN) / end_s
    lanes = _lanes(drawn)
    height = TOP + LANE * (max(lanes) + 1) + 30
    floor = height - 22
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{safe(in_words(operation))}">',
        f'<line class="axis" x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{floor}" y2="{floor}"/>',
        f'<text class="tick" x="{MARGIN}" y="{height - 6}">0</text>',
        f'<text class="tick" x="{WIDTH - MARGIN}" y="{height - 6}" text-anchor="end">'
        f"{milliseconds(end_s)}</text>",
    ]
    parts += _waits(drawn, lanes, start, scale)
    parts += _gaps(operation, drawn, lanes, start, scale)
    parts += _bars(drawn, lanes, start, scale)
    parts.append("</svg>")
    return "".join(parts)


def in_words(operation: Operation) -> str:
    """What the picture shows."""
    texts = []
    before: Attempt | None = None
    for attempt in operation.attempts[:MAX_DRAWN]:
        if before is not None:
            gap_s = attempt.at - before.ends_at
            texts.append(f"{milliseconds(gap_s)} later" if gap_s >= 0 else "beside it")
        injected = f" ({', '.join(attempt.injected)} injected)" if attempt.injected else ""
        texts.append(f"{attempt.shown} in {milliseconds(attempt.entry.duration_s)}{injected}")
        before = attempt
    more = len(operation.attempts) - MAX_DRAWN
    return f"{operation.label}: {', '.join(texts)}{f', and {more} more attempts' if more > 0 else ''}"


def _lanes(attempts: Sequence[Attempt]) -> list[int]:
    """A lane for each attempt, so that those that overlap do not cover each other."""
    ends: list[float] = []
    lanes = []
    for attempt in attempts:
        lane = next((number for number, end in enumerate(ends) if end <= attempt.at), len(ends))
        if lane == len(ends):
            ends.append(0.0)
        ends[lane] = attempt.ends_at
        lanes.append(lane)
    return lanes


def _x(at: float, start: float, scale: float) -> float:
    return min(round(MARGIN + (at - start) * scale, 1), WIDTH - MARGIN)


def _waits(attempts: Sequence[Attempt], lanes: list[int], start: float, scale: float) -> list[str]:
    parts = []
    for attempt, lane in zip(attempts, lanes, strict=True):
        if attempt.hint is None or attempt.hint.wait_s <= 0:
            continue
        left = _x(attempt.ends_at, start, scale)
        right = _x(attempt.ends_at + attempt.hint.wait_s, start, scale)
        label = f"{safe(attempt.hint.header)}: {milliseconds(attempt.hint.wait_s)}"
        y = TOP + LANE * lane - 3
        parts.append(
            f'<rect class="asked" x="{left}" y="{y}" width="{max(2, right - left):.1f}" height="{BAR + 6}">'
            f"<title>{label}</title></rect>"
        )
    return parts


def _gaps(
    operation: Operation, drawn: Sequence[Attempt], lanes: list[int], start: float, scale: float
) -> list[str]:
    parts = []
    lane_of = {attempt.id: lane for attempt, lane in zip(drawn, lanes, strict=True)}
    for _, before, after in operation.retries:
        if after.id not in lane_of or after.at <= before.ends_at:
            continue
        left, right = _x(before.ends_at, start, scale), _x(after.at, start, scale)
        y = TOP + LANE * lane_of[before.id] + BAR / 2
        label = milliseconds(after.at - before.ends_at)
        parts.append(f'<line class="gap" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
        if right - left > len(label) * CHARACTER + 6:
            parts.append(
                f'<text class="gap" x="{(left + right) / 2:.1f}" y="{y - 3}" text-anchor="middle">'
                f"{label}</text>"
            )
    return parts


def _bars(attempts: Sequence[Attempt], lanes: list[int], start: float, scale: float) -> list[str]:
    parts = []
    free: dict[int, float] = {}  # per lane, from where on there is room for a label
    for attempt, lane in zip(attempts, lanes, strict=True):
        left = _x(attempt.at, start, scale)
        width = max(4.0, _x(attempt.ends_at, start, scale) - left)
        y = TOP + LANE * lane
        kind = attempt.result.replace(" ", "-")
        faults = f", injected: {safe(', '.join(attempt.injected))}" if attempt.injected else ""
        parts.append(
            f'<rect class="bar {kind}" x="{left}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2">'
            f"<title>#{attempt.id}: {safe(attempt.shown)}"
            f" in {milliseconds(attempt.entry.duration_s)}{faults}</title></rect>"
        )
        if attempt.injected:
            parts.append(f'<path class="fault" d="M{left + 2} {y - 8} l4 4 l-4 4 l-4 -4 z"/>')
        label = str(attempt.status) if attempt.status is not None else "×"
        middle = left + width / 2
        half = len(label) * CHARACTER / 2 + 2
        if middle - half >= free.get(lane, 0.0):
            parts.append(
                f'<text class="label" x="{middle:.1f}" y="{y - 9 if attempt.injected else y - 5}"'
                f' text-anchor="middle">{label}</text>'
            )
            free[lane] = middle + half
    return parts
