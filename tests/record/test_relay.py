"""What endpoints with `proxy` and `record` do, in each mode, over real connections."""

import gzip
import json

import pytest

from tests.kit import Wire, get
from tests.net.upstream.kit import RawUpstream, reply
from tests.record.live import Real, files, n, nobody, only, project, told
from understudy.build import build
from understudy.errors import ConfigError
from understudy.model.record import MODE_ALIASES, MODES, mode_of


@pytest.fixture
def real():
    with Real() as server:
        yield server


@pytest.fixture
def between(serve, real, tmp_path):
    """A server between the test and the real one: `between(mode="once")`; keys of `record`."""

    def start(config=None, options=None, **record):
        written = {"proxy": real.url, "record": record, **(config or {})}
        return serve(project(tmp_path, written), **(options or {}))

    return start


@pytest.fixture
def recorded(between, tmp_path):
    """A server whose folder has two answers for `/a` (1 and 2) and one for `/b` (3)."""

    def start(config=None, options=None, **record):
        first = between(mode="record")
        assert [n(first, "/a"), n(first, "/a"), n(first, "/b")] == [1, 2, 3]
        first.stop()
        return between(config, options, **record)

    return start


# --- the modes ----------------------------------------------------------------------------------------------


def test_replay_asks_nobody(recorded, real):
    server = recorded(mode="replay")
    assert [n(server, "/a"), n(server, "/a"), n(server, "/a"), n(server, "/b")] == [1, 2, 2, 3]
    assert n(server, "/c") == 404
    assert real.count == 3


def test_record_asks_always_and_adds(recorded, real, tmp_path):
    server = recorded(mode="record")
    assert [n(server, "/a"), n(server, "/a")] == [4, 5]
    assert only(server)["exchanges"] == 5
    assert only(server)["added"] == 2
    assert len(files(tmp_path / "recordings")) == 5


def test_once_records_what_is_missing(recorded, real):
    server = recorded(mode="once")
    assert [n(server, "/a"), n(server, "/a"), n(server, "/a")] == [1, 2, 2]
    assert [n(server, "/c"), n(server, "/c")] == [4, 4]
    assert real.count == 4


def test_once_takes_consumed_answers_for_missing(recorded, real):
    server = recorded(mode="once", then="error")
    assert [n(server, "/b") for _ in range(4)] == [3, 4, 5, 6]
    assert only(server)["unused"] != []
    assert only(server)["exchanges"] == 6
    told(server, "/__record/rewind", "POST")
    assert [n(server, "/b") for _ in range(5)] == [3, 4, 5, 6, 7]


def test_refresh_replaces_and_adds_what_is_new(recorded, real, tmp_path):
    server = recorded(mode="refresh")
    assert [n(server, "/a"), n(server, "/a"), n(server, "/c")] == [4, 5, 6]
    assert only(server)["exchanges"] == 4
    told(server, "/__record/stop", "POST")
    assert [n(server, "/a"), n(server, "/a"), n(server, "/b"), n(server, "/c")] == [4, 5, 3, 6]
    assert len(files(tmp_path / "recordings")) == 4


def test_refresh_adds_when_all_are_new(recorded, real):
    server = recorded(mode="refresh")
    assert [n(server, "/b"), n(server, "/b")] == [4, 5]
    told(server, "/__record/stop", "POST")
    assert [n(server, "/b"), n(server, "/b")] == [4, 5]
    assert only(server)["exchanges"] == 4


def test_spy_answers_what_it_has_and_adds_nothing(recorded, real, tmp_path):
    server = recorded(mode="spy")
    assert [n(server, "/a"), n(server, "/c"), n(server, "/c")] == [1, 4, 5]
    assert len(files(tmp_path / "recordings")) == 3


