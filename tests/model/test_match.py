import msgspec
import pytest

from understudy.model import BodyConditions, Match, Operators


def test_short_and_long_forms():
    match = msgspec.convert(
        {"query": {"a": 1, "b": {"not": {"contains": "x"}}}, "body": "text", "not": {"host": "h"}}, Match
    )
    assert match.query["a"] == 1
    assert match.query["b"] == Operators(not_=Operators(contains="x"))
    assert match.not_ == Match(host="h")
    assert msgspec.convert({"body": {"json": None}}, Match).body == BodyConditions(json=None)


@pytest.mark.parametrize(
    "wrong", [{"query": {"a": None}}, {"query": {"a": []}}, {"body": {"jsn": 1}}, {"method": "GET"}]
)
def test_wrong_shapes(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Match)
