import itertools

import pytest

from bench import quiet

PROCESS = "42 (a (odd) name) S 1 77 77 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 1 0 500 1000 10"
MACHINE = "cpu  100 5 40 9000 300 2 3 7 0 0\ncpu0 50 2 20 4500 150 1 1 3 0 0\n"


def test_a_process_has_a_group_and_a_time():
    assert quiet.parse_process(PROCESS) == (77, 42)


def test_idle_and_waiting_are_not_work():
    assert quiet.parse_machine(MACHINE) == 100 + 5 + 40 + 2 + 3 + 7


def test_a_turn_waits_until_the_servers_are_idle(monkeypatch: pytest.MonkeyPatch):
    samples = iter([(1.0, 0.3), (0.6, 0.2), (0.02, 0.1)])
    monkeypatch.setattr("bench.quiet._sample", lambda pgids: next(samples))
    watch = quiet.Quiet()
    assert watch.settle({1})
    assert watch.foreign_cores == [0.1]


def test_a_server_that_is_never_idle_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    now = itertools.count(step=20)
    monkeypatch.setattr("bench.quiet.time.monotonic", lambda: next(now))
    monkeypatch.setattr("bench.quiet._sample", lambda pgids: (1.0, 0.0))
    assert not quiet.Quiet().settle({1})
