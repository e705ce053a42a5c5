import json
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.kit import get
from understudy.net.writer import FileWriter

TEXT = '{\n    "users": [\n        {"id": 1, "name": "Adä"}\n    ],\n    "other": [1]\n}\n'


@pytest.fixture
def kept(tmp_path, serve):
    """A server that keeps what is written in a file, and the file."""
    file = tmp_path / "db.json"
    file.write_text(TEXT)
    file.chmod(0o600)
    config = {
        "database": "db.json",
        "state": {"persist": True},
        "endpoints": [{"path": "/users", "resource": "users"}],
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    return serve(tmp_path / "config.json"), file


def post(server, body=b"{}", headers=""):
    return get(server, "/users", "POST", f"Content-Type: application/json\r\n{headers}", body)


def test_what_is_written_is_in_the_file_when_it_is_acknowledged(kept):
    server, file = kept
    assert post(server, b'{"name": "B"}').status == 201
    assert json.loads(file.read_text()) == {
        "users": [{"id": 1, "name": "Adä"}, {"id": 2, "name": "B"}],
        "other": [1],
    }
    assert file.read_text().startswith('{\n    "users": [\n        {')
    assert "Adä" in file.read_text()
    assert file.read_text().endswith("}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(one.name for one in file.parent.iterdir()) == ["config.json", "db.json"]


def test_many_at_once_are_all_in_the_file(kept):
    server, file = kept
    with httpx.Client(base_url=server.url) as client, ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: client.post("/users", json={"n": n}).status_code, range(60)))
    assert statuses == [201] * 60
    assert [user["id"] for user in json.loads(file.read_text())["users"]] == list(range(1, 62))


def test_a_reload_after_own_writes_changes_nothing(kept):
    server, _ = kept
    post(server)
    server.reload()
    post(server)
    assert [user["id"] for user in get(server, "/users").json()] == [1, 2, 3]


def test_an_edit_of_the_file_is_taken_over_also_back_to_what_it_was(kept):
    server, file = kept
    post(server)
    file.write_text('{"users": [{"id": 7}]}')
    server.reload()
    assert get(server, "/users").json() == [{"id": 7}]
    post(server)
    assert file.read_text() == '{"users":[{"id":7},{"id":8}]}'
    file.write_text(TEXT)
    server.reload()
    assert get(server, "/users").json() == [{"id": 1, "name": "Adä"}]


def test_the_watcher_can_tell_our_writes_from_others(kept):
    server, file = kept
    writer = server._server.writer
    assert not writer.is_own(file)
    post(server)
    assert writer.is_own(file)
    file.write_text(TEXT)
    assert not writer.is_own(file)


def test_other_spaces_are_not_kept(kept):
    server, file = kept
    assert post(server, headers="X-Understudy-Space: mine\r\n").status == 201
    assert file.read_text() == TEXT


def test_a_file_that_cannot_be_written_is_told(kept):
    server, file = kept
    file.unlink()
    file.mkdir()
    answer = post(server)
    assert answer.status == 500
    assert "db.json cannot be written" in answer.json()["error"]


def test_marks():
    writer = FileWriter()
    first = writer.mark("t", "a")
    assert writer.mark("t", "a") == first
    writer._written["t"].append("b")
    assert writer.mark("t", "b") == first
    changed = writer.mark("t", "c")
    assert changed != first
    writer._written["t"].append("d")
    assert writer.mark("t", "c") != changed
