"""Live endpoints: added, replaced, patched, deleted, written back; whole or not at all."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.admin.kit import control, endpoint, in_space
from tests.kit import Wire, get, wait_for
from understudy import ConfigError

YAML = """\
# what the shop offers
port: 8000   # the usual one
endpoints:
  # users come first
  - path: /users   # all of them
    response: { id: "x",  b: 'y' }   # odd   spaces
    status: 200

  - name: two words/and a slash
    path: '/b'
log: { max_entries: 300 }
"""
JSON = """{
    "port": 8000,
    "endpoints": [
        {"path": "/users", "status":   200},
        {
            "path": "/b",
            "name": "two words/and a slash"
        }
    ]
}
"""
TOML = """\
# what the shop offers
port = 8000

[[endpoints]]
path = "/users"  # all of them
status = 200

[[endpoints]]
name = 'two words/and a slash'
path = "/b"
"""
FILES = {"yaml": YAML, "json": JSON, "toml": TOML}


@pytest.fixture
def server(endpoints):
    return endpoints({"path": "/a", "response": "config"}, {"path": "/b", "name": "b", "status": 201})


def names(server, **options):
    return [one["name"] for one in control(server, "GET", "/__endpoints", **options).json()["endpoints"]]


def test_list_says_where_each_comes_from(tmp_path, serve):
    file = tmp_path / "config.yaml"
    file.write_text(YAML)
    server = serve(file)
    get(server, "/users")
    control(server, "POST", "/__endpoints", {"path": "/live", "method": ["PUT", "PATCH"]})
    live, users, other = control(server, "GET", "/__endpoints").json()["endpoints"]
    assert live == {
        "name": "PUT,PATCH /live",
        "method": ["PUT", "PATCH"],
        "path": "/live",
        "hits": 0,
        "origin": "live",
        "definition": {"path": "/live", "method": ["PUT", "PATCH"]},
    }
    assert (users["origin"], users["line"], users["hits"]) == ("file", 5, 1)
    assert users["file"].endswith("config.yaml")
    assert other["definition"] == {"name": "two words/and a slash", "path": "/b"}


def test_names_with_slashes_and_spaces(tmp_path, serve):
    file = tmp_path / "config.yaml"
    file.write_text(YAML)
    server = serve(file)
    assert control(server, "GET", endpoint("two words/and a slash")).json()["path"] == "/b"
    assert control(server, "GET", "/__endpoints/two%20words/and%20a%20slash").json()["path"] == "/b"
    missing = control(server, "GET", endpoint("two words"))
    assert (missing.status, missing.json()["nearest"]) == (404, ["two words/and a slash"])


def test_a_live_endpoint_answers_before_the_files_and_the_newest_first(server):
    for number in (1, 2):
        added = control(server, "POST", "/__endpoints", {"path": "/a", "response": number})
        assert added.status == 201
        assert get(server, "/a").json() == number
    assert added.json()["names"] == ["GET /a #2"]  # the newest; that of the config keeps its name
    assert names(server) == ["GET /a #2", "GET /a #3", "GET /a", "b"]
    control(server, "POST", "/__endpoints", {"path": "/a", "response": "low", "priority": -1})
    assert get(server, "/a").json() == 2


def test_a_list_is_added_whole_in_its_order(server):
    added = control(
        server,
        "POST",
        "/__endpoints",
        [{"path": "/n", "name": "first", "response": 1}, {"path": "/n", "name": "second", "response": 2}],
    )
    assert added.json()["names"] == ["first", "second"]
    assert get(server, "/n").json() == 1


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"path": "/x", "stauts": 200}, "stauts"),
        ([{"path": "/x"}, {"path": "y"}], "[1].path"),
        ({"path": "/x", "response": "{{ nothing_such }}"}, "response"),
        ({"path": "/x", "match": {"query": {"a": {"matches": "("}}}}, "match.query.a.matches"),
        ({"path": "/{a"}, "path"),
        ("text", ""),
        ({"path": "/x", "response": "${THIS_IS_NOT_SET}"}, "response"),
        ({"path": "/x", "file": "../outside"}, "file"),
    ],
)
def test_what_is_wrong_changes_nothing(server, content, path):
    before = names(server)
    answer = control(server, "POST", "/__endpoints", content)
    assert answer.status == 422
    [problem] = answer.json()["problems"]
    assert problem.get("path", "") == path
    assert "file" not in problem
    assert names(server) == before


def test_the_nearest_spelling_is_told(server):
    answer = control(server, "POST", "/__endpoints", {"path": "/x", "stauts": 200})
    assert answer.json()["problems"][0]["suggestion"] == '"status"'


def test_not_json(server):
    assert get(server, "/__endpoints", "POST", body=b"{").status == 400
    assert get(server, "/__endpoints", "POST", body=b"[" * 5000).status == 400


def test_a_name_that_is_taken(server):
    answer = control(server, "POST", "/__endpoints", {"path": "/x", "name": "b"})
    assert answer.status == 409
    assert "PUT" in answer.json()["error"]


def test_put_replaces_in_its_place_or_creates(server):
    assert control(server, "PUT", endpoint("GET /a"), {"path": "/a", "response": "new"}).status == 200
    assert get(server, "/a").json() == "new"
    assert names(server) == ["GET /a", "b"]
    created = control(server, "PUT", endpoint("mine"), {"path": "/mine", "response": 1})
    assert (created.status, created.json()["name"]) == (201, "mine")
    assert control(server, "PUT", endpoint("mine"), {"path": "/mine", "response": 2}).status == 200
    assert get(server, "/mine").json() == 2
    renamed = control(server, "PUT", endpoint("mine"), {"path": "/mine", "name": "yours"})
    assert renamed.json()["name"] == "yours"
    assert control(server, "GET", endpoint("mine")).status == 404
    assert control(server, "PUT", endpoint("yours"), {"path": "/x", "name": "b"}).status == 409


def test_patch_is_a_merge_patch_on_what_was_written(server, monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "hidden value")
    control(
        server,
        "POST",
        "/__endpoints",
        {
            "path": "/p",
            "name": "p",
            "status": 202,
            "response": {"a": 1, "b": {"c": "${SOME_SECRET}", "d": 3}},
        },
    )
    answer = control(server, "PATCH", endpoint("p"), {"status": None, "response": {"b": {"d": None}}})
    assert answer.json()["definition"] == {
        "path": "/p",
        "name": "p",
        "response": {"a": 1, "b": {"c": "${SOME_SECRET}"}},
    }
    assert (get(server, "/p").status, get(server, "/p").json()) == (200, {"a": 1, "b": {"c": "hidden value"}})
    assert control(server, "PATCH", endpoint("p"), [1]).status == 422
    assert control(server, "PATCH", endpoint("nobody"), {}).status == 404
    assert control(server, "PATCH", endpoint("p"), {"path": None}).status == 422


def test_delete_and_back_to_the_config(server):
    assert control(server, "DELETE", endpoint("GET /a")).status == 200
    assert get(server, "/a").status == 404
    assert control(server, "DELETE", endpoint("GET /a")).status == 404
    control(server, "PUT", endpoint("b"), {"path": "/b", "status": 418})
    control(server, "DELETE", endpoint("b"))
    assert get(server, "/b").status == 404  # and not the one of the config again
    assert control(server, "DELETE", "/__endpoints").json()["count"] == 2
    assert (get(server, "/a").status, get(server, "/b").status) == (200, 201)


def test_adding_and_deleting_leaves_nothing_behind(server):
    for _ in range(3):
        control(server, "POST", "/__endpoints", {"path": "/x", "name": "x"})
        control(server, "DELETE", endpoint("x"))
    assert server._server.reloader.layers == {}


def test_live_changes_outlive_a_reload_of_the_file(tmp_path, serve):
    file = tmp_path / "config.yaml"
    file.write_text("endpoints:\n- {path: /a, response: 1}\n- {path: /b, response: 1}\n")
    server = serve(file)
    control(server, "POST", "/__endpoints", {"path": "/live", "response": "live"})
    control(server, "PUT", endpoint("GET /a"), {"path": "/a", "response": "mine"})
    control(server, "DELETE", endpoint("GET /b"))
    file.write_text("endpoints:\n- {path: /a, response: 2}\n- {path: /b, response: 2}\n- {path: /c}\n")
    assert control(server, "POST", "/__reload").json()["added"] == ["GET /c"]
    assert (get(server, "/a").json(), get(server, "/b").status, get(server, "/live").json()) == (
        "mine",
        404,
        "live",
    )
    assert names(server) == ["GET /live", "GET /a", "GET /c"]


def test_a_broken_file_is_in_nobody_s_way_and_keeps_its_lines(tmp_path, serve):
    file = tmp_path / "config.yaml"
    file.write_text("endpoints:\n- {path: /a}\n")
    server = serve(file)
    file.write_text("endpoints:\n- {path: /a,\n")
    assert control(server, "POST", "/__endpoints", {"path": "/x"}).status == 201
    file.write_text("endpoints:\n- path: /a\n  stauts: 1\n")
    [problem] = control(server, "POST", "/__reload").json()["problems"]
    assert (problem["line"], problem["path"]) == (3, "endpoints[0].stauts")
    assert get(server, "/x").status == 200


def test_a_live_endpoint_that_no_longer_fits_is_named(tmp_path, serve):
    file = tmp_path / "config.yaml"
    file.write_text("state: {scenarios: {s: {initial: a, states: [a, b]}}}\n")
    server = serve(file)
    control(server, "PUT", endpoint("mover"), {"path": "/x", "state": {"scenario": "s", "next": "b"}})
    file.write_text("state: {scenarios: {s: {initial: a, states: [a]}}}\n")
    [problem] = control(server, "POST", "/__reload").json()["problems"]
    assert (problem["file"], problem["path"]) == ("live endpoint mover", "state.next")


def test_defaults_of_the_config_hold(endpoints):
    server = endpoints(defaults={"headers": {"X-From": "defaults"}})
    control(server, "POST", "/__endpoints", {"path": "/x"})
    assert get(server, "/x").header("x-from") == "defaults"


def test_fifty_at_once_all_land_and_no_request_sees_a_half_state(server):
    stop = threading.Event()
    seen = []

    def client():
        with Wire(server) as wire:
            while not stop.is_set():
                wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /pair/left HTTP/1.1\r\nHost: a\r\n\r\n")
                assert wire.answer().json() == "config"
                seen.append(wire.answer().status)

    with ThreadPoolExecutor(20) as pool:
        reading = pool.submit(client)
        pair = [{"path": "/pair/left", "response": 1}, {"path": "/pair/right", "response": 1}]
        adding = [
            pool.submit(control, server, "POST", "/__endpoints", {"path": f"/n/{number}", "response": number})
            for number in range(50)
        ]
        pool.submit(control, server, "POST", "/__endpoints", pair).result()
        assert {each.result().status for each in adding} == {201}
        stop.set()
        reading.result()
    assert set(seen) <= {200, 404}
    assert sorted(seen, reverse=True) == seen  # once it is there, it stays
    assert [get(server, f"/n/{number}").json() for number in range(50)] == list(range(50))
    assert get(server, "/pair/right").status == 200


# --- written back -------------------------------------------------------------------------------------------


@pytest.fixture(params=FILES)
def written(request, tmp_path, serve):
    file = tmp_path / f"config.{request.param}"
    file.write_text(FILES[request.param])
    os.chmod(file, 0o640)
    return file, serve(file)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that are gone, and lines that are new."""
    import difflib

    diff = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in diff if line[0] == "-"], [line[2:] for line in diff if line[0] == "+"]


