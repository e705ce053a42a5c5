from tests.report.kit import Log
from understudy.report.attempt import by_address_and_agent, read_attempts
from understudy.report.connections import count_connections


def count(log):
    return count_connections(read_attempts(log.entries, by_address_and_agent))


def test_one_connection_for_all():
    log = Log()
    for _ in range(4):
        log.add()
    found = count(log)
    assert (found.opened, found.chances, found.wasted, found.most_in_flight) == (1, 3, 0, 1)


def test_a_new_one_for_each():
    log = Log()
    for number in range(4):
        log.add(connection=number)
    assert (count(log).opened, count(log).chances, count(log).wasted) == (4, 3, 3)


def test_a_new_one_where_none_is_left_is_no_waste():
    log = Log()
    log.add(connection=1, reply={"Connection": "close"})
    log.reset(connection=2)
    log.gave_up(0.1, connection=3)
    log.add(connection=4, headers={"Connection": "close"})
    log.add(connection=5)
    found = count(log)
    assert (found.chances, found.wasted, found.says_close) == (0, 0, 1)


def test_requests_in_flight():
    log = Log()
    log.add(at=0, took=10)
    log.add(at=1, took=8, connection=2)
    log.add(at=2, took=0.5, connection=3)
    assert (count(log).most_in_flight, count(log).usually_in_flight) == (3, 2)


def test_none():
    assert count(Log()).as_json()["requests_per_connection"] is None
    assert count(Log()).most_in_flight == 0
