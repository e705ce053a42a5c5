"""The store in a file: processes, restarts, kills; what all stores do alike is in test_contract.py."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.state.conftest import drive
from understudy.state import DELETE, Duplicate, StoreError, StoreFull
from understudy.state import sqlite as module

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def worker(path):
    """Start processes on the same file; they wait for a line before they begin."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.state.worker", arguments[0], path, *map(str, arguments[1:])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def is_whole(path):
    connection = sqlite3.connect(path)
    try:
        (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
        used, rows, seeds = connection.execute(
            "SELECT used, (SELECT count(*) FROM row WHERE value IS NOT NULL), (SELECT count(*) FROM seed)"
            " FROM state"
        ).fetchone()
    finally:
        connection.close()
    return answer == "ok" and used == rows + seeds


# Restart, kill


def test_everything_is_there_after_a_restart(open_sqlite, path):
    store = open_sqlite()
    drive(store.seed("", "users", "1", lambda: [("b", {"id": "b"}), ("a", None)], replace=True))
    drive(store.put("one", "t", "ключ", [1, "\0"]))
    drive(store.add("", "n", "n", 5))
    drive(store.put("", "users", "c", 1))
    drive(store.delete("", "users", "b"))
    drive(store.close())
    store = open_sqlite()
    assert list(drive(store.rows("", "users")).items.items()) == [("a", None), ("c", 1)]
    assert drive(store.get("one", "t", "ключ")) == [1, "\0"]
    assert drive(store.add("", "n", "n")) == 6
    drive(store.seed("", "users", "1", lambda: pytest.fail("seeded again"), replace=True))
    assert is_whole(path)


def test_a_kill_loses_nothing_that_was_acknowledged(worker, open_sqlite, path):
    process = worker("write_on")
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "ready\n"
    told = [process.stdout.readline() for _ in range(500)]
    process.kill()
    told += process.stdout.read().splitlines(keepends=True)
    acknowledged = [int(line) for line in told if line.endswith("\n")]
    assert len(acknowledged) >= 500
    store = open_sqlite()
    rows = drive(store.rows("", "t")).items
    assert [rows[str(number)]["number"] for number in acknowledged] == acknowledged
    assert drive(store.get("", "n", "n")) >= len(acknowledged)
    assert len(rows) - drive(store.get("", "n", "n")) in {0, 1}
    drive(store.add("", "n", "n"))
    drive(store.close())
    assert is_whole(path)


# Several processes


def test_four_processes_lose_nothing_and_give_nothing_twice(worker, open_sqlite, path):
    steps = 50
    processes = [worker("contend", steps) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in processes]
    together = {name: sorted(item for one in told for item in one[name]) for name in told[0]}
    assert together["sums"] == list(range(1, 4 * steps + 1))
    assert together["counts"] == list(range(1, 4 * steps + 1))
    assert together["keys"] == sorted(str(number) for number in range(4 * steps))
    assert together["claimed"] == list(range(steps))
    store = open_sqlite()
    assert list(drive(store.rows("", "rows")).items) == [str(number) for number in range(4 * steps)]
    assert is_whole(path)


@pytest.fixture
def two(open_sqlite):
    return open_sqlite(), open_sqlite()


def items(store, table="t"):
    return list(drive(store.rows("", table)).items.items())


def test_one_sees_what_the_other_writes(two):
    one, other = two
    drive(one.put("", "t", "a", 1))
    assert drive(other.get("", "t", "a")) == 1
    drive(other.put("", "t", "a", 2))
    assert drive(one.get("", "t", "a")) == 2
    drive(one.delete("", "t", "a"))
    assert drive(other.get("", "t", "a")) is None
    assert drive(other.add("", "t", "n")) == 1
    assert one.count("", "t", "n", 1, 1) == 2


def test_one_sees_the_others_rows_in_order(two):
    one, other = two
    for key in "abc":
        drive(one.put("", "t", key, 1))
    before = drive(other.rows("", "t"))
    known = before.version
    assert list(before.items) == ["a", "b", "c"]
    for key in "de":
        drive(one.put("", "t", key, 1))
    drive(one.put("", "t", "d", 2))  # changed later than "e", but created before
    drive(one.put("", "t", "b", 2))
    drive(one.delete("", "t", "a"))
    drive(one.put("", "t", "a", 2))
    assert items(other) == [("b", 2), ("c", 1), ("d", 2), ("e", 1), ("a", 2)]
    assert drive(other.rows("", "t")).version > known
    with pytest.raises(Duplicate):
        drive(other.insert("", "t", lambda rows: ("e", 1)))


def test_one_sees_the_others_seed_clear_and_restore(two):
    one, other = two
    assert items(other) == []
    drive(one.seed("", "t", "1", lambda: [("a", 1)], replace=True))
    drive(other.seed("", "t", "1", lambda: pytest.fail("seeded again"), replace=True))
    assert items(other) == [("a", 1)]
    drive(one.clear())
    drive(other.seed("", "t", "1", lambda: [("b", 1)], replace=True))
    assert items(one) == items(other) == [("b", 1)]
    drive(other.restore("", {"t": {"c": 1}}))
    assert items(one) == [("c", 1)]


def test_one_sees_that_the_other_seeded_other_data(two):
    one, other = two
    drive(one.seed("", "t", "1", list, replace=True))
    drive(other.seed("", "t", "2", lambda: [("a", 1)], replace=True))
    drive(one.put("", "u", "x", 1))
    drive(one.seed("", "t", "1", lambda: [("b", 1)], replace=True))
    assert items(one) == items(other) == [("b", 1)]


def test_the_bound_counts_what_the_other_wrote(open_sqlite):
    one, other = open_sqlite(max_rows=2), open_sqlite(max_rows=2)
    drive(one.put("", "t", "a", 1))
    drive(other.put("", "t", "b", 1))
    with pytest.raises(StoreFull):
        drive(one.put("", "t", "c", 1))
    drive(other.delete("", "t", "a"))
    drive(one.put("", "t", "c", 1))


def test_deleted_rows_do_not_pile_up(two, path, monkeypatch):
    monkeypatch.setattr(module, "MAX_TOMBSTONES", 10)
    one, other = two
    for number in range(100):
        drive(one.put("", "t", str(number), 1))
        assert list(drive(other.rows("", "t")).items) == [str(number)]
        drive(one.delete("", "t", str(number)))
    assert items(other) == []
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM row").fetchone()[0] <= 11
    connection.close()
    assert is_whole(path)


def test_only_so_many_tables_are_held(open_sqlite, monkeypatch):
    monkeypatch.setattr(module, "MAX_COPIES", 10)
    store = open_sqlite()
    for number in range(100):
        assert drive(store.get("", str(number), "a")) is None
    assert len(store._copies) <= 10


# Waiting


class Lock:
    """Another process in the middle of a transaction."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.pauses = []
        self.last = None

    def take(self, last=None):
        """Hold the lock for so many pauses."""
        self.last = last
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute("UPDATE state SET gone = gone")

    async def pause(self, seconds):
        self.pauses.append(seconds)
        if len(self.pauses) == self.last:
            self.connection.execute("COMMIT")


@pytest.fixture
def lock(open_sqlite, path):
    drive(open_sqlite().close())
    lock = Lock(path)
    yield lock
    lock.connection.close()


def test_a_step_waits_for_its_turn_longer_each_time(open_sqlite, lock):
    store = open_sqlite(pause=lock.pause)
    lock.take(last=9)
    assert drive(store.add("", "t", "n")) == 1
    assert lock.pauses == [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.05, 0.05, 0.05]


def test_a_step_gives_up_in_the_end_and_changes_nothing(open_sqlite, lock, path):
    store = open_sqlite(pause=lock.pause)
    lock.take()
    with pytest.raises(StoreError, match=r"others have been writing for 10 s without a break") as caught:
        drive(store.change("", "t", "n", lambda old: pytest.fail("called without the lock")))
    assert str(path) in str(caught.value)
    assert 10 <= sum(lock.pauses) < 10.1
    lock.connection.execute("ROLLBACK")
    assert drive(store.add("", "t", "n")) == 1


def test_reading_does_not_wait_for_who_writes(open_sqlite, lock):
    store = open_sqlite(pause=lock.pause)
    drive(store.put("", "t", "a", 1))
    lock.take()
    assert drive(store.get("", "t", "a")) == 1
    assert items(store, "u") == []
    assert drive(store.tables("")) == ["t"]
    assert lock.pauses == []


def test_count_blocks_for_a_bounded_time(open_sqlite, lock, monkeypatch):
    monkeypatch.setattr(module, "COUNT_WAIT_MS", 1)
    store = open_sqlite(pause=lock.pause)
    lock.take()
    with pytest.raises(StoreError, match="others have been writing"):
        store.count("", "t", "n", 1, 1)
    lock.connection.execute("ROLLBACK")
    assert store.count("", "t", "n", 1, 1) == 1
    assert lock.pauses == []


def test_coroutines_that_wait_do_not_meet_inside_a_transaction(open_sqlite, lock):
    store = open_sqlite(pause=lock.pause)

    async def pause(seconds):
        await lock.pause(seconds)
        await asyncio.sleep(0)

    store._pause = pause

    async def work():
        lock.take(last=60)
        return await asyncio.gather(*(store.add("", "t", "n") for _ in range(20)))

    assert sorted(asyncio.run(work())) == list(range(1, 21))


# Steps that fail


def test_a_count_within_a_step_that_fails_is_undone(open_sqlite):
    store = open_sqlite()
    store.count("", "t", "n", 1, 1)

    def make(rows):
        store.count("", "t", "n", 1, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drive(store.insert("", "t", make))
    assert store.count("", "t", "n", 1, 1) == 2


def test_a_full_disk_is_told_and_loses_nothing(open_sqlite):
    store = open_sqlite()
    drive(store.put("", "t", "a", 1))
    (pages,) = store._execute("PRAGMA page_count").fetchone()
    store._execute(f"PRAGMA max_page_count = {pages}").fetchall()
    with pytest.raises(StoreError, match=r"state\.db: the disk is full: free some space"):
        drive(store.put("", "t", "b", "x" * 1_000_000))
    assert items(store) == [("a", 1)]
    assert drive(store.change("", "t", "a", lambda old: (DELETE, old))) == 1


def test_a_damaged_row_is_named(open_sqlite, path):
    drive(open_sqlite().put("", "users", "7", {"id": 7}))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE row SET value = '{'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"state\.db: row '7' of 'users' is damaged .*: move it and"):
        drive(open_sqlite().get("", "users", "7"))


def test_a_closed_store_says_so(open_sqlite):
    store = open_sqlite()
    drive(store.put("", "t", "a", 1))
    drive(store.close())
    drive(store.close())
    for step in (store.get("", "t", "a"), store.put("", "t", "a", 1), store.tables("")):
        with pytest.raises(StoreError, match="the store is closed"):
            drive(step)
