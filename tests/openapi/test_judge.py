"""Operations that are sent on to a real server, whose replies are held against the document."""

import gzip
import json
import socket
import threading
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import Wire, get, wait_for
from tests.net.upstream.kit import RawUpstream, reply
from tests.openapi.served import PETS
from understudy.build import build
from understudy.cli.console import plausible_path
from understudy.errors import ConfigError
from understudy.openapi.judge import MAX_HELD_BYTES
from understudy.openapi.outgoing import Check
from understudy.steps import Reply

JSON = "Content-Type: application/json"
KEY = "X-Key: k\r\n"
REAL_DOCUMENTS = sorted((Path(__file__).parent.parent / "corpus" / "openapi_real").glob("*.json"))
REX = {"id": 1, "name": "Rex"}


def answers(content, *headers, status="200 OK"):
    return reply(JSON, *headers, body=json.dumps(content).encode(), status=status)


@pytest.fixture
def proxied(serve, tmp_path):
    """A real server that answers so, and a server before it that has its document."""
    started = []

    def start(*raw, text=PETS, config=None, folder=tmp_path, **settings):
        real = RawUpstream(*raw)
        started.append(real)
        (folder / "pets.yaml").write_text(text)
        written = {"openapi": {"spec": "pets.yaml", "proxy": real.url, **settings}, **(config or {})}
        text = yaml.safe_dump(written).replace("REAL", real.url)
        (folder / "config.yaml").write_text(text)
        return serve(folder / "config.yaml"), real

    yield start
    for real in started:
        real.close()


def told(answer):
    """What the header says: places and messages."""
    written = answer.header("sl-violations")
    return None if written is None else [(one["location"], one["message"]) for one in json.loads(written)]


def last(server):
    return get(server, "/__logs").json()["logs"][-1]


def test_a_right_reply_is_passed_on_as_it_came(proxied):
    server, real = proxied(answers([REX], "X-Own: 1", "X-Own: 2"))
    answer = get(server, "/v1/pets?limit=1", headers=KEY)
    assert (answer.status, answer.json()) == (200, [REX])
    assert [value for name, value in answer.headers if name == "X-Own"] == ["1", "2"]
    assert told(answer) is None
    assert real.asked[0].line == "GET /v1/pets?limit=1 HTTP/1.1"
    entry = last(server)
    assert (entry["endpoint"], entry["source"], entry["violations"]) == ("listPets", "upstream", [])


@pytest.mark.parametrize("mode", ["warn", "mend"])
def test_a_wrong_reply_is_told_of(proxied, mode):
    body = json.dumps([REX, {"id": "2", "name": "Tom"}]).encode()
    server, _ = proxied(reply(JSON, "ETag: a", body=body), validate_responses=mode)
    answer = get(server, "/v1/pets", headers=KEY)
    assert (answer.status, answer.body, answer.header("ETag")) == (200, body, "a")
    assert told(answer) == [(["response", "body", "1", "id"], "Response body property 1.id must be integer")]
    [found] = last(server)["violations"]
    assert (found["location"], found["pointer"], found["keyword"]) == ("response", "/body/1/id", "type")


def test_a_wrong_reply_is_not_let_through(proxied):
    server, _ = proxied(answers([{"id": 1}], "X-Own: 1"), validate_responses="strict")
    answer = get(server, "/v1/pets", headers=KEY)
    assert (answer.status, answer.header("content-type")) == (500, "application/problem+json")
    assert answer.json()["type"] == "https://stoplight.io/prism/errors#VIOLATIONS"
    assert answer.json()["validation"][0]["location"] == ["response", "body", "0"]
    assert "required property 'name'" in told(answer)[0][1]
    assert answer.header("x-own") is None
    assert last(server)["status"] == 500


def test_nothing_is_looked_at_if_nobody_wants_it(proxied):
    server, _ = proxied(answers("wrong"), validate="off", validate_responses="off")
    answer = get(server, "/v1/pets?limit=100")
    assert (answer.status, answer.json(), told(answer)) == (200, "wrong", None)
    assert last(server)["violations"] == []


