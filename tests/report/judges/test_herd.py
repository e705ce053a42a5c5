from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.kit import Log, findings
from understudy.report.judges.herd import find_bunches, tail


def crowd(wait, members=20, clients=1, seed=1):
    random = Random(seed)
    log = Log()
    for number in range(members):
        start = random.uniform(0, 0.01)
        more = {"target": f"/{number}", "connection": number, "agent": f"c{number % clients}"}
        log.add(503, at=start, **more)
        log.add(200, at=start + 0.002 + wait(random), **more)
    return log


@pytest.mark.parametrize("clients", [1, 4])
def test_retries_in_step(clients):
    [found] = findings(crowd(lambda r: 0.5, clients=clients), "thundering-herd")
    assert found.severity == "warning"
    assert "sent 20 retries of" in found.message
    assert len(found.facts["clients"]) == clients
    assert len(found.evidence) == 20


@pytest.mark.parametrize("seed", range(10))
def test_full_jitter_spreads_them(seed):
    assert findings(crowd(lambda r: r.uniform(0, 1), seed=seed), "thundering-herd") == []


def test_few_are_no_herd():
    assert findings(crowd(lambda r: 0.5, members=4), "thundering-herd") == []


def test_at_once_is_another_finding():
    assert findings(crowd(lambda r: 0.001), "thundering-herd") == []


def test_independent_arrivals_stay_independent():
    random = Random(2)
    log = Log()
    at = 0.0
    for number in range(200):
        at += random.expovariate(20)
        log.add(503, at=at, target=f"/{number}")
        log.add(200, at=at + 0.5, target=f"/{number}")
    assert findings(log, "thundering-herd") == []


def test_the_tail_of_a_poisson_distribution():
    assert tail(0, 3.0) == 1.0
    assert tail(1, 1.0) == pytest.approx(0.6321, abs=1e-4)
    assert tail(5, 1.0) == pytest.approx(0.00366, abs=1e-5)


@given(st.lists(st.floats(0, 10), max_size=60).map(sorted))
def test_bunches_do_not_overlap(instants):
    bunches = find_bunches(instants, 0.5, 0.05)
    for bunch, following in pairwise(bunches):
        assert bunch.end <= following.start
    assert all(instants[bunch.end - 1] - instants[bunch.start] <= 0.05 for bunch in bunches)
