import pytest

from understudy.match.facts import MAX_FACTS, json_facts
from understudy.request import Request


def facts(pattern):
    return {fact.key: fact for fact in json_facts(pattern, lambda request: request.json())}


def body(data):
    return Request("POST", b"/", (), data)


def test_what_stands_in_objects_are_facts():
    found = facts({"a": 1, "b": {"c": "x", "d": ["y"]}, "e": "#string", "f": None})
    assert set(found) == {"json ('a',)", "json ('b', 'c')", "json ('f',)"}
    assert found["json ('b', 'c')"].read(body(b'{"b":{"c":"x"}}')) == ("x",)


@pytest.mark.parametrize("other", [b"{}", b"[]", b'{"a":[1]}', b'{"a":{}}', b"1"])
def test_where_nothing_plain_is_there(other):
    assert facts({"a": 1})["json ('a',)"].read(body(other)) == ()


def test_equal_as_json_is():
    (fact,) = facts({"a": 1}).values()
    assert fact.read(body(b'{"a":1.0}')) == (fact.value,)
    assert fact.read(body(b'{"a":true}')) != (fact.value,)
    assert fact.read(body(b'{"a":"1"}')) != (fact.value,)


def test_large_patterns_give_only_some():
    assert len(facts({str(number): number for number in range(100)})) == MAX_FACTS
