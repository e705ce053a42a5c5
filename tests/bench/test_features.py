import json
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.features import FEATURES, LIST, people

from bench import features, report, targets

Sections = dict[str, Any]


def reached(sections: Sections, what: str) -> targets.Reached:
    (target,) = [one for one in targets.TARGETS if one.what == what]
    return target.read(sections[target.section])


def test_the_targets_of_features(sections: Sections):
    assert (
        reached(sections, "POST matched by partial JSON among 1,000, beside nginx (static)").text == "0.24 ×"
    )
    assert reached(sections, "State and counter in memory, beside nginx (static)").ok is True
    assert reached(sections, "State and counter in SQLite") == targets.Reached("20,000 req/s", True)
    assert reached(sections, "RS256 token, beside nginx (static)").ok is None
    assert reached(sections, "20 of 100,000 records, filtered and sorted").ok is True
    assert reached(sections, "The same beside json-server 0.17").text == "7.5 × first, 500 × later"


def test_the_tables(sections: Sections):
    text = report.rich(sections["features"])
    assert "| nginx, static reply | 200,000 | 1.00 × |" in text
    assert "- RS256 token: not available: no key" in text
    assert "| json-server | 300.0 ms | 250.00 ms |" in report.lists(sections["lists"])


@pytest.mark.parametrize("feature", [*FEATURES, LIST], ids=lambda one: one.name)
def test_each_feature_is_a_config_that_answers_rightly(
    feature: features.Feature, tmp_path: Path, monkeypatch: Any
):
    from understudy import MockServer

    monkeypatch.setattr(features, "MATCHED", 20)
    monkeypatch.setattr(features, "RECORDS", 200)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(feature.config(tmp_path)))
    if "JSON match" in feature.name:
        feature = replace(feature, body={"order": {"sku": "sku-19"}, "kind": "x"})
        feature = replace(feature, right=lambda status, reply: reply == {"number": 19})
    with MockServer(config) as server:
        status, reply, took = feature.ask(types.SimpleNamespace(port=server.port))  # type: ignore[arg-type]
    assert feature.right(status, reply), reply
    assert took > 0


def test_records_are_the_same_each_time():
    assert people(50) == people(50)
    assert len({one["name"] for one in people(100)}) == 100
