import asyncio
import json
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.kit import get
from understudy import UnderstudyError
from understudy.load.source import digest_of
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


def test_what_was_written_on_the_way_can_be_put_back(kept):
    server, file = kept
    post(server)
    between = file.read_text()
    post(server)
    file.write_text(between)
    server.reload()
    assert len(get(server, "/users").json()) == 2
    post(server)
    assert file.read_text() != between
    file.write_text(between)
    server.reload()
    assert len(get(server, "/users").json()) == 2


@pytest.mark.parametrize("edit", ['{"users": [{"id": 7}]}', '{"users": [{"id": 7},'])
def test_an_edit_that_was_not_read_yet_is_not_written_over(kept, edit):
    server, file = kept
    post(server)
    file.write_text(edit)
    answer = post(server)
    assert answer.status == 500
    assert "somebody has changed it" in answer.json()["error"]
    assert file.read_text() == edit
    file.write_text('{"users": [{"id": 9}]}')
    server.reload()
    assert post(server).json() == {"id": 10}
    assert json.loads(file.read_text())["users"] == [{"id": 9}, {"id": 10}]


def test_a_file_that_is_gone_is_made_again(kept):
    server, file = kept
    file.unlink()
    assert post(server).status == 201
    assert len(json.loads(file.read_text())["users"]) == 2


def test_live_endpoints_do_not_bring_back_the_old_data(kept):
    server, file = kept
    post(server)
    endpoint = b'{"path": "/new", "response": 1}'
    assert get(server, "/__endpoints", "POST", "Content-Type: application/json\r\n", endpoint).status == 201
    assert len(get(server, "/users").json()) == 2
    assert post(server).json() == {"id": 3}
    assert len(json.loads(file.read_text())["users"]) == 3


def test_marks(tmp_path):
    file = tmp_path / "db.json"
    writer = FileWriter()

    async def write(text, read):
        async def take():
            return lambda: text.encode()

        await writer.write(file, read, take)

    first = writer.mark(file, "t", "a")
    assert writer.mark(file, "t", "a") == first
    asyncio.run(write("b", ""))
    assert writer.mark(file, "t", "a") == first, "the file has what was written here"
    file.write_text("c")
    assert not writer.is_own(file)
    changed = writer.mark(file, "t", "c")
    assert changed != first
    assert writer.mark(file, "t", "c") == changed
    assert not writer.is_own(file)
    file.write_text("b")
    assert writer.mark(file, "t", "b") not in {first, changed}
    with pytest.raises(UnderstudyError, match="somebody has changed it"):
        asyncio.run(write("d", digest_of("c")))
    asyncio.run(write("d", digest_of("b")))
    assert file.read_text() == "d"
