"""Each expectation: met, unmet, and where nothing has put it to the test."""

import pytest

from tests.report.kit import Log
from understudy.model import Expect
from understudy.report import judge
from understudy.report.expectations import EXPECTATIONS


def quiet(log):
    log.add(200)


def exponential(log):
    log.operation([0.1, 0.2, 0.4])


def constant(log):
    log.operation([0.1, 0.1, 0.1])


def once(log):
    log.add(503)


def jittery(log):
    for number, gaps in enumerate(([0.03, 0.19, 0.2], [0.09, 0.05, 0.35], [0.06, 0.12, 0.1])):
        log.operation(gaps, target=f"/{number}")


def obedient(log):
    log.operation([1.0], reply={"Retry-After": "1"})


def hasty(log):
    log.operation([0.2], reply={"Retry-After": "1"})


def posted(log):
    log.operation([0.1], method="POST")


def posted_with_key(log):
    log.operation([0.1], method="POST", headers={"Idempotency-Key": "k"})


def timed_out(log):
    log.gave_up(0.5)
    log.wait(0.1)
    log.gave_up(0.5)


def waited_long(log):
    log.add(200, took=3)


def broken_off(log):
    for _ in range(4):
        log.add(503)
        log.wait(0.01)
    for _ in range(3):
        log.wait(0.5)
        log.add(503)


def hammered(log):
    for _ in range(20):
        log.add(503)
        log.wait(0.01)


def together(log):
    for number in range(5):
        log.add(200, at=0, took=1, target=f"/{number}", connection=number)


CASES = [
    ("retries", True, exponential, "met"),
    ("retries", True, once, "unmet"),
    ("retries", False, once, "met"),
    ("retries", False, exponential, "unmet"),
    ("retries", True, quiet, "not judged"),
    ("succeeds", True, exponential, "met"),
    ("succeeds", True, once, "unmet"),
    ("succeeds", False, once, "met"),
    ("max_attempts", 4, exponential, "met"),
    ("max_attempts", 3, exponential, "unmet"),
    ("max_attempts", 4, quiet, "not judged"),
    ("max_amplification", 4, exponential, "met"),
    ("max_amplification", 2, exponential, "unmet"),
    ("max_amplification", 2, quiet, "not judged"),
    ("backoff", "exponential", exponential, "met"),
    ("backoff", "constant", exponential, "unmet"),
    ("backoff", "exponential", constant, "unmet"),
    ("backoff", "exponential", posted, "not judged"),
    ("backoff", "exponential", quiet, "not judged"),
    ("jitter", True, jittery, "met"),
    ("jitter", False, jittery, "unmet"),
    ("jitter", True, exponential, "unmet"),
    ("jitter", True, posted, "not judged"),
    ("honors_retry_after", True, obedient, "met"),
    ("honors_retry_after", True, hasty, "unmet"),
    ("honors_retry_after", False, hasty, "met"),
    ("honors_retry_after", True, exponential, "not judged"),
    ("idempotency_keys", True, posted_with_key, "met"),
    ("idempotency_keys", True, posted, "unmet"),
    ("idempotency_keys", True, exponential, "not judged"),
    ("timeout_s", (0.4, 0.6), timed_out, "met"),
    ("timeout_s", (0.1, 0.2), timed_out, "unmet"),
    ("timeout_s", (1, 2), timed_out, "unmet"),
    ("timeout_s", (0.5, 2), waited_long, "unmet"),
    ("timeout_s", (0.5, 2), quiet, "not judged"),
    ("breaker", True, broken_off, "met"),
    ("breaker", True, hammered, "unmet"),
    ("breaker", False, hammered, "met"),
    ("breaker", True, once, "not judged"),
    ("max_in_flight", 5, together, "met"),
    ("max_in_flight", 4, together, "unmet"),
]


@pytest.mark.parametrize(("key", "expected", "happens", "result"), CASES)
def test_expectation(key, expected, happens, result):
    log = Log()
    happens(log)
    report = judge(log.entries, Expect(**{key: expected}))
    [judgement] = report.judgements
    assert (judgement.key, judgement.result) == (key, result)
    check = f"expect-{key.replace('_', '-')}"
    severities = [found.severity for found in report.findings if found.check == check]
    assert severities == {"met": [], "unmet": ["error"], "not judged": ["warning"]}[result]


def test_every_expectation_has_a_row_and_cases():
    assert set(EXPECTATIONS) == set(Expect.__struct_fields__) == {case[0] for case in CASES}


def test_without_any_client_nothing_is_judged():
    report = judge([], Expect(max_attempts=3, jitter=True))
    assert [judgement.result for judgement in report.judgements] == ["not judged"] * 2
    assert report.verdict == "warn"


def test_each_client_is_held_to_them():
    log = Log()
    log.operation([0.1], agent="a")
    log.operation([0.1, 0.1], agent="b")
    report = judge(log.entries, Expect(max_attempts=2))
    assert [(one.client[0], one.result) for one in report.judgements] == [("a", "met"), ("b", "unmet")]
    assert report.judgements[1].message == "expected max_attempts 2, but: at most 3 attempts at one operation"


def test_two_waits_are_not_held_against_a_client():
    log = Log()
    log.operation([0.1, 0.2])
    for kind, result in (("exponential", "met"), ("linear", "met"), ("constant", "unmet"), ("none", "unmet")):
        [judgement] = judge(log.entries, Expect(backoff=kind)).judgements
        assert judgement.result == result
