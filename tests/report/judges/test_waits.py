from random import Random

from tests.report.kit import Log, findings


def checks(log):
    known = {"backoff", "no-backoff", "constant-backoff", "no-jitter"}
    return {found.check: found.severity for found in findings(log) if found.check in known}


def test_at_once():
    log = Log()
    log.operation([0.001, 0.001, 0.001])
    assert checks(log) == {"backoff": "info", "no-backoff": "warning"}


def test_constant():
    log = Log()
    log.operation([0.1, 0.1, 0.1])
    assert checks(log) == {"backoff": "info", "constant-backoff": "info", "no-jitter": "warning"}


def test_exponential_without_jitter():
    log = Log()
    log.operation([0.1, 0.2, 0.4])
    assert checks(log) == {"backoff": "info", "no-jitter": "warning"}
    [found] = findings(log, "backoff")
    assert found.message == ("exponential back-off: 100 ms, 2 times as long each time, without jitter.")
    assert found.facts["factor"] == 2.0


def test_exponential_with_jitter_is_fine():
    random = Random(3)
    log = Log()
    for number in range(10):
        log.operation([random.uniform(0, 0.1 * 2**n) for n in range(4)], target=f"/{number}")
    assert checks(log) == {"backoff": "info"}


def test_too_little_to_tell():
    log = Log()
    log.operation([0.1])
    assert checks(log) == {"backoff": "info"}
    [found] = findings(log, "backoff")
    assert found.message == "back-off unknown: one retry after 100 ms: too few to tell how waits grow."


def test_no_retry():
    log = Log()
    log.add(503)
    assert checks(log) == {}


def test_guesses_are_less_severe():
    log = Log()
    for number in range(6):
        for wave in range(3):
            log.add(503, at=wave * 0.002 + number * 0.0001, took=0.001, connection=number)
    assert checks(log)["no-backoff"] == "info"
