from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate.rate_limit import holding


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.integers(0, 9)), max_size=40),
)
def test_never_more_than_may_be_held(most, steps):
    """Against a plain twin: the list of what is held."""
    held, twin = {}, []
    for begins, cost, which in steps:
        if begins:
            expected = sum(one for one, _ in twin) + cost <= most
            assert holding.look(held, "k", most, cost).allowed == expected
            verdict, let_go = holding.take(held, "k", most, cost)
            assert verdict.allowed == expected
            if expected:
                twin.append((cost, let_go))
            assert verdict.remaining == most - sum(one for one, _ in twin)
        elif twin:
            twin.pop(which % len(twin))[1]()
        assert held.get("k", 0) == sum(one for one, _ in twin)
    for _, let_go in twin:
        let_go()
    assert held == {}


def test_keys_do_not_disturb_each_other():
    held = {}
    _, let_go = holding.take(held, "a", 1, 1)
    assert holding.take(held, "b", 1, 1)[0].allowed
    refused, nothing = holding.take(held, "a", 1, 1)
    assert (refused.allowed, refused.wait, refused.reset) == (False, None, None)
    nothing()
    let_go()
    assert held == {"b": 1}