def test_a_patch_is_written_back_and_only_its_line_changes(written):
    file, server = written
    before = file.read_text()
    answer = control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"status": 404})
    assert (answer.status, answer.json()["persisted"], answer.json()["origin"]) == (200, True, "file")
    gone, new = changed_lines(before, file.read_text())
    assert len(gone) == len(new) == 1
    assert "404" in new[0]
    assert gone[0].replace("200", "404").split() == new[0].split()
    assert get(server, "/users").status == 404
    assert server._server.reloader.layers == {}
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_added_endpoint_is_written_first(written):
    file, server = written
    before = file.read_text()
    answer = control(server, "POST", "/__endpoints?persist=true", {"path": "/users", "response": {"n": [1]}})
    assert (answer.status, answer.json()["names"]) == (201, ["GET /users"])
    assert get(server, "/users").json() == {"n": [1]}
    assert changed_lines(before, file.read_text())[0] == []
    server.reload()
    assert get(server, "/users").json() == {"n": [1]}


def test_a_deleted_endpoint_leaves_the_file(written):
    file, server = written
    before = file.read_text()
    assert control(server, "DELETE", endpoint("two words/and a slash") + "?persist=true").status == 200
    gone, new = changed_lines(before, file.read_text())
    assert len(gone) >= 1
    assert "/b" in "".join(gone)
    assert (get(server, "/b").status, get(server, "/users").status) == (404, 200)
    assert [line for line in new if "/b" in line] == []
    control(server, "DELETE", endpoint("GET /users") + "?persist=true")
    assert names(server) == []
    control(server, "POST", "/__endpoints?persist=true", {"path": "/again"})
    assert names(server) == ["GET /again"]