def test_diff_reports_what_differs(recorded, real, tmp_path):
    server = recorded(mode="diff")
    assert n(server, "/b") == 4
    [folder] = told(server, "/__record/drift")["folders"]
    assert "$.n" in str(folder)
    assert only(server)["drift"] > 0
    assert len(files(tmp_path / "recordings")) == 3
    assert told(server, "/__record/drift", "DELETE") == {"message": "Forgotten"}
    assert only(server)["drift"] == 0


def test_equal_answers_are_no_drift(recorded, real):
    server = recorded(mode="diff", ignore=["Date"])
    real.count = 0
    assert [n(server, "/a"), n(server, "/a"), n(server, "/b")] == [1, 2, 3]  # in the order of recording
    assert only(server)["drift"] == 0


def test_diff_makes_no_folder(between, tmp_path):
    server = between(mode="diff")
    assert n(server, "/a") == 1
    assert not (tmp_path / "recordings").exists()


def test_passthrough_only_passes(recorded, real, tmp_path):
    server = recorded(mode="passthrough")
    assert [n(server, "/a"), n(server, "/a")] == [4, 5]
    assert len(files(tmp_path / "recordings")) == 3


def test_proxy_alone_only_passes(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url}))
    assert [n(server, "/a"), n(server, "/a")] == [1, 2]
    assert told(server) == {"recording": False, "folders": []}


def test_the_mode_beside_a_proxy_is_once(between, real):
    assert only(between())["mode"] == "once"


@pytest.mark.parametrize(("alias", "mode"), MODE_ALIASES.items())
def test_other_tools_names(alias, mode, between):
    assert only(between(mode=alias))["mode"] == mode == mode_of(alias)


def test_recordings_without_a_proxy_are_replayed(recorded, serve, real, tmp_path):
    recorded().stop()
    server = serve(project(tmp_path, {"record": True}))
    assert [n(server, "/a"), n(server, "/a"), n(server, "/b"), n(server, "/c")] == [1, 2, 3, 404]
    assert only(server)["mode"] == "replay"


# --- per request --------------------------------------------------------------------------------------------


def test_a_request_may_ask_for_a_mode(recorded, real, tmp_path):
    server = recorded(mode="replay")
    assert n(server, "/b", mode="passthrough") == 4
    assert n(server, "/b", mode="spy") == 3
    assert n(server, "/b", mode="proxyAlways") == 5
    assert [n(server, "/b"), n(server, "/b")] == [3, 5]
    assert n(server, "/c", mode="once") == 6
    assert n(server, "/c") == 6
    assert only(server)["mode"] == "replay"


def test_a_request_that_refreshes_replaces_each_time(recorded, real):
    server = recorded(mode="once")
    assert [n(server, "/c"), n(server, "/c", mode="refresh"), n(server, "/c", mode="refresh")] == [4, 5, 6]
    assert n(server, "/c") == 6
    assert only(server)["exchanges"] == 4


def test_the_mode_of_a_request_is_not_sent_on(between, real):
    between(mode="record")
    server = between(mode="record")
    n(server, "/a", mode="record")
    assert real.asked[-1].header("x-understudy-record") is None


@pytest.mark.parametrize(
    ("mode", "said"),
    [("nosuch", "there is no mode 'nosuch'"), ("", "there is no mode ''"), ("Replay", "no mode 'Replay'")],
)
def test_an_unknown_mode_is_refused(between, mode, said):
    answer = get(between(), "/a", headers=f"X-Understudy-Record: {mode}\r\n")
    assert answer.status == 400
    assert said in answer.json()["message"]
    assert "replay, record" in answer.json()["message"]


def test_modes_that_need_a_server_are_refused_without_one(recorded, serve, tmp_path):
    recorded().stop()
    server = serve(project(tmp_path, {"record": "recordings"}))
    assert n(server, "/a", mode="once") == 400
    assert n(server, "/a", mode="replay") == 1


def test_modes_that_need_a_folder_are_refused_without_one(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url}))
    assert n(server, "/a", mode="record") == 400
    assert n(server, "/a", mode="passthrough") == 1


