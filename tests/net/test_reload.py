"""Hot reload: on demand, by watching, under load, and never with a broken config."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit import Wire, get, wait_for
from understudy import ConfigError
from understudy.build import build
from understudy.net.reload import is_relevant, watched_folders


def test_reload_says_what_changed(serve):
    server = serve(
        {"endpoints": [{"path": "/a", "response": 1}, {"path": "/b"}, {"path": "/c"}], "database": [1]}
    )
    changes = server.reload(
        {"endpoints": [{"path": "/a", "response": 2}, {"path": "/c"}, {"path": "/d"}], "database": [2]}
    )
    assert (changes.added, changes.removed, changes.changed) == (["GET /d"], ["GET /b"], ["GET /a"])
    assert changes.settings == ["database"]
    assert get(server, "/a").json() == 2


def test_a_bad_config_leaves_the_old_one_serving(serve):
    server = serve({"endpoints": [{"path": "/a", "response": 1}]})
    with pytest.raises(ConfigError):
        server.reload({"endpoints": [{"path": "/a", "respons": 2}]})
    assert get(server, "/a").json() == 1


def test_reload_over_http(tmp_path, serve):
    file = tmp_path / "config.json"
    file.write_text('{"endpoints": [{"path": "/a", "response": 1}]}')
    server = serve(file)
    file.write_text('{"endpoints": [{"path": "/a", "response": 2}]}')
    answer = get(server, "/__reload", "POST")
    assert (answer.status, answer.json()["changed"]) == (200, ["GET /a"])
    assert answer.json()["message"] == "Configuration reloaded: 1 changed"
    file.write_text('{"endpoints": [{"path": "/a", "statuss": 2},\n {"path": "b"}]}')
    answer = get(server, "/__reload", "POST")
    assert answer.status == 422
    assert [problem["line"] for problem in answer.json()["problems"]] == [1, 2]
    assert answer.json()["problems"][0]["suggestion"] == '"status"'
    assert get(server, "/a").json() == 2


def test_files_are_watched(tmp_path, serve):
    (tmp_path / "more").mkdir()
    (tmp_path / "body.txt").write_text("one")
    (tmp_path / "data.json").write_text("[1]")
    file = tmp_path / "config.json"
    file.write_text(
        '{"include": "more/*.yaml", "database": "data.json", "endpoints": ['
        '{"path": "/a", "file": "body.txt"}, {"path": "/n", "response": "{{ database_count }}"}]}'
    )
    server = serve(file, watch=True)
    assert get(server, "/a").body == b"one"

    def change(path, text, target, body):
        # The watcher may need a moment to stand; saving again is what a person would do.
        def saved_and_seen():
            path.write_text(text)
            threading.Event().wait(0.3)
            return get(server, target).body == body

        wait_for(saved_and_seen, seconds=30)

    change(tmp_path / "body.txt", "two", "/a", b"two")
    change(tmp_path / "data.json", "[1, 2, 3]", "/n", b"3")
    change(tmp_path / "more" / "new.yaml", "- path: /new\n  response: fresh\n", "/new", b'"fresh"')
    change(file, '{"endpoints": [{"path": "/only", "response": 1}]}', "/only", b"1")


def test_only_what_can_matter_is_watched(tmp_path):
    for folder in ("flat", "deep/er", "noise"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "config.yaml").write_text("include: ['flat/*.yaml', 'deep/**/*.json']\n")
    program = build(tmp_path / "config.yaml")
    flat, deep = watched_folders(program)
    assert flat == [tmp_path, tmp_path / "flat"]
    assert deep == [tmp_path / "deep"]
    names = ("config.yaml", "x.yaml", "flat/x.yaml", "flat/x.json", "deep/er/x.json", "noise/x.yaml")
    for name in names:
        (tmp_path / name).touch()
    relevant = {name for name in names if is_relevant(program, str(tmp_path / name))}
    assert relevant == {"config.yaml", "flat/x.yaml", "deep/er/x.json"}


def test_recordings_that_are_replayed_are_watched(tmp_path):
    (tmp_path / "tape" / "api.example.com").mkdir(parents=True)
    (tmp_path / "one.har").write_text('{"log": {"entries": []}}')
    record = {"folder": "tape", "mode": "replay"}
    (tmp_path / "config.json").write_text(
        json.dumps({"record": record, "endpoints": [{"path": "/a", "record": "one.har"}]})
    )
    program = build(tmp_path / "config.json")
    assert watched_folders(program) == ([tmp_path], [tmp_path / "tape"])
    for name in ("one.har", "tape/recordings.yaml", "tape/api.example.com/get-a.json"):
        assert is_relevant(program, str(tmp_path / name))
    for name in ("two.har", "tape/.desk/x.json", "tape/api.example.com/.get-a.json"):
        assert not is_relevant(program, str(tmp_path / name))

    for tape in program.tapes:  # what a tape writes itself is no change
        tape.mode = "record"
    assert not is_relevant(program, str(tmp_path / "tape/api.example.com/get-a.json"))


@pytest.mark.parametrize("mode", ["replay", "once"])
def test_recordings_that_were_edited_are_changes(tmp_path, serve, mode):
    folder = tmp_path / "tape" / "api.example.com"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        request = {"method": "GET", "url": f"https://api.example.com/{name}"}
        (folder / f"get-{name}.json").write_text(
            json.dumps({"request": request, "response": {"status": 200, "text": "old"}})
        )
    (tmp_path / "config.json").write_text(
        json.dumps({"proxy": "http://127.0.0.1:1", "record": {"folder": "tape", "mode": mode}})
    )
    server = serve(tmp_path / "config.json", watch=False)
    assert str(server.reload()) == "Configuration reloaded: nothing changed"

    edited = folder / "get-a.json"
    edited.write_text(edited.read_text().replace("old", "new"))
    changes = server.reload()
    assert changes.recordings == ["api.example.com/get-a"]
    assert str(changes) == "Configuration reloaded: 1 recording changed"
    assert get(server, "/a").body == b"new"

    edited.unlink()
    (folder / "get-b.json").rename(folder / "get-c.json")
    assert len(server.reload().recordings) == 3
    (tmp_path / "tape" / "recordings.yaml").write_text("then: cycle\n")
    assert str(server.reload()) == "Configuration reloaded: record changed"


def test_what_was_recorded_meanwhile_is_no_change(tmp_path, serve):
    real = serve({"endpoints": [{"path": "/a", "response": {"n": 1}}]})
    config = {"proxy": real.url, "record": {"folder": "tape", "mode": "once"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    server = serve(tmp_path / "config.json", watch=False)
    assert get(server, "/a").json() == {"n": 1}
    assert server.reload().recordings == []


def test_no_request_is_lost_or_mixed_up_while_reloading(serve):
    """Each reply is whole, and its two halves come from the same config."""

    def config(number):
        return {
            "endpoints": [
                {"path": "/a", "response": {"left": number, "right": number, "pad": "x" * 2000}},
                {"path": "/t", "response": {"left": number, "right": number, "q": "{{ query.q }}"}},
            ]
        }

    server = serve(config(0))
    stop = threading.Event()

    def client(target):
        done = 0
        with Wire(server) as wire:
            while not stop.is_set():
                wire.send(f"GET {target}?q={done} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                answer = wire.answer()
                content = answer.json()
                assert answer.status == 200
                assert content["left"] == content["right"]
                assert content.get("q", str(done)) == str(done)
                done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(client, target) for target in ("/a", "/t") * 4]
        for number in range(1, 60):
            server.reload(config(number))
        stop.set()
        done = sum(each.result() for each in clients)
    assert done > 0
    assert len(server.logs(status=200)) == min(done, 10_000)


def test_counters_outlive_a_reload(serve):
    config = {"endpoints": [{"path": "/n", "response": "{{ counter() }}"}]}
    server = serve(config)
    first = get(server, "/n").json()
    server.reload({**config, "log": {"max_entries": 5}})
    assert get(server, "/n").json() == first + 1


def test_what_needs_a_restart_is_said(serve):
    server = serve({"port": 1000, "log": {"max_entries": 1}}, port=0)
    changes = server.reload({"port": 2000, "log": {"max_entries": 2}})
    assert str(changes) == "Configuration reloaded: log changed; port will change with the next start"