def test_put_replaces_what_the_file_has_also_under_a_live_change(written):
    file, server = written
    control(server, "PUT", endpoint("GET /users"), {"path": "/users", "status": 202})
    answer = control(
        server, "PUT", endpoint("GET /users") + "?persist=true", {"path": "/users", "status": 203}
    )
    assert answer.json()["origin"] == "file"
    assert get(server, "/users").status == 203
    created = control(server, "PUT", endpoint("new one") + "?persist=true", {"path": "/new"})
    assert (created.status, created.json()["origin"], created.json()["name"]) == (201, "file", "new one")
    assert "new one" in file.read_text()


def test_an_included_file_is_where_it_is_written(tmp_path, serve):
    (tmp_path / "config.yaml").write_text("include: more.yaml\n")
    (tmp_path / "more.yaml").write_text("# theirs\n- path: /more   # kept\n  status: 201\n")
    server = serve(tmp_path / "config.yaml")
    control(server, "PATCH", endpoint("GET /more") + "?persist=true", {"status": 202})
    assert (tmp_path / "more.yaml").read_text() == "# theirs\n- path: /more   # kept\n  status: 202\n"
    assert (tmp_path / "config.yaml").read_text() == "include: more.yaml\n"


def test_environment_variables_stay_as_they_are_written(tmp_path, serve, monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "hidden value")
    file = tmp_path / "config.json"
    file.write_text('{"endpoints": [{"path": "/a", "response": "${SOME_SECRET}"}]}')
    server = serve(file)
    control(server, "PATCH", endpoint("GET /a") + "?persist=true", {"status": 201})
    assert file.read_text() == '{"endpoints": [{"path": "/a", "response": "${SOME_SECRET}", "status": 201}]}'
    assert get(server, "/a").json() == "hidden value"