def test_a_file_is_not_recorded_into_by_a_request(recorded, serve, real, tmp_path):
    recorded().stop()
    har = tmp_path / "all.har"
    har.write_text('{"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": []}}')
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"folder": "all.har", "mode": "replay"}}))
    assert n(server, "/a", mode="record") == 400
    assert n(server, "/a", mode="spy") == 4


# --- per endpoint -------------------------------------------------------------------------------------------


def test_endpoints_have_their_own(serve, real, tmp_path):
    config = {
        "endpoints": [
            {"path": "/mine", "response": {"n": 0}},
            {"path": "/kept/**", "proxy": real.url, "record": {"folder": "kept", "mode": "once"}},
            {"path": "/passed/**", "proxy": {"target": real.url, "strip_prefix": "/passed"}},
        ]
    }
    server = serve(project(tmp_path, config))
    assert [n(server, "/mine"), n(server, "/kept/a"), n(server, "/kept/a")] == [0, 1, 1]
    assert [n(server, "/passed/a"), n(server, "/passed/a")] == [2, 3]
    assert real.asked[-1].line == "GET /a HTTP/1.1"
    assert n(server, "/other") == 404
    assert [folder["folder"] for folder in told(server)["folders"]] == ["kept"]


def test_a_false_record_of_an_endpoint_is_none(serve, real, tmp_path):
    endpoint = {"path": "/a", "proxy": real.url, "record": False}
    server = serve(project(tmp_path, {"endpoints": [endpoint]}))
    assert [n(server), n(server)] == [1, 2]


def test_endpoints_share_what_they_record_into_the_same_folder(serve, real, tmp_path):
    keep = {"folder": "kept", "mode": "once"}
    config = {
        "endpoints": [
            {"path": "/x/a", "method": "GET", "proxy": real.url, "record": keep},
            {"path": "/x/**", "proxy": real.url, "record": {**keep, "latency": "recorded", "speed": 1e6}},
        ]
    }
    server = serve(project(tmp_path, config))
    assert n(server, "/x/a") == 1
    assert [folder["exchanges"] for folder in told(server)["folders"]] == [1, 1]
    assert n(server, "/x/b") == 2
    assert [folder["exchanges"] for folder in told(server)["folders"]] == [2, 2]


# --- in spaces ----------------------------------------------------------------------------------------------


def test_spaces_have_positions_of_their_own(recorded):
    server = recorded(mode="replay")
    assert [n(server), n(server, space="x"), n(server, space="x"), n(server)] == [1, 1, 2, 2]
    get(server, "/__record/rewind", "POST", "X-Understudy-Space: x\r\n")
    assert [n(server), n(server, space="x")] == [2, 1]


def test_a_space_that_is_dropped_begins_anew(recorded):
    server = recorded(mode="replay")
    assert [n(server, space="x"), n(server, space="x")] == [1, 2]
    assert get(server, "/__spaces/x", "DELETE").status == 200
    assert n(server, space="x") == 1


def test_spaces_with_endpoints_of_their_own_share_the_recording(between, real):
    server = between(mode="once")
    space = server.space("x")
    space.add({"path": "/mine", "response": {"n": 0}})
    assert [n(server, "/mine", space="x"), n(server, "/c", space="x"), n(server, "/c")] == [0, 1, 1]
    assert n(server, "/mine") == 2
    assert n(server, "/d") == 3 == n(server, "/d", space="x")
    assert only(server)["exchanges"] == 3
    assert only(server)["unused"] == []


# --- what is kept for the next request ----------------------------------------------------------------------


@pytest.mark.parametrize("then", ["repeat", "cycle"])
def test_the_only_answer_is_constant(recorded, then):
    server = recorded(mode="replay", then=then)
    assert [n(server, "/b"), n(server, "/b")] == [3, 3]
    [plan, again] = [entry.plan for entry in server._running().journal.select(path="/b")]
    assert plan.constant
    assert again is plan


