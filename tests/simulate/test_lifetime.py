import pytest

from tests.simulate.kit import Bench


def test_times_then_the_next_one_answers():
    bench = Bench(
        {"endpoints": [{"path": "/a", "times": 2, "body": "early"}, {"path": "/a", "body": "late"}]}
    )
    assert [bench.text("/a") for _ in range(4)] == ["early", "early", "late", "late"]


def test_times_alone_ends_in_an_explained_404():
    bench = Bench({"endpoints": [{"path": "/a", "times": 1}]})
    assert bench.status("/a") == 200
    miss = bench.json("/a")
    assert miss["error"] == "Endpoint not found"
    assert miss["nearest"][0]["differs"] == [
        {"field": "times", "expected": 1, "found": "it has answered as often as it may"}
    ]


def test_each_endpoint_counts_for_itself_and_each_space_too():
    bench = Bench({"endpoints": [{"path": "/a", "times": 1}, {"path": "/b", "times": 1}]})
    assert [bench.status(path) for path in ("/a", "/b", "/a", "/b")] == [200, 200, 404, 404]
    assert bench.status("/a", headers=[("X-Understudy-Space", "mine")]) == 200


def test_a_failure_does_not_count():
    bench = Bench({"endpoints": [{"path": "/a", "times": 1, "failure_rate": 1}]})
    assert [bench.status("/a") for _ in range(3)] == [500, 500, 500]


@pytest.mark.parametrize("ttl", [60, "60", "60s", "1m", "60000ms"])
def test_ttl(ttl):
    bench = Bench(
        {"endpoints": [{"path": "/a", "ttl": ttl, "body": "early"}, {"path": "/a", "body": "late"}]}
    )
    assert bench.text("/a") == "early"
    bench.now += 59.9
    assert bench.text("/a") == "early"
    bench.now += 0.1
    assert bench.text("/a") == "late"


def test_what_waits_behind_is_not_called_unreachable():
    bench = Bench({"endpoints": [{"path": "/a", "times": 2}, {"path": "/a", "ttl": "5s"}, {"path": "/a"}]})
    assert bench.program.warnings == ()


def test_a_reply_that_is_constant_by_itself_is_not_taken_for_constant_behind_one_that_ends():
    bench = Bench({"endpoints": [{"path": "/a", "times": 1, "body": "x"}, {"path": "/a", "body": "y"}]})
    bench.plan("/a")
    assert not bench.plan("/a").constant
