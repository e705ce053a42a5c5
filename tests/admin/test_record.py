"""/__record: what is recorded, and switching it."""

import json

import pytest

from tests.kit import get
from tests.record.live import Real, files, n, only, project, told


@pytest.fixture
def real():
    with Real() as server:
        yield server


@pytest.fixture
def plain(serve, tmp_path):
    """A server without any recording."""
    config = {"endpoints": [{"path": "/mine", "response": {"n": 0}}]}
    return serve(project(tmp_path, config))


@pytest.fixture
def between(serve, real, tmp_path):
    def start(**record):
        return serve(project(tmp_path, {"proxy": real.url, "record": record}))

    return start


def post(server, path, content=None):
    return get(server, path, "POST", body=b"" if content is None else json.dumps(content).encode())


def put(server, content):
    return get(server, "/__record", "PUT", body=json.dumps(content).encode())


# --- without `record` in the config -------------------------------------------------------------------------


def test_start_and_stop_without_any_config(plain, real, tmp_path):
    assert told(plain) == {"recording": False, "folders": []}
    answer = post(plain, "/__record/start", {"target": real.url})
    assert answer.status == 201
    assert answer.json()["recording"] is True
    assert [n(plain, "/mine"), n(plain, "/a"), n(plain, "/a")] == [0, 1, 2]
    stopped = post(plain, "/__record/stop").json()
    assert stopped["recording"] is False
    assert stopped["folders"][0] | {"unused": None} == {
        "folder": "recordings",
        "mode": "replay",
        "exchanges": 2,
        "added": 2,
        "unused": None,
        "drift": 0,
    }
    assert [n(plain, "/a"), n(plain, "/a"), n(plain, "/b")] == [1, 2, 404]
    assert len(files(tmp_path / "recordings")) == 2


def test_start_again_goes_on(plain, real):
    post(plain, "/__record/start", {"target": real.url})
    n(plain)
    post(plain, "/__record/stop")
    assert post(plain, "/__record/start", {}).json()["folders"][0]["mode"] == "record"
    assert n(plain) == 2
    assert post(plain, "/__record/start", {"mode": "once"}).status == 201
    assert [n(plain), n(plain, "/c")] == [1, 3]


def test_start_with_another_server_and_folder(plain, real, tmp_path):
    post(plain, "/__record/start", {"target": real.url})
    with Real() as other:
        wanted = {"target": other.url, "folder": "others", "mode": "once"}
        folders = post(plain, "/__record/start", wanted).json()["folders"]
        assert [(folder["folder"], folder["mode"]) for folder in folders] == [("others", "once")]
        assert [n(plain), n(plain)] == [1, 1]
        assert other.count == 1
        assert real.count == 0
    assert len(files(tmp_path / "others")) == 1


def test_start_with_a_folder_that_has_recordings(plain, real):
    post(plain, "/__record/start", {"target": real.url, "folder": "kept"})
    n(plain)
    post(plain, "/__record/start", {"target": real.url, "folder": "other"})
    n(plain)
    post(plain, "/__record/start", {"target": real.url, "folder": "kept", "mode": "once"})
    assert n(plain) == 1
    assert [folder["exchanges"] for folder in told(plain)["folders"]] == [1]


def test_what_is_started_is_a_live_endpoint(plain, real):
    post(plain, "/__record/start", {"target": real.url})
    assert get(plain, "/__endpoints/recording").status == 200
    assert get(plain, "/__endpoints/recording", "DELETE").status == 200
    assert n(plain) == 404
    assert told(plain)["folders"] == []


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ({}, 422, "give a `target`"),
        ({"target": "api.example.com"}, 422, "no address of a server"),
        ({"target": "http://a", "folder": "../out"}, 422, "outside"),
        ({"target": "http://a", "mode": "recrod"}, 422, '"suggestion":"\\"record'),
        ({"target": "http://a", "fodler": "x"}, 422, "folder"),
        ({"folder": "nosuch"}, 404, "nosuch"),
        ([], 422, ""),
    ],
)
def test_a_start_that_cannot_be(plain, content, status, said):
    answer = post(plain, "/__record/start", content)
    assert (answer.status, said in answer.body.decode()) == (status, True), answer.body
    assert told(plain) == {"recording": False, "folders": []}


def test_what_needs_a_recording_says_so(plain):
    assert put(plain, {"mode": "record"}).status == 409
    assert "POST /__record/start" in put(plain, {"mode": "record"}).json()["error"]
    assert post(plain, "/__record/stop").json()["error"] == "nothing is being recorded"
    assert post(plain, "/__record/rewind").json()["folders"] == []
    assert told(plain, "/__record/exchanges") == {"exchanges": [], "count": 0}
    assert told(plain, "/__record/drift") == {"folders": []}


# --- with it ------------------------------------------------------------------------------------------------


