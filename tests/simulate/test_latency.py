import json
from math import exp, log, pi, sqrt
from statistics import NormalDist, fmean, quantiles

import msgspec
import pytest
from msgspec import UNSET

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build
from understudy.load import load
from understudy.model import Latency
from understudy.model.latency import DISTRIBUTIONS
from understudy.render.draws import Draws, DrawSource
from understudy.simulate.kit import Kit
from understudy.simulate.latency import QUANTILES, compile_latency

DRAWS = 100_000
Z_90 = NormalDist().inv_cdf(0.9)
Z_99 = NormalDist().inv_cdf(0.99)


def drawn(written, tmp_path, count=DRAWS):
    """Milliseconds, as `latency_ms` says."""
    kit = Kit(load({}, folder=tmp_path), {})
    latency_s = compile_latency(msgspec.convert(written, float | Latency), kit, ("latency_ms",))
    assert not kit.problems
    source = DrawSource(5, "GET /a")
    return [latency_s(source.at(n)) * 1000 for n in range(count)]


def built(config, folder):
    (folder / "config.json").write_text(json.dumps(config))
    return build(folder / "config.json")


def test_none_and_fixed():
    kit = Kit(load({}), {})
    assert compile_latency(UNSET, kit, ()) is None
    assert compile_latency(0, kit, ()) is None, "no latency costs no wait"
    assert compile_latency(250, kit, ())(Draws(1, "e", 0)) == 0.25


def test_the_table_has_every_distribution():
    assert tuple(QUANTILES) == DISTRIBUTIONS


