"""What is seen of requests that are sent on, by what records them."""

import json
import socket
import threading

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve as serve_socket

from tests.kit import Wire, get, wait_for
from tests.net.upstream.kit import reply
from tests.record.live import project
from understudy.record.folder import read_recording
from understudy.record.tape import Keeper


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_recording_that_fails_loses_no_reply(upstream, serve, tmp_path, monkeypatch, size):
    def fails(*_):
        raise RecursionError("too deep")

    monkeypatch.setattr(Keeper, "_work", fails)
    target = upstream(reply(body=b"x" * size))
    server = serve(project(tmp_path, {"proxy": target.url, "record": {"mode": "record"}}))
    assert len(get(server, "/a").body) == size
    assert len(get(server, "/a").body) == size
    assert "not recorded: RecursionError: too deep" in server.logs()[0]["error"]


def test_who_goes_at_the_last_moment_leaves_a_whole_recording(upstream, serve, tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    work = Keeper._work

    def slowly(self, seen):
        begun.set()
        assert go_on.wait(10)
        return work(self, seen)

    monkeypatch.setattr(Keeper, "_work", slowly)
    target = upstream(reply(body=b"x" * 2_000_000))
    server = serve(project(tmp_path, {"proxy": target.url, "record": {"mode": "record"}}))
    with Wire(server) as wire:
        wire.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        reader = threading.Thread(target=wire.rest)
        reader.start()
        assert begun.wait(10)
        wire.socket.shutdown(socket.SHUT_RDWR)
        reader.join()
    wait_for(lambda: not server._running().connections)
    go_on.set()
    [tape] = server._running().program.tapes
    wait_for(lambda: tape.added)
    answer = get(server, "/a", headers="X-Understudy-Record: replay\r\n")
    assert answer.body == b"x" * 2_000_000


def test_half_a_request_is_recorded_with_what_had_come(upstream, serve, tmp_path):
    target = upstream(b"")
    refused = reply("Connection: close", body=b"no", status="413 Content Too Large")
    target._serve = lambda connection, _: (connection.recv(65_536), connection.sendall(refused))
    server = serve(project(tmp_path, {"proxy": target.url, "record": {"mode": "record"}}))
    with Wire(server) as wire:
        wire.send(b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        assert wire.answer().body == b"no"
        wire.send(b"3\r\ndef\r\n0\r\n\r\n")
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200
        replay = b"X-Understudy-Record: replay\r\nContent-Length: 5\r\n\r\nother"
        wire.send(b"POST /a HTTP/1.1\r\nHost: a\r\n" + replay)
        answer = wire.answer()
        assert (answer.status, answer.body) == (413, b"no")
    [file] = (tmp_path / "recordings").rglob("*.json")
    asked = json.loads(file.read_text())["request"]
    assert (asked["whole"], asked["text"]) == (False, "abc")
    assert not server.logs()[0].get("error")


def test_an_upload_that_nobody_takes_is_recorded(serve, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    config = {"proxy": f"http://127.0.0.1:{port}", "record": {"mode": "record"}}
    server = serve(project(tmp_path, config))
    with Wire(server) as wire:
        wire.send(b"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 70_000)
        assert wire.answer().status == 502
        wire.send(b"x" * (3_000_000 - 70_000))
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200
    [file] = (tmp_path / "recordings").rglob("*.json")
    said = json.loads(file.read_text())
    assert (said["request"]["whole"], said["failed"]["kind"]) == (False, "refused")


def test_what_comes_of_a_body_while_its_recording_is_written(upstream, serve, tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    work = Keeper._work

    def slowly(self, seen):
        begun.set()
        assert go_on.wait(10)
        return work(self, seen)

    monkeypatch.setattr(Keeper, "_work", slowly)
    target = upstream(b"")

    def early(connection, _):
        left = 2_000_000
        while left > 0:
            left -= len(connection.recv(65_536))
        connection.sendall(reply("Connection: close", body=b"no", status="413 Content Too Large"))

    target._serve = early
    server = serve(project(tmp_path, {"proxy": target.url, "record": {"mode": "record"}}))
    with Wire(server) as wire:
        wire.send(b"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 2_000_001)
        assert begun.wait(10)
        wire.send(b"x" * 1_000_000)
        go_on.set()
        assert wire.answer().status == 413
        wire.send(b"x" * 999_999)
        wire.send(b"GET /__health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert wire.answer().status == 200
    [file] = (tmp_path / "recordings").rglob("*.json")
    beside = file.with_name(json.loads(file.read_text())["request"]["file"])
    assert beside.stat().st_size <= 2_000_001
    assert not list((tmp_path / "recordings").rglob("spool/*"))


@pytest.mark.parametrize("who", ["client", "this server"])
def test_what_was_said_is_kept_when_somebody_goes(serve, tmp_path, who):
    with serve_socket(
        lambda connection: [connection.send(one) for one in connection], "127.0.0.1", 0
    ) as target:
        threading.Thread(target=target.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{target.socket.getsockname()[1]}"
        server = serve(project(tmp_path, {"proxy": url, "record": {"mode": "record"}}))
        with connect(f"ws://127.0.0.1:{server.port}/chat") as client:
            client.send("hello")
            assert client.recv() == "hello"
            if who == "client":
                client.socket.shutdown(socket.SHUT_RDWR)
            else:
                server.stop()
        wait_for(lambda: list((tmp_path / "recordings").rglob("*chat*.json")))
        target.shutdown()
    [exchange] = read_recording(tmp_path / "recordings").exchanges
    said = [(message.sender, message.kind, message.data) for message in exchange.messages]
    assert said[:2] == [("client", "text", b"hello"), ("server", "text", b"hello")]


def test_what_is_too_large_is_passed_on_and_not_kept(upstream, serve, tmp_path):
    record = {"mode": "record", "max_body_bytes": 1000}
    server = serve(project(tmp_path, {"proxy": upstream(reply(body=b"x" * 1001)).url, "record": record}))
    assert get(server, "/a").body == b"x" * 1001
    assert not list((tmp_path / "recordings").rglob("*.json"))