def test_a_mistake_never_reaches_the_file(written):
    file, server = written
    before = file.read_text()
    answer = control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"stauts": 1})
    assert answer.status == 422
    assert file.read_text() == before


def test_a_file_that_has_changed_is_not_written_over(written):
    file, server = written
    file.write_text(file.read_text() + "\n")
    answer = control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"status": 201})
    assert (answer.status, "changed" in answer.json()["error"]) == (409, True)
    assert get(server, "/users").status == 200
    server.reload()
    assert control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"status": 201}).status == 200


def test_without_a_file_there_is_nothing_to_write(server):
    for method, path, content in (
        ("POST", "/__endpoints", {"path": "/x"}),
        ("PATCH", endpoint("b"), {"status": 202}),
        ("DELETE", endpoint("b"), None),
    ):
        answer = control(server, method, f"{path}?persist=true", content)
        assert (answer.status, "without a file" in answer.json()["error"]) == (409, True)
    assert names(server) == ["GET /a", "b"]


def test_what_toml_cannot_hold(tmp_path, serve):
    file = tmp_path / "config.toml"
    file.write_text(TOML)
    server = serve(file)
    answer = control(server, "POST", "/__endpoints?persist=true", {"path": "/n", "response": None})
    assert (answer.status, "TOML has no null" in answer.json()["error"]) == (409, True)
    assert get(server, "/n").status == 404


def test_a_read_only_folder(tmp_path, serve, monkeypatch):
    file = tmp_path / "config.json"
    file.write_text(JSON)
    server = serve(file)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("understudy.net.disk.shutil.copymode", refuse)
    answer = control(server, "POST", "/__endpoints?persist=true", {"path": "/n"})
    assert (answer.status, "Permission denied" in answer.json()["error"]) == (409, True)
    assert file.read_text() == JSON
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_the_watcher_is_not_confused_by_the_server_s_own_write(tmp_path, serve):
    file = tmp_path / "config.json"
    file.write_text(JSON)
    server = serve(file, watch=True)
    reloader = server._server.reloader
    control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"status": 201})
    assert reloader.is_own_write(str(file))

    def edited():  # the watcher may need a moment to stand; saving again is what a person would do
        file.write_text(file.read_text().replace("201", "202") + " ")
        threading.Event().wait(0.3)
        return get(server, "/users").status == 202

    wait_for(edited, seconds=30)
    assert not reloader.is_own_write(str(file))


def test_a_file_that_becomes_again_what_was_written_has_changed(tmp_path, serve):
    file = tmp_path / "config.json"
    file.write_text(JSON)
    server = serve(file)
    control(server, "PATCH", endpoint("GET /users") + "?persist=true", {"status": 201})
    written = file.read_text()
    file.write_text(JSON)
    control(server, "POST", "/__reload")
    file.write_text(written)
    assert not server._server.reloader.is_own_write(str(file))


# --- of one space -------------------------------------------------------------------------------------------