@pytest.mark.parametrize(
    "record", [{"then": "error"}, {"shift_dates": True}, {"latency": "recorded", "speed": 1e6}]
)
def test_what_changes_is_not_constant(recorded, record):
    server = recorded(mode="replay", **record)
    n(server, "/b")
    [entry] = server._running().journal.select(path="/b")
    assert not entry.plan.constant


def test_one_of_many_is_not_constant(recorded):
    server = recorded(mode="replay", then="cycle")
    assert [n(server) for _ in range(5)] == [1, 2, 1, 2, 1]


@pytest.mark.parametrize("options", [{}, {"memo": False}])
def test_what_counts_finds_its_own_answer_each_time(recorded, real, options):
    cors = {"cors": {"origins": ["https://a.example"]}}
    server = recorded(cors, options, mode="once", match={"headers": ["X-Of"]})
    asked = [("/b", ""), ("/b", "X-Of: 1\r\n"), ("/b?x=1", ""), ("/b", "Range: bytes=0-1\r\n")]
    first = [n(server, path, headers=headers) for path, headers in asked]
    assert len(set(first)) == len(asked)
    for _ in range(2):
        assert [n(server, path, headers=headers) for path, headers in asked] == first
    allowed = "access-control-allow-origin"
    assert allowed in told_headers(get(server, "/b", headers="Origin: https://a.example\r\n"))
    assert allowed not in told_headers(get(server, "/b"))


def told_headers(answer):
    return {name.lower() for name, _ in answer.headers}


def test_a_copy_that_is_still_good_is_said_to_be_so_only_to_who_has_one(serve, tmp_path):
    condition = 'If-None-Match: "1"\r\n'
    with RawUpstream(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n') as real:
        server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "once"}}))
        assert get(server, "/a", headers=condition).status == 304
        server.stop()
    server = serve(project(tmp_path, {"record": {}}))
    for _ in range(2):
        assert get(server, "/a", headers=condition).status == 304
        assert get(server, "/a").status == 404
        assert get(server, "/a", headers='If-None-Match: "2"\r\n').status == 404


def test_parts_are_of_the_bytes_that_were_sent(serve, tmp_path):
    raw, big = gzip.compress(b"hello world" * 100), b"0123456789" * 200_000
    coded = reply("Content-Encoding: gzip", "Content-Type: text/plain", body=raw)
    with RawUpstream(coded, reply('ETag: W/"1"', body=big)) as real:
        server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "once"}}))
        assert [get(server, path).status for path in ("/a", "/big")] == [200, 200]
        server.stop()
    server = serve(project(tmp_path, {"record": {}}))
    with Wire(server) as wire:
        for path, headers in (
            ("/big", "Range: bytes=1999998-\r\n"),
            ("/a", ""),
            ("/a", "Range: bytes=3-9\r\n"),
            ("/big", 'Range: bytes=0-1\r\nIf-Range: W/"1"\r\n'),
            ("/big", "Range: bytes=2000000-\r\n"),
        ):
            wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
        told = [(answer.status, answer.body) for answer in (wire.answer() for _ in range(5))]
    assert told == [(206, b"89"), (200, raw), (206, raw[3:10]), (200, big), (416, b"")]


def test_switching_leaves_no_old_answers(recorded, real):
    server = recorded(mode="replay")
    assert [n(server, "/b"), n(server, "/b")] == [3, 3]
    told(server, "/__record", "PUT", {"mode": "passthrough"})
    assert n(server, "/b") == 4
    told(server, "/__record", "PUT", {"mode": "replay"})
    assert [n(server, "/b"), n(server, "/b")] == [3, 3]


