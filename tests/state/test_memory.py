"""The store in memory; what all stores do alike is in test_contract.py."""

import asyncio

import pytest

from tests.state.conftest import drive
from understudy.state import MemoryStore


def test_no_method_suspends():
    store = MemoryStore()
    steps = [
        store.put("", "t", "a", 1),
        store.get("", "t", "a"),
        store.add("", "t", "a"),
        store.change("", "t", "a", lambda old: (old, None)),
        store.insert("", "t", lambda rows: ("b", 1)),
        store.rows("", "t"),
        store.seed("", "u", "1", lambda: [("a", 1)], True),
        store.tables(""),
        store.spaces(),
        store.snapshot(""),
        store.restore("", {"t": {"a": 1}}),
        store.delete("", "t", "a"),
        store.clear(),
        store.close(),
    ]
    for step in steps:
        drive(step)


def test_values_and_rows_are_not_copied():
    store, value = MemoryStore(), {"id": 1}
    drive(store.put("", "t", "a", value))
    view = drive(store.rows("", "t")).items
    assert drive(store.get("", "t", "a")) is value
    drive(store.put("", "t", "b", 2))
    assert dict(view) == {"a": value, "b": 2}


def test_tables_without_rows_take_no_room():
    store = MemoryStore(max_rows=1)
    for number in range(1000):
        drive(store.put(str(number), "t", "a", 1))
        drive(store.delete(str(number), "t", "a"))
        drive(store.get(str(number), "other", "a"))
    assert len(store._tables) == 0


def test_the_loop_is_not_needed():
    store = MemoryStore()
    assert store.count("", "t", "a", 7, 1) == 7
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
