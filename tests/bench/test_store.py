from pathlib import Path
from typing import Any

from bench import cli, report, store

Results = dict[str, Any]


def test_a_run_of_one_scenario_leaves_the_others(tmp_path: Path):
    path = tmp_path / "deep" / "results.json"
    store.keep(path, "static", {"date": "1"})
    store.keep(path, "post", {"date": "2"})
    store.keep(path, "static", {"date": "3"})
    assert store.read(path) == {"sections": {"static": {"date": "3"}, "post": {"date": "2"}}}


def test_nothing_stored_is_no_sections(tmp_path: Path):
    assert store.read(tmp_path / "none.json") == {"sections": {}}


def test_sections_that_only_the_page_has_are_named(results: Results, tmp_path: Path):
    page = tmp_path / "benchmarks.md"
    assert store.lost(results, page) == []
    page.write_text(report.render(results))
    assert store.lost(results, page) == []
    del results["sections"]["start"]
    assert store.lost(results, page) == ["start"]


def test_a_page_is_not_written_over_what_only_it_holds(results: Results, tmp_path: Path):
    assert cli.publish(results, tmp_path / "docs", tmp_path / "cache") == 0
    whole = (tmp_path / "docs" / "benchmarks.md").read_text()
    del results["sections"]["start"]
    assert cli.publish(results, tmp_path / "docs", tmp_path / "cache") == 0
    assert (tmp_path / "docs" / "benchmarks.md").read_text() == whole
    assert "Time to the first 200\n" not in (tmp_path / "cache" / "partial" / "benchmarks.md").read_text()
