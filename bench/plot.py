"""The results as a picture: horizontal bars on a logarithmic axis, readable on light and dark pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.contenders import UNDERSTUDY, YARDSTICK
from bench.targets import Row, Section, ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#768390"  # enough contrast on white and on near-black
COLOURS = {UNDERSTUDY: "#2da44e", YARDSTICK: "#9aa4ae", "peer": "#5b8def"}
PANELS = (
    ("static", "Static reply", ""),
    ("templated", "Templated reply", ""),
    ("post", "POST, one field echoed", ""),
    ("endpoints", "10,000 endpoints, the last one asked", "10000"),
)


def bars(section: Section, variant: str) -> list[tuple[str, float, str, str]]:
    """What a panel shows, slowest first: label, req/s, group, and the text beside the bar."""
    rows = [row for row in section["rows"] if row.get("rate") and _shown(row, variant)]
    rows.sort(key=lambda row: float(row["rate"]))
    base = ("nginx", "1" if variant else "")
    found = []
    for row in rows:
        beside = ratio(section, (row["server"], row["variant"]), base)
        text = f"{row['rate']:,.0f}" + (f"  ({beside:.2g} ×)" if beside and row["group"] != YARDSTICK else "")
        found.append((str(row["server"]), float(row["rate"]), str(row["group"]), text))
    return found


def _shown(row: Row, variant: str) -> bool:
    return row["variant"] == variant or (row["group"] == YARDSTICK and bool(variant))


def draw(results: dict[str, Any], path: Path) -> None:
    """Write the picture as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    shown = [panel for panel in PANELS if panel[0] in results["sections"]]
    if not shown:
        return
    heights = [len(bars(results["sections"][name], variant)) + 1.6 for name, _, variant in shown]
    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "understudy",
        "font.family": "sans-serif",
        "font.size": 10,
    }
    with mpl.rc_context(style):
        figure, axes = plt.subplots(
            len(shown),
            1,
            figsize=(8.6, 0.3 * sum(heights)),
            height_ratios=heights,
            squeeze=False,
            sharex=True,
        )
        for axis, (name, title, variant) in zip(axes[:, 0], shown, strict=True):
            _panel(axis, title, bars(results["sections"][name], variant))
        axes[-1, 0].set_xlabel("requests per second, logarithmic (× nginx in the same round)", color=INK)
        figure.tight_layout()
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})
        plt.close(figure)
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def _panel(axis: Axes, title: str, entries: list[tuple[str, float, str, str]]) -> None:
    labels = [label for label, *_ in entries]
    values = [value for _, value, *_ in entries]
    drawn = axis.barh(labels, values, color=[COLOURS[group] for *_, group, _ in entries], height=0.72)
    axis.bar_label(drawn, labels=[text for *_, text in entries], padding=4, color=INK, fontsize=9)
    axis.set_xscale("log")
    axis.set_xlim(1, max([1_000_000, *(value * 12 for value in values)]))
    axis.set_title(title, loc="left", color=INK, fontweight="bold", fontsize=11)
    axis.tick_params(colors=INK, which="both", length=0)
    axis.grid(axis="x", color=INK, alpha=0.25, linewidth=0.6)
    axis.set_axisbelow(True)
    for label in axis.get_yticklabels():
        label.set_fontweight("bold" if label.get_text().startswith("Understudy") else "normal")
    for spine in axis.spines.values():
        spine.set_visible(False)