def test_wrong_requests_are_refused_or_told_of(proxied, tmp_path):
    server, real = proxied(answers([]))
    assert get(server, "/v1/pets").status == 401
    assert get(server, "/v1/pets?limit=100", headers=KEY).status == 422
    assert real.asked == []
    server, real = proxied(answers([]), validate="warn")
    answer = get(server, "/v1/pets?limit=100")
    assert (answer.status, answer.json()) == (200, [])
    assert [place for place, _ in told(answer)] == [["request", "security"], ["request", "query", "limit"]]
    assert len(real.asked) == 1
    assert [one["location"] for one in last(server)["violations"]] == ["security", "query"]


def test_request_and_reply_are_told_of_together(proxied):
    server, _ = proxied(answers({}), validate="warn")
    places = [place for place, _ in told(get(server, "/v1/pets?limit=100", headers=KEY))]
    assert places == [["request", "query", "limit"], ["response", "body"]]


@pytest.mark.parametrize(
    ("raw", "said", "strict"),
    [
        (answers(REX, status="202 Accepted"), "returned status code", 500),
        (answers(REX, status="503 Busy"), "returned status code", 503),
        (reply("Content-Type: text/html", body=b"<p>"), "received media type", 500),
        (reply(body=b"1"), "received media type", 500),
        (reply(JSON, body=b"{"), "must be JSON", 500),
        (reply(JSON, body=b""), "must be JSON", 500),
    ],
    ids=["success", "failure", "media type", "no type", "no JSON", "empty"],
)
def test_status_and_media_type(proxied, raw, said, strict):
    server, _ = proxied(raw, validate_responses="warn")
    answer = get(server, "/v1/pets", headers=KEY)
    assert said in told(answer)[0][1]
    assert answer.body == raw.partition(b"\r\n\r\n")[2]
    server, _ = proxied(raw, validate_responses="strict")
    assert get(server, "/v1/pets", headers=KEY).status == strict


def test_a_reply_without_a_body(proxied):
    text = PETS.replace(
        '"404":\n          description: none',
        '"304": { description: same }\n        "404":\n          description: none',
    )
    server, _ = proxied(
        b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n", answers("x", status="206 Part"), text=text
    )
    answer = get(server, "/v1/pets", headers=KEY)
    assert (answer.status, told(answer)) == (304, None)
    assert "status code" in told(get(server, "/v1/pets", headers=KEY))[0][1]
    assert told(get(server, "/v1/pets/1")) is not None


def test_head_is_passed_on(proxied):
    server, _ = proxied(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n", validate="warn"
    )
    answer = get(server, "/v1/pets?limit=100", "HEAD", headers=KEY)
    assert (answer.status, answer.header("content-length")) == (200, "9")
    assert [place for place, _ in told(answer)] == [["request", "query", "limit"]]


def test_codings_are_taken_off_for_the_check_alone(proxied):
    body = gzip.compress(json.dumps([{"id": 1}]).encode())
    server, _ = proxied(
        reply(JSON, "Content-Encoding: gzip", body=body),
        reply(JSON, "Content-Encoding: gzip", body=b"no gzip"),
        reply(JSON, "Content-Encoding: x-mine", body=b"?"),
    )
    answer = get(server, "/v1/pets", headers=KEY)
    assert (answer.body, len(told(answer))) == (body, 1)
    for _ in range(2):
        answer = get(server, "/v1/pets", headers=KEY)
        assert (answer.status, told(answer)) == (200, None)
        assert "body of the reply was not checked" in last(server)["error"]


def test_chunks_and_trailers_stay(proxied):
    raw = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"2\r\n[{\r\n2\r\n}]\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    server, _ = proxied(raw)
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        data = wire.read(lambda data: data.endswith(b"X-Sum: 7\r\n\r\n"))
    head, _, rest = data.partition(b"\r\n\r\n")
    assert b"sl-violations" in head
    assert b"Transfer-Encoding: chunked" in head
    assert rest == b"4\r\n[{}]\r\n0\r\nX-Sum: 7\r\n\r\n"


@pytest.mark.parametrize("mode", ["warn", "strict"])
def test_what_is_too_large_is_passed_on_unseen(proxied, mode):
    body = b"[" + b" " * MAX_HELD_BYTES + b"]"
    server, _ = proxied(reply(JSON, body=body), answers([REX]), validate_responses=mode)
    answer = get(server, "/v1/pets", headers=KEY)
    assert (answer.status, len(answer.body), told(answer)) == (200, len(body), None)
    assert "more than 8,388,608 bytes" in last(server)["error"]
    assert get(server, "/v1/pets", headers=KEY).json() == [REX]


