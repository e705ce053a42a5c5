import pytest

from tests.report.kit import Log
from understudy.journal import CLIENT_CLOSED, CLIENT_CLOSED_DURING_REPLY, CUT, RESET, SENT
from understudy.report.attempt import by_address_and_agent, milliseconds, read_attempts, result_of


def one(**written):
    log = Log()
    log.add(**written)
    [attempt] = read_attempts(log.entries, by_address_and_agent)
    return attempt


@pytest.mark.parametrize(
    ("status", "outcome", "injected", "result"),
    [
        (200, SENT, (), "success"),
        (304, SENT, (), "success"),
        (200, SENT, ("latency",), "success"),
        (200, SENT, ("malformed_json",), "spoiled"),
        (503, SENT, ("failure",), "transient"),
        (429, SENT, (), "transient"),
        (500, SENT, (), "transient"),
        (408, SENT, (), "transient"),
        (400, SENT, (), "permanent"),
        (501, SENT, (), "permanent"),
        (200, RESET, ("reset",), "broken"),
        (200, CUT, ("cut",), "broken"),
        (None, SENT, ("empty",), "broken"),
        (200, CLIENT_CLOSED, (), "given up"),
        (200, CLIENT_CLOSED_DURING_REPLY, (), "given up"),
    ],
)
def test_results(status, outcome, injected, result):
    attempt = one(status=status, outcome=outcome, injected=injected)
    assert attempt.result == result == result_of(attempt.entry)
    assert attempt.may_pass is (result in {"transient", "broken", "given up"})


def test_what_makes_requests_the_same():
    log = Log()
    log.add()
    log.add(body=b"x")
    log.add(target="/x?a=1")
    log.add(method="HEAD")
    log.add(agent="other")
    log.add(headers={"Idempotency-Key": "k"})
    log.add(headers={"X-Request-Id": "1", "Authorization": "Bearer a"})
    signatures = [attempt.asked.signature for attempt in read_attempts(log.entries, by_address_and_agent)]
    assert len(set(signatures)) == 6
    assert signatures[0] == signatures[-1]


def test_who_asks():
    assert one(agent="a/1", address="10.0.0.1").asked.signature.client == "a/1 (10.0.0.1)"
    assert one(agent="", address="10.0.0.1").asked.signature.client == "10.0.0.1"


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"X-Stainless-Retry-Count": "0"}, 1),
        ({"x-stainless-retry-count": "2"}, 3),
        ({"amz-sdk-request": "attempt=2; max=3"}, 2),
        ({"amz-sdk-request": "max=3"}, None),
        ({"X-Stainless-Retry-Count": "many"}, None),
        ({}, None),
    ],
)
def test_the_number_of_an_attempt(headers, number):
    assert one(headers=headers).asked.number == number


def test_of_a_trace_only_the_trace_counts():
    trace = "0af7651916cd43dd8448eb211c80319c"
    attempt = one(headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert attempt.asked.correlation == (("traceparent", trace),)


def test_they_come_in_order_of_arrival():
    log = Log()
    log.add(at=2.0)
    log.add(at=1.0)
    assert [attempt.id for attempt in read_attempts(log.entries, by_address_and_agent)] == [2, 1]


def test_a_wait_counts_for_replies_that_arrived():
    assert one(status=503, reply={"Retry-After": "2"}).hint.wait_s == 2
    assert one(status=503, reply={"Retry-After": "2"}, outcome=CLIENT_CLOSED).hint is None
    assert one(status=200, reply={"Retry-After": "2"}).hint is None


def test_shown():
    assert one(status=503).shown == "503"
    assert one(status=200, outcome=CLIENT_CLOSED, took=0.2).shown == "gave up after 200 ms"
    assert one(status=200, outcome=RESET).shown == "reset by a fault"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0.4 ms"),
        (0.0123, "12 ms"),
        (0.999, "999 ms"),
        (1.254, "1.25 s"),
        (90, "90 s"),
        (-1, "0.0 ms"),
    ],
)
def test_milliseconds(seconds, text):
    assert milliseconds(seconds) == text


def test_long_labels_are_cut():
    label = one(target="/" + "x" * 500).asked.signature.label
    assert len(label) == 120
    assert label.endswith("…")
