import pytest

from understudy.match import ConditionError
from understudy.match.check import MAX_SHOWN_VALUES, Unreadable, explain, values_check
from understudy.model import Operators


def test_values():
    check = values_check("f", Operators(contains="a"), lambda subject: subject)
    assert check.test(["b", "cab"])
    assert explain([check], ["b"]) == [{"field": "f", "expected": {"contains": "a"}, "found": "b"}]
    assert check.found(["b", "c"]) == ["b", "c"]
    assert check.found([]) is None
    assert len(check.found(["b"] * 100)) == MAX_SHOWN_VALUES


def test_what_cannot_be_read_meets_nothing_not_even_absent():
    def read(subject):
        raise Unreadable("too odd")

    check = values_check("f", Operators(absent=True), read)
    assert not check.test(None)
    assert check.found(None) == "too odd"


def test_a_mistake_knows_its_place():
    with pytest.raises(ConditionError) as caught:
        values_check("f", Operators(matches="("), lambda subject: [], "a", 0)
    assert caught.value.keys == ("a", 0, "matches")
