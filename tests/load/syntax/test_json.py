from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.load.fault import NotReadable
from understudy.load.limits import MAX_FAULTS
from understudy.load.syntax import json as syntax


def faults(text):
    with pytest.raises(NotReadable) as raised:
        syntax.parse(text)
    return raised.value.faults


def test_reads_json():
    assert syntax.parse('{"a": [1, 2.5, "x", true, null]}') == {"a": [1, 2.5, "x", True, None]}


def test_duplicate_keys_are_found_everywhere():
    found = faults('{"a": 1,\n"b": [{"c": 1, "\\u0063": 2}],\n"a": 3}')

    assert [(fault.keys, fault.line) for fault in found] == [(("b", 0, "c"), 2), (("a",), 3)]


def test_the_same_key_may_stand_in_two_objects():
    assert syntax.parse('[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


def test_a_number_of_thousands_of_digits_is_refused_with_its_line():
    (fault,) = faults("[1,\n" + "9" * 5000 + "]")

    assert fault.message == "a number has too many digits"
    assert fault.line == 2


def test_nesting_is_refused_with_its_line():
    (fault,) = faults("\n" + "[" * 5000)

    assert fault.message == "nested deeper than 200 levels"
    assert fault.line == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["a\tb"]', "a tab or another control character"),
        ('["\\x"]', "a backslash must be written twice"),
        ("[1 /* one */]", "JSON has no comments"),
        ("[1] # one", "JSON has no comments"),
        ("[,]", "a value is missing here"),
        ("[1}", "a comma is missing before this"),
        ('{"a" = 1}', "a colon is missing"),
        ("[nil]", "nil is not JSON"),
        ("]", "a value is missing here"),
        ("[1,", 'the "[" of line 1 is never closed'),
    ],
)
def test_classic_mistakes(text, said):
    (fault,) = faults(text)

    assert said in fault.message


def test_places_are_those_of_the_keys_and_elements():
    place = syntax.places('\n{\n "a": [1,\n  {"b":\n   2}\n ],\n "c}": "]"\n}')

    assert place.line == 2
    assert place.find(("a",)).line == 3
    assert place.find(("a", 0)).line == 3
    assert place.find(("a", 1)).line == 4
    assert place.find(("a", 1, "b")).line == 4
    assert place.find(("c}",)).line == 7
    assert place.find(("a", 9)).line == 3


def test_places_of_a_text_that_has_become_unreadable():
    assert syntax.places('{"a" 1').find(("a",)).line == 1
    assert syntax.places("").find(("a",)).line == 1


def test_mistakes_without_end_are_not_all_told():
    assert len(faults("{" + '"a":1,' * (3 * MAX_FAULTS) + '"a":1}')) == MAX_FAULTS


REPEATED = '{"a": {"x": 1, "x": 2}, "b": [1, {"y": 1, "y": NaN}], "c": "d"}'


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(REPEATED) - 1),
            st.integers(0, 3),
            st.sampled_from(["", "{", "}", "[", "]", ",", '"', ":", "x", "NaN", "{}", "\\", "\n"]),
        ),
        max_size=4,
    )
)
def test_keys_that_are_written_twice_in_a_broken_text(edits):
    text = REPEATED
    for at, length, new in edits:
        text = text[:at] + new + text[at + length :]
    with suppress(NotReadable):
        syntax.parse(text)
    look(syntax.places(text))


def look(place):
    """All places below one."""
    if place is not None:
        for child in place.children.values():
            look(child)
