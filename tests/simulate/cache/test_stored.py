from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate.cache.stored import Stored, StoredReplies
from understudy.steps import Reply


def stored(body=b"x", made=0.0, until=10.0):
    return Stored(Reply(200, (), body), made, until)


def test_a_reply_lives_as_long_as_it_is_to():
    replies = StoredReplies()
    replies.put(("a",), stored())
    assert replies.get(("a",), 0.0) is replies.get(("a",), 9.9) is not None
    assert replies.get(("a",), 10.0) is None
    assert (len(replies), replies.bytes) == (0, 0)
    assert replies.get(("b",), 0.0) is None


def test_a_clock_that_was_set_back_ends_it():
    replies = StoredReplies()
    replies.put(("a",), stored(made=5.0))
    assert replies.get(("a",), 4.0) is None


def test_some_are_forgotten():
    replies = StoredReplies()
    for key in (("a", "x"), ("a", "y"), ("b", "x")):
        replies.put(key, stored())
    replies.forget(("a",))
    assert replies.get(("b", "x"), 1.0) is not None
    replies.forget(("b", "x"))
    assert (len(replies), replies.bytes) == (0, 0)


def test_the_least_used_goes_first():
    replies = StoredReplies(max_replies=2)
    for name in "ab":
        replies.put((name,), stored())
    replies.get(("a",), 1.0)
    replies.put(("c",), stored())
    assert [replies.get((name,), 1.0) is not None for name in "abc"] == [True, False, True]


def test_one_that_is_too_large_is_not_kept_and_drives_none_out():
    replies = StoredReplies(max_bytes=2000)
    replies.put(("a",), stored())
    replies.put(("b",), stored(b"x" * 2000))
    assert len(replies) == 1
    assert replies.get(("b",), 1.0) is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3000), st.integers(0, 20)), max_size=60))
def test_the_bounds_hold_whatever_happens(work):
    replies = StoredReplies(max_replies=3, max_bytes=6000)
    for name, size, at in work:
        if size % 3:
            replies.put((name,), stored(b"x" * size, at, at + 5))
        else:
            replies.get((name,), at)
        assert len(replies) <= 3
        assert 0 <= replies.bytes <= 6000
        assert bool(replies.bytes) is bool(len(replies))
