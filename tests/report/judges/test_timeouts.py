from tests.report.kit import Log, findings


def test_a_time_out():
    log = Log()
    log.gave_up(0.5)
    [found] = findings(log, "timeout")
    assert (found.severity, found.message) == ("info", "gave up waiting after 500 ms, once.")


def test_time_outs_that_differ():
    log = Log()
    log.gave_up(0.2, target="/a")
    log.gave_up(0.9, target="/b")
    [found] = findings(log, "timeout")
    assert "200 ms to 900 ms, 2 times: no one time-out fits" in found.message


def test_too_short_for_the_endpoint():
    log = Log()
    for _ in range(3):
        log.gave_up(0.2, latency_s=0.8)
        log.wait(0.1)
    [found] = findings(log, "timeout-too-short")
    assert found.severity == "warning"
    assert found.facts == {"waited_ms": 200.0, "latency_ms": 800.0, "operations": 1}


def test_long_enough_in_the_end():
    log = Log()
    log.gave_up(0.2, latency_s=0.8)
    log.add(200, took=0.8, latency_s=0.8)
    assert findings(log, "timeout-too-short") == []


def test_an_endpoint_that_hangs_is_meant_to_be_given_up():
    log = Log()
    for _ in range(3):
        log.gave_up(0.2, latency_s=60)
    assert findings(log, "timeout-too-short") == []


def test_no_time_out():
    log = Log()
    log.add(200, took=31)
    [found] = findings(log, "no-timeout")
    assert (found.severity, found.message) == ("warning", "waited 31 s for a reply.")
    assert findings(log, "no-timeout", slow_s=40) == []