def test_what_is_added_leaves_no_old_answers(recorded, real):
    server = recorded(mode="replay", then="cycle")
    assert [n(server, "/b"), n(server, "/b")] == [3, 3]
    assert n(server, "/b", mode="record") == 4
    assert {n(server, "/b"), n(server, "/b")} == {3, 4}
    assert n(server, "/c", mode="once") == 5
    assert [n(server, "/c"), n(server, "/c", mode="refresh"), n(server, "/c")] == [5, 6, 6]


def test_what_was_recorded_is_used(recorded):
    server = recorded(mode="once")
    n(server, "/b")
    n(server, "/c")
    assert len(only(server)["unused"]) == 2
    listed = told(server, "/__record/exchanges?unused=true")["exchanges"]
    assert [exchange["url"].rpartition("/")[2] for exchange in listed] == ["a", "a"]


# --- mistakes -----------------------------------------------------------------------------------------------


def problems(folder, config):
    with pytest.raises(ConfigError) as caught:
        build(project(folder, config))
    return [(problem.path, problem.message) for problem in caught.value.problems]


REAL = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("config", "path", "said"),
    [
        ({"record": "nowhere"}, "record.folder", "it is not there: record into it first"),
        ({"record": "../elsewhere", "proxy": REAL}, "record.folder", ""),
        ({"record": {"mode": "record"}}, "record.mode", "needs a server to ask"),
        ({"record": {"mode": "recrod"}, "proxy": REAL}, "record.mode", ""),
        ({"record": {"match": {"ignore_body": ["$.["]}}, "proxy": REAL}, "record.match.ignore_body[0]", ""),
        ({"record": {"redact": {"patterns": {"x": "("}}}, "proxy": REAL}, "record.redact", "x"),
        ({"record": {"ignore": ["$.["]}, "proxy": REAL}, "record.ignore[0]", ""),
        ({"proxy": "api.example.com"}, "proxy", "no address of a server"),
        ({"proxy": "ftp://api.example.com"}, "proxy", "no address of a server"),
        ({"endpoints": [{"path": "/a", "record": {"mode": "once"}}]}, "endpoints[0].record.mode", "needs a"),
        ({"endpoints": [{"path": "/a", "proxy": "x"}]}, "endpoints[0].proxy", "no address of a server"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path, config, path, said):
    found = problems(tmp_path, config)
    assert any((path is None or where == path) and said in message for where, message in found), found


def test_one_file_is_not_recorded_into(tmp_path):
    (tmp_path / "all.har").write_text('{"log": {"entries": []}}')
    for mode in ("record", "once", "refresh"):
        record = {"folder": "all.har", "mode": mode}
        [(where, message)] = problems(tmp_path, {"proxy": REAL, "record": record})
        assert where == "record.mode"
        assert "is one file" in message


def test_one_file_beside_a_proxy_is_spied_on(serve, real, tmp_path):
    (tmp_path / "all.har").write_text('{"log": {"entries": []}}')
    server = serve(project(tmp_path, {"proxy": real.url, "record": "all.har"}))
    assert only(server)["mode"] == "spy"
    assert n(server) == 1
    answer = get(server, "/__record", "PUT", body=b'{"mode": "record"}')
    assert answer.status == 409
    assert "one file" in answer.json()["error"]


def test_all_broken_exchanges_are_named(tmp_path):
    folder = tmp_path / "recordings" / "api.example.com"
    folder.mkdir(parents=True)
    (folder / "get-a.json").write_text("{")
    (folder / "get-b.json").write_text('{"request": {"method": 1}}')
    with pytest.raises(ConfigError) as caught:
        build(project(tmp_path, {"record": True}))
    assert {"get-a.json", "get-b.json"} <= {
        problem.file.rpartition("/")[2] for problem in caught.value.problems if problem.file
    }


def test_a_folder_to_replay_that_is_not_there_yet_is_warned_of(tmp_path):
    config = {"proxy": REAL, "record": {"mode": "replay"}}
    [warning] = build(project(tmp_path, config)).warnings
    assert "recordings" in warning.message
    assert "not there" in warning.message


def test_cache_says_nothing_of_what_is_only_passed_on(tmp_path):
    config = {"endpoints": [{"path": "/a", "proxy": REAL, "cache": True}]}
    [warning] = build(project(tmp_path, config)).warnings
    assert "only" in warning.message
    assert warning.path == "endpoints[0].cache"


# --- without a real server ----------------------------------------------------------------------------------


def test_a_failure_is_recorded_and_replayed(serve, tmp_path):
    with nobody() as url:
        server = serve(project(tmp_path, {"proxy": url, "record": {"mode": "record"}}))
        assert n(server) == 502
        told(server, "/__record/stop", "POST")
        assert n(server) == 502
        assert only(server)["exchanges"] == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_is_away_does_no_harm(serve, tmp_path, mode):
    with nobody() as url:
        server = serve(project(tmp_path, {"proxy": url, "record": {"mode": mode}}))
        assert n(server) == (404 if mode == "replay" else 502)


def test_what_cannot_be_written_is_said_and_the_client_is_answered(between, tmp_path):
    server = between(mode="record")
    (tmp_path / "recordings").write_text("in the way")
    assert n(server) == 1
    [complaint] = server.complaints
    assert "not recorded" in complaint
    assert "recordings" in complaint
    [entry] = server.logs()
    assert "not recorded" in entry["error"]


# --- what is not sent on ------------------------------------------------------------------------------------

SECRETS = (
    "Authorization: Bearer SECRET-1\r\nCookie: session=SECRET-2\r\nProxy-Authorization: Basic U0VDUkVU\r\n"
)


@pytest.mark.parametrize(
    "start",
    [
        "GET /a?api_key=SECRET-3 HTTP/1.1\r\nHost: a b",
        "CONNECT a:b HTTP/1.1\r\nHost: a",
        "GET /b HTTP/1.1\r\nHost: a",
    ],
)
@pytest.mark.parametrize("config", [{}, {"forward_proxy": True}])
def test_requests_that_are_refused_show_no_secrets(between, real, start, config):
    endpoint = {"path": "/a", "proxy": real.url}
    server = between({"endpoints": [endpoint], "proxy": real.url, **config})
    with Wire(server) as wire:
        wire.send(f"{start}\r\n{SECRETS}\r\n".encode())
        wire.answer()
    shown = json.dumps(server.logs()) + json.dumps(get(server, "/__report").json())
    assert "SECRET" not in shown
    assert "U0VDUkVU" not in shown


def test_what_is_told_of_clients_has_no_secrets(between):
    server = between(mode="record")
    assert get(server, "/a?api_key=SECRET").status == 200
    assert get(server, "/__nothing?api_key=SECRET").status == 404
    assert "SECRET" not in get(server, "/__report").body.decode()


def test_recordings_that_are_used_no_more_are_closed_at_the_end(between, tmp_path):
    server = between(mode="record")
    assert n(server) == 1
    project(tmp_path, {"endpoints": [{"path": "/b"}]})
    assert get(server, "/__reload", "POST").status == 200
    server.stop()
    assert [
        path.name for path in (tmp_path / "recordings").iterdir() if path.name.startswith(".writing")
    ] == []


def test_near_misses_tell_no_secrets(between):
    server = between(mode="record")
    assert get(server, "/a?api_key=SECRET&n=1", headers="Authorization: Bearer SECRET\r\n").status == 200
    match = {"headers": {"authorization": "Bearer other"}, "query": {"api_key": "other", "n": "2"}}
    wanted = json.dumps({"path": "/a", "match": match}).encode()
    answer = get(server, "/__verify", "POST", body=wanted, headers="Content-Type: application/json\r\n")
    fields = {one["field"]: one["found"] for one in answer.json()["near_misses"][0]["differs"]}
    assert len(fields) == 3
    assert fields["query.n"] == "1"
    assert "SECRET" not in answer.body.decode()
