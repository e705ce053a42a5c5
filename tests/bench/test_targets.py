from typing import Any

import pytest

from bench import targets

Sections = dict[str, Any]


def reached(sections: Sections, what: str) -> targets.Reached:
    (target,) = [one for one in targets.TARGETS if one.what == what]
    return target.read(sections[target.section])


def test_targets_read_same_round_ratios(sections: Sections):
    # per round 0.9, 0.95, 0.905; the ratio of the medians would be 0.9
    assert reached(sections, "Static reply, beside nginx") == targets.Reached("0.90 ×", True)
    assert reached(sections, "Static reply, beside WireMock") == targets.Reached("16.92 ×", True)
    assert reached(sections, "Static reply without the memo, beside nginx") == targets.Reached(
        "0.40 ×", False
    )


def test_many_endpoints_may_cost_a_tenth(sections: Sections):
    assert reached(sections, "10,000 endpoints beside 1") == targets.Reached("-5.0 %", True)
    largest = next(row for row in sections["endpoints"]["rows"] if row["variant"] == "10000")
    largest["rates"] = [150_000]
    assert reached(sections, "10,000 endpoints beside 1").ok is False


def test_what_was_not_measured_is_neither_met_nor_missed(sections: Sections):
    assert reached(sections, "10,000 endpoints beside 1, memo off") == targets.Reached("not measured", None)
    for section in sections.values():
        section["rows"] = [{"server": "Understudy", "group": "understudy", "unavailable": "no"}]
    assert {
        target.read(sections[target.section]).ok for target in targets.TARGETS if target.section in sections
    } == {None}


def test_only_apimock_may_start_faster(sections: Sections):
    assert reached(sections, "Peers that start faster") == targets.Reached("faster: apimock-rs, files", True)
    sections["start"]["rows"][-1]["ms"] = 100.0
    assert reached(sections, "Peers that start faster").ok is False


def test_memory_must_be_small_flat_and_measured_to_the_end(sections: Sections):
    row, what = sections["memory"]["rows"][0], "Memory over a million requests"
    assert reached(sections, what) == targets.Reached("peak 63 MB, +0.5 MB over the second half", True)
    row["peak_mb"] = 81.0
    assert reached(sections, what).ok is False
    row["peak_mb"], row["series"] = 70.0, [(0, 40.0), (500_000, 60.0), (1_000_000, 70.0)]
    assert reached(sections, what).ok is False
    row["series"] = [(0, 60.0), (100_000, 60.0)]
    assert reached(sections, what).ok is False


def test_growth_is_that_of_the_second_half():
    assert targets.grows_mb([(0, 10.0), (1, 50.0), (2, 52.0)]) == 2.0


@pytest.mark.parametrize(
    ("changes", "ok"),
    [({}, True), ({"right": 9_999}, False), ({"all_s": 1.6}, False), ({"peak_mb": 400.0}, False)],
)
def test_all_that_wait_must_be_answered_in_time(sections: Sections, changes: dict[str, Any], ok: bool):
    sections["waiting"]["rows"][0].update(changes)
    assert reached(sections, "10,000 requests waiting 1 s at once").ok is ok


def test_an_unfinished_wait_is_said(sections: Sections):
    sections["waiting"]["rows"][0]["all_s"] = None
    expected = targets.Reached("not all of 10,000 were answered", False)
    assert reached(sections, "10,000 requests waiting 1 s at once") == expected


@pytest.mark.parametrize(
    ("changes", "ok"),
    [({}, True), ({"median_ms": 2.1}, False), ({"p99_ms": 11.0}, False), ({"wrong": 1}, False)],
)
def test_a_latency_must_be_kept(sections: Sections, changes: dict[str, Any], ok: bool):
    sections["exact"]["rows"][0].update(changes)
    assert reached(sections, "Error of 100 ms, 1,000 in flight").ok is ok


def test_servers_that_were_not_available_are_not_found(sections: Sections):
    assert targets.find(sections["static"], "Mockoon") is None
    assert targets.ratio(sections["static"], ("Mockoon", ""), ("nginx", "")) is None


@pytest.mark.parametrize(
    ("section", "key", "what"),
    [
        ("memory", "total", "Memory over a million requests"),
        ("waiting", "connections", "10,000 requests waiting 1 s at once"),
        ("exact", "in_flight", "Error of 100 ms, 1,000 in flight"),
    ],
)
def test_a_smaller_trial_meets_no_target(sections: Sections, section: str, key: str, what: str):
    sections[section][key] //= 10
    found = reached(sections, what)
    assert found.ok is None
    assert f"only {sections[section][key]:,}" in found.text
