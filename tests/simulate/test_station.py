"""The queue against a plain twin that moves requests one by one, and against queueing theory."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate import station
from understudy.simulate.station import Station, Stations

MINE = ("endpoint", "GET /a")


class Twin:
    """The same as events: workers that finish and take the next one from the queue."""

    def __init__(self, concurrency, queue):
        self.concurrency, self.queue = concurrency, queue
        self.working, self.waiting, self.finished = [], [], {}

    def enter(self, number, now, work):
        self.advance(now)
        if len(self.working) < self.concurrency:
            self.working.append((now + work, number))
        elif len(self.waiting) < self.queue:
            self.waiting.append((number, work))
        else:
            self.finished[number] = None

    def advance(self, now):
        while self.working and min(self.working)[0] <= now:
            finish, number = min(self.working)
            self.working.remove((finish, number))
            self.finished[number] = finish
            if self.waiting:
                following, work = self.waiting.pop(0)
                self.working.append((finish + work, following))


@given(
    concurrency=st.integers(1, 4),
    queue=st.integers(0, 5),
    # halves add up without rounding, so that the twins agree on who comes first
    requests=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=60),
)
def test_it_does_what_workers_and_a_queue_do(concurrency, queue, requests):
    one, twin = Station(concurrency, queue), Twin(concurrency, queue)
    now, found = 1000.0, {}
    for number, (gap, work) in enumerate(requests):
        now += gap / 2
        turn = one.enter(now, work / 2)
        twin.enter(number, now, work / 2)
        found[number] = None if turn is None else turn.finish_s
        twin.advance(now)
        assert one.load(now) == (len(twin.working), len(twin.waiting))
    twin.advance(1e9)
    assert found == twin.finished


def test_a_turn():
    one = Station(1, 2)
    assert one.enter(10, 5) == (10, 15, 0)
    assert one.enter(11, 5) == (15, 20, 0)
    assert one.enter(12, 5) == (20, 25, 1)
    assert one.enter(13, 5) is None
    assert one.load(13) == (1, 2)
    assert one.enter(15, 5) == (25, 30, 1), "the first is done, the second is worked on"
    assert one.load(30) == (0, 0)


def test_work_that_takes_longer_than_was_said():
    one = Station(2, 2)
    first, second = one.enter(0, 1), one.enter(0, 9)
    assert one.extend(first, 5) == (0, 5, 0)
    assert one.enter(0, 1) == (5, 6, 0)
    one.extend(second, 2)
    assert one.enter(0, 1) == (2, 3, 1)
    one.extend(second, 100)
    assert one.enter(3, 1) == (3, 4, 0), "another one was told when it would be over"


def test_a_reply_that_is_sent_a_little_early_frees_its_worker():
    one = Station(1, 0)
    turn = one.enter(0, 1)
    one.sent(turn, 0.5)
    assert one.enter(0.5, 1) is None, "the client has gone, and its work goes on"
    one.sent(turn, 0.999)
    assert one.enter(0.999, 1)
    one.sent(turn, 1.5)
    assert one.load(1.5) == (1, 0)


# --- queueing theory ----------------------------------------------------------------------------------------


def erlang_b(workers, load):
    """The share of requests that find all workers busy, where nobody waits; `load` in Erlangs."""
    blocked = 1.0
    for number in range(1, workers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(workers, load):
    """The share of requests that have to wait, where everybody may."""
    blocked = erlang_b(workers, load)
    return blocked / (1 - load / workers * (1 - blocked))


def lost(workers, queue, load):
    """The share of requests that an M/M/c/K queue sheds."""
    weight = total = 1.0
    for number in range(1, workers + queue + 1):
        weight *= load / min(number, workers)
        total += weight
    return weight / total


def poisson(rate, count, seed=1):
    lots, now = Random(seed), 0.0
    for _ in range(count):
        now += lots.expovariate(rate)
        yield now, lots.expovariate(1.0)


@pytest.mark.parametrize(("workers", "rate"), [(1, 0.5), (5, 3.5), (20, 16.0)])
def test_the_mean_wait_is_that_of_erlang_c(workers, rate):
    one = Station(workers, 1_000_000)
    waits = [one.enter(now, work).start_s - now for now, work in poisson(rate, 200_000)]
    expected = erlang_c(workers, rate) / (workers - rate)
    assert abs(sum(waits) / len(waits) / expected - 1) < 0.1
    assert abs(sum(wait > 0 for wait in waits) / len(waits) / erlang_c(workers, rate) - 1) < 0.1


@pytest.mark.parametrize(("workers", "queue", "rate"), [(1, 0, 1), (5, 0, 4), (5, 10, 5), (3, 4, 6)])
def test_the_loss_is_that_of_theory(workers, queue, rate):
    one = Station(workers, queue)
    shed = sum(one.enter(now, work) is None for now, work in poisson(rate, 100_000))
    assert abs(shed / 100_000 / lost(workers, queue, rate) - 1) < 0.1
    assert queue or abs(lost(workers, queue, rate) - erlang_b(workers, rate)) < 1e-12


# --- the stations of a server -------------------------------------------------------------------------------


def test_each_space_has_its_own_and_a_reset_empties_it():
    known = Stations(lambda: 0)
    known.at("", MINE, 1, 0).enter(0, 60)
    known.at("s", MINE, 1, 0).enter(0, 60)
    assert known.at("", MINE, 1, 0).enter(1, 60) is None
    known.reset("")
    assert known.at("", MINE, 1, 0).enter(1, 60)
    assert known.at("s", MINE, 1, 0).enter(1, 60) is None


def test_one_whose_size_has_changed_goes_on():
    known = Stations(lambda: 0)
    for work in (10, 20, 30):
        known.at("", MINE, 3, 0).enter(0, work)
    assert known.at("", MINE, 3, 0).enter(0, 1) is None
    assert known.at("", MINE, 4, 0).enter(0, 40) == (0, 40, 0), "one more worker"
    # of four that are busy only two stay: the next request begins when three of them are done
    assert known.at("", MINE, 2, 1).enter(0, 1) == (30, 31, 0)
    assert known.at("", MINE, 2, 1).enter(0, 1) is None


def test_how_full_they_are():
    known = Stations(lambda: 1)
    for _ in range(3):
        known.at("s", ("capacity", "database"), 1, 5).enter(0, 60)
    (shown,) = known.as_json()
    assert shown == {
        "capacity": "database",
        "space": "s",
        "working": 1,
        "concurrency": 1,
        "waiting": 2,
        "queue": 5,
    }


def test_there_is_an_end_to_them(monkeypatch):
    monkeypatch.setattr(station, "MAX_STATIONS", 3)
    known = Stations(lambda: 5)
    for number in range(3):
        known.at(f"s{number}", MINE, 1, 0).enter(0, number * 10)
    known.at("s3", MINE, 1, 0).enter(5, 60)  # s0 is idle
    assert [one["space"] for one in known.as_json()] == ["s1", "s2", "s3"]
    known.at("s4", MINE, 1, 0)  # none is: the oldest goes
    assert [one["space"] for one in known.as_json()] == ["s2", "s3", "s4"]