@pytest.mark.parametrize(
    ("written", "mean", "median", "p90", "p99"),
    [
        ({"uniform": [50, 200]}, 125, 125, 185, 198.5),
        ({"normal": {"mean": 100, "stddev": 20}}, 100, 100, 100 + 20 * Z_90, 100 + 20 * Z_99),
        (
            {"lognormal": {"median": 80, "sigma": 0.4}},
            80 * exp(0.08),
            80,
            80 * exp(0.4 * Z_90),
            80 * exp(0.4 * Z_99),
        ),
        ({"lognormal": {"median": 80, "p99": 160}}, None, 80, None, 160),
        ({"exponential": 100}, 100, 100 * log(2), 100 * log(10), 100 * log(100)),
        ({"recorded": "times.json"}, 0.6 * 10 + 0.35 * 50 + 0.05 * 400, 10, 50, 400),
        # an exponential between its bounds: from 50 on it is one again, cut off
        ({"exponential": 100, "min_ms": 50}, 150, 50 + 100 * log(2), 50 + 100 * log(10), 50 + 100 * log(100)),
        # half a bell curve
        ({"normal": {"mean": 100, "stddev": 20}, "min_ms": 100}, 100 + 20 * sqrt(2 / pi), None, None, None),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_draws_are_as_theory_says(written, mean, median, p90, p99, tmp_path):
    (tmp_path / "times.json").write_text("[[400, 5], [10, 60], [50, 35]]")
    found = drawn(written, tmp_path)
    cuts = quantiles(found, n=100)
    measured = (fmean(found), cuts[49], cuts[89], cuts[98])
    for expected, value in zip((mean, median, p90, p99), measured, strict=True):
        assert expected is None or abs(value / expected - 1) < 0.01


def test_percentiles_are_those_that_were_written(tmp_path):
    # by shares: where the slope changes, the percentiles of a sample are far less certain
    found = drawn({"percentiles": {"50": 20, "90": 100, "99": 900}}, tmp_path)
    for share, value in ((0.5, 20), (0.9, 100), (0.25, 10), (0.7, 20 * sqrt(5)), (0.95, 100 * 9 ** (5 / 9))):
        assert abs(sum(one <= value for one in found) / DRAWS / share - 1) < 0.01
    assert abs(found.count(900) / DRAWS - 0.01) < 0.001, "nothing is above the last"


def test_bounds_hold_and_nothing_piles_up_at_them(tmp_path):
    found = drawn({"lognormal": {"median": 100, "sigma": 1}, "min_ms": 50, "max_ms": 400}, tmp_path)
    assert 50 <= min(found) < 51
    assert 399 < max(found) <= 400
    assert found.count(max(found)) == found.count(min(found)) == 1


def test_what_is_negative_is_0_unless_it_is_drawn_again(tmp_path):
    written = {"normal": {"mean": 0, "stddev": 10}}
    found = drawn(written, tmp_path)
    assert abs(found.count(0.0) / DRAWS - 0.5) < 0.005
    assert not drawn({**written, "min_ms": 0}, tmp_path).count(0.0)


def test_nothing_lasts_longer_than_a_day(tmp_path):
    assert max(drawn({"lognormal": {"median": 1000, "sigma": 10}}, tmp_path, 10_000)) == 86_400_000


@pytest.mark.parametrize(
    "written",
    [
        {"uniform": [5, 5]},
        {"normal": {"mean": 5, "stddev": 0}},
        {"lognormal": {"median": 5, "sigma": 0}},
        {"percentiles": {"0": 5, "100": 5}, "min_ms": 1, "max_ms": 5},
    ],
)
def test_what_does_not_vary(written, tmp_path):
    assert set(drawn(written, tmp_path, 100)) == {5}


def test_purposes_draw_apart():
    kit = Kit(load({}), {})
    written = Latency(exponential=100)
    one, other = (compile_latency(written, kit, (), purpose) for purpose in ("latency", "service"))
    assert one(Draws(1, "e", 0)) != other(Draws(1, "e", 0))


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        ({}, "", "a latency has one of uniform, normal"),
        ({"min_ms": 5}, "", "a latency has one of uniform, normal"),
        ({"lognormal": {"median": 5}}, ".lognormal", "`sigma` or `p99`"),
        ({"lognormal": {"median": 5, "p99": 4}}, ".lognormal.p99", "at least the `median`"),
        ({"lognormal": {"median": 5e-324, "p99": 4}}, ".lognormal.p99", "too far above"),
        ({"lognormal": {"median": 0, "p99": 4}}, ".lognormal.p99", "both are above 0"),
        ({"uniform": [5, 10], "min_ms": 11}, "", "hardly anything"),
        ({"uniform": [5, 10], "max_ms": 4}, "", "hardly anything"),
        ({"normal": {"mean": 100, "stddev": 1}, "min_ms": 150}, "", "hardly anything"),
        ({"uniform": [5, 5], "max_ms": 4}, "", "hardly anything"),
        ({"recorded": "none.txt"}, ".recorded", "cannot be read"),
        ({"recorded": "../none.txt"}, ".recorded", "outside"),
        ({"recorded": "bad.txt"}, ".recorded", "line 1 is not a number"),
    ],
)
def test_mistakes(written, path, says, tmp_path):
    (tmp_path / "bad.txt").write_text("fast")
    with pytest.raises(ConfigError, match=says) as caught:
        built({"endpoints": [{"path": "/a", "latency_ms": written}]}, tmp_path)
    assert [problem.path for problem in caught.value.problems] == ["endpoints[0].latency_ms" + path]


def test_a_file_in_defaults_is_read_once_and_watched(tmp_path):
    (tmp_path / "times.txt").write_text("7\n")
    config = {"defaults": {"latency_ms": {"recorded": "times.txt"}}}
    config["endpoints"] = [{"path": "/a"}, {"path": "/b", "responses": [{"latency_ms": 5}]}, {"path": "/c"}]
    program = built(config, tmp_path)
    assert program.files.count((tmp_path / "times.txt").resolve()) == 1
    (tmp_path / "times.txt").write_text("x\n")
    with pytest.raises(ConfigError, match="1 problem in the config"):
        built(config, tmp_path)


def test_wherever_a_latency_may_stand():
    late = {"uniform": [7, 7]}
    bench = Bench(
        {
            "endpoints": [
                {"path": "/a", "latency_ms": late},
                {"path": "/b", "responses": [{"latency_ms": late}]},
                {"path": "/c", "callbacks": {"url": "http://h/x", "delay_ms": {"exponential": 50}}},
            ]
        }
    )
    assert bench.plan("/a").latency_s == bench.plan("/b").latency_s == 0.007
    delays = [bench.plan("/c").callbacks[0].delay_s for _ in range(2)]
    assert delays[0] != delays[1] > 0
