import pytest

from understudy.match import ConditionError
from understudy.match.values import at, compile_at, compile_condition
from understudy.model import Operators


@pytest.mark.parametrize(
    ("condition", "fits", "differs"),
    [
        (1, ["0", "1"], ["0"]),
        (Operators(), [""], []),
        (Operators(gt=1, lt=5), ["0", "3"], ["0", "6"]),
        (Operators(gt=1, every=True), ["2", "3"], ["2", "1"]),
        (Operators(contains="a", present=True), ["a"], ["b"]),
        (Operators(includes=["a", 1]), ["1", "a", "b"], ["a"]),
        (Operators(exactly=["a", "b"]), ["b", "a"], ["a", "b", "b"]),
        (Operators(not_=Operators(contains="a")), [], ["a"]),
        (Operators(all=["a", "b"]), ["b", "a"], ["a"]),
        (Operators(any=["a", "b"]), ["b"], ["c"]),
        (Operators(absent=False), ["x"], []),
    ],
)
def test_values_of_one_name(condition, fits, differs):
    test = compile_condition(condition)
    assert test(fits)
    assert not test(differs)


def test_mistakes_are_seen_from_outside():
    with pytest.raises(ConditionError) as caught:
        compile_at(Operators(any=["a", Operators(matches="(")]), "query", "x")
    assert caught.value.keys == ("query", "x", "any", 1, "matches")
    assert at(lambda: 1, "x") == 1
