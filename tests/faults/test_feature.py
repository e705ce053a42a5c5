import pytest

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.steps import Release


def test_an_outage_hits_all_that_name_it_and_counts_over_them():
    config = {
        "outages": {"db": {"when": {"first": 2}}},
        "endpoints": [{"path": "/a", "outage": "db"}, {"path": "/b", "outage": ["db"]}, {"path": "/c"}],
    }
    one = Bench(config)
    assert [one.status(path) for path in ("/a", "/c", "/b", "/a", "/b")] == [503, 200, 503, 200, 200]
    assert one.world.injected == {("GET /a", "error", "outage db"): 1, ("GET /b", "error", "outage db"): 1}


def test_an_outage_has_faults_of_its_own():
    outage = {"faults": ["reset", {"kind": "truncate", "when": {"from_n": 2}}]}
    one = Bench({"outages": {"db": outage}, "endpoints": [{"path": "/a", "outage": "db"}]})
    assert one.plan("/a").faults == ("reset",)
    assert one.plan("/a").faults == ("reset", "truncate")


def test_the_log_tells_what_an_outage_has_drawn_and_counted():
    faults = [{"kind": "latency", "ms": 1}, {"kind": "error", "when": {"first": 5}}]
    outage = {"probability": 0.999, "when": {"from_n": 2}, "faults": faults}
    one = Bench({"outages": {"db": outage}, "endpoints": [{"path": "/a", "outage": "db"}]})
    assert one.plan("/a").injected == ()
    sure, counted = one.plan("/a").injected
    assert (sure.kind, sure.probability, sure.number) == ("latency", 0.999, 2)
    assert sure.drawn < 0.999
    assert (counted.kind, counted.probability, counted.number) == ("error", 1, 1), "its own count"


def test_an_outage_hits_no_more_requests_than_max_active():
    config = {
        "outages": {"db": {"max_active": 2, "faults": ["reset", {"kind": "latency", "ms": 5}]}},
        "endpoints": [{"path": "/a", "outage": "db"}, {"path": "/b", "outage": "db"}],
    }
    one = Bench(config)
    first = one.plan("/a")
    assert first.faults == one.plan("/b").faults == ("reset", "latency")
    assert one.plan("/a").faults == ()
    for step in first.steps:
        if isinstance(step, Release):
            step.action()
    assert one.plan("/b").faults == ("reset", "latency")


def test_outages_follow_the_clock_together():
    config = {
        "outages": {"db": {"when": {"window": {"after_s": 5, "for_s": 5}}}},
        "defaults": {"outage": "db"},
        "endpoints": [{"path": "/a"}, {"path": "/b"}],
    }
    one = Bench(config)
    one.now += 6
    assert (one.status("/a"), one.status("/b")) == (503, 503)
    one.now += 5
    assert (one.status("/a"), one.status("/b")) == (200, 200)


@pytest.mark.parametrize(
    ("config", "place", "why"),
    [
        (
            {"endpoints": [{"path": "/a", "outage": "databse"}]},
            "endpoints[0].outage",
            'did you mean "database"?',
        ),
        (
            {"endpoints": [{"path": "/a", "outage": "db"}], "outages": {"db": {"faults": ["rset"]}}},
            "outages.db",
            "rset",
        ),
        ({"endpoints": [], "outages": {"unused": {"faults": ["rset"]}}}, "outages.unused.faults[0]", "rset"),
        (
            {"endpoints": [{"path": "/a", "outage": ["database", "databse"]}]},
            "endpoints[0].outage[1]",
            'did you mean "database"?',
        ),
        ({"endpoints": [{"path": "/a", "faults": ["latency"]}]}, "endpoints[0].faults[0]", "ms"),
    ],
)
def test_mistakes_are_told_with_their_place(config, place, why):
    with pytest.raises(ConfigError) as caught:
        Bench({"outages": {"database": {}}, **config})
    assert place in str(caught.value)
    assert why in str(caught.value)
