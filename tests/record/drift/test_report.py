import json

import pytest

from tests.record.kit import exchange
from understudy.record.drift import DriftReport
from understudy.record.drift import report as module


def shown(report):
    return [
        (one["method"], one["path"], found["kind"], found["where"], found["times"])
        for one in report.as_json()["endpoints"]
        for found in one["drifts"]
    ]


def test_a_kind_is_told_once_for_each_endpoint():
    report = DriftReport()
    for number in range(5):
        target = f"/users/{number}"
        report.add(
            exchange({"id": number, "email": "x"}, target=target, id=f"get-users-{number}"),
            exchange({"id": number}, target=target),
        )

    assert shown(report) == [("GET", "/users/{id}", "field-removed", "$.email", 5)]
    (endpoint,) = report.as_json()["endpoints"]
    assert (endpoint["compared"], endpoint["drifted"]) == (5, 5)
    assert endpoint["drifts"][0]["ids"] == [f"get-users-{number}" for number in range(5)]
    assert report.counts() == {"breaking": 1, "changed": 0, "info": 0}
    assert report.as_text() == (
        "GET /users/{id}  (5 of 5 differ)\n"
        "  breaking  field-removed  $.email  was string  5×\n"
        "\n"
        "5 exchanges compared: 1 breaking, in 1 of 1 endpoint"
    )
    json.dumps(report.as_json())


def test_what_is_optional_in_some_recording_may_be_missing():
    report = DriftReport()
    for number in range(4):
        some = {"id": number, "nick": "x"} if number % 2 else {"id": number}
        other = {"id": number} if number % 2 else {"id": number, "nick": "y"}
        report.add(exchange(some, target=f"/u/{number}"), exchange(other, target=f"/u/{number}"))

    assert shown(report) == []


def test_what_is_missing_in_some_answer_has_become_optional():
    report = DriftReport()
    for number in range(4):
        target = f"/u/{number}"
        now = {"id": number, "nick": "x"} if number % 2 else {"id": number}
        report.add(exchange({"id": number, "nick": "x"}, target=target), exchange(now, target=target))

    assert shown(report) == [("GET", "/u/{id}", "field-optional", "$.nick", 2)]


def test_a_recording_teaches_once():
    report = DriftReport()
    for _ in range(10):  # else one name that is seen so often would be taken for an enum
        report.add(exchange({"name": "Alice"}), exchange({"name": "Bob"}))

    assert shown(report) == [("GET", "/", "values", "$.name", 10)]


def test_methods_and_statuses_are_apart():
    report = DriftReport()
    report.add(exchange({"a": 1}, method="POST"), exchange({}, method="POST"))
    report.add(exchange({"a": 1}), exchange({}))
    report.add(exchange({"message": "x"}, status=404), exchange({"message": "x"}, status=404))

    assert [(one[0], one[2]) for one in shown(report)] == [
        ("POST", "field-removed"),
        ("GET", "field-removed"),
    ]


def test_unrecorded():
    report = DriftReport()
    (found,) = report.add(None, exchange({}, target="/new"))

    assert (found.kind, report.unrecorded) == ("unrecorded", 1)
    assert shown(report) == [("GET", "/new", "unrecorded", "request", 1)]
    assert "GET /new  (1 unrecorded)" in report.as_text()


def test_ignored_and_cleared():
    report = DriftReport(["$.a", "X-A", "unrecorded"])
    recorded = exchange({"a": 1}, headers=[("X-A", "1")])
    assert report.add(recorded, exchange({})) == ()
    assert report.add(None, recorded) == ()
    assert shown(report) == []
    assert report.as_text() == "1 exchange compared, 1 unrecorded: no drift"

    report.clear()

    assert report.as_json() == {
        "compared": 0,
        "unrecorded": 0,
        "counts": {"breaking": 0, "changed": 0, "info": 0},
        "endpoints": [],
        "beyond": 0,
    }


def test_bounds(monkeypatch):
    monkeypatch.setattr(module, "MAX_ENDPOINTS", 2)
    monkeypatch.setattr(module, "MAX_FOUND", 3)
    report = DriftReport()
    for name in "abcd":
        report.add(
            exchange({}, target=f"/{name}"),
            exchange({}, target=f"/{name}", headers=[(f"X-{n}", "1") for n in range(5)]),
        )

    content = report.as_json()
    assert [one["path"] for one in content["endpoints"]] == ["/a", "/b"]
    assert [(len(one["drifts"]), one["more"]) for one in content["endpoints"]] == [(3, 2), (3, 2)]
    assert content["beyond"] == 2
    assert "... and 2 more" in report.as_text()
    assert "2 exchanges of still more endpoints" in report.as_text()


def test_without_room_for_shapes_bodies_are_compared_one_by_one(monkeypatch):
    monkeypatch.setattr(module, "MAX_PLACES", 3)
    report = DriftReport()
    for name in "ab":
        for _ in range(2):
            report.add(exchange({"x": 1, "y": 1}, target=f"/{name}"), exchange({"x": 1}, target=f"/{name}"))

    assert shown(report) == [
        ("GET", "/a", "field-removed", "$.y", 2),
        ("GET", "/b", "field-removed", "$.y", 2),
    ]
    assert not report._endpoints["GET", "/b"].shapes


@pytest.mark.parametrize("color", [True, False])
def test_a_terminal_gets_no_control_characters(color):
    report = DriftReport()
    report.add(exchange({"a\x1b]0;x": 1}, target="/\x1b[2J"), exchange({}, target="/\x1b[2J"))

    text = report.as_text(color=color)

    assert ("\x1b[31mbreaking\x1b[0m" in text) == color
    assert "\x1b" not in text.replace("\x1b[31m", "").replace("\x1b[0m", "")
