import msgspec

from understudy.match.shown import MAX_SHOWN_BYTES, MAX_SHOWN_CHARACTERS, as_written, brief, short
from understudy.model import Match, Operators


def test_conditions_are_shown_as_they_were_written():
    for written in (
        {"query": {"a": {"gt": 1}, "b": "x", "c": {"not": {"contains": "y", "ignore_case": True}}}},
        {"body": {"json": None, "exact": True}, "all": [{"host": "a"}], "not": {"client": ["::1"]}},
        {"body": {"xpath": {"/a": {"present": False}}, "namespaces": {"p": "u"}}},
        {"multipart": {"name": "a", "body": "b"}, "graphql": {}},
        {},
    ):
        assert as_written(msgspec.convert(written, Match)) == written


def test_large_numbers_stay_exact():
    assert as_written(msgspec.convert({"gt": 2**70 + 1}, Operators)) == {"gt": 2**70 + 1}


def test_long_values_are_cut():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert brief({"a": 1}) == {"a": 1}
    assert len(brief(["x"] * 1000)) == MAX_SHOWN_BYTES + 1
    assert brief(deep) == "nested too deeply to show"
    assert brief("é" * 1000) == short("é" * 1000) == "é" * MAX_SHOWN_CHARACTERS + "…"
