"""Keys that `defaults` fill in."""

from msgspec import UNSET

from understudy.load.defaults import fill, fill_defaults, merge_behaviours
from understudy.model import Behaviour, Endpoint


def test_the_nearest_says_it():
    chain = [Behaviour(latency_ms=1), Behaviour(latency_ms=2, failure_rate=0.5)]
    assert merge_behaviours(chain) == {"latency_ms": 1, "failure_rate": 0.5}
    filled = fill_defaults(Endpoint(path="/a", failure_rate=0.1), chain)
    assert (filled.latency_ms, filled.failure_rate) == (1, 0.1)


def test_headers_are_merged_whatever_their_capitals():
    chain = [Behaviour(headers={"A": "near"}), Behaviour(headers={"a": "far", "B": "far"})]
    assert merge_behaviours(chain) == {"headers": {"B": "far", "A": "near"}}
    assert fill_defaults(Endpoint(path="/a", headers={"b": "own"}), chain).headers == {
        "A": "near",
        "b": "own",
    }


def test_an_endpoint_that_lacks_nothing_is_itself():
    endpoint = Endpoint(path="/a", latency_ms=5)
    assert fill(endpoint, {"latency_ms": 7}) is endpoint
    assert endpoint.failure_rate is UNSET
