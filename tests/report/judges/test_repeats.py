import pytest

from tests.report.kit import Log, findings


@pytest.mark.parametrize(
    ("first", "severity", "words"),
    [
        ("reset", "error", "after a lost reply, so that it may take effect twice"),
        ("gave_up", "error", "after an attempt that it gave up after 500 ms"),
        (500, "error", "after status 500"),
        (504, "error", "after status 504"),
        (429, "warning", "after status 429"),
        (503, "warning", "after status 503"),
    ],
)
def test_unsafe_retries(first, severity, words):
    log = Log()
    if first == "gave_up":
        log.gave_up(0.5, method="POST")
    elif first == "reset":
        log.reset(method="POST")
    else:
        log.add(first, method="POST")
    log.wait(0.1)
    log.add(201, method="POST", connection=2)
    [found] = findings(log, "unsafe-retry")
    assert found.severity == severity
    assert words in found.message


def test_a_key_makes_it_safe():
    log = Log()
    log.operation([0.1], method="POST", status=500, headers={"Idempotency-Key": "k"})
    assert findings(log, "unsafe-retry") == []


@pytest.mark.parametrize(
    ("status", "severity"),
    [(400, "warning"), (405, "warning"), (422, "warning"), (501, "warning"), (404, "info"), (409, "info")],
)
def test_useless_retries(status, severity):
    log = Log()
    log.operation([0.1, 0.1], status=status, last=status)
    [found] = findings(log, "useless-retry")
    assert (found.severity, found.message) == (
        severity, f"sent the same request again after {status} (2 times).",
    )  # fmt: skip


def test_after_new_credentials_a_retry_is_right():
    log = Log()
    log.add(401, headers={"Authorization": "Bearer old"})
    log.add(200, headers={"Authorization": "Bearer new"})
    assert findings(log, "useless-retry") == []
    log.add(401, headers={"Authorization": "Bearer new"})
    log.add(401, headers={"Authorization": "Bearer new"})
    assert len(findings(log, "useless-retry")) == 1


def test_what_no_endpoint_takes_is_not_judged():
    log = Log()
    log.operation([0.1, 0.1], status=404, last=404, endpoint=None, target="/gone")
    [found] = findings(log)
    assert (found.check, found.severity, found.facts) == ("not-there", "info", {"count": 3, "status": 404})


def test_never_tried_again():
    log = Log()
    log.add(503)
    log.reset(target="/y")
    log.gave_up(0.2, target="/z")
    [found] = findings(log, "not-retried")
    assert found.severity == "warning"
    assert found.message == (
        "did not try again after 503, a lost reply, a time-out, though a retry might have helped"
        " (3 of 3 operations with failures)."
    )


def test_now_and_then_tried_again():
    log = Log()
    log.add(503)
    log.operation([0.1], target="/y")
    assert [found.severity for found in findings(log, "not-retried")] == ["info"]


def test_not_tried_again_for_a_reason():
    log = Log()
    log.add(400)
    log.add(503, method="POST")
    assert findings(log, "not-retried") == []
