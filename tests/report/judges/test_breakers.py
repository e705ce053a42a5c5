from tests.report.kit import Log, findings


def fail(log, times, gap_s=0.01):
    for _ in range(times):
        log.add(503)
        log.wait(gap_s)


def test_a_breaker():
    log = Log()
    fail(log, 5)
    for _ in range(3):
        log.wait(1)
        log.add(503)
    [found] = findings(log, "breaker")
    assert found.severity == "info"
    assert "after 5 failures on end, for 1 s each time, and probed 3 times" in found.message
    assert findings(log, "no-breaker") == []


def test_none():
    log = Log()
    fail(log, 15)
    [found] = findings(log, "no-breaker")
    assert (found.severity, found.message) == ("warning", "asked on through 15 failures on end.")
    assert findings(log, "no-breaker", breaker_after=20) == []


def test_growing_waits_are_nearly_as_good():
    log = Log()
    log.operation([0.1 * 1.6**n for n in range(12)], last=503)
    assert [found.severity for found in findings(log, "no-breaker")] == ["info"]


def test_few_failures_say_nothing():
    log = Log()
    fail(log, 5)
    assert findings(log, "breaker") == findings(log, "no-breaker") == []
