"""What the recorder has seen of real servers, beside what `understudy diff` sees: WebSockets, trailers."""

import argparse
import contextlib
import io
import json
import threading
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve as serve_socket

from tests.kit import get, wait_for
from tests.net.upstream.conftest import upstream
from tests.net.upstream.kit import RawUpstream, reply
from tests.record.live import project
from understudy.cli import diff, recordings_refresh
from understudy.net.sockets import talking
from understudy.record.folder import read_recording

__all__ = ["upstream"]  # a fixture
SECRET = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def answers(connection):
    """Greets, and says a price for each name."""
    connection.send(json.dumps({"type": "hello", "id": 1}))
    for name in connection:
        connection.send(json.dumps({"type": "price", "of": name, "usd": 1}))


def otherwise(connection):
    """The next version: prices are texts."""
    connection.send(json.dumps({"type": "hello", "id": 1}))
    for name in connection:
        connection.send(json.dumps({"type": "price", "of": name, "usd": "1"}))


def silent(connection):
    """One that says nothing any more."""
    for _ in connection:
        pass


@contextmanager
def real(answer):
    with serve_socket(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def recorded(serve, tmp_path):
    """A folder with a conversation, and the address of the server that was recorded."""
    folder = tmp_path / "recordings"

    def record(*names, target):
        server = serve(project(tmp_path, {"proxy": target, "record": {"mode": "record"}}))
        with connect(f"ws://127.0.0.1:{server.port}/prices") as client:
            client.recv()
            for name in names:
                client.send(name)
                client.recv()
        wait_for(lambda: list(folder.rglob("*prices*.json")))
        server.stop()
        return folder

    return record


def run(command, *arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = command.run(parser.parse_args(list(map(str, arguments))), out, err)
    return code, out.getvalue(), err.getvalue()


def test_a_conversation_is_had_again(recorded, monkeypatch):
    with real(answers) as target:
        folder = recorded("a", "b", target=target)
        assert run(diff, folder, "--target", target, "--unsafe") == (
            0,
            "1 exchange compared: no drift\n",
            "",
        )
    with real(otherwise) as target:
        assert run(diff, folder, "--target", target, "--unsafe") == (
            1,
            "GET /prices  (1 of 1 differ)\n"
            "  breaking  type-changed  $.usd  integer → string\n"
            "\n"
            "1 exchange compared: 1 breaking, in 1 of 1 endpoint\n",
            "",
        )
    monkeypatch.setattr(talking, "PATIENCE_S", 0.1)
    with real(silent) as target:
        code, out, _ = run(diff, folder, "--target", target, "--unsafe")
        assert (code, "message-removed" in out) == (1, True)


def test_who_speaks_needs_unsafe_and_who_listens_does_not(recorded):
    with real(answers) as target:
        folder = recorded("a", target=target)
        code, _, err = run(diff, folder, "--target", target)
        assert code == 2
        assert "a WebSocket in which the client speaks, which needs --unsafe: 1" in err


def test_who_only_listens(recorded):
    with real(answers) as target:
        folder = recorded(target=target)
        assert run(diff, folder, "--target", target)[:2] == (0, "1 exchange compared: no drift\n")


def test_what_was_redacted_in_messages_is_given(recorded):
    with real(answers) as target:
        folder = recorded(SECRET, target=target)
        code, _, err = run(diff, folder, "--target", target, "--unsafe")
        assert (code, "its messages were redacted (--secret): 1" in err) == (2, True)
        [said] = [one for one in read_recording(folder).exchanges[0].messages if one.data[:8] == b"REDACTED"]
        secret = f"{said.data.decode()}={SECRET}"
        code, out, err = run(diff, folder, "--target", target, "--unsafe", "--secret", secret, "--json")
        assert (code, err) == (0, "")
        assert SECRET not in out


def test_a_conversation_is_refreshed_without_its_secrets(recorded):
    with real(answers) as target:
        folder = recorded(SECRET, target=target)
        [before] = read_recording(folder).exchanges
        assert run(recordings_refresh, folder, "*", "--target", target)[2].endswith("and needs --unsafe\n")
    [said] = [one for one in before.messages if one.data[:8] == b"REDACTED"]
    with real(otherwise) as target:
        options = ["--target", target, "--unsafe", "--secret", f"{said.data.decode()}={SECRET}"]
        code, out, err = run(recordings_refresh, folder, "*", *options)
        assert (code, err) == (0, "")
        assert out.endswith(": type-changed $.usd\n1 of 1 recording refreshed\n")
    [after] = read_recording(folder).exchanges
    assert [one.data for one in after.messages if one.sender == "client"][:1] == [said.data]
    assert b'"usd": "1"' in after.messages[2].data
    assert not [file for file in folder.rglob("*") if file.is_file() and SECRET in file.read_text()]


def test_trailers_are_seen_as_they_were_recorded(upstream, serve, tmp_path):
    def answer(trailer):
        lines = ("Trailer: X-Sum", "Transfer-Encoding: chunked")
        return reply(*lines, body=b"2\r\nok\r\n0\r\n" + trailer + b"\r\n")

    real = upstream(answer(b"X-Sum: ab\r\n"))
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))
    assert get(server, "/sum").body == b"ok"
    server.stop()
    folder = tmp_path / "recordings"

    assert run(diff, folder, "--target", real.url)[:2] == (0, "1 exchange compared: no drift\n")
    code, out, _ = run(diff, folder, "--target", upstream(answer(b"")).url)
    assert code == 1
    assert "changed  trailer-removed  trailer X-Sum  was ab" in out
    code, out, _ = run(diff, folder, "--target", upstream(answer(b"X-Sum: cd\r\n")).url)
    assert "changed  trailer-changed  trailer X-Sum  ab → cd" in out


def refuses(connection, _):
    """Says what is no HTTP."""
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
    return False


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        RawUpstream.RESET,
        refuses,
        reply("Content-Length: 9", "Connection: close", body=b"half"),
        reply("Content-Length: 2", "Connection: close", body=b"ok"),
    ],
)
def test_failures_are_those_that_were_recorded(upstream, serve, tmp_path, answer):
    real = upstream(answer)
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))
    with contextlib.suppress(OSError, EOFError):
        get(server, "/broken")
    wait_for(lambda: list((tmp_path / "recordings").rglob("*.json")))
    server.stop()
    [recorded] = read_recording(tmp_path / "recordings").exchanges

    code, out, err = run(diff, tmp_path / "recordings", "--target", real.url)

    assert (code, out, err) == (0, "1 exchange compared: no drift\n", "")
    assert (recorded.failed is None) is (b"ok" in answer if isinstance(answer, bytes) else False)