def test_a_space_has_endpoints_of_its_own(server):
    added = control(server, "POST", "/__endpoints", {"path": "/a", "response": "mine"}, space="t1")
    assert added.status == 201
    assert in_space(server, "/a", "t1").json() == "mine"
    assert [get(server, "/a").json(), in_space(server, "/a", "t2").json()] == ["config", "config"]
    assert names(server, space="t1") == ["GET /a #2", "GET /a", "b"]
    assert control(server, "GET", "/__endpoints?space=t1").json()["count"] == 3
    assert names(server) == ["GET /a", "b"]
    control(server, "DELETE", endpoint("b"), space="t1")
    assert (in_space(server, "/b", "t1").status, get(server, "/b").status) == (404, 201)


def test_a_space_sees_later_changes_for_all(server):
    control(server, "POST", "/__endpoints", {"path": "/s"}, space="t1")
    control(server, "POST", "/__endpoints", {"path": "/all"})
    assert [in_space(server, path, "t1").status for path in ("/s", "/all", "/a")] == [200, 200, 200]
    server.reload({"endpoints": [{"path": "/other"}]})
    assert [in_space(server, path, "t1").status for path in ("/s", "/all", "/a", "/other")] == [
        200,
        200,
        404,
        200,
    ]


def test_the_memo_keeps_spaces_apart(server):
    control(server, "POST", "/__endpoints", {"path": "/a", "response": "mine"}, space="t1")
    for _ in range(3):
        assert in_space(server, "/a", "t1").json() == "mine"
        assert get(server, "/a").json() == "config"
    control(server, "DELETE", "/__endpoints", space="t1")
    assert in_space(server, "/a", "t1").json() == "config"


def test_a_space_is_not_written_into_the_file(server):
    answer = control(server, "POST", "/__endpoints?persist=true", {"path": "/x"}, space="t1")
    assert answer.status == 400


def test_spaces_with_endpoints_are_bounded(server, monkeypatch):
    monkeypatch.setattr("understudy.net.reload.MAX_SPACES", 2)
    statuses = [
        control(server, "POST", "/__endpoints", {"path": "/x"}, space=f"t{number}").status
        for number in range(4)
    ]
    assert statuses == [201, 201, 507, 507]
    assert control(server, "POST", "/__endpoints", {"path": "/y"}, space="t0").status == 201
    assert control(server, "POST", "/__endpoints", {"path": "/y"}).status == 201


def test_live_changes_are_bounded(server, monkeypatch):
    monkeypatch.setattr("understudy.load.live.MAX_LIVE", 2)
    assert control(server, "POST", "/__endpoints", [{"path": f"/{n}"} for n in range(3)]).status == 507
    assert control(server, "POST", "/__endpoints", [{"path": f"/{n}"} for n in range(2)]).status == 201


def test_misspelled_parameters_and_values(server):
    assert control(server, "POST", "/__endpoints?persits=true", {"path": "/x"}).status == 400
    assert control(server, "POST", "/__endpoints?persist=yes", {"path": "/x"}).status == 400
    assert control(server, "PUT", "/__endpoints/", {"path": "/x"}).status == 404


def test_in_python(server):
    assert server.add({"path": "/p", "response": 1}, {"path": "/q"}) == ["GET /p", "GET /q"]
    assert get(server, "/p").json() == 1
    server.remove("GET /p")
    assert get(server, "/p").status == 404
    with pytest.raises(ConfigError, match="stauts"):
        server.add({"path": "/p", "stauts": 1})
    assert json.loads(get(server, "/__endpoints").body)["count"] == 3


def test_code_is_taken_from_the_files_only(tmp_path, serve):
    (tmp_path / "code.py").write_text("def answer(request):\n    return 'from code'\n")
    (tmp_path / "config.yaml").write_text("endpoints: [{ path: /c, name: c, handler: code:answer }]\n")
    server = serve(tmp_path)
    for method, path, body in (
        ("POST", "/__endpoints", {"path": "/x", "handler": "os:getcwd"}),
        ("POST", "/__endpoints", [{"path": "/y"}, {"path": "/x", "middleware": ["os:getcwd"]}]),
        ("PUT", "/__endpoints/c", {"path": "/c", "handler": "os:getcwd"}),
        ("PATCH", "/__endpoints/c", {"handler": "os:getcwd"}),
    ):
        refused = control(server, method, path, body)
        assert (refused.status, "names Python code" in refused.json()["error"]) == (422, True), method
    assert control(server, "PATCH", "/__endpoints/c", {"latency_ms": 1}).status == 200
    assert get(server, "/c").body == b"from code"
    assert names(server) == ["c"]
