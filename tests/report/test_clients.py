"""The facts of a client."""

import pytest

from tests.report.kit import Log
from understudy.model import ReportSettings
from understudy.report import judge


def client_of(log, **settings):
    [client] = judge(log.entries, settings=ReportSettings(**settings)).clients.values()
    return client


def test_attempts():
    log = Log()
    log.operation([0.1, 0.1, 0.1], last=503, target="/a")
    log.operation([0.1, 0.1, 0.1], last=503, target="/b")
    log.add(200, target="/c")
    client = client_of(log)
    assert (client.max_attempts, client.gave_up_after, client.amplification) == (4, 4, 3.0)


@pytest.mark.parametrize(
    ("gap_s", "honors"), [(2.0, True), (2.5, True), (1.995, True), (1.9, False), (0.1, False)]
)
def test_retry_after(gap_s, honors):
    log = Log()
    log.operation([gap_s], reply={"Retry-After": "2"})
    assert client_of(log).honors_retry_after is honors


def test_a_date_is_exact_to_the_second():
    log = Log()
    log.operation(
        [1.5], reply={"Retry-After": "Tue, 14 Nov 2023 22:13:22 GMT"}
    )  # two seconds after the start
    assert client_of(log).honors_retry_after is True


def test_nothing_was_asked_for():
    log = Log()
    log.operation([0.1], reply={"Retry-After": "0"})
    assert client_of(log).honors_retry_after is None


def test_limits_are_told_apart():
    log = Log()
    log.operation([0.1], status=429, reply={"X-RateLimit-Reset": "5"})
    client = client_of(log)
    assert (client.honors_retry_after, client.honors_rate_limit_reset) == (None, False)


def test_waits_that_were_asked_for_are_no_back_off():
    log = Log()
    log.operation([2, 2, 2], reply={"Retry-After": "2"})
    client = client_of(log)
    assert client.backoff.kind == "unknown"
    assert client.backoff.reason == "every wait was one that the reply had asked for"


def test_open_breakers_are_no_back_off():
    log = Log()
    for _ in range(5):
        log.add(503)
        log.wait(0.05)
    for _ in range(3):
        log.wait(1)
        log.add(503)
    client = client_of(log)
    assert client.breaker is True
    assert client.backoff.kind == "constant"


def test_the_time_out_is_not_that_of_a_lost_race():
    log = Log()
    log.gave_up(at=0, took=0.3)
    log.add(200, at=0.1, took=0.2, connection=2)
    client = client_of(log)
    assert (client.hedges, client.timeout_s) == (1, None)


def test_guesses_are_used_only_where_nothing_is_certain():
    log = Log()
    for number in range(8):
        for wave, at in enumerate((0, 0.1, 0.3, 0.7)):
            log.add(503 if wave < 3 else 200, at=at + number * 0.002, connection=number)
    client = client_of(log)
    assert client.backoff.kind == "exponential"
    assert client.backoff.ambiguous
    assert not client.backoff.confident


def test_clients_are_told_apart_by_what_the_config_says():
    log = Log()
    log.add(headers={"X-Client": "a"})
    log.add(headers={"X-Client": "b"})
    log.add()
    settings = ReportSettings(client="header:X-Client")
    assert list(judge(log.entries, settings=settings).clients) == ["a", "b", "without X-Client"]


def test_json_has_units_in_its_names():
    log = Log()
    log.operation([0.1, 0.2, 0.4])
    content = client_of(log).as_json()
    assert content["backoff"]["base_ms"] == pytest.approx(100, abs=1)
    assert set(content) >= {"client", "requests", "operations", "timeout", "breaker", "connections"}
