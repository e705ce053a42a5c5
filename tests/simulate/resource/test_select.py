"""Filtering, sorting and paging against a plain twin that follows json-server's code line by line."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.simulate.resource.query import parse_query
from understudy.simulate.resource.records import number_of, text_of
from understudy.simulate.resource.refused import Refused
from understudy.simulate.resource.select import Snapshot, page_of, rank, with_text

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 12), st.sampled_from([0.5, 1.0, -2.5]),
    st.sampled_from(["a", "b", "B", "10", "9", "", "true", "abc"]), st.just([1, "a"]), st.just({"x": 1}),
)  # fmt: skip
RECORDS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES), max_size=12).map(
    lambda found: [{"id": number, **record} for number, record in enumerate(found)]
)
TEXTS = st.sampled_from(["a", "b", "10", "9", "1", "0", "true", "-2.5", "ab", ""])
CONDITIONS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "_gte", "_lte", "_ne", ":lt", ":in"]), TEXTS),
    max_size=3,
)


def keeps(record, field, operator, texts):
    if field not in record:
        return False
    value = record[field]
    if operator in {"", ":in"}:
        return any(is_equal(value, text) for text in texts)
    if operator == "_ne":
        return value is not None and not any(is_equal(value, text) for text in texts)
    return any(compares(value, operator, text) for text in texts)


def is_equal(value, text):
    if isinstance(value, list):
        return any(is_equal(item, text) for item in value) or text_of(value) == text
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_of(text) == value
    return text_of(value) == text


def compares(value, operator, text):
    if isinstance(value, list | dict) or value is None:
        return False
    if not isinstance(value, str):
        text = number_of(text)
        if text is None:
            return False
    return {"_gte": value >= text, "_lte": value <= text, ":lt": value < text}[operator]


@given(RECORDS, CONDITIONS, st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=3),
       st.integers(1, 4), st.integers(1, 5))  # fmt: skip
def test_against_the_twin(records, conditions, order, page, size):
    parameters = {}
    for field, operator, text in conditions:
        parameters.setdefault(field + operator, []).append(text)
    if order:
        parameters["_sort"] = [",".join(("-" if falls else "") + field for field, falls in order)]
    parameters["_page"], parameters["_per_page"] = [str(page)], [str(size)]

    query = parse_query(parameters, "both")
    found = page_of(Snapshot(1, records).select(query), query)

    expected = records
    for name in {field + operator for field, operator, _ in conditions}:
        field, operator = name[0], name[1:]
        expected = [one for one in expected if keeps(one, field, operator, parameters[name])]

    def compare(one, other):
        for field, falls in order:
            pair = [rank(record.get(field)) if field in record else (4, 0) for record in (one, other)]
            if pair[0] != pair[1]:
                return (-1 if pair[0] < pair[1] else 1) * (-1 if falls else 1)
        return one["id"] - other["id"]

    expected = sorted(expected, key=functools.cmp_to_key(compare))
    pages = max(1, -(-len(expected) // size))
    number = min(page, pages)
    assert found.records == expected[(number - 1) * size : number * size]
    assert (found.total, found.number, found.pages) == (len(expected), number, pages)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.sampled_from(["a\"b", "ΑΣ", "İ", "e-07"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text("abé", max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.text("abé", max_size=3), ANYTHING, max_size=4), max_size=6), st.data())
def test_a_text_is_found_wherever_it_stands(records, data):
    def texts(value):
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from texts(item)
        elif value is not None:
            yield text_of(value).lower()

    there = [text for record in records for text in texts(record)]
    whole = data.draw(st.sampled_from(there) if there else st.just("a"))
    start = data.draw(st.integers(0, len(whole)))
    wanted = whole[start : data.draw(st.integers(start, len(whole)))]
    found = with_text(records, wanted)
    assert [id(one) for one in found] == [id(one) for one in records if any(wanted in t for t in texts(one))]


@given(RECORDS, st.text(max_size=30), st.text(max_size=30), st.sampled_from(["v0", "v1", "both"]))
def test_any_parameter_is_answered_or_refused(records, name, value, dialect):
    def ask():
        query = parse_query({name: [value]}, dialect)
        page_of(Snapshot(1, records).select(query), query)
        return 200

    assert status_of(ask) in {200, 400}


def status_of(ask):
    try:
        return ask()
    except Refused as refused:
        return refused.status


def test_a_selection_is_made_once():
    snapshot = Snapshot(1, [{"id": 1, "a": 1}, {"id": 2, "a": 2}])
    query = parse_query({"a": ["1"]}, "both")
    assert snapshot.select(query) is snapshot.select(parse_query({"a": ["1"], "_page": ["3"]}, "both"))


def test_what_is_remembered_is_bounded():
    snapshot = Snapshot(1, [])
    for number in range(5000):
        snapshot.remember(number, "x", 10_000)
    assert len(snapshot._answers) <= 2000
    snapshot.remember("large", "x", 10**9)
    assert snapshot.answer("large") is None


def test_a_field_that_ends_like_an_operator():
    snapshot = Snapshot(1, [{"checked_in": "yes"}, {"checked_in": "no"}])
    assert snapshot.select(parse_query({"checked_in": ["yes"]}, "both")) == [{"checked_in": "yes"}]


@pytest.mark.parametrize("name", ["_nothing", "_pge"])
def test_a_misspelled_parameter(name):
    with pytest.raises(Refused, match="neither"):
        Snapshot(1, [{"id": 1}]).select(parse_query({name: ["1"]}, "both"))
