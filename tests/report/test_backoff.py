"""The kind of back-off, from gaps as real clients make them: with noise, jitter, caps, and few of them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.report.backoff import Gap, classify

BASE = st.floats(0.05, 2)
SEED = st.integers(0, 10_000)


def gaps(wait, operations, retries, seed=0, noise_s=0.0015):
    """Gaps of several operations: `wait(retry from 0, the wait before, random)`, and late by a little."""
    random = Random(seed)
    made = []
    for _ in range(operations):
        before = None
        for retry in range(retries):
            before = wait(retry, before, random)
            made.append(Gap(retry + 1, before + min(0.012, random.expovariate(1 / noise_s))))
    return made


# --- one operation without jitter is enough ---------------------------------------------------------------


@given(BASE, SEED, st.integers(3, 6))
def test_constant(base, seed, retries):
    found = classify(gaps(lambda n, _, r: base, 1, retries, seed, 0.0005))
    assert (found.kind, found.jitter) in {("constant", False), ("constant", None)}
    assert found.base_s == pytest.approx(base, abs=0.015)


@given(BASE, st.floats(1.6, 4), SEED, st.integers(3, 6))
def test_exponential(base, factor, seed, retries):
    found = classify(gaps(lambda n, _, r: base * factor**n, 1, retries, seed, 0.0005))
    assert found.kind == "exponential"
    assert found.jitter is not True
    assert found.factor == pytest.approx(factor, rel=0.1)


@given(st.floats(0.1, 2), SEED, st.integers(4, 6))
def test_linear(base, seed, retries):
    found = classify(gaps(lambda n, _, r: base * (n + 1), 1, retries, seed, 0.0005))
    assert found.kind == "linear"
    assert found.step_s == pytest.approx(base, rel=0.15)


@given(SEED, st.integers(2, 8), st.integers(1, 5))
def test_none(seed, retries, operations):
    found = classify(gaps(lambda n, _, r: 0.0, operations, retries, seed))
    assert (found.kind, found.jitter) == ("none", False)


@given(BASE, SEED, st.integers(3, 5))
def test_a_cap(base, seed, capped_at):
    found = classify(gaps(lambda n, _, r: base * 2 ** min(n, capped_at), 1, capped_at + 4, seed, 0.0005))
    assert found.kind == "exponential"
    assert found.cap_s == pytest.approx(base * 2**capped_at, rel=0.1)


@given(BASE, SEED)
def test_urllib3_retries_at_once_first(base, seed):
    found = classify(gaps(lambda n, _, r: 0.0 if n == 0 else base * 2**n, 1, 5, seed, 0.0005))
    assert (found.kind, found.first_at_once) == ("exponential", True)


# --- with jitter, from several operations -----------------------------------------------------------------

GROWS_WITH_JITTER = {
    "full jitter: AWS, backoff.expo, tenacity wait_random_exponential": lambda n, _, r: r.uniform(
        0, 0.1 * 2**n
    ),
    "equal jitter": lambda n, _, r: 0.1 * 2**n * r.uniform(0.5, 1),
    "± 20 %: axios-retry": lambda n, _, r: 0.1 * 2**n * r.uniform(0.8, 1.2),
    "± 50 %: resilience4j": lambda n, _, r: 0.1 * 1.5**n * r.uniform(0.5, 1.5),
    "plus up to 100 ms: got": lambda n, _, r: 2**n + r.uniform(0, 0.1),
    "plus up to the base: urllib3 backoff_jitter": lambda n, _, r: 0.1 * 2**n + r.uniform(0, 0.1),
    "full jitter with a cap": lambda n, _, r: r.uniform(0, min(0.8, 0.1 * 2**n)),
}


@pytest.mark.parametrize("wait", GROWS_WITH_JITTER.values(), ids=GROWS_WITH_JITTER)
def test_exponential_with_jitter(wait):
    kinds = [classify(gaps(wait, 12, 5, seed)) for seed in range(60)]
    assert sum(found.kind == "exponential" for found in kinds) >= 57
    assert all(found.kind in {"exponential", "unknown", "linear"} for found in kinds)
    assert sum(found.jitter is True for found in kinds) >= 57


def test_decorrelated_jitter():
    wait = lambda n, before, r: min(5.0, r.uniform(0.1, 3 * (before or 0.1)))  # noqa: E731
    kinds = [classify(gaps(wait, 20, 5, seed)) for seed in range(60)]
    assert sum(found.kind == "exponential" and found.jitter for found in kinds) >= 54


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_constant_with_jitter(share):
    wait = lambda n, _, r: 0.2 * r.uniform(1 - share, 1 + share)  # noqa: E731
    kinds = [classify(gaps(wait, 12, 5, seed)) for seed in range(60)]
    assert sum(found.kind == "constant" for found in kinds) >= 45
    assert sum(found.kind in {"exponential", "linear"} for found in kinds) <= 2
    assert all(found.jitter for found in kinds)


def test_how_much_jitter():
    full = classify(gaps(GROWS_WITH_JITTER["full jitter with a cap"], 40, 4))
    little = classify(gaps(lambda n, _, r: 0.2 * 2**n * r.uniform(0.8, 1.2), 40, 4))
    assert full.jitter_share == pytest.approx(1, abs=0.15)
    assert little.jitter_share == pytest.approx(0.2, abs=0.05)


@given(st.floats(0.1, 1), st.floats(1.7, 3), st.sampled_from([0.0, 0.2, 0.4]), SEED)
def test_the_kind_comes_out_whatever_base_factor_and_jitter(base, factor, share, seed):
    found = classify(gaps(lambda n, _, r: base * factor**n * r.uniform(1 - share, 1 + share), 10, 4, seed))
    assert found.kind == "exponential"
    assert found.jitter is (share > 0)
    assert found.factor == pytest.approx(factor, rel=0.25)


# --- too little ---------------------------------------------------------------------------------------------


def test_no_gap():
    found = classify([])
    assert (found.kind, found.reason, found.confident) == ("unknown", "no retry was seen", False)


def test_one_gap():
    found = classify([Gap(1, 0.1)])
    assert (found.kind, found.jitter) == ("unknown", None)
    assert found.reason == "one retry after 100 ms: too few to tell how waits grow"


def test_only_first_retries():
    found = classify([Gap(1, 0.1)] * 5)
    assert found.kind == "unknown"
    assert found.reason.startswith("5 retries, all of them the first of an operation, after 100 ms")


def test_two_gaps_may_be_any_growth():
    found = classify([Gap(1, 0.1), Gap(2, 0.2)])
    assert (found.kind, found.also, found.confident) == ("exponential", ("linear",), False)
    assert "linear growth would look alike" in found.reason
    assert classify([Gap(1, 0.1), Gap(2, 0.1)]).kind == "constant"
    assert classify([Gap(1, 0.1), Gap(2, 0.13)]).kind == "unknown"


def test_at_once_and_then_one_wait():
    found = classify([Gap(1, 0.001), Gap(2, 0.2)])
    assert (found.kind, found.first_at_once) == ("unknown", True)


def test_few_gaps_with_jitter_are_unknown():
    found = classify([Gap(1, 0.3), Gap(2, 0.05), Gap(3, 0.9)])
    assert found.kind == "unknown"
    assert "fit no pattern" in found.reason


def test_one_stall_of_the_machine_changes_nothing():
    made = gaps(lambda n, _, r: 0.1 * 2**n, 6, 4)
    made[0] = Gap(1, 0.9)
    found = classify(made)
    assert (found.kind, found.jitter) == ("exponential", False)


def test_retries_without_end_are_bounded():
    assert classify([Gap(number, 0.1) for number in range(1, 5000)]).kind == "constant"


def test_as_json():
    content = classify([Gap(1, 0.1), Gap(2, 0.2), Gap(3, 0.4)]).as_json()
    assert content["kind"] == "exponential"
    assert (content["base_ms"], content["factor"]) == (100.0, 2.0)
    assert content["mean_gaps_ms"] == [100.0, 200.0, 400.0]
