import pytest

from understudy.build import build
from understudy.net.stores import store_of
from understudy.state import MemoryStore


def test_memory_is_the_default():
    assert isinstance(store_of(build({})), MemoryStore)


def test_an_sqlite_file_lies_below_the_config(tmp_path):
    (tmp_path / "config.yaml").write_text("state: { store: state.db }\n")
    store_of(build(tmp_path))
    assert (tmp_path / "state.db").exists()


def test_a_file_elsewhere_is_refused(tmp_path):
    (tmp_path / "config.yaml").write_text("state: { store: ../state.db }\n")
    with pytest.raises(Exception, match="outside"):
        store_of(build(tmp_path))
