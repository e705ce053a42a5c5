from msgspec import UNSET

from understudy.model import Uniform
from understudy.render.draws import Draws
from understudy.simulate.latency import compile_latency


def test_none_fixed_and_drawn():
    assert compile_latency(UNSET) is None
    assert compile_latency(250)(Draws(1, "e", 0)) == 0.25
    drawn = [compile_latency(Uniform(uniform=(50, 200)))(Draws(1, "e", n)) for n in range(500)]
    assert 0.05 <= min(drawn) < 0.06
    assert 0.19 < max(drawn) <= 0.2


def test_no_latency_costs_no_wait():
    assert compile_latency(0) is None
