"""Violations as clients see them."""

from understudy.openapi.violation import Violation


def test_a_violation_has_the_shape_that_prism_gives_it():
    found = Violation(("body", "name"), "required", "must have required property 'name'")
    assert found.as_json() == {
        "location": ["body", "name"],
        "severity": "Error",
        "code": "required",
        "message": "must have required property 'name'",
    }
