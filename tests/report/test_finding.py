from understudy.report.finding import MAX_EVIDENCE, SEVERITIES, Finding


def test_as_json_and_text():
    found = Finding(
        "no-limit", "error", "c", "made 99 attempts.", "Stop.", "GET /x", tuple(range(200)), {"n": 1}
    )
    content = found.as_json()
    assert list(content) == [
        "check", "severity", "client", "operation", "message", "advice", "evidence", "facts",
    ]  # fmt: skip
    assert len(content["evidence"]) == MAX_EVIDENCE
    assert str(found) == "error no-limit [GET /x]: made 99 attempts.\n    Stop."


def test_the_worst_comes_first():
    assert SEVERITIES == ("error", "warning", "info")
