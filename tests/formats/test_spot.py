"""Places in foreign documents: lines of warnings, and values that are of another kind."""

import pytest

from understudy.formats.read import text_source
from understudy.formats.spot import LeftOut, Spot

TEXT = '{\n"a": [\n1,\n"x"]\n}'


@pytest.fixture
def spot():
    return Spot(text_source(TEXT, "doc.json", ".json"))


def test_a_warning_has_its_place(spot):
    spot.at("a", 1).warn("so it is")
    (problem,) = spot.warnings
    assert (problem.file, problem.line, problem.path) == ("doc.json", 4, "a[1]")
    assert spot.at("a").origin == ("doc.json", 2)


def test_values_of_the_right_kind(spot):
    assert spot.mapping({"a": 1}) == {"a": 1}
    assert spot.mapping(None) == {}
    assert spot.sequence([1]) == [1]
    assert spot.sequence(None) == []
    assert [spot.text(value) for value in ("a", 1, 1.5, True)] == ["a", "1", "1.5", "true"]
    assert spot.number(1.5) == 1.5


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mapping", []),
        ("sequence", {}),
        ("text", None),
        ("text", []),
        ("number", "1"),
        ("number", True),
        ("number", -1),
        ("number", float("inf")),
    ],
)
def test_values_of_another_kind_are_left_out(kind, value, spot):
    with pytest.raises(LeftOut, match="stands where") as caught:
        getattr(spot.at("a"), kind)(value)
    assert caught.value.spot.keys == ("a",)


def test_times_are_at_most_a_day(spot):
    assert spot.milliseconds(5) == 5
    with pytest.raises(LeftOut, match="more than a day"):
        spot.milliseconds(86_400_001)
