from tests.report.kit import Log
from understudy.report.attempt import by_address_and_agent, read_attempts
from understudy.report.timeout import fit_timeout


def fit(log):
    return fit_timeout(read_attempts(log.entries, by_address_and_agent))


def test_a_time_out():
    log = Log()
    for took in (0.5, 0.51, 0.505):
        log.gave_up(took)
    log.add(200, took=0.3)
    found = fit(log)
    assert (found.timeout_s, found.consistent, found.longest_wait_s) == (0.505, True, 0.3)
    assert found.as_json()["timeout_ms"] == 505.0


def test_one_is_not_consistent_with_anything():
    log = Log()
    log.gave_up(0.5)
    assert (fit(log).timeout_s, fit(log).consistent) == (0.5, None)


def test_times_that_differ():
    log = Log()
    log.gave_up(0.2)
    log.gave_up(0.9)
    assert (fit(log).timeout_s, fit(log).consistent) == (None, False)


def test_none():
    assert fit(Log()).as_json() == {
        "given_up": 0, "timeout_ms": None, "consistent": None, "hangs_up_late": False,
        "longest_wait_ms": 0.0,
    }  # fmt: skip
