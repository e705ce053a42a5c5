"""What real clients taught the report, in small: the clients themselves are in tests/clients/resilience."""

from tests.report.kit import Log
from understudy.report import judge


def client_of(log):
    [client] = judge(log.entries).clients.values()
    return client


def checks(log):
    return {finding.check for finding in judge(log.entries).findings}


def test_a_client_that_hangs_up_only_after_it_has_waited():
    """urllib3: 100 ms of time-out and 0, 200, 400 ms of waiting, all on the same connection."""
    log = Log()
    for target in ("/a", "/b"):
        for took in (0.1, 0.3, 0.5, 0.1):
            log.gave_up(took, target=target, latency_s=60.0)
            log.wait(0.001)
        log.wait(1)
    client = client_of(log)
    assert round(client.timeout_s, 2) == 0.1
    assert client.timeout.consistent
    assert client.timeout.as_json()["hangs_up_late"]
    assert client.backoff.first_at_once
    assert [round(mean, 1) for mean in client.backoff.means_s] == [0.0, 0.2, 0.4]


def test_time_outs_that_differ_without_a_retry_hide_no_wait():
    log = Log()
    for number, took in enumerate((0.1, 0.3, 0.5, 0.1)):
        log.gave_up(took, target=f"/{number}", latency_s=60.0)
        log.wait(1)
    client = client_of(log)
    assert client.timeout_s is None
    assert client.timeout.consistent is False
    assert not client.timeout.hidden_s


def test_a_hedge_that_wins_soon_is_no_retry():
    log = Log()
    for target in ("/a", "/b", "/c"):
        log.gave_up(0.082, target=target, latency_s=60.0, connection=1, moves=False)
        log.wait(0.06)
        log.add(200, target=target, took=0.02, connection=2)
        log.wait(1)
    client = client_of(log)
    assert client.hedges == 3
    assert not client.retries
    assert client.timeout_s is None


def test_a_retry_after_a_time_out_is_no_hedge():
    log = Log()
    for target in ("/a", "/b", "/c"):
        log.gave_up(0.06, target=target, latency_s=60.0, connection=1)
        log.add(200, target=target, took=0.001, connection=2)
        log.wait(1)
    client = client_of(log)
    assert client.hedges == 0
    assert len(client.retries) == 3


def test_threads_with_a_connection_each_do_not_retry_for_each_other():
    log = Log()
    for gap in (0.002, 0.5):
        for connection in range(1, 6):
            log.add(503, connection=connection)
            log.wait(gap / 5)
    for connection in range(1, 6):
        log.add(200, connection=connection)
    client = client_of(log)
    assert len(client.operations) == 5
    assert client.max_attempts == 3
    assert all(operation.ambiguous for operation in client.operations)
    assert not client.backoff.confident


def test_a_pool_goes_from_connection_to_connection():
    """One operation whose retries take whichever connection is idle."""
    log = Log()
    for connection in (1, 2):
        log.add(target="/first", connection=connection)
    for number, connections in enumerate([(1, 1, 1, 2), (2, 1, 1, 1)]):
        for connection in connections[:-1]:
            log.add(503, target=f"/{number}", connection=connection)
            log.wait(0.1)
        log.add(200, target=f"/{number}", connection=connections[-1])
    assert [len(operation.attempts) for operation in client_of(log).operations] == [1, 1, 4, 4]


def test_a_new_session_is_a_new_operation():
    """Each asks twice on its own connection, and gives up."""
    log = Log()
    for connection in (1, 2, 3):
        for _ in range(3):
            log.add(503, connection=connection)
            log.wait(0.1)
    assert [len(operation.attempts) for operation in client_of(log).operations] == [3, 3, 3]


def test_long_waits_by_chance_are_no_breaker():
    """Full jitter: of four waits the last may be by far the longest, in one operation or another."""
    log = Log()
    for number, last in enumerate((0.3, 0.02, 0.32, 0.05)):
        log.operation([0.01, 0.03, 0.02, last], target=f"/{number}")
        log.wait(0.01)
    assert client_of(log).breaker is not True


def test_two_long_waits_in_one_operation_are_no_breaker():
    log = Log()
    for number, gaps in enumerate(
        ([0.01, 0.02, 0.15, 0.14], [0.05, 0.01, 0.15, 0.02], [0.1, 0.02, 0.08, 0.18])
    ):
        log.operation(gaps, target=f"/{number}", endpoint=f"GET /{number}")
        log.wait(0.01)
    assert client_of(log).breaker is not True


def test_steep_back_off_is_no_breaker():
    log = Log()
    for number in range(3):
        log.operation([0.02, 0.1, 0.5, 2.5], target=f"/{number}")
        log.wait(0.01)
    client = client_of(log)
    assert client.breaker is not True
    assert client.backoff.kind == "exponential"


def test_a_breaker_opens_whenever_there_were_failures_enough():
    log = Log()
    for _ in range(2):
        for _ in range(5):
            log.add(503)
            log.wait(0.02)
        log.wait(0.5)
        log.add(503)
        log.wait(0.5)
        for _ in range(5):
            log.add(200)
            log.wait(0.02)
    client = client_of(log)
    assert client.breaker is True
    assert client.breaker_seen.threshold == 5


def test_a_stall_of_the_machine_does_not_hide_a_breaker():
    log = Log()
    for gap in (0.138, 0.021, 0.022, 0.022, 0.517, 0.515, 0.514):
        log.add(503)
        log.wait(gap)
    log.add(200)
    assert client_of(log).breaker_seen.threshold == 5


def test_a_client_that_polls_through_failures_does_not_back_off():
    log = Log()
    for status in (*[200] * 5, *[503] * 5, *[200] * 5):
        log.add(status)
        log.wait(0.5)
    assert client_of(log).polls
    assert not checks(log) & {"no-jitter", "constant-backoff", "no-backoff"}


def test_a_client_that_retries_at_once_in_a_loop_does_not_poll():
    log = Log()
    for _ in range(5):
        log.operation([0.001, 0.001, 0.001])
        log.wait(0.001)
    assert not client_of(log).polls
    assert "no-backoff" in checks(log)


def test_one_operation_after_another_is_no_herd():
    """urllib3 does not wait before the first retry: many of them may come within a few milliseconds."""
    log = Log()
    for number in range(8):
        log.operation([0.0005], target=f"/{number}", took=0.0002)
    for number in range(10):
        log.operation([0.0005, 0.1, 0.25], target=f"/late/{number}", took=0.0005)
    assert "thundering-herd" not in checks(log)


def test_a_stall_of_the_machine_is_not_taken_for_the_client_s_wait():
    log = Log()
    for number, stall in enumerate((0.045, 0.001, 0.001, 0.002)):
        log.operation([0.04 + stall, 0.08, 0.12, 0.16], target=f"/{number}")
    backoff = client_of(log).backoff
    assert (backoff.kind, backoff.jitter) == ("linear", False)
