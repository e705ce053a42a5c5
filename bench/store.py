"""The raw results: kept per section, so that a run of some scenarios leaves the others as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.report import SECTIONS

Results = dict[str, Any]


def read(path: Path) -> Results:
    """The stored results, or none yet."""
    try:
        found: Results = json.loads(path.read_text())
    except FileNotFoundError:
        return {"sections": {}}
    return found


def keep(path: Path, name: str, section: dict[str, Any]) -> Results:
    """Replace one section and store all."""
    results = read(path)
    results["sections"][name] = section
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(results, indent=1))
    fresh.replace(path)
    return results


def lost(results: Results, page: Path) -> list[str]:
    """Sections a page shows that the results do not hold, so that rewriting it would lose them."""
    if not page.exists():
        return []
    lines = page.read_text().splitlines()
    return [
        name
        for name, (title, *_) in SECTIONS.items()
        if f"## {title}" in lines and name not in results["sections"]
    ]