def test_switching(between, real):
    server = between(mode="record")
    assert [n(server), n(server)] == [1, 2]
    assert put(server, {"mode": "simulate"}).json()["folders"][0]["mode"] == "replay"
    assert [n(server), n(server), n(server)] == [1, 2, 2]
    assert put(server, {"mode": "once", "folder": "recordings"}).status == 200
    assert [n(server), n(server, "/c")] == [1, 3]
    assert put(server, {"mode": "once", "folder": "nosuch"}).status == 404
    assert put(server, {"mode": "nosuch"}).status == 422
    assert put(server, {}).status == 422
    assert only(server)["mode"] == "once"


def test_switching_without_a_server_to_ask(serve, between, tmp_path):
    first = between(mode="record")
    n(first)
    first.stop()
    server = serve(project(tmp_path, {"record": True}))
    answer = put(server, {"mode": "once"})
    assert answer.status == 409
    assert "no `proxy`" in answer.json()["error"]
    assert only(server)["mode"] == "replay"
    assert post(server, "/__record/start").status == 422


def test_start_on_a_config_that_has_a_proxy(between):
    server = between(mode="replay")
    assert n(server) == 404
    assert post(server, "/__record/start").json()["recording"] is True
    assert n(server) == 1


def test_exchanges_are_listed(between):
    server = between(mode="record")
    n(server)
    get(server, "/b?x=1", "POST", body=b"{}")
    told_ = told(server, "/__record/exchanges")
    assert told_["count"] == 2
    first, second = told_["exchanges"]
    assert (first["method"], first["status"], first["failure"], first["used"]) == ("GET", 200, None, True)
    assert second["url"].endswith("/b?x=1")
    assert second["id"]


def test_unused_after_a_restart(between):
    first = between(mode="record")
    n(first, "/a")
    n(first, "/b")
    first.stop()
    server = between(mode="replay")
    assert len(only(server)["unused"]) == 2
    n(server, "/a")
    n(server, "/a")
    [left] = told(server, "/__record/exchanges?unused=true")["exchanges"]
    assert left["url"].endswith("/b")


# --- and a reload -------------------------------------------------------------------------------------------


def test_a_reload_keeps_what_was_switched_and_added(between):
    server = between(mode="replay")
    put(server, {"mode": "record"})
    assert [n(server), n(server), n(server, "/b")] == [1, 2, 3]
    put(server, {"mode": "once"})
    assert n(server) == 1
    assert post(server, "/__reload").status == 200
    assert only(server)["mode"] == "once"
    assert (only(server)["exchanges"], only(server)["added"]) == (3, 3)
    assert n(server) == 2  # it goes on where it was
    assert only(server)["unused"] == []


def test_a_reload_reads_what_was_edited_by_hand(between, tmp_path):
    server = between(mode="record")
    n(server)
    put(server, {"mode": "replay"})
    assert n(server) == 1
    [file] = list((tmp_path / "recordings").rglob("*.json"))
    file.write_text(file.read_text().replace('"n": 1', '"n": 77'))
    assert n(server) == 1
    post(server, "/__reload")
    assert n(server) == 77


def test_a_reload_forgets_what_was_removed_by_hand(between, tmp_path):
    server = between(mode="record")
    n(server)
    put(server, {"mode": "replay"})
    [file] = list((tmp_path / "recordings").rglob("*.json"))
    file.unlink()
    post(server, "/__reload")
    assert n(server) == 404


def test_another_mode_in_the_file_wins_over_what_was_switched(between, real, tmp_path):
    server = between(mode="record")
    put(server, {"mode": "passthrough"})
    project(tmp_path, {"proxy": real.url, "record": {"mode": "once"}})
    post(server, "/__reload")
    assert only(server)["mode"] == "once"


def test_a_broken_folder_leaves_the_old_one_serving(between, tmp_path):
    server = between(mode="once")
    n(server)
    [file] = list((tmp_path / "recordings").rglob("*.json"))
    file.write_text("{")
    answer = post(server, "/__reload")
    assert answer.status >= 400
    assert file.name in answer.body.decode()
    assert n(server) == 1


def test_a_live_endpoint_keeps_the_positions(between):
    server = between(mode="record")
    assert [n(server), n(server)] == [1, 2]
    put(server, {"mode": "replay"})
    assert n(server) == 1
    server.add({"path": "/mine", "response": {"n": 0}})
    assert [n(server), n(server, "/mine")] == [2, 0]


def test_requests_on_their_way_during_a_reload_are_kept(serve, tmp_path):
    from threading import Event, Thread

    from tests.net.upstream.kit import RawUpstream, reply

    came, go_on = Event(), Event()

    def slow(connection, asked):
        came.set()
        go_on.wait(10)
        connection.sendall(reply("Content-Type: application/json", body=b'{"n": 5}'))

    with RawUpstream(slow) as upstream:
        server = serve(project(tmp_path, {"proxy": upstream.url, "record": {"mode": "once"}}))
        client = Thread(target=n, args=(server,))
        client.start()
        assert came.wait(10)
        post(server, "/__reload")
        go_on.set()
        client.join()
    assert n(server) == 5
    assert only(server)["exchanges"] == 1
