from tests.report.kit import Log, findings


def test_ignored():
    log = Log()
    log.operation([0.5], reply={"Retry-After": "2"})
    log.operation([2.0], reply={"Retry-After": "2"}, target="/y")
    [found] = findings(log, "retry-after-ignored")
    assert found.severity == "error"
    assert (
        found.message
        == "asked again after 500 ms where Retry-After said 2 s: 1.5 s too early (1 of 2 times)."
    )
    assert found.evidence == (1, 2)
    assert found.facts["early_ms"] == 1500.0


def test_a_little_early_is_less_severe():
    log = Log()
    log.operation([1.5], reply={"Retry-After": "2"})
    assert [found.severity for found in findings(log, "retry-after-ignored")] == ["warning"]


def test_honoured():
    log = Log()
    log.operation([2.0], reply={"Retry-After": "2"})
    assert findings(log, "retry-after-ignored") == []


def test_limits():
    log = Log()
    log.operation([0.1], status=429, reply={"RateLimit": '"default";r=0;t=10'})
    [found] = findings(log, "rate-limit-reset-ignored")
    assert (found.severity, found.facts["header"]) == ("warning", "RateLimit")
    assert findings(log, "retry-after-ignored") == []


def test_giving_up_instead_is_no_disobedience():
    log = Log()
    log.add(503, reply={"Retry-After": "3600"})
    assert findings(log, "retry-after-ignored") == []
