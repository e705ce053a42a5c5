"""What every store does alike."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.state.conftest import drive
from understudy.state import (
    ABSENT,
    DELETE,
    KEEP,
    STORES,
    CheckedRows,
    Duplicate,
    MemoryStore,
    NotANumber,
    StoreError,
    StoreFull,
    open_store,
    sqlite,
)


def items(store, table="t", space=""):
    return list(drive(store.rows(space, table)).items.items())


def version(store, table="t", space=""):
    return drive(store.rows(space, table)).version


def fill(store, **rows):
    for key, value in rows.items():
        drive(store.put("", "t", key, value))


def everything(store):
    return {space: drive(store.snapshot(space)) for space in drive(store.spaces())}


# One row


def test_a_row_that_is_not_there_is_the_default(store):
    assert drive(store.get("", "t", "a")) is None
    assert drive(store.get("", "t", "a", 5)) == 5


def test_what_is_put_is_got(store):
    fill(store, a={"id": 1, "tags": ["x", None, 1.5, True]}, b=None)
    assert drive(store.get("", "t", "a")) == {"id": 1, "tags": ["x", None, 1.5, True]}
    assert drive(store.get("", "t", "b", "default")) is None


def test_several_tables_at_one_time(store):
    fill(store, a=1)
    drive(store.put("", "u", "b", 2))
    assert [dict(rows) for rows in drive(store.see("", ("t", "u", "none")))] == [{"a": 1}, {"b": 2}, {}]
    drive(store.put("", "t", "a", 3))
    assert [dict(rows) for rows in drive(store.see("", ("t", "u")))] == [{"a": 3}, {"b": 2}]
    assert [dict(rows) for rows in drive(store.see("other", ("t",)))] == [{}]


def test_spaces_and_tables_are_worlds_of_their_own(store):
    for space in ("", "one"):
        for table in ("t", "u"):
            drive(store.put(space, table, "a", [space, table]))
    assert drive(store.get("one", "t", "a")) == ["one", "t"]
    assert drive(store.get("two", "t", "a")) is None
    assert drive(store.tables("")) == ["t", "u"]
    assert drive(store.spaces()) == ["", "one"]


def test_delete_says_whether_there_was_a_row(store):
    fill(store, a=1)
    assert drive(store.delete("", "t", "a")) is True
    assert drive(store.delete("", "t", "a")) is False
    assert drive(store.get("", "t", "a")) is None
    assert drive(store.tables("")) == []
    assert drive(store.spaces()) == []


def test_add_starts_where_it_is_told_to(store):
    assert drive(store.add("", "t", "a")) == 1
    assert drive(store.add("", "t", "a", 5)) == 6
    assert drive(store.add("", "t", "b", -1, start=10)) == 9
    assert drive(store.get("", "t", "b")) == 9
    fill(store, c=1.5)
    assert drive(store.add("", "t", "c")) == 2.5


def test_count_gives_the_start_first(store):
    assert [store.count("", "t", "a", 100, 10) for _ in range(3)] == [100, 110, 120]
    assert drive(store.get("", "t", "a")) == 120


@pytest.mark.parametrize("value", ["5", True, None, [], {}])
def test_only_numbers_are_added_to(store, value):
    fill(store, a=value)
    with pytest.raises(NotANumber, match=r"'a' in 't' is not a number"):
        drive(store.add("", "t", "a"))
    with pytest.raises(NotANumber):
        store.count("", "t", "a", 0, 1)
    assert drive(store.get("", "t", "a")) == value


def test_change_shows_the_value_and_writes_what_it_is_told_to(store):
    assert drive(store.change("", "t", "a", lambda old: (1, old))) is ABSENT
    assert drive(store.change("", "t", "a", lambda old: (old + 1, "seen"))) == "seen"
    assert drive(store.get("", "t", "a")) == 2
    assert drive(store.change("", "t", "a", lambda old: (KEEP, old))) == 2
    assert drive(store.get("", "t", "a")) == 2
    assert drive(store.change("", "t", "a", lambda old: (DELETE, old))) == 2
    assert drive(store.change("", "t", "a", lambda old: (DELETE, old))) is ABSENT
    assert items(store) == []


def test_a_change_that_fails_changes_nothing(store):
    fill(store, a=1)
    before = version(store)
    with pytest.raises(ZeroDivisionError):
        drive(store.change("", "t", "a", lambda old: (old / 0, None)))
    with pytest.raises(StoreError, match="not JSON"):
        drive(store.change("", "t", "a", lambda old: (ABSENT, None)))
    assert (items(store), version(store)) == ([("a", 1)], before)
    assert drive(store.add("", "t", "a")) == 2


def test_count_works_within_a_change(store):
    def how(old):
        return store.count("", "counters", "n", 1, 1), "done"

    for _ in range(2):
        assert drive(store.change("", "t", "a", how)) == "done"
    assert (drive(store.get("", "t", "a")), drive(store.get("", "counters", "n"))) == (2, 2)


# A table


def test_rows_keep_the_order_of_insertion(store):
    fill(store, b=1, a=2, c=3)
    fill(store, b=4)
    assert items(store) == [("b", 4), ("a", 2), ("c", 3)]
    drive(store.delete("", "t", "b"))
    fill(store, b=5)
    assert items(store) == [("a", 2), ("c", 3), ("b", 5)]


def test_rows_cannot_be_written_through(store):
    fill(store, a=1)
    with pytest.raises(TypeError):
        drive(store.rows("", "t")).items["a"] = 2


def test_insert_chooses_its_key_from_what_is_there(store):
    def make(rows):
        key = str(len(rows.items) + 1)
        return key, {"id": key}

    assert drive(store.insert("", "t", make)) == ("1", {"id": "1"})
    assert drive(store.insert("", "t", make)) == ("2", {"id": "2"})
    assert items(store) == [("1", {"id": "1"}), ("2", {"id": "2"})]


def test_insert_refuses_a_key_that_exists(store):
    fill(store, a=1)
    before = version(store)
    with pytest.raises(Duplicate) as caught:
        drive(store.insert("", "t", lambda rows: ("a", 2)))
    assert caught.value.key == "a"
    assert (items(store), version(store)) == ([("a", 1)], before)


CHANGES = {
    "put": lambda store: store.put("", "t", "a", 2),
    "a new row": lambda store: store.put("", "t", "new", 2),
    "delete": lambda store: store.delete("", "t", "a"),
    "delete the last": lambda store: store.delete("", "single", "a"),
    "add": lambda store: store.add("", "t", "a"),
    "change": lambda store: store.change("", "t", "a", lambda old: (old + 1, None)),
    "insert": lambda store: store.insert("", "t", lambda rows: ("new", 1)),
    "clear": lambda store: store.clear(),
    "clear the table": lambda store: store.clear("", "t"),
    "restore": lambda store: store.restore("", {"t": {"a": 2}}),
    "restore nothing": lambda store: store.restore("", {}),
    "seed": lambda store: store.seed("", "seeded", "2", lambda: [("a", 2)], replace=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_gives_a_greater_version(store, change):
    fill(store, a=1, b=2)
    drive(store.put("", "single", "a", 1))
    drive(store.seed("", "seeded", "1", lambda: [("a", 1)], replace=True))
    tables = ("t", "single", "seeded")
    before = {table: (version(store, table), items(store, table)) for table in tables}
    drive(change(store))
    after = {table: (version(store, table), items(store, table)) for table in tables}
    changed = [table for table in tables if after[table][1] != before[table][1]]
    assert changed
    assert all(after[table][0] > before[table][0] for table in changed)
    assert all(after[table][0] >= before[table][0] for table in tables)


def test_reading_changes_no_version(store):
    fill(store, a=1)
    before = version(store)
    drive(store.get("", "t", "a"))
    drive(store.snapshot(""))
    drive(store.change("", "t", "a", lambda old: (KEEP, None)))
    drive(store.delete("", "t", "none"))
    assert version(store) == before


# Seeds


def seed(store, *rows, fingerprint="1", replace=False):
    drive(store.seed("", "t", fingerprint, lambda: rows, replace))


def test_a_table_is_seeded_once(store):
    seed(store, ("b", 1), ("a", 2))
    assert items(store) == [("b", 1), ("a", 2)]
    drive(store.delete("", "t", "b"))
    drive(store.seed("", "t", "1", lambda: pytest.fail("made again"), replace=True))
    assert items(store) == [("a", 2)]
    drive(store.delete("", "t", "a"))
    drive(store.seed("", "t", "1", lambda: pytest.fail("made again"), replace=True))
    assert items(store) == []


def test_rows_that_were_checked_are_seeded_too(store):
    drive(store.seed("", "t", "1", lambda: CheckedRows(b=1, a=[None]), replace=True))
    drive(store.put("", "t", "c", 3))
    assert items(store) == [("b", 1), ("a", [None]), ("c", 3)]


def test_other_data_are_seeded_where_that_is_wanted(store):
    seed(store, ("a", 1))
    seed(store, ("b", 2), fingerprint="2")
    assert items(store) == [("a", 1)]
    seed(store, ("b", 2), ("c", 3), fingerprint="2", replace=True)
    assert items(store) == [("b", 2), ("c", 3)]


def test_an_empty_table_counts_as_seeded(store):
    seed(store)
    drive(store.seed("", "t", "1", lambda: pytest.fail("made again"), replace=False))
    assert drive(store.tables("")) == []


def test_rows_that_were_there_before_the_seed_stay(store):
    drive(store.restore("", {"t": {"z": 26}}))
    seed(store, ("a", 1))
    assert items(store) == [("z", 26)]
    seed(store, ("a", 1), fingerprint="2", replace=True)
    assert items(store) == [("a", 1)]


def test_after_clear_a_table_is_seeded_again(store):
    seed(store, ("a", 1))
    fill(store, b=2)
    assert drive(store.clear("", "t")) == 2
    assert items(store) == []
    seed(store, ("a", 1))
    assert items(store) == [("a", 1)]


def test_after_restore_a_table_is_not_seeded_again(store):
    seed(store, ("a", 1))
    drive(store.restore("", {}))
    seed(store, ("a", 1))
    assert items(store) == []


def test_a_seed_that_fails_changes_nothing(store):
    seed(store, ("a", 1))
    before = version(store)
    with pytest.raises(Duplicate):
        seed(store, ("b", 1), ("b", 2), fingerprint="2", replace=True)
    with pytest.raises(StoreError):
        seed(store, ("b", object()), fingerprint="2", replace=True)
    assert (items(store), version(store)) == ([("a", 1)], before)
    seed(store, ("b", 1), fingerprint="2", replace=True)
    assert items(store) == [("b", 1)]


# Whole spaces


@pytest.mark.parametrize(
    ("space", "table", "removed", "left"),
    [
        (None, None, 4, {}),
        ("", None, 2, {"one": {"t": {"a": 1}, "u": {"a": 1}}}),
        ("", "t", 1, {"": {"u": {"a": 1}}, "one": {"t": {"a": 1}, "u": {"a": 1}}}),
        (None, "t", 2, {"": {"u": {"a": 1}}, "one": {"u": {"a": 1}}}),
        ("two", None, 0, {"": {"t": {"a": 1}, "u": {"a": 1}}, "one": {"t": {"a": 1}, "u": {"a": 1}}}),
    ],
)
def test_clear_removes_what_it_is_told_to(store, space, table, removed, left):
    for place in (("", "t"), ("", "u"), ("one", "t"), ("one", "u")):
        drive(store.put(*place, "a", 1))
    assert drive(store.clear(space, table)) == removed
    assert everything(store) == left
    assert drive(store.add("", "t", "a")) == (1 if "t" not in left.get("", {}) else 2)


def test_a_snapshot_is_a_copy_that_can_be_restored(store):
    fill(store, b=1, a=2)
    drive(store.put("", "u", "x", []))
    drive(store.put("other", "t", "x", 1))
    snapshot = drive(store.snapshot(""))
    fill(store, b=3, c=4)
    drive(store.put("", "v", "x", 1))
    assert snapshot == {"t": {"b": 1, "a": 2}, "u": {"x": []}}
    drive(store.restore("", snapshot))
    fill(store, c=5)
    assert items(store) == [("b", 1), ("a", 2), ("c", 5)]
    assert drive(store.tables("")) == ["t", "u"]
    assert drive(store.get("other", "t", "x")) == 1
    assert snapshot["t"] == {"b": 1, "a": 2}


def test_a_restore_that_fails_changes_nothing(store):
    fill(store, a=1)
    with pytest.raises(StoreError):
        drive(store.restore("", {"u": {"x": 1}, "t": {"b": object()}}))
    assert everything(store) == {"": {"t": {"a": 1}}}
    assert drive(store.add("", "t", "a")) == 2


# The bound


def test_a_full_store_takes_no_more_rows(make_store):
    store = make_store(max_rows=3)
    seed(store, ("a", 1))  # a row, and that it was seeded
    fill(store, b=2)
    attempts = [
        lambda: drive(store.put("", "u", "x", 1)),
        lambda: drive(store.add("", "u", "x")),
        lambda: drive(store.change("", "u", "x", lambda old: (1, None))),
        lambda: drive(store.insert("one", "u", lambda rows: ("x", 1))),
        lambda: drive(store.seed("", "u", "1", lambda: [("x", 1)], replace=True)),
        lambda: drive(store.seed("", "u", "1", list, replace=True)),
        lambda: drive(store.seed("", "t", "2", lambda: [("x", 1), ("y", 1), ("z", 1)], replace=True)),
        lambda: drive(store.restore("one", {"u": {"x": 1}})),
        lambda: drive(store.restore("", {"u": {"x": 1, "y": 2, "z": 3}})),
        lambda: store.count("", "u", "x", 1, 1),
    ]
    for attempt in attempts:
        with pytest.raises(StoreFull, match="the bound is 3 rows over all tables"):
            attempt()
        assert everything(store) == {"": {"t": {"a": 1, "b": 2}}}


def test_a_full_store_goes_on_with_the_rows_it_has(make_store):
    store = make_store(max_rows=2)
    fill(store, a=1, b=2)
    assert drive(store.add("", "t", "a")) == 2
    drive(store.restore("", {"u": {"x": 1, "y": 2}}))
    drive(store.delete("", "u", "x"))
    drive(store.put("", "u", "z", 3))
    with pytest.raises(StoreFull):
        drive(store.put("", "u", "x", 1))
    assert drive(store.clear()) == 2
    fill(store, a=1, b=2)
    assert len(items(store)) == 2


# Values and names


def nested(levels):
    value = "core"
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        2**63,
        -(2**200),
        int("9" * 4000),
        1.5e300,
        5e-324,
        "",
        "a\0b",
        "\x1f\x7f\u2028\ufeff",
        "日本語 🎭",
        {"": {"ключ": "\0"}},
        [[]] * 500,
        ["null", None, "[" * 500],
        nested(200),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_any_json_is_kept(store, value):
    fill(store, a=value)
    assert drive(store.get("", "t", "a")) == value
    assert drive(store.snapshot(""))["t"]["a"] == value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (nested(201), "nested deeper than 200 levels"),
        (nested(100_000), "nested deeper than 200 levels"),
        ("\ud800", "half of a surrogate pair"),
        ({"\udfff": 1}, "half of a surrogate pair"),
        (float("nan"), "the number nan"),
        ([1, {"a": float("-inf")}], "the number -inf"),
        (10**5000, "not JSON"),
        (object(), "not JSON"),
        (ABSENT, "not JSON"),
    ],
    ids=["201", "100000", "surrogate", "surrogate-key", "nan", "inf", "huge", "object", "sentinel"],
)
def test_what_is_not_json_is_refused(store, value, why):
    fill(store, a=1)
    with pytest.raises(StoreError, match=f"a row of 't' cannot be kept: .*{why}"):
        drive(store.put("", "t", "a", value))
    with pytest.raises(StoreError, match=why):
        drive(store.insert("", "t", lambda rows: ("b", value)))
    with pytest.raises(StoreError, match=why):
        drive(store.restore("", {"t": {"b": value}}))
    assert items(store) == [("a", 1)]


def test_a_number_does_not_grow_beyond_json(store):
    fill(store, a=1.7e308)
    with pytest.raises(StoreError, match="the number inf"):
        drive(store.add("", "t", "a", 17 * 10**307))
    assert drive(store.get("", "t", "a")) == 1.7e308


NAMES = ["", " ", "a\0b", "a", "A", "ключ", "🎭", "'; DROP TABLE row; --", "%", "é", "e\u0301", "x" * 10_000]


def test_any_text_is_a_name(store):
    for space in NAMES:
        drive(store.put(space, space, "a", space))
    for key in NAMES:
        drive(store.put("", "t", key, key))
    assert items(store) == [(name, name) for name in NAMES]
    assert drive(store.spaces()) == sorted(NAMES)
    assert drive(store.tables("a\0b")) == ["a\0b"]
    assert [drive(store.get(space, space, "a")) for space in NAMES] == NAMES


@pytest.mark.parametrize("place", [("\ud800", "t", "a"), ("", "\ud800", "a"), ("", "t", "\ud800")])
def test_half_a_surrogate_is_no_name(store, place):
    with pytest.raises(StoreError, match="half of a surrogate pair"):
        drive(store.put(*place, 1))
    assert drive(store.spaces()) == []


# Many at once


def test_of_a_hundred_that_race_for_a_transition_one_wins(store):
    def how(old):
        return ("paid", True) if old == "open" else (KEEP, False)

    async def race():
        await store.put("", "t", "order", "open")
        return await asyncio.gather(*(store.change("", "t", "order", how) for _ in range(100)))

    assert sorted(asyncio.run(race())) == [False] * 99 + [True]


def test_no_addition_and_no_insertion_is_lost(store):
    async def work():
        adding = (store.add("", "t", "n") for _ in range(100))
        inserting = (
            store.insert("", "rows", lambda rows: (str(len(rows.items)), store.count("", "t", "id", 1, 1)))
            for _ in range(100)
        )
        return await asyncio.gather(*adding), await asyncio.gather(*inserting)

    sums, rows = asyncio.run(work())
    assert sorted(sums) == list(range(1, 101))
    assert sorted(rows, key=lambda row: int(row[0])) == [(str(n), n + 1) for n in range(100)]


# The table of stores


def test_a_store_in_a_file_needs_a_path():
    with pytest.raises(StoreError, match="needs a file"):
        open_store("sqlite", pause=asyncio.sleep)
    assert set(STORES) == {"memory", "sqlite"}


# Any sequence of steps

SPACES = st.sampled_from(["", "one"])
TABLES = st.sampled_from(["t", "u"])
KEYS = st.sampled_from(["a", "b", "c", "d", "ключ\0"])
VALUES = st.one_of(st.integers(), st.none(), st.lists(st.integers(), max_size=2), st.text(max_size=3))
WHO = st.sampled_from([0, 1])
MAX_ROWS = 9


class Model:
    """The contract, in its simplest form: raises before it changes anything."""

    def __init__(self):
        self.tables = {}
        self.seeds = {}

    def check(self, tables, seeds):
        if sum(map(len, tables.values())) + len(seeds) > MAX_ROWS:
            raise StoreFull("", MAX_ROWS)
        self.tables = {place: rows for place, rows in tables.items() if rows}
        self.seeds = seeds

    def table(self, place):
        return dict(self.tables.get(place, {}))

    def write(self, place, key, value):
        self.check({**self.tables, place: {**self.table(place), key: value}}, self.seeds)

    def put(self, space, table, key, value):
        self.write((space, table), key, value)

    def delete(self, space, table, key):
        rows = self.table((space, table))
        found = key in rows
        rows.pop(key, None)
        self.check({**self.tables, (space, table): rows}, self.seeds)
        return found

    def add(self, space, table, key, amount, start):
        old = self.table((space, table)).get(key, start)
        if not isinstance(old, int):
            raise NotANumber(table, key, old)
        self.write((space, table), key, old + amount)
        return old + amount

    def count(self, space, table, key, start, step):
        return self.add(space, table, key, step, start - step)

    def change(self, space, table, key, how):
        new, result = how(self.table((space, table)).get(key, ABSENT))
        if new is DELETE:
            self.delete(space, table, key)
        elif new is not KEEP:
            self.write((space, table), key, new)
        return result

    def insert(self, space, table, make):
        key, value = make(len(self.table((space, table))))
        if key in self.table((space, table)):
            raise Duplicate(key)
        self.write((space, table), key, value)
        return key, value

    def seed(self, space, table, fingerprint, rows, replace):
        place = (space, table)
        known = self.seeds.get(place)
        if known == fingerprint or (known is not None and not replace):
            return
        filled = rows if known is not None or place not in self.tables else self.tables[place]
        self.check({**self.tables, place: filled}, {**self.seeds, place: fingerprint})

    def clear(self, space, table):
        def stays(place):
            return (space is not None and place[0] != space) or (table is not None and place[1] != table)

        before = sum(map(len, self.tables.values()))
        self.check(
            {place: rows for place, rows in self.tables.items() if stays(place)},
            {place: seed for place, seed in self.seeds.items() if stays(place)},
        )
        return before - sum(map(len, self.tables.values()))

    def restore(self, space, snapshot):
        others = {place: rows for place, rows in self.tables.items() if place[0] != space}
        self.check({**others, **{(space, table): rows for table, rows in snapshot.items()}}, self.seeds)

    def snapshot(self, space):
        return {place[1]: rows for place, rows in self.tables.items() if place[0] == space}


def outcome(call):
    try:
        return call()
    except (StoreFull, NotANumber, Duplicate) as error:
        return type(error)


async def suspended(_):
    raise AssertionError("nobody else writes: there is nothing to wait for")


class Stores(RuleBasedStateMachine):
    """Memory, and one file under two connections that take turns, against the model."""

    def __init__(self):
        super().__init__()
        self.model = Model()
        self.memory = MemoryStore(max_rows=MAX_ROWS)
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "state.db"
        self.files = [sqlite.SqliteStore(path, pause=suspended, max_rows=MAX_ROWS) for _ in range(2)]
        self.seen = {}
        # Small, so that they matter in a short run.
        self.bounds = sqlite.MAX_TOMBSTONES, sqlite.MAX_COPIES
        sqlite.MAX_TOMBSTONES, sqlite.MAX_COPIES = 2, 3

    def teardown(self):
        sqlite.MAX_TOMBSTONES, sqlite.MAX_COPIES = self.bounds
        try:
            for number in range(3):
                self.look(number)
        finally:
            for store in self.files:
                drive(store.close())
            self.folder.cleanup()

    def both(self, who, expected, call):
        wanted = outcome(expected)
        for store in (self.memory, self.files[who]):
            assert outcome(lambda store=store: drive(call(store))) == wanted

    @rule(who=WHO, space=SPACES, table=TABLES, key=KEYS, value=VALUES)
    def put(self, who, **row):
        self.both(who, lambda: self.model.put(**row), lambda store: store.put(**row))

    @rule(who=WHO, space=SPACES, table=TABLES, key=KEYS)
    def delete(self, who, **row):
        self.both(who, lambda: self.model.delete(**row), lambda store: store.delete(**row))

    @rule(who=WHO, space=SPACES, table=TABLES, key=KEYS, amount=st.integers(), start=st.integers())
    def add(self, who, **row):
        self.both(who, lambda: self.model.add(**row), lambda store: store.add(**row))

    @rule(who=WHO, space=SPACES, table=TABLES, key=KEYS, start=st.integers(), step=st.integers())
    def count(self, who, **row):
        wanted = outcome(lambda: self.model.count(**row))
        for store in (self.memory, self.files[who]):
            assert outcome(lambda store=store: store.count(**row)) == wanted

    @rule(
        who=WHO, space=SPACES, table=TABLES, key=KEYS, new=st.one_of(VALUES, st.sampled_from([KEEP, DELETE]))
    )
    def change(self, who, new, **row):
        def how(old):
            return new, old

        self.both(who, lambda: self.model.change(**row, how=how), lambda store: store.change(**row, how=how))

    @rule(who=WHO, space=SPACES, table=TABLES, key=st.none() | KEYS, value=VALUES)
    def insert(self, who, space, table, key, value):
        def make(size):
            return (str(size) if key is None else key), value

        self.both(
            who,
            lambda: self.model.insert(space, table, make),
            lambda store: store.insert(space, table, lambda rows: make(len(rows.items))),
        )

    @rule(
        who=WHO,
        space=SPACES,
        table=TABLES,
        fingerprint=st.sampled_from(["1", "2"]),
        rows=st.dictionaries(KEYS, VALUES, max_size=3),
        replace=st.booleans(),
    )
    def seed(self, who, space, table, fingerprint, rows, replace):
        self.both(
            who,
            lambda: self.model.seed(space, table, fingerprint, rows, replace),
            lambda store: store.seed(space, table, fingerprint, lambda: list(rows.items()), replace),
        )

    @rule(who=WHO, space=st.none() | SPACES, table=st.none() | TABLES)
    def clear(self, who, space, table):
        self.both(who, lambda: self.model.clear(space, table), lambda store: store.clear(space, table))

    @rule(
        who=WHO,
        space=SPACES,
        snapshot=st.dictionaries(TABLES, st.dictionaries(KEYS, VALUES, max_size=3)),
    )
    def restore(self, who, space, snapshot):
        self.both(
            who, lambda: self.model.restore(space, snapshot), lambda store: store.restore(space, snapshot)
        )

    @rule(number=st.sampled_from([0, 1, 2]))
    def look(self, number):
        """Only sometimes, and at one of them, so that the others fall behind by several steps."""
        store = (self.memory, *self.files)[number]
        assert drive(store.spaces()) == sorted({place[0] for place in self.model.tables})
        for space in ("", "one"):
            assert drive(store.snapshot(space)) == self.model.snapshot(space)
            assert drive(store.tables(space)) == sorted(self.model.snapshot(space))
            for table in ("t", "u"):
                self.check_table(number, store, space, table)

    def check_table(self, number, store, space, table):
        rows = drive(store.rows(space, table))
        found = list(rows.items.items())
        assert found == list(self.model.table((space, table)).items())
        assert drive(store.get(space, table, "a", "none")) == dict(found).get("a", "none")
        known, shown = self.seen.get((number, space, table), (rows.version, found))
        assert rows.version >= known
        assert rows.version > known or found == shown
        self.seen[number, space, table] = rows.version, found


Stores.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStores = Stores.TestCase


@pytest.mark.long
@pytest.mark.timeout(600)
class TestStoresForLong(Stores.TestCase):
    settings = settings(
        max_examples=500, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