def test_what_is_refused_and_too_large_is_given_up(proxied):
    body = b" " * (MAX_HELD_BYTES + 1_000_000)
    server, _ = proxied(
        reply("Content-Type: text/html", body=body), answers([REX]), validate_responses="strict"
    )
    with Wire(server) as wire:
        for status in (500, 200):
            wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
            assert wire.answer().status == status


def test_a_stream_of_events_is_not_waited_for(proxied):
    text = PETS.replace(
        "            application/json:\n              schema: { type: array",
        "            text/event-stream: { schema: { type: string, maxLength: 1 } }\n"
        "            application/json:\n              schema: { type: array",
    )
    begun = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"

    def stream(connection, asked):
        connection.sendall(begun)
        connection.recv(1)  # until the other side has gone

    for mode in ("warn", "strict"):
        server, _ = proxied(stream, text=text, validate_responses=mode)
        with Wire(server) as wire:
            wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
            assert b"200 OK" in wire.read(lambda data: b"data: 1\n\n" in data)
    server, _ = proxied(stream, answers([REX]), validate_responses="strict")
    with Wire(server) as wire:
        for status in (500, 200):
            wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
            assert wire.answer().status == status


def test_a_reply_that_breaks_off_is_passed_on_as_far_as_it_came(proxied):
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"
    )
    server, _ = proxied(head + b"[{")
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        data = wire.rest()
    assert data.endswith(b"\r\n\r\n[{")
    assert last(server)["outcome"] == "broken off upstream"


