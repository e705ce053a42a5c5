import asyncio

import pytest

from understudy.state import STORES, open_store


def drive(coroutine):
    """What a coroutine returns that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise AssertionError("it suspended")


@pytest.fixture
def open_sqlite(tmp_path):
    """Open stores on one file, as several processes would; they are closed after the test."""
    from understudy.state.sqlite import SqliteStore

    opened = []

    def start(path=tmp_path / "state.db", *, pause=asyncio.sleep, **options):
        opened.append(SqliteStore(path, pause=pause, **options))
        return opened[-1]

    yield start
    for store in opened:
        drive(store.close())


@pytest.fixture(params=sorted(STORES))
def make_store(request, tmp_path):
    """Open one store of each kind."""
    opened = []

    def start(**options):
        path = tmp_path / f"{len(opened)}.db"
        opened.append(open_store(request.param, path=path, pause=asyncio.sleep, **options))
        return opened[-1]

    yield start
    for store in opened:
        drive(store.close())


@pytest.fixture
def store(make_store):
    return make_store()
