"""Opening the file, and what can be wrong with it."""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest

from tests.state.conftest import drive
from understudy.state import StoreError
from understudy.state.sqlite_file import SCHEMA_VERSION

NOBODY = 65534


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def database(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_the_files_are_for_their_owner_only(open_sqlite, tmp_path):
    drive(open_sqlite().put("", "t", "a", 1))
    files = {path.name: mode_of(path) for path in tmp_path.iterdir()}
    assert files == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


def test_a_file_that_is_there_keeps_its_permissions(open_sqlite, tmp_path):
    path = tmp_path / "shared.db"
    path.touch()
    path.chmod(0o660)
    drive(open_sqlite(path).put("", "t", "a", 1))
    assert mode_of(path) == 0o660


def test_after_close_one_file_is_everything(open_sqlite, tmp_path):
    store = open_sqlite()
    drive(store.put("", "t", "a", 1))
    drive(store.close())
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]
    moved = shutil.copy(tmp_path / "state.db", tmp_path / "moved.db")
    assert drive(open_sqlite(Path(moved)).get("", "t", "a")) == 1


def test_opening_a_second_time_leaves_the_first_its_locks(open_sqlite, tmp_path):
    first = open_sqlite()
    drive(open_sqlite().close())
    drive(first.put("", "t", "a", 1))
    assert (tmp_path / "state.db-wal").exists()
    assert drive(open_sqlite().get("", "t", "a")) == 1


@pytest.mark.parametrize(("asked", "level"), [("normal", 1), ("full", 2)])
def test_how_much_a_power_cut_may_cost_is_chosen(open_sqlite, asked, level):
    store = open_sqlite(synchronous=asked)
    assert store._execute("PRAGMA synchronous").fetchone() == (level,)
    drive(store.put("", "t", "a", 1))


def test_what_is_no_database_is_left_alone(open_sqlite, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StoreError, match=r"notes\.txt: is not a SQLite database: choose another file"):
        open_sqlite(path)
    assert path.read_text() == "dear diary, " * 1000


def test_another_programs_database_is_left_alone(open_sqlite, tmp_path):
    path = tmp_path / "theirs.db"
    database(path, "CREATE TABLE row (a)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"theirs\.db: is the database of another program: choose another"):
        open_sqlite(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_left_alone(open_sqlite, tmp_path):
    drive(open_sqlite().close())
    path = tmp_path / "state.db"
    database(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(
        StoreError, match=r"written by a newer Understudy \(its schema is 2, this one knows 1\): update"
    ):
        open_sqlite()


def test_a_damaged_file_is_told(open_sqlite, tmp_path):
    store = open_sqlite()
    for number in range(200):
        drive(store.put("", "t", str(number), "x" * 200))
    drive(store.close())
    path = tmp_path / "state.db"
    data = bytearray(path.read_bytes())
    data[1024:] = b"\xa5" * (len(data) - 1024)  # all but the head and the schema
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"state\.db: is damaged: move it and the two files beside it"):
        drive(open_sqlite().get("", "t", "7"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/state.db", r"missing/state\.db: the folder is missing: make it, or choose another place"),
        ("folder", "folder: is not a file: choose another name"),
        ("link", "link: is not a file"),
        ("pipe", "pipe: is not a file"),
        ("file/state.db", "cannot be opened"),
        ("a" * 300, "cannot be opened"),
        ("a\0b", "cannot be opened"),
    ],
)
def test_a_path_that_cannot_be_used_is_told(open_sqlite, tmp_path, name, why):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match=why):
        open_sqlite(tmp_path / name)
    assert not (tmp_path / "nowhere").exists()


@contextlib.contextmanager
def without_privileges():
    """As an ordinary user, also where the tests run as root."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_told(open_sqlite, open_folder):
    open_folder.chmod(0o555)
    with without_privileges(), pytest.raises(StoreError, match=r"state\.db: no permission to write: SQLite"):
        open_sqlite(open_folder / "state.db")
    assert list(open_folder.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(open_sqlite, open_folder):
    path = open_folder / "state.db"
    drive(open_sqlite(path).close())
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with without_privileges(), pytest.raises(StoreError, match="no permission to write"):
        open_sqlite(path)


def test_a_file_that_cannot_be_read_is_told(open_sqlite, open_folder):
    path = open_folder / "state.db"
    drive(open_sqlite(path).close())
    path.chmod(0o000)
    with without_privileges(), pytest.raises(StoreError, match="no permission to write"):
        open_sqlite(path)
