import json
import types
from pathlib import Path
from typing import Any

import pytest
from bench.faults import ACCURACIES, LANES, Accuracy
from bench.features import Feature

from bench import faults, report, targets
from understudy import MockServer

Sections = dict[str, Any]


def reached(sections: Sections, what: str) -> targets.Reached:
    (target,) = [one for one in targets.TARGETS if one.what == what]
    return target.read(sections["faults"])


def test_the_targets(sections: Sections):
    assert reached(sections, "Rates and times of faults, at the client").text == "at most 1.0 % off"
    assert reached(sections, "An endpoint beside one with faults").text == "-0.2 %"
    costly = reached(sections, "An endpoint beside one that a profile is on for, memo off")
    assert costly == targets.Reached("-10.0 %", False)


def test_the_table(sections: Sections):
    text = report.broken(sections["faults"])
    assert "| **bandwidth: bytes/s** | 200,000 | 198,000.0 | -1.0 % |" in text
    assert "| **no faults** | 110,000 | 0 |" in text


@pytest.mark.parametrize("lane", LANES, ids=lambda one: one.name)
def test_each_lane_answers_rightly(lane: Feature, tmp_path: Path):
    with MockServer(lane.config(tmp_path)) as server:
        status, reply, _ = lane.ask(types.SimpleNamespace(port=server.port))  # type: ignore[arg-type]
    assert lane.right(status, reply)


@pytest.mark.parametrize("one", ACCURACIES, ids=lambda one: one.name)
def test_each_time_can_be_read(one: Accuracy):
    """Not how exact it is: that is for a machine that has nothing else to do."""
    with MockServer({"endpoints": [{"path": "/asked", **one.endpoint}]}, seed=1) as server:
        found = one.measure(types.SimpleNamespace(port=server.port), True)  # type: ignore[arg-type]
    assert all(asked > 0 and measured > 0 for asked, measured in found.values())


def test_the_names_of_the_targets_are_those_of_the_lanes():
    names = {faults.PLAIN, faults.ELSEWHERE, faults.PLAIN_OFF, faults.CHAOS_OFF}
    assert {lane.name for lane in LANES} == names
    assert json.dumps([lane.options for lane in LANES]) == '[[], [], ["--no-memo"], ["--no-memo"]]'
