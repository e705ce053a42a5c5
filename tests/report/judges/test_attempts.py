from tests.report.kit import Log, findings


def test_an_endless_loop():
    log = Log()
    log.operation([0.01] * 30, last=503)
    [found] = findings(log, "no-limit")
    assert (found.severity, found.operation) == ("error", "GET /x")
    assert found.message == "made 31 attempts, one each 10 ms."
    assert found.facts["attempts"] == 31
    assert findings(log, "no-limit", max_attempts=31) == []


def test_one_that_succeeds_in_the_end():
    log = Log()
    log.operation([0.01] * 30)
    [found] = findings(log, "no-limit")
    assert (found.severity, "until one succeeded" in found.message) == ("warning", True)


def test_several_are_one_finding():
    log = Log()
    log.operation([0.01] * 20, last=503, target="/a")
    log.operation([0.01] * 30, last=503, target="/b")
    [found] = findings(log, "no-limit")
    assert found.operation == "GET /b"
    assert "2 operations took more than 10" in found.message


def test_a_breaker_holds_a_loop_back():
    log = Log()
    for _ in range(12):
        log.add(503)
        log.wait(0.01)
    for _ in range(3):
        log.wait(1)
        log.add(503)
    assert findings(log, "no-limit") == []


def test_a_few_attempts_are_fine():
    log = Log()
    log.operation([0.1, 0.2])
    assert findings(log, "no-limit") == findings(log, "retry-storm") == []


def test_a_retry_storm():
    log = Log()
    log.operation([0.1] * 5, last=503)
    [found] = findings(log, "retry-storm")
    assert (found.severity, found.message) == ("warning", "sent 6 requests for 1 operations: 6.0 for each.")
    assert findings(log, "retry-storm", max_amplification=6) == []
