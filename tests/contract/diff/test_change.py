"""A change, for people and for programs."""

from understudy.contract.diff.change import Change, in_order
from understudy.formats.imported import Origin

CHANGE = Change(
    "request-type-changed",
    "string → integer",
    ("POST /a", "PUT /a"),
    "request body text/plain",
    "/b",
    Origin("old.yaml", 3),
    None,
)


def test_where_it_is():
    assert CHANGE.place == "POST /a and 1 other, request body text/plain /b"
    assert Change("comparison-ended", "x").place == ""


def test_json():
    assert CHANGE.as_json() == {
        "check": "request-type-changed",
        "level": "error",
        "message": "in requests, other types are valid",
        "detail": "string → integer",
        "operations": ["POST /a", "PUT /a"],
        "where": "request body text/plain",
        "pointer": "/b",
        "old": {"file": "old.yaml", "line": 3},
        "new": None,
    }


def test_order():
    names = ["path-added", "parameter-removed", "operation-added", "path-removed"]

    found = in_order([Change(name, "") for name in names])

    assert [one.check for one in found] == [
        "path-removed",
        "parameter-removed",
        "path-added",
        "operation-added",
    ]
    assert [one.is_breaking for one in found] == [True, False, False, False]
