"""Which attempts belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.kit import Log
from understudy.model import ReportSettings
from understudy.report.attempt import by_address_and_agent, read_attempts
from understudy.report.operations import find_operations


def operations(log, **settings):
    attempts = read_attempts(log.entries, by_address_and_agent)
    return find_operations(attempts, ReportSettings(**settings))


def ids(log, **settings):
    return [operation.ids for operation in operations(log, **settings)]


def test_failures_and_the_success_that_ends_them():
    log = Log()
    log.operation([0.1, 0.2])
    log.wait(0.01)
    log.add(200)
    log.add(503)
    assert ids(log) == [[1, 2, 3], [4], [5]]
    assert [operation.end for operation in operations(log)] == ["succeeded", "succeeded", "given up"]


@pytest.mark.parametrize("end", ["reset", "cut"])
def test_a_broken_connection_is_a_failure(end):
    log = Log()
    getattr(log, end)()
    log.wait(0.1)
    log.add(200, connection=2)
    assert ids(log) == [[1, 2]]


def test_a_client_that_gives_up_and_asks_again():
    log = Log()
    log.gave_up(0.5)
    log.now -= 0.001  # the new connection is seen before the old one is gone
    log.add(200, connection=2)
    [operation] = operations(log)
    assert (operation.ids, operation.hedges) == ([1, 2], 0)
    assert [number for number, _, _ in operation.retries] == [1]


def test_other_requests_are_other_operations():
    log = Log()
    log.add(503)
    log.add(503, target="/x?page=2")
    log.add(503, body=b"{}", method="POST")
    log.add(503, agent="other/1")
    log.add(200)
    assert ids(log) == [[1, 5], [2], [3], [4]]


def test_a_long_pause_begins_anew():
    log = Log()
    log.operation([30], last=503)
    log.wait(61)
    log.add(503)
    assert ids(log) == [[1, 2], [3]]
    assert ids(log, operation_gap_s=100) == [[1, 2, 3]]


def test_a_long_pause_that_was_asked_for_does_not():
    log = Log()
    log.operation([120], reply={"Retry-After": "120"})
    assert ids(log) == [[1, 2]]


def test_after_a_status_that_stays_a_later_request_is_new():
    log = Log()
    log.operation([1, 6], status=404, last=404)
    assert ids(log) == [[1, 2], [3]]
    assert operations(log)[0].end == "refused"


def test_an_idempotency_key_tells_apart():
    log = Log()
    for at, key in ((0, "a"), (0.01, "b"), (0.5, "b"), (0.6, "a")):
        log.add(503, at=at, headers={"Idempotency-Key": key}, method="POST")
    assert ids(log) == [[1, 4], [2, 3]]
    assert not any(operation.ambiguous for operation in operations(log))


@pytest.mark.parametrize("header", ["X-Request-Id", "amz-sdk-invocation-id"])
def test_an_id_that_stays_tells_apart(header):
    log = Log()
    for at, name in ((0, "a"), (0.01, "b"), (0.5, "b"), (0.6, "a")):
        log.add(503, at=at, headers={header: name})
    assert ids(log) == [[1, 4], [2, 3]]
    assert not any(operation.ambiguous for operation in operations(log))


def test_an_id_that_is_new_each_time_tells_nothing():
    log = Log()
    for number in range(3):
        log.add(503, at=number / 10, headers={"X-Request-Id": str(number)})
    assert ids(log) == [[1, 2, 3]]


def test_the_number_of_an_attempt_tells_where_one_begins():
    log = Log()
    for number in (0, 1, 0, 1):
        log.add(503, headers={"X-Stainless-Retry-Count": str(number)})
        log.wait(0.1)
    assert ids(log) == [[1, 2], [3, 4]]


def test_several_alike_at_once_are_a_guess():
    log = Log()
    for number in range(4):
        log.add(503, at=number * 0.001, took=0.01, connection=number)
    for number in range(4):
        log.add(200, at=0.2 + number * 0.001, connection=number)
    found = operations(log)
    assert [operation.ids for operation in found] == [[1, 5], [2, 6], [3, 7], [4, 8]]
    assert all(operation.ambiguous for operation in found)


def test_several_alike_on_other_connections_are_taken_by_age():
    log = Log()
    for number in range(3):
        log.add(503, at=number * 0.001, took=0.01, connection=number)
    for number in range(3):
        log.add(200, at=0.2 + number * 0.001, connection=10 + number)
    assert ids(log) == [[1, 4], [2, 5], [3, 6]]


def test_alike_at_once_without_failures_are_certain():
    log = Log()
    for number in range(4):
        log.add(200, at=number * 0.001, took=0.1, connection=number)
    assert [(operation.ids, operation.ambiguous) for operation in operations(log)] == [
        ([1], False), ([2], False), ([3], False), ([4], False),
    ]  # fmt: skip


def test_a_hedged_request_whose_twin_is_given_up():
    log = Log()
    log.gave_up(at=0, took=0.30)
    log.add(200, at=0.1, took=0.19, connection=2)
    [operation] = operations(log)
    assert (operation.ids, operation.hedges, operation.end) == ([1, 2], 1, "succeeded")
    assert list(operation.retries) == []


def test_the_second_of_a_hedge_may_lose():
    log = Log()
    log.add(200, at=0, took=0.2)
    log.gave_up(at=0.1, took=0.11, connection=2)
    log.add(200, at=1)
    found = operations(log)
    assert [operation.ids for operation in found] == [[1, 2], [3]]
    assert found[0].hedges == 1


def test_a_hedge_with_a_key():
    log = Log()
    log.add(200, at=0, took=0.3, headers={"Idempotency-Key": "k"})
    log.add(200, at=0.1, took=0.1, connection=2, headers={"Idempotency-Key": "k"})
    [operation] = operations(log)
    assert operation.hedges == 1


def test_time_outs_of_unlike_operations_are_no_hedge():
    log = Log()
    log.gave_up(at=0, took=0.2, target="/a")
    log.add(200, at=0.1, took=0.1, target="/b")
    assert ids(log) == [[1], [2]]


def test_operations_that_fail_one_after_the_other_are_taken_apart():
    log = Log()
    for _ in range(3):
        log.operation([0.1, 0.2, 0.4], last=503)
        log.wait(0.03)
    assert ids(log) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]


def test_also_where_waits_are_constant():
    log = Log()
    for _ in range(3):
        log.operation([0.1, 0.1], last=503)
        log.wait(0.7)
    assert ids(log) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_workers_with_a_connection_each_are_told_apart():
    log = Log()
    for wave, at in enumerate((0, 0.1, 0.3)):
        for number in range(3):  # each is answered before the next begins
            log.add(503 if wave < 2 else 200, at=at + number * 0.002, took=0.001, connection=number)
    found = operations(log)
    assert [operation.ids for operation in found] == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]
    assert all(operation.ambiguous for operation in found)


def test_bursts_on_new_connections_are_a_guess():
    log = Log()
    for wave in range(3):
        for number in range(4):
            log.add(503, at=wave + number * 0.002, took=0.001, connection=wave * 4 + number)
    assert all(operation.ambiguous for operation in operations(log))


def test_also_where_the_last_succeeds_early():
    log = Log()
    log.operation([0.1, 0.2, 0.4], last=503)
    log.wait(0.02)
    log.operation([0.1, 0.2])
    assert ids(log) == [[1, 2, 3, 4], [5, 6, 7]]


def test_a_new_session_is_a_new_operation():
    log = Log()
    for connection, gaps in ((1, [0.05, 0.3]), (2, [0.2, 0.1]), (3, [0.15, 0.4])):
        log.operation(gaps, last=503, connection=connection)
        log.wait(0.2)
    assert ids(log) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    "gaps", [[0.1] * 12, [0.1 * 2**n for n in range(7)], [0.1, 0.2, 0.4, 0.8, 0.8, 0.8, 0.8]]
)
def test_one_operation_is_not_taken_apart(gaps):
    log = Log()
    log.operation(gaps, last=503)
    assert len(ids(log)) == 1


@given(st.data())
def test_other_clients_in_between_change_nothing(data):
    """The same operations come out however the requests of several clients interleave."""
    logs = {}
    merged = Log()
    now = dict.fromkeys("abc", 0.0)
    for _ in range(data.draw(st.integers(1, 25))):
        agent = data.draw(st.sampled_from("abc"))
        now[agent] += data.draw(st.floats(0.001, 2))
        status = data.draw(st.sampled_from([200, 503, 404]))
        took = data.draw(st.floats(0, 0.5))
        for log in (merged, logs.setdefault(agent, Log())):
            log.add(status, at=now[agent], took=took, agent=agent)
    shapes = lambda found: [  # noqa: E731
        [(attempt.at, attempt.status) for attempt in operation.attempts] for operation in found
    ]
    together = operations(merged)
    for agent, log in logs.items():
        assert shapes(operations(log)) == shapes([one for one in together if one.client.startswith(agent)])


@given(
    st.lists(
        st.tuples(
            st.floats(0, 5),
            st.floats(0, 2),
            st.sampled_from([200, 404, 503]),
            st.integers(1, 3),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_every_attempt_is_in_one_operation(requests):
    log = Log()
    for at, took, status, connection, gives_up in requests:
        add = log.gave_up if gives_up else log.add
        more = {} if gives_up else {"status": status}
        add(at=at, took=took, connection=connection, **more)
    found = operations(log)
    assert sorted(number for operation in found for number in operation.ids) == [
        entry.number for entry in log.entries
    ]
    assert [operation.number for operation in found] == list(range(1, len(found) + 1))


def test_many_at_once_are_bounded():
    log = Log()
    for number in range(3000):
        log.add(503, at=number * 1e-5, took=0.001, connection=number)
    assert sum(len(operation.attempts) for operation in operations(log)) == 3000


def test_a_spoiled_reply_may_have_been_good_enough():
    log = Log()
    log.add(200, injected=("invalid_json",))
    log.wait(0.1)
    log.add(200)
    [operation] = operations(log)
    assert (operation.ids, operation.ambiguous, operation.end) == ([1, 2], True, "succeeded")


def test_redirects_that_are_followed_are_no_retries():
    log = Log()
    for _ in range(3):
        log.add(302, injected=("redirect_loop",))
    assert ids(log) == [[1], [2], [3]]


def test_a_thread_that_gets_what_it_asks_for_retries_for_nobody():
    log = Log()
    log.add(503, at=0, connection=1)
    for number in range(4):
        log.add(200, at=0.01 + number * 0.02, connection=2)
    log.add(200, at=0.1, connection=1)
    found = operations(log)
    assert [operation.ids for operation in found] == [[1, 6], [2], [3], [4], [5]]
    assert found[0].ambiguous