def test_a_reply_that_breaks_off_before_its_first_chunk_is_not_whole(proxied):
    def breaks(connection, asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + JSON.encode() + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    server, _ = proxied(breaks)
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        assert wire.rest().endswith(b"chunked\r\n\r\n"), "no last chunk"
    assert last(server)["outcome"] == "broken off upstream"


def test_a_reply_is_refused_before_the_upload_has_ended(proxied):
    class Early(RawUpstream):
        def _serve(self, connection, number):
            connection.recv(65536)
            connection.sendall(reply(JSON, "Connection: close", body=b"[]", status="202 Accepted"))
            while connection.recv(65536):
                pass

    with Early(b"") as early:
        server, _ = proxied(
            b"", proxy=early.url, config={"proxy": "REAL"}, validate="off", validate_responses="strict"
        )
        head = b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
        with Wire(server) as wire:
            for _ in range(2):
                wire.send(head + b"x" * 100)
                assert wire.answer().status == 500
                wire.send(b"x" * 299_900)


def test_replies_keep_their_order_while_one_is_held(proxied):
    def slowly(connection, asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + JSON.encode() + b"\r\n\r\n")
        for byte in json.dumps([REX]).encode():
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")

    server, _ = proxied(slowly)
    held, other = (
        b"GET /v1/%b HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n" % path for path in (b"pets", b"dogs")
    )
    with Wire(server) as wire:
        wire.send((held + other) * 3)
        for _ in range(3):
            assert wire.answer().json() == [REX]
            assert wire.answer().status == 404


def test_a_client_may_go_while_its_reply_is_held(proxied):
    begun, go_on = threading.Event(), threading.Event()

    def half(connection, asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + JSON.encode() + b"\r\n\r\n[")
        begun.set()
        assert go_on.wait(10)

    server, real = proxied(half, config={"record": {"folder": "tape", "mode": "once"}})
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        assert begun.wait(10)
    wait_for(lambda: not server._running().connections)
    go_on.set()
    assert last(server)["outcome"] == "client closed"
    real.answers = [answers([])]
    assert get(server, "/v1/pets", headers=KEY).json() == []


def test_nobody_answers(proxied):
    server, real = proxied(answers([]))
    real.close()
    assert get(server, "/v1/pets", headers=KEY).status == 502


def test_what_the_real_server_does_not_have_yet_is_mocked(proxied):
    server, _ = proxied(answers({}, status="501 Not Implemented"), validate="warn")
    answer = get(server, "/v1/pets?limit=100", headers=KEY)
    assert (answer.status, answer.json()[0]) == (200, REX)
    assert [place for place, _ in told(answer)] == [["request", "query", "limit"]]
    assert last(server)["source"] == "mocked"


def test_faults_spoil_what_was_judged(proxied):
    kinds = {"faults": [{"kind": "truncate", "after_bytes": 3}]}
    server, _ = proxied(answers([{}]), operations={"listPets": kinds})
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        data = wire.rest()
    assert b"sl-violations" in data
    assert data.endswith(b"\r\n\r\n[{}")
    assert len(last(server)["violations"]) == 2
    server, _ = proxied(answers([{}]), operations={"listPets": kinds}, validate_responses="strict")
    with Wire(server) as wire:
        wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\n\r\n")
        assert wire.rest().startswith(b"HTTP/1.1 500 ")


def test_bodies_of_requests_are_seen_first_unless_nobody_looks(proxied):
    body = json.dumps({"id": 1, "name": "x" * 100_000}).encode()
    for mode in ("strict", "off"):
        server, real = proxied(answers(REX, status="201 Created"), validate=mode)
        answer = get(server, "/v1/pets", "POST", headers=KEY + JSON + "\r\n", body=body)
        assert (answer.status, real.asked[0].body) == (201, body)
    server, real = proxied(answers(REX, status="201 Created"))
    answer = get(
        server, "/v1/pets", "POST", headers=KEY + JSON + "\r\n", body=b'{"id": "x' + b"x" * 100_000 + b'"}'
    )
    assert (answer.status, real.asked) == (422, [])


def test_the_prefix_is_not_the_real_servers(proxied):
    server, real = proxied(answers([]), answers([]), prefix="/shop")
    assert get(server, "/shop/v1/pets", headers=KEY).status == 200
    assert real.asked[0].line == "GET /v1/pets HTTP/1.1"
    written = {"target": real.url + "/base", "strip_prefix": "/shop/v1"}
    (server, _), target = proxied(answers([]), proxy=written, prefix="/shop"), real
    assert get(server, "/shop/v1/pets", headers=KEY).status == 200
    assert target.asked[1].line == "GET /base/pets HTTP/1.1"


def test_what_no_document_has_is_404_or_passed_on(proxied):
    server, _ = proxied(answers([]))
    assert get(server, "/v1/dogs").json()["type"].endswith("#NO_PATH_MATCHED_ERROR")
    assert get(server, "/v1/pets", "DELETE").status == 405
    server, _ = proxied(answers("woof"), config={"proxy": "REAL"})
    answer = get(server, "/v1/dogs")
    assert answer.json() == "woof"
    assert told(answer) == [
        (["request", "path"], "The route /v1/dogs hasn't been found in the specification file")
    ]
    assert last(server)["violations"][0]["keyword"] == "undocumented"
    assert told(get(server, "/v1/pets", headers=KEY))[0][0] == ["response", "body"]
    server, _ = proxied(answers("woof"), config={"proxy": "REAL"}, validate="off")
    assert told(get(server, "/v1/dogs")) is None


def test_all_of_it_is_recorded_and_what_was_recorded_is_judged(proxied, tmp_path):
    record = {"record": {"folder": "tape", "mode": "once"}}
    server, real = proxied(answers([{"id": 1}]), config=record, validate_responses="strict")
    assert get(server, "/v1/pets", headers=KEY).status == 500
    [file] = (tmp_path / "tape").rglob("get-*.json")
    kept = json.loads(file.read_text())["response"]
    assert (kept["status"], kept["json"]) == (200, [{"id": 1}])
    assert "sl-violations" not in file.read_text()
    assert get(server, "/v1/pets", headers=KEY).status == 500
    assert last(server)["source"] == "recorded"
    assert len(last(server)["violations"]) == 1
    assert len(real.asked) == 1


def test_a_reply_without_a_body_is_recorded_though_it_is_refused(proxied):
    record = {"record": {"folder": "tape", "mode": "once"}}
    server, real = proxied(reply(status="202 Accepted"), config=record, validate_responses="strict")
    for source in ("upstream", "recorded"):
        assert get(server, "/v1/pets", headers=KEY).status == 500
        assert (last(server)["source"], last(server)["error"]) == (source, None)
    assert len(real.asked) == 1


def test_what_was_not_there_when_it_was_recorded_is_mocked(proxied):
    record = {"record": {"folder": "tape", "mode": "once"}}
    server, real = proxied(answers({}, status="501 Not Implemented"), config=record)
    for _ in range(2):
        assert get(server, "/v1/pets", headers=KEY).json()[0] == REX
        assert last(server)["source"] == "mocked"
    assert len(real.asked) == 1


@pytest.mark.parametrize("faults", [[], [{"kind": "truncate", "after_bytes": 3}]])
def test_what_is_sent_in_the_place_of_a_reply_has_each_header_once(proxied, faults):
    record = {"folder": "tape", "mode": "once"}
    server, _ = proxied(
        answers([{}]),
        config={"cors": True, "record": record},
        operations={"listPets": {"headers": {"X-Own": "1"}, "faults": faults}},
        validate_responses="strict",
    )
    for _ in range(2):  # of the real server, and recorded
        with Wire(server) as wire:
            wire.send(b"GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Key: k\r\nConnection: close\r\n\r\n")
            lines = wire.rest().partition(b"\r\n\r\n")[0].lower().splitlines()
        assert lines[0].startswith(b"http/1.1 500 ")
        assert lines.count(b"x-own: 1") == 1
        assert lines.count(b"access-control-allow-origin: *") == 1


def test_a_check_that_crashes_costs_nobody_the_reply(proxied, monkeypatch):
    def crash(*_):
        raise ZeroDivisionError

    for name in ("reads", "__call__"):
        with monkeypatch.context() as patch:
            patch.setattr(Check, name, crash)
            server, _ = proxied(answers([REX]))
            assert get(server, "/v1/pets", headers=KEY).json() == [REX]
            assert last(server)["error"].startswith("the reply was not checked: ZeroDivisionError")


def test_secrets_are_not_in_the_log(proxied):
    server, _ = proxied(answers([]), validate="warn")
    get(server, "/v1/pets", headers="Authorization: Bearer very-secret-token\r\n")
    assert "very-secret-token" not in json.dumps(last(server))


@pytest.mark.parametrize("file", REAL_DOCUMENTS, ids=lambda file: file.stem)
def test_a_mock_is_as_its_own_document_says(serve, tmp_path, file):
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    (tmp_path / "config.yaml").write_text(
        yaml.safe_dump({"openapi": {"spec": file.name, "validate": "warn"}})
    )
    mock = serve(tmp_path / "config.yaml")
    settings = {"spec": file.name, "proxy": mock.url, "validate": "warn"}
    (tmp_path / "proxy.yaml").write_text(yaml.safe_dump({"openapi": settings}))
    server = serve(tmp_path / "proxy.yaml")
    for one in build(tmp_path / "config.yaml").loaded.config.endpoints:
        get(server, plausible_path(one.path), one.methods[0])
    found = get(server, "/__contract").json()
    assert found["requests"] > 0
    checks = {one["check"] for one in found["findings"]}
    assert checks <= {"invalid-request", "undocumented-status", "deprecated-parameter"}


def test_mistakes(tmp_path):
    (tmp_path / "pets.yaml").write_text(PETS)
    for settings, said in (
        ({"proxy": "localhost:9000"}, "did you mean http://localhost:9000"),
        ({"proxy": "http://localhost:9000", "stateful": True}, "the real server remembers"),
        ({"proxy": {"target": "https://a.example", "tls": {"ca_file": "none.pem"}}}, "none.pem is not there"),
    ):
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({"openapi": {"spec": "pets.yaml", **settings}}))
        with pytest.raises(ConfigError) as caught:
            build(tmp_path / "config.yaml")
        assert said in str(caught.value)
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].path.startswith("openapi")


@given(
    st.integers(200, 599),
    st.binary(max_size=50),
    st.sampled_from(["", "application/json", "text/plain", ";", "a/b;"]),
    st.sampled_from(["", "gzip", "br, gzip", "gzip" + ",gzip" * 9]),
    st.booleans(),
)
def test_whatever_comes_is_judged(tmp_path_factory, status, body, kind, coding, is_whole):
    from tests.openapi.served import served
    from understudy.openapi.judge import ReplyJudge
    from understudy.request import Request

    global _operation
    if _operation is None:
        pets = served(tmp_path_factory.mktemp("pets"), proxy="http://localhost:9")
        _operation = next(one for one in pets.program.endpoints if one.name == "listPets").after[0].__self__
    request = Request("GET", b"/v1/pets", [], b"")
    headers = tuple(
        (name, value.encode())
        for name, value in ((b"Content-Type", kind), (b"Content-Encoding", coding))
        if value
    )
    judge = ReplyJudge(_operation, request, ())
    assert judge.reads(status, headers) in (0, MAX_HELD_BYTES)
    found = judge.judged(Reply(status, headers, body), is_whole=is_whole)
    assert bool(found.violations) == bool(found.headers)


_operation = None
