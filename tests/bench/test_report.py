from pathlib import Path
from typing import Any

import pytest

from bench import plot, report, scenarios

Results = dict[str, Any]


def test_a_table_aligns_numbers_right():
    assert report.table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"


@pytest.mark.parametrize(
    ("value", "text"), [(None, "—"), (0.901, "0.90 ×"), (0.0123, "0.012 ×"), (16.9, "16.90 ×")]
)
def test_factors_keep_two_digits(value: float | None, text: str):
    assert report.factor(value) == text


def test_the_page_has_each_section_that_was_measured(results: Results):
    page = report.render(results)
    for name, (title, *_) in report.SECTIONS.items():
        assert (f"## {title}\n" in page) is (name in results["sections"]), name
    assert "## Targets" in page
    assert "| CPU | Some CPU |" in page
    assert "| WireMock | 3.13.2 | journal on |" in page


def test_rates_are_sorted_and_absent_servers_say_why(results: Results):
    text = report.rates(results["sections"]["static"])
    order = [
        text.index(name)
        for name in ("| nginx", "| **Understudy**", "| **Understudy, memo off**", "| WireMock")
    ]
    assert order == sorted(order)
    assert "| **Understudy** | 180,000 | 0.90 × | 0.20 ms | 1.50 ms | 30 MB | 0 |" in text
    assert text.endswith("\n- Mockoon: not available: needs node\n")


def test_endpoints_are_one_row_per_server(results: Results):
    text = report.endpoints(results["sections"]["endpoints"])
    assert "| **Understudy** | 180,000 | 181,000 | 171,000 | -5 % |" in text
    assert "| Prism | 3,000 | 100 | not available | — |" in text
    assert "- Prism: not available: did not open its port" in text
    assert "nginx with one location in the same rounds: 200,000 req/s." in text


def test_memory_shows_the_whole_series(results: Results):
    text = report.memory(results["sections"]["memory"])
    assert "| server, requests | 0k | 250k | 500k | 750k | 1M | peak | second half |" in text
    assert "| **Understudy**, same | 40 | 60 | 62 | 62 | 62 | 63 MB | +0.5 MB |" in text


def test_each_section_has_its_own_date(results: Results):
    results["sections"]["start"]["date"] = "2025-04-02T00:00:00+00:00"
    page = report.render(results)
    assert "*Measured 2025-03-01, 3 rounds of 2 s.*" in page
    assert "*Measured 2025-04-02, 3 rounds of 2 s.*" in page


def test_the_summary_names_every_target(results: Results):
    text = report.summary(results["sections"])
    assert "| Static reply, beside nginx | ≥ 0.8 × | 0.90 × | yes |" in text
    assert "| Templated reply, beside nginx (static) | ≥ 0.22 × | not measured | — |" in text
    assert "| Static reply without the memo, beside nginx | ≥ 0.45 × | 0.40 × | **no** |" in text


def test_a_page_can_be_rendered_when_nothing_was_available(results: Results):
    for name, section in results["sections"].items():
        row = {"server": "Understudy", "group": "understudy", "unavailable": f"no {name}"}
        section["rows"] = [row | ({"variant": "1"} if name == "endpoints" else {})]
    page = report.render(results)
    assert page.count("- Understudy: not available: no ") == len(results["sections"])


def test_every_scenario_has_a_section_and_a_target():
    assert tuple(report.SECTIONS) == scenarios.NAMES
    assert {target.section for target in report.TARGETS} == set(scenarios.NAMES) - {"post"}


def test_the_picture_shows_ratios_beside_the_bars(results: Results):
    entries = plot.bars(results["sections"]["static"], "")
    assert [label for label, *_ in entries] == ["WireMock", "Understudy, memo off", "Understudy", "nginx"]
    assert entries[2] == ("Understudy", 180_000, "understudy", "180,000  (0.9 ×)")
    assert entries[3] == ("nginx", 200_000, "yardstick", "200,000")


def test_the_picture_of_many_endpoints_keeps_the_yardstick(results: Results):
    labels = [label for label, *_ in plot.bars(results["sections"]["endpoints"], "10000")]
    assert labels == ["Understudy", "nginx"]


def test_the_picture_is_the_same_for_the_same_results(results: Results, tmp_path: Path):
    plot.draw(results, tmp_path / "one.svg")
    plot.draw(results, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert "Understudy, memo off" in (tmp_path / "one.svg").read_text()


def test_doubtful_numbers_say_so(results: Results):
    section = results["sections"]["static"]
    section |= {"quick": True, "foreign_cores": 0.93}
    page = report.render(results)
    words = (
        "A quick trial, not to be quoted. Other programs used 0.9 cores meanwhile, so the numbers are rough."
    )
    assert page.count(words) == 1
    section |= {"quick": False, "foreign_cores": 0.05}
    assert "quick trial, not" not in report.render(results)
    assert "Other programs used" not in report.render(results)
