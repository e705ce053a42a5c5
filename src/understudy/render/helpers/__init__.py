"""The helpers that templates may call: read HELPERS to know what exists.

A new helper is a row here or in one of these families, a test, and `render_helpers_table()` run for the docs.
"""

from __future__ import annotations

from understudy.render.helpers import chance, clock, database, encoding, fakes, state
from understudy.render.helpers.base import Helper

HELPERS: dict[str, Helper] = {
    helper.name: helper
    for helper in (
        *clock.HELPERS,
        *chance.HELPERS,
        *fakes.HELPERS,
        *state.HELPERS,
        *database.HELPERS,
        *encoding.HELPERS,
    )
}


def render_helpers_table() -> str:
    """The Markdown table of all helpers, as it stands in docs/templates.md."""
    rows = ["| helper | what it gives | example |", "| --- | --- | --- |"]
    for helper in HELPERS.values():
        cells = (f"`{helper.usage}`", helper.doc, f"`{helper.example}`")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"
