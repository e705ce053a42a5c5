import json
import types
from pathlib import Path
from typing import Any

import pytest
from bench.openapi import DYNAMIC_IDS, EACH_IDS, OURS, PLAIN, PRISM, WAYS, Way, is_made
from bench.petstore import DOCUMENT, PET
from openapi_spec_validator import validate

from bench import contenders, openapi, peers, report, targets
from understudy import MockServer

Sections = dict[str, Any]
MINE = [way for way in WAYS if way.who != PRISM]
THEIRS = [way for way in WAYS if way.who == PRISM]


def reached(sections: Sections, what: str) -> targets.Reached:
    (target,) = [one for one in targets.TARGETS if one.what == what]
    return target.read(sections["openapi"])


def title(way: Way) -> str:
    return f"{way.who}, {way.feature.name}"


def test_the_document_is_one():
    validate(DOCUMENT)


def test_the_targets(sections: Sections):
    assert reached(sections, "Example of a document, beside Prism").text == "40.0 ×"
    made = "Data made from a schema, an id of its own in each request, beside Prism"
    assert reached(sections, made) == targets.Reached("11.2 ×", False)
    assert reached(sections, "New data each time, beside Prism").text == "10.0 ×"
    start = reached(sections, "First 200 of GitHub's document, JSON, then again")
    assert start == targets.Reached("0.85 s, then 0.60 s", False)
    assert reached(sections, "First 200 of GitHub's document, YAML, then again").ok is None
    assert reached(sections, "First 200 of GitHub's document, beside Prism") == targets.Reached(
        "20.0 ×", True
    )


def test_the_tables(sections: Sections):
    text = report.documents(sections["openapi"])
    assert "| example, the same request | **Understudy** | 120,000 | 40.00 × |" in text
    assert f"| {EACH_IDS} | **Understudy** | 8,000 | 10.00 × |" in text
    assert "| JSON, first start | Prism | 17.00 s | 17.00–17.00 s | 900 MB |" in text
    assert "- Understudy, YAML, first start: not available: x" in text


@pytest.mark.parametrize("way", MINE, ids=title)
def test_each_way_of_ours_answers_rightly(way: Way, tmp_path: Path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(way.feature.config(tmp_path)))
    with MockServer(config, seed=1) as server:
        assert openapi.wrong(way, types.SimpleNamespace(port=server.port)) == ""  # type: ignore[arg-type]


def test_what_is_not_as_asked_for_is_told(tmp_path: Path):
    example, made = MINE[0], next(way for way in MINE if way.feature.name == DYNAMIC_IDS)
    (tmp_path / "config.json").write_text(json.dumps(DOCUMENT))
    with MockServer(tmp_path / "config.json") as server:
        at = types.SimpleNamespace(port=server.port)
        assert openapi.wrong(example, at) == ""  # type: ignore[arg-type]
        assert "answered 200" in openapi.wrong(made, at)  # type: ignore[arg-type]
    each = next(way for way in MINE if way.feature.name == EACH_IDS)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(each.feature.config(tmp_path)))
    with MockServer(config) as server:
        at = types.SimpleNamespace(port=server.port)
        assert openapi.wrong(made, at) == "/pets/7: two answers are not the same"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [{"id": "7"}, {"id": 0}, {"name": None}, {"status": "lost"}, {"born": "soon"}, {"tags": [{"id": 1}]}],
)
def test_made_data_is_looked_at(change: dict[str, Any]):
    pet = {**PET, "name": "Tom"}
    assert is_made(200, pet)
    assert not is_made(404, pet)
    assert not is_made(200, PET)
    assert not is_made(200, {**pet, **change})


def test_understudy_is_started_with_the_document_alone(tmp_path: Path):
    line = MINE[1].contender("").command(openapi.shapes.STATIC, tmp_path, 8123)
    assert json.loads((tmp_path / "config.json").read_text()) == DOCUMENT
    assert (MINE[1].who, line[-1]) == (PLAIN, "--no-memo")


@pytest.mark.parametrize("way", THEIRS, ids=title)
def test_prism_is_started_with_the_same_document(way: Way, tmp_path: Path):
    one = way.contender("5")
    line = one.command(openapi.shapes.STATIC, tmp_path, 8123)
    assert (one.name, one.group, one.version) == (PRISM, contenders.PEER, "5")
    assert ("-d" in line) is way.feature.name.startswith("made data")
    assert json.loads(Path(line[-1]).read_text()) == DOCUMENT


def test_without_prism_only_ours_are_started(tmp_path: Path, monkeypatch: Any):
    started = []
    monkeypatch.setattr(
        openapi, "bring_up", lambda track, feature, folder: started.append(track.lane.title) or (None, "no")
    )
    rows = openapi.small(1, 1, tmp_path / "small", True, None, None, lambda text: None)  # type: ignore[arg-type]
    assert len(rows) == len(started) == len(MINE)
    assert {row["server"] for row in rows} == {OURS, PLAIN}
    assert all(row["unavailable"] == "no" for row in rows)


def test_a_large_document_that_cannot_be_had_is_a_row(tmp_path: Path, monkeypatch: Any):
    def none(package: str) -> Path:
        raise peers.MissingError("needs npm to be installed")

    monkeypatch.setattr(peers, "fetch", none)
    (row,) = openapi.large(tmp_path / "large", True, None, lambda text: None)
    assert row["unavailable"] == "no large document: needs npm to be installed"


def test_starts_are_timed_for_each_form(tmp_path: Path, monkeypatch: Any):
    document = tmp_path / "api.json"
    document.write_text(json.dumps(DOCUMENT))
    asked = []

    def first(one: Any, folder: Path, right: Any) -> tuple[float, float]:
        line = one.command(openapi.shapes.STATIC, folder, 8123)
        asked.append(line)
        return float(len(asked)), 100.0

    monkeypatch.setattr(openapi, "large_document", lambda: document)
    monkeypatch.setattr(openapi, "first_answer", first)
    prism = contenders.Contender(PRISM, contenders.PEER, lambda *_: [], "5")
    rows = openapi.large(tmp_path / "large", True, prism, lambda text: None)
    assert [(row["server"], row["variant"], row["seconds"]) for row in rows] == [
        (OURS, "JSON, first start", 1.0),
        (OURS, "JSON, second start", 2.0),
        (OURS, "YAML, first start", 3.0),
        (OURS, "YAML, second start", 4.0),
        (PRISM, "JSON, first start", 5.0),
    ]
    caches = [line[1] for line in asked[:4]]
    assert caches[0] == caches[1] != caches[2] == caches[3]
