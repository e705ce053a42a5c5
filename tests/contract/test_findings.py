"""What may be wrong with a config beside a document."""

import re

from understudy.contract.findings import CONTRACT, Finding
from understudy.formats.imported import Origin


def test_each_check_has_a_level_and_a_sentence():
    for name, check in CONTRACT.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
        assert check.level in ("error", "warning", "info")
        assert not check.sentence.endswith(".")


def test_a_finding_for_people_and_programs():
    found = Finding("invalid-body", "no", "a", "GET /a", "404", "/x", Origin("c.yaml", 1), None)

    assert found.place == "GET /a, answer 404, /x"
    assert Finding("undocumented-path", "no", "a").place == "a"
    assert Finding("undocumented-path", "GET /a; documented: PUT", "GET /a").place == ""
    assert found.as_json() == {
        "check": "invalid-body",
        "level": "error",
        "message": "the body does not fit the schema of the response",
        "detail": "no",
        "endpoint": "a",
        "operation": "GET /a",
        "answer": "404",
        "pointer": "/x",
        "config": {"file": "c.yaml", "line": 1},
        "document": None,
    }
