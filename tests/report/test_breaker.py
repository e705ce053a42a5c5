"""Circuit breakers, and what looks like one."""

import pytest

from tests.report.kit import Log
from understudy.report.attempt import by_address_and_agent, read_attempts
from understudy.report.breaker import find_breaker


def seen(log, expected_after=10):
    return find_breaker(read_attempts(log.entries, by_address_and_agent), expected_after)


def fail(log, times, gap_s=0.02):
    for _ in range(times):
        log.add(503)
        log.wait(gap_s)


def breaker(log, threshold=5, open_s=0.3, failed_probes=2, gap_s=0.02):
    fail(log, threshold, gap_s)
    for _ in range(failed_probes):
        log.wait(open_s)
        log.add(503)
    log.wait(open_s)
    log.add(200)
    for _ in range(5):
        log.wait(gap_s)
        log.add(200)


@pytest.mark.parametrize("threshold", [3, 5, 20])
@pytest.mark.parametrize("open_s", [0.2, 1, 30])
def test_a_breaker(threshold, open_s):
    log = Log()
    breaker(log, threshold, open_s)
    found = seen(log)
    assert (found.is_there, found.threshold) == (True, threshold)
    assert found.open_s == pytest.approx(open_s, abs=0.03)
    assert len(found.probes) == 3


def test_a_breaker_at_one_of_several_endpoints():
    log = Log()
    for number in range(100):
        log.add(200, at=number * 0.05, target="/fine", endpoint="GET /fine")
    fail(log, 4)
    for _ in range(2):
        log.wait(0.5)
        log.add(503)
    assert seen(log).is_there is True


def test_one_pause_may_be_chance():
    log = Log()
    breaker(log, failed_probes=0)
    found = seen(log)
    assert (found.is_there, found.possible) == (None, True)


def test_hammering_on():
    log = Log()
    fail(log, 12)
    found = seen(log)
    assert (found.is_there, found.longest_run, found.run) == (False, 12, tuple(range(1, 13)))


def test_too_few_failures_to_tell():
    log = Log()
    fail(log, 4)
    assert seen(log).is_there is None
    assert seen(Log()).is_there is None


@pytest.mark.parametrize(
    "gaps",
    [
        [0.1 * 2**n for n in range(8)],
        [0.1, 0.2, 0.4, 0.8, 0.8, 0.8, 0.8],
        [0.001, 5, 5, 5, 5],
        [0.1] * 8,
    ],
    ids=["exponential", "capped", "first at once", "constant"],
)
def test_back_off_is_no_breaker(gaps):
    log = Log()
    log.operation(gaps, last=503)
    assert seen(log).is_there is None


def test_waits_that_were_asked_for_are_no_breaker():
    log = Log()
    for _ in range(4):
        log.add(503)
        log.wait(0.01)
    for _ in range(4):
        log.add(429, reply={"Retry-After": "1"})
        log.wait(1.01)
    assert seen(log).is_there is None


def test_retries_after_a_pause_are_no_probes():
    log = Log()
    for _ in range(3):
        fail(log, 4, 0.05)
        log.wait(2)
    assert seen(log).is_there is not True


def test_constant_waits_with_jitter_are_no_breaker():
    from random import Random

    for seed in range(100):
        random = Random(seed)
        log = Log()
        for number in range(6):
            log.operation([random.uniform(0, 0.2) for _ in range(4)], target=f"/{number}")
        assert seen(log).is_there is not True
