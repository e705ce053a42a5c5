"""The words of the interface."""

from understudy.errors import UnderstudyError
from understudy.state.store import ABSENT, DELETE, KEEP, Duplicate, NotANumber, StoreFull, is_number


def test_sentinels_show_their_names():
    assert [repr(mark) for mark in (ABSENT, KEEP, DELETE)] == ["ABSENT", "KEEP", "DELETE"]


def test_a_full_store_says_where_and_what_helps():
    error = StoreFull("collection:users", 1_000_000)
    assert isinstance(error, UnderstudyError)
    assert str(error) == (
        "the store is full: no room for another row in 'collection:users' (the bound is 1,000,000 rows over "
        "all tables): clear what is no longer needed, or raise the bound"
    )


def test_what_is_not_a_number_is_named():
    assert str(NotANumber("variables", "visits", "many")) == (
        "'visits' in 'variables' is not a number (str): put a number there first, or delete it"
    )
    assert [is_number(value) for value in (1, 1.5, True, "1", None)] == [True, True, False, False, False]


def test_a_duplicate_is_for_the_caller_to_answer():
    error = Duplicate("7")
    assert error.key == "7"
    assert not isinstance(error, UnderstudyError)
