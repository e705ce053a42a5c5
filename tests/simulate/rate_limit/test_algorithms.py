"""Each algorithm against a plain twin that remembers every request."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate.rate_limit.algorithms import COUNTS, Rule
from understudy.simulate.rate_limit.algorithms.sliding_window import MAX_EXACT
from understudy.state.values import encode

S = 1_000_000
START = 1_700_000_000 * S + 123_457


class FixedTwin:
    """Every request that was let through, by the window it fell in."""

    def __init__(self, rule):
        self.rule = rule
        self.begin = None
        self.used = 0

    def ask(self, now, cost):
        window = self.rule.window
        if self.rule.aligned:
            begin = now // window * window
            if begin != self.begin:
                self.begin, self.used = begin, 0
        elif self.begin is None or now >= self.begin + window:
            self.begin, self.used = now, 0
        if self.used + cost > self.rule.limit:
            return False
        self.used += cost
        return True


class SlidingTwin:
    def __init__(self, rule):
        self.rule = rule
        self.taken = []

    def ask(self, now, cost):
        used = sum(number for at, number in self.taken if at > now - self.rule.window)
        if used + cost > self.rule.limit:
            return False
        self.taken.append((now, cost))
        return True


class BucketTwin:
    """A level in whole requests, as a fraction, which GCRA must have too."""

    def __init__(self, rule):
        self.rule = rule
        self.level = Fraction(rule.burst)
        self.then = None

    def ask(self, now, cost):
        if self.then is not None:
            self.level += Fraction((now - self.then) * self.rule.limit, self.rule.window)
        self.level = min(self.level, Fraction(self.rule.burst))
        self.then = now
        if cost > self.level:
            return False
        self.level -= cost
        return True


TWINS = {
    "fixed_window": FixedTwin,
    "sliding_window": SlidingTwin,
    "token_bucket": BucketTwin,
    "gcra": BucketTwin,
}

rules = st.builds(
    Rule,
    limit=st.integers(1, 12),
    window=st.sampled_from([1000, S, 7 * S, 60 * S]) | st.integers(1000, 100 * S),
    burst=st.integers(1, 12),
    aligned=st.booleans(),
)


@st.composite
def asked(draw, rule):
    """Instants that grow, many of them at a boundary, and what each request costs."""
    step = rule.window // rule.limit
    gaps = st.sampled_from([0, 1, step - 1, step, step + 1, rule.window - 1, rule.window]) | st.integers(
        0, rule.window * 2
    )
    now = draw(st.sampled_from([START, START // rule.window * rule.window]))
    most = min(rule.limit, rule.burst)
    times = []
    for _ in range(draw(st.integers(1, 25))):
        now += draw(gaps)
        times.append((now, draw(st.integers(1, most))))
    return times


@st.composite
def stories(draw):
    rule = draw(rules)
    return rule, draw(asked(rule))


def stored(state):
    """As it comes back from a store on disk."""
    return msgspec.json.decode(encode("t", state))


def test_every_algorithm_has_a_twin():
    assert set(TWINS) == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
@given(story=stories())
def test_the_same_as_the_twin(name, story):
    rule, requests = story
    count, twin, state = COUNTS[name](rule), TWINS[name](rule), None
    for now, cost in requests:
        new, verdict = count.take(state, now, cost)
        assert verdict.allowed == twin.ask(now, cost)
        assert 0 <= verdict.remaining <= max(rule.limit, rule.burst)
        assert (verdict.wait == 0) is verdict.allowed
        if verdict.allowed:
            state = stored(new)


@pytest.mark.parametrize("name", COUNTS)
@given(story=stories())
def test_who_waits_as_told_gets_through_and_not_before(name, story):
    rule, requests = story
    count, state = COUNTS[name](rule), None
    for now, cost in requests:
        new, verdict = count.take(state, now, cost)
        if verdict.allowed:
            state = new
            continue
        assert count.take(state, now + verdict.wait, cost)[1].allowed
        assert not count.take(state, now + verdict.wait - 1, cost)[1].allowed


@pytest.mark.parametrize("name", COUNTS)
@given(story=stories())
def test_after_the_reset_it_is_as_if_nobody_had_asked(name, story):
    rule, requests = story
    count, state = COUNTS[name](rule), None
    for now, cost in requests:
        new, verdict = count.take(state, now, cost)
        state = new if verdict.allowed else state
        later = now + verdict.reset
        assert count.take(state, later, 0)[1].remaining == count.take(None, later, 0)[1].remaining


@pytest.mark.parametrize("name", COUNTS)
@given(story=stories(), other=st.integers(0, 3))
def test_what_is_given_back_was_not_taken(name, story, other):
    """Also when others have taken some at the same time."""
    rule, requests = story
    count, state = COUNTS[name](rule), None
    for now, cost in requests[:-1]:
        new, verdict = count.take(state, now, cost)
        state = new if verdict.allowed else state
    now, cost = requests[-1]
    taken, verdict = count.take(state, now, cost)
    if not verdict.allowed:
        return
    after = count.take(state, now, 0)[0]
    for _ in range(other):
        new, verdict = count.take(taken, now, 1)
        if not verdict.allowed:
            return
        taken = new
        after = count.take(after, now, 1)[0]
    back, verdict = count.take(taken, now, -cost)
    assert verdict.allowed
    assert count.take(back, now + 1, 0)[1] == count.take(after, now + 1, 0)[1]


@pytest.mark.parametrize("name", COUNTS)
def test_showing_how_it_stands_takes_nothing(name):
    count = COUNTS[name](Rule(5, 10 * S, 5))
    state, _ = count.take(None, START, 2)
    for _ in range(9):
        state, verdict = count.take(state, START, 0)
        assert (verdict.allowed, verdict.remaining, verdict.wait) == (True, 3, 0)


@pytest.mark.parametrize("name", COUNTS)
def test_a_write_of_another_process_that_is_a_bit_ahead_counts(name):
    count = COUNTS[name](Rule(1, 10 * S, 1))
    state, _ = count.take(None, START + 40, 1)
    assert not count.take(state, START, 1)[1].allowed


@pytest.mark.parametrize("name", COUNTS)
def test_a_clock_that_was_set_back_locks_nobody_out(name):
    count = COUNTS[name](Rule(2, 10 * S, 2))
    state, _ = count.take(None, START + 86_400 * S, 2)
    new, verdict = count.take(state, START, 1)
    if not verdict.allowed:
        assert verdict.wait <= 10 * S
        assert count.take(new, START + 10 * S, 1)[1].allowed


# A large sliding window is counted by slots.


@given(
    st.lists(st.integers(0, 3 * S), min_size=1, max_size=60),
    st.integers(100, 400),
)
def test_a_large_sliding_window_never_lets_too_many_through(gaps, cost):
    rule = Rule(MAX_EXACT + 1, 7 * S + 3, MAX_EXACT + 1)
    count, state, now, taken = COUNTS["sliding_window"](rule), None, START, []
    longer = rule._replace(window=rule.window + rule.window // MAX_EXACT + 1)
    for gap in gaps:
        now += gap
        new, verdict = count.take(state, now, cost)
        in_window = sum(n for at, n in taken if at > now - rule.window)
        in_longer = sum(n for at, n in taken if at > now - longer.window)
        if verdict.allowed:
            state = new
            taken.append((now, cost))
            assert in_window + cost <= rule.limit
        else:
            assert in_longer + cost > rule.limit, "at most a slot too long"
            assert count.take(state, now + verdict.wait, cost)[1].allowed


def test_what_a_large_sliding_window_remembers_is_bounded():
    count, state = COUNTS["sliding_window"](Rule(1_000_000, 60 * S, 1_000_000)), None
    for number in range(3 * MAX_EXACT):
        state, _ = count.take(state, START + number * 31_000, 1)
    assert len(state) <= MAX_EXACT + 1


# What users expect, in plain numbers.


def through(name, rule, seconds):
    count, state, result = COUNTS[name](rule), None, []
    for second in seconds:
        new, verdict = count.take(state, START + round(second * S), 1)
        state = new if verdict.allowed else state
        result.append(verdict.allowed)
    return result


def test_a_fixed_window_begins_with_the_first_request():
    rule = Rule(2, 10 * S, 2)
    assert through("fixed_window", rule, [0, 9, 9.9, 10, 19.9, 19.99]) == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_an_aligned_window_begins_with_the_clock():
    # START is 20.123457 s after a full minute
    rule = Rule(1, 60 * S, 1, aligned=True)
    assert START % (60 * S) == 20_123_457
    assert through("fixed_window", rule, [0, 39.876542, 39.876543]) == [True, False, True]


def test_a_sliding_window_has_no_edge_to_meet_at():
    rule = Rule(2, 10 * S, 2)
    assert through("sliding_window", rule, [8, 9, 11, 17.9, 18, 18.9, 19]) == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["token_bucket", "gcra"])
def test_a_bucket_lets_a_burst_through_then_one_at_a_time(name):
    rule = Rule(60, 60 * S, 3)
    assert through(name, rule, [0, 0, 0, 0, 0.999999, 1, 1, 4, 4, 4, 4]) == [
        True, True, True, False, False, True, False, True, True, True, False,
    ]  # fmt: skip
