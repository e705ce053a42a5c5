"""The whole report: from entries to facts and a verdict."""

import json
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.kit import Log
from understudy.model import Expect, ReportSettings
from understudy.report import judge


def test_an_empty_journal():
    report = judge([])
    assert (report.verdict, report.requests, report.findings) == ("untested", 0, [])
    assert report.as_json()["summary"] == "No requests: there is nothing to judge."


def test_the_facts_of_a_client():
    log = Log()
    log.operation([0.1, 0.2, 0.4])
    report = judge(log.entries)
    [client] = report.clients.values()
    assert list(report.clients) == ["tester/1 (127.0.0.1)"]
    assert (client.requests, client.max_attempts, client.amplification) == (4, 4, 4.0)
    assert (client.backoff.kind, client.backoff.jitter) == ("exponential", False)
    assert (client.honors_retry_after, client.breaker) == (None, None)


def test_verdicts():
    fine, weak, broken = Log(), Log(), Log()
    fine.operation([0.1])
    weak.operation([0.1, 0.2, 0.4])
    broken.operation([0.1], method="POST", status=500)
    quiet = Log()
    quiet.add(200)
    assert [judge(log.entries).verdict for log in (fine, weak, broken, quiet)] == [
        "pass", "warn", "fail", "untested",
    ]  # fmt: skip
    assert judge(weak.entries).fails_on("warning")
    assert not judge(weak.entries).fails_on("error")


def test_the_summary():
    log = Log()
    log.operation([0.1])
    log.add(503, target="/y")
    log.add(200, target="/z")
    assert judge(log.entries).summary == (
        "1 client sent 4 requests for 3 operations. 2 met failures: 1 succeeded in the end, 1 did not."
    )


def test_keys_of_the_json():
    log = Log()
    log.operation([0.1], injected=("failure",), reply={"Retry-After": "1"})
    content = json.loads(msgspec.json.encode(judge(log.entries, Expect(max_attempts=4)).as_json()))
    assert list(content) == [
        "verdict", "summary", "requests", "first_at", "last_at", "counts", "findings", "expectations",
        "clients", "operations", "operations_total", "asked_for_what_is_not_there",
    ]  # fmt: skip
    [operation] = content["operations"]
    assert operation["attempts"][0]["asked_to_wait_ms"] == 1000.0
    assert operation["attempts"][0]["injected"] == ["failure"]
    assert operation["attempts"][1]["start_ms"] == pytest.approx(102, abs=1)
    assert content["expectations"][0]["result"] == "met"


def test_operations_are_listed_up_to_a_bound():
    log = Log()
    for number in range(20):
        log.add(200, target=f"/{number}")
    log.operation([0.1], target="/last")
    report = judge(log.entries, settings=ReportSettings(max_operations=3))
    shown = [operation["operation"] for operation in report.as_json()["operations"]]
    assert shown == ["GET /0", "GET /1", "GET /last"]
    assert report.as_json()["operations_total"] == 21


def test_the_worst_finding_comes_first():
    log = Log()
    log.operation([0.1, 0.2, 0.4], method="POST", status=500)
    severities = [found.severity for found in judge(log.entries).findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_what_is_not_there_is_told_apart():
    log = Log()
    for _ in range(3):
        log.add(404, target="/nope", endpoint=None)
    log.add(200)
    report = judge(log.entries)
    assert report.requests == 1
    assert report.as_json()["asked_for_what_is_not_there"] == [
        {"client": "tester/1 (127.0.0.1)", "request": "GET /nope", "count": 3, "status": 404}
    ]


def test_a_name_that_no_text_can_hold():
    log = Log()
    log.add(headers={"X-Client": "\xff\x80"})
    settings = ReportSettings(client="header:X-Client")
    assert msgspec.json.encode(judge(log.entries, settings=settings).as_json())


@given(st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(random):
    """The journal has requests in the order in which they ended."""
    log = Log()
    for number in range(12):
        log.operation([0.05, 0.1], agent=f"c{number % 3}", target=f"/{number % 4}")
    shuffled = log.entries[:]
    random.shuffle(shuffled)
    assert judge(shuffled).as_json() == judge(log.entries).as_json()


def test_anything_can_be_judged():
    """Whatever a journal holds, there is a report: every outcome at every step."""
    random = Random(5)
    for _ in range(150):
        log = Log()
        for _ in range(random.randrange(30)):
            kind = random.choice(["add", "gave_up", "reset", "cut"])
            more = {
                "at": random.uniform(0, 3),
                "target": f"/{random.randrange(3)}",
                "method": random.choice(["GET", "POST"]),
                "agent": f"c{random.randrange(2)}",
                "connection": random.randrange(5),
                "reply": random.choice([{}, {"Retry-After": "1"}, {"X-RateLimit-Reset": "2"}]),
            }
            if kind == "add":
                log.add(random.choice([None, 200, 404, 429, 503]), took=random.uniform(0, 0.5), **more)
            elif kind == "gave_up":
                log.gave_up(random.uniform(0, 0.5), **more)
            else:
                getattr(log, kind)(**more)
        report = judge(log.entries, Expect(max_attempts=2, backoff="exponential", breaker=True))
        assert msgspec.json.encode(report.as_json())
        assert report.as_text()
