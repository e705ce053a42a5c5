"""The TABLE of checks: levels follow from what happens to the set of valid data."""

import re

from understudy.contract.diff.checks import CHECKS, LEVELS, SCHEMA_CHECKS


def test_each_has_a_level_and_a_sentence():
    for name, check in CHECKS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
        assert check.level in LEVELS
        assert check.sentence
        assert not check.sentence.endswith(".")


def test_levels():
    levels = {
        name: (CHECKS[f"request-{name}"].level, CHECKS[f"response-{name}"].level) for name in SCHEMA_CHECKS
    }

    assert levels["type-narrowed"] == ("error", "info")
    assert levels["enum-value-added"] == ("info", "error")
    assert levels["type-changed"] == ("error", "error")
    assert levels["pattern-changed"] == ("warning", "warning")
    assert levels["property-added"] == ("info", "info")
    assert levels["property-removed"] == ("warning", "warning")
