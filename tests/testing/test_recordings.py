"""What tests do with recordings: look, switch, and see that none is left over."""

import pytest

from tests.kit import get
from tests.record.live import Real, n, project
from understudy import UnderstudyError


@pytest.fixture
def server(serve, tmp_path):
    with Real() as real:
        yield serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))


def test_a_server_records_and_replays(server):
    assert [n(server), n(server), n(server, "/b")] == [1, 2, 3]
    assert server.recordings()["recording"] is True
    told = server.switch_recording("replay")
    assert told == server.recordings()
    assert told["folders"][0]["mode"] == "replay"
    assert told["folders"][0]["exchanges"] == 3
    assert server.switch_recording("none", "recordings") == told
    assert [n(server), n(server), n(server)] == [1, 2, 2]
    server.rewind_recordings()
    assert n(server) == 1


def test_what_is_left_over(server):
    n(server)
    n(server, "/b")
    assert server.unused_recordings() == []
    server._running().program.tapes[0].shelf.used.clear()
    server.switch_recording("replay")
    n(server)
    [left] = server.unused_recordings("recordings")
    assert left["url"].endswith("/b")
    assert left["folder"] == "recordings"


def test_reset_begins_anew(server):
    assert [n(server), n(server)] == [1, 2]
    server.switch_recording("replay")
    assert n(server) == 1
    server.reset()
    assert server.recordings()["folders"][0]["mode"] == "record"
    assert n(server) == 3
    server.switch_recording("replay")
    space = server.space("x")
    assert [n(server), n(server, space="x")] == [1, 1]
    space.reset()
    assert [n(server), n(server, space="x")] == [2, 1]


@pytest.mark.parametrize(
    ("arguments", "said"), [(["nosuch"], "there is no mode"), (["record", "nosuch"], "nosuch")]
)
def test_what_cannot_be(server, arguments, said):
    with pytest.raises(UnderstudyError, match=said):
        server.switch_recording(*arguments)
    with pytest.raises(UnderstudyError, match="nosuch"):
        server.unused_recordings("nosuch")


def test_a_server_that_cannot_record(serve):
    server = serve({"endpoints": []})
    assert server.recordings() == {"recording": False, "folders": []}
    assert server.unused_recordings() == []
    with pytest.raises(UnderstudyError, match="no `record`"):
        server.switch_recording("record")


def test_recordings_stand_in_the_folder_that_is_given(serve, tmp_path):
    real = serve({"endpoints": [{"path": "/a", "response": "real"}]})
    config = {"proxy": real.url, "record": {"folder": "recorded", "mode": "${MODE:-record}"}}
    server = serve(config, folder=tmp_path)
    assert get(server, "/a").json() == "real"
    assert list((tmp_path / "recorded").rglob("*.json"))
    server.reload({"record": str(tmp_path / "recorded")})
    real.stop()
    assert get(server, "/a").json() == "real"
