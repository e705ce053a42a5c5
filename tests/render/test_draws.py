from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render.draws import Draws, DrawSource

SAMPLES = 20_000


def units(purpose="latency", seed=7, endpoint="GET /users"):
    source = DrawSource(seed, endpoint)
    return [source.at(n).unit(purpose) for n in range(SAMPLES)]


def test_unit_is_uniform():
    drawn = units()
    assert all(0 <= value < 1 for value in drawn)
    assert abs(sum(drawn) / SAMPLES - 0.5) < 0.01
    buckets = Counter(int(value * 10) for value in drawn)
    assert all(abs(buckets[bucket] - SAMPLES / 10) < SAMPLES / 100 for bucket in range(10))


def test_unit_passes_the_tests_of_statistics():
    count, buckets = 100_000, 1000
    source = DrawSource(7, "GET /users")
    drawn = sorted(source.at(n).unit("failure") for n in range(count))
    # Kolmogorov and Smirnov: a larger distance would come up once in a hundred times by chance
    assert max(max(n / count - unit, unit - (n - 1) / count) for n, unit in enumerate(drawn, 1)) < (
        1.63 / count**0.5
    )
    # chi-square with 999 degrees of freedom: its mean and three standard deviations
    expected = count / buckets
    hits = Counter(int(unit * buckets) for unit in drawn)
    squares = sum((hits[bucket] - expected) ** 2 / expected for bucket in range(buckets))
    assert abs(squares - 999) < 3 * (2 * 999) ** 0.5


def test_purposes_are_independent():
    pairs = zip(units("latency"), units("failure"), strict=True)
    assert abs(sum((a - 0.5) * (b - 0.5) for a, b in pairs) / SAMPLES) < 0.003


def test_uuids_are_of_version_4():
    drawn = [Draws(1, "a", n).uuid("x") for n in range(200)]
    assert all(UUID(one).version == 4 and str(UUID(one)) == one for one in drawn)
    assert {one[19] for one in drawn} == set("89ab")
    assert len(set(drawn)) == 200


@given(seed=st.integers(), endpoint=st.text(st.characters(), max_size=20), n=st.integers(0, 2**40))
def test_a_source_gives_the_same_draws(seed, endpoint, n):
    one, other = Draws(seed, endpoint, n), DrawSource(seed, endpoint).at(n)
    assert one.unit("x") == other.unit("x")
    assert one.bits("y", 600) == other.bits("y", 600)


@pytest.mark.parametrize(
    "other", [Draws(2, "a", 0), Draws(1, "b", 0), Draws(1, "a", 1)], ids=["seed", "endpoint", "n"]
)
def test_each_part_of_the_key_matters(other):
    assert Draws(1, "a", 0).unit("x") != other.unit("x")


def test_the_draws_are_these_for_ever():
    # a change here changes the faults and replies of everyone's seeds
    draws = Draws(42, "GET /users", 3)
    assert (draws.integer("die", 1, 6), draws.bits("b", 16)) == (3, 10686)
    assert draws.unit("failure") == 0.3282382575379955


def test_integer_covers_both_ends():
    source = DrawSource(1, "e")
    drawn = Counter(source.at(n).integer("die", 1, 6) for n in range(6_000))
    assert set(drawn) == {1, 2, 3, 4, 5, 6}
    assert all(850 < count < 1150 for count in drawn.values())


@given(low=st.integers(), span=st.integers(0, 2**200))
def test_integer_stays_in_range(low, span):
    assert low <= Draws(1, "e", 0).integer("x", low, low + span) <= low + span


@given(low=st.integers(), span=st.integers(1, 2**600))
def test_integer_is_made_of_bits(low, span):
    draws, count = Draws(1, "e", 0), span.bit_length() + 64
    assert draws.integer("x", low, low + span - 1) == low + (draws.bits("x", count) * span >> count)


def test_integer_of_an_empty_range():
    with pytest.raises(ValueError, match="no integer from 5 to 4"):
        Draws(1, "e", 0).integer("x", 5, 4)


def test_bits_have_the_count():
    assert all(Draws(1, "e", n).bits("x", 3) < 8 for n in range(50))
    assert Draws(1, "e", 0).bits("x", 0) == 0
    assert Draws(1, "e", 0).bits("x", 2000).bit_length() > 1900


def test_raw_grows_without_changing_its_first_block():
    draws = Draws(1, "e", 0)
    assert draws.raw("x", 200)[:64] == draws.raw("x", 64)
    assert len(draws.raw("x", 200)) == 200
    assert draws.raw("x", 0) == b""


def test_repeated_draws_are_numbered_per_purpose():
    draws = Draws(1, "e", 0)
    assert [draws.numbered("uuid"), draws.numbered("int"), draws.numbered("uuid")] == [
        "uuid#0",
        "int#0",
        "uuid#1",
    ]
