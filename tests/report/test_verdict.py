"""The whole report: from entries to facts and a verdict."""

from tests.report.kit import Log
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
