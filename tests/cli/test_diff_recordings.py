"""A recording beside real servers: uvicorn, whose second version answers otherwise."""

import argparse
import io
import json
import socket
import threading
import xml.etree.ElementTree as ET

import pytest
import uvicorn

from understudy.cli import diff
from understudy.cli.diff_recordings import junit, progress
from understudy.record.drift import DriftReport
from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.folder import FolderWriter

JSON = ("content-type", "application/json")
V1 = {
    "/users": ([{"id": 1, "email": "a@b.c"}, {"id": 2, "email": "d@e.f"}], 200, [("x-total", "2")]),
    "/users/1": ({"id": 1, "email": "a@b.c", "state": "on"}, 200, []),
    "/users/2": ({"id": 2, "email": "d@e.f", "state": "off"}, 200, []),
    "/gone": ({"ok": True}, 200, []),
    "/same": ({"ok": True}, 200, [("etag", '"1"')]),
    "/login": ({"ok": True}, 200, []),
}
V2 = {
    **V1,
    "/users": ([{"id": "1", "email": "a@b.c"}, {"id": "2", "email": "d@e.f"}], 200, []),
    "/users/1": ({"id": 1, "state": "on"}, 200, []),
    "/users/2": ({"id": 2, "state": "off"}, 200, []),
    "/gone": ({"error": "gone"}, 410, []),
    "/same": ({"ok": True}, 200, [("etag", '"2"')]),
}


def app_of(version, asked):
    async def app(scope, receive, send):
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = (await receive()).get("body", b"")
        asked.append((scope["method"], scope["path"], headers, body))
        content, status, more = version[scope["path"]]
        if scope["path"] == "/login" and headers.get("authorization") != "Bearer real":
            content, status = {"error": "who are you?"}, 401
        body = json.dumps(content).encode()
        pairs = [JSON, ("content-length", str(len(body))), *more]
        raw = [(name.encode(), value.encode()) for name, value in pairs]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return app


class Running:
    def __init__(self, version):
        self.asked = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app_of(version, self.asked),
            log_level="error",
            lifespan="off",
            ws="none",
            date_header=False,
            server_header=False,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self):
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture(scope="module")
def old():
    running = Running(V1)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def new():
    running = Running(V2)
    yield running
    running.stop()


def recorded(path, method="GET", headers=(), body=b""):
    content, status, more = V1[path]
    return RecordedExchange(
        request=RecordedRequest(
            method=method, origin="https://api.example.com", target=path, headers=tuple(headers), body=body
        ),
        reply=RecordedReply(
            status=status,
            headers=tuple((name.encode(), value.encode()) for name, value in (JSON, *more)),
            body=json.dumps(content).encode(),
        ),
        recorded_at=1.7e9 + list(V1).index(path),
    )


@pytest.fixture
def recordings(tmp_path):
    """Record the first version: `recordings(...)` gives the folder."""

    def write(*exchanges):
        with FolderWriter(tmp_path / "recordings") as writer:
            for one in exchanges or [recorded(path) for path in V1 if path != "/login"]:
                writer.write(one)
        return tmp_path / "recordings"

    return write


def run(*arguments):
    parser = argparse.ArgumentParser()
    diff.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = diff.run(parser.parse_args(list(map(str, arguments))), out, err)
    return code, out.getvalue(), err.getvalue()


def test_the_same_server_has_no_drift(recordings, old):
    code, out, err = run(recordings(), "--target", old.url)

    assert (code, out, err) == (0, "5 exchanges compared: no drift\n", "")


def test_each_change_of_the_next_version_is_told_once(recordings, new):
    code, out, err = run(recordings(), "--target", new.url)

    assert (code, err) == (1, "")
    assert out == (
        "GET /users  (1 of 1 differ)\n"
        "  breaking  type-changed    $[*].id         integer → string\n"
        "  changed   header-removed  header x-total  was 2\n"
        "\n"
        "GET /users/{id}  (2 of 2 differ)\n"
        "  breaking  field-removed  $.email  was string  2×\n"
        "\n"
        "GET /gone  (1 of 1 differ)\n"
        "  breaking  status-class  status  200 → 410\n"
        "\n"
        "5 exchanges compared: 3 breaking, 1 changed, in 3 of 4 endpoints\n"
    )


def test_json_and_junit(recordings, new, tmp_path):
    file = tmp_path / "drift.xml"
    code, out, _ = run(recordings(), "--target", new.url, "--json", "--junit", file, "--concurrency", 1)

    report = json.loads(out)
    assert (code, report["ok"], report["compared"]) == (1, False, 5)
    assert report["counts"] == {"breaking": 3, "changed": 1, "info": 0}
    (drift,) = report["endpoints"][1]["drifts"]
    assert drift["ids"] == ["api.example.com/get-users-1", "api.example.com/get-users-2"]
    suites = ET.parse(file).getroot()
    assert suites.attrib == {"tests": "4", "failures": "3"}
    assert [one.get("name") for one in suites.iter("testcase")] == [
        "GET /users",
        "GET /users/{id}",
        "GET /gone",
        "GET /same",
    ]
    assert "breaking type-changed $[*].id" in suites.find(".//failure").text


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--only", "/same"], 0),
        (["--only", "/users"], 1),
        (["--only", "/users", "--ignore", "x-total", "--ignore", "$[*].id"], 0),
        (["--only", "/users", "--ignore", "type-changed"], 1),
        (["--only", "/users", "--ignore", "type-changed", "--fail-on", "breaking"], 0),
        (["--fail-on", "nothing"], 0),
        (["--only", "/users/*", "--method", "get"], 1),
        (["--rate", "1000", "--only", "/same"], 0),
    ],
)
def test_what_it_fails_on(recordings, new, options, code):
    assert run(recordings(), "--target", new.url, *options)[0] == code


def test_safe_methods_only_unless_told(recordings, old):
    folder = recordings(recorded("/gone"), recorded("/same", "POST", [(b"Content-Type", b"text/x")], b"abc"))
    old.asked.clear()

    assert run(folder, "--target", old.url) == (
        0,
        "1 exchange compared: no drift\n",
        "not sent: 1 request: POST, which needs --unsafe\n",
    )
    assert [one[:2] for one in old.asked] == [("GET", "/gone")]
    assert run(folder, "--target", old.url, "--unsafe")[0] == 0
    assert [(one[0], one[3]) for one in old.asked[1:]] == [("GET", b""), ("POST", b"abc")]


def test_secrets_are_given_or_headers_left_out(recordings, old, monkeypatch):
    headers = [(b"Authorization", b"Bearer REDACTED-authorization"), (b"X-Mine", b"1")]
    folder = recordings(recorded("/login", headers=headers))

    code, out, err = run(folder, "--target", old.url)
    assert code == 1
    assert "status-class  status  200 → 401" in out
    assert err == (
        "sent without: Authorization in 1 request, as it was redacted"
        " (give it with --header 'Authorization: ...')\n"
    )
    monkeypatch.setenv("API_TOKEN", "real")
    given = ["--header", "Authorization: Bearer ${API_TOKEN}"]
    assert run(folder, "--target", old.url, *given)[::2] == (0, "")
    assert run(folder, "--target", old.url, "--secret", "authorization=real")[::2] == (0, "")
    assert old.asked[-1][2]["x-mine"] == "1"


def test_a_target_that_is_not_there_is_told_once(recordings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        code, out, err = run(recordings(), "--target", url)

    assert (code, out) == (2, "")
    assert err.startswith(f"understudy diff: {url} cannot be reached: refused: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "nonsense"], "no address of a server"),
        (["--target", "http://127.0.0.1:1", "--concurrency", "0"], "--concurrency"),
        (["--target", "http://127.0.0.1:1", "--ignore", "$[?@.a]"], "--ignore: '$[?@.a]' is no JSONPath"),
        (["--target", "http://127.0.0.1:1", "--method", "PATCH"], "there is nothing to send (another method"),
        (["other", "--target", "http://127.0.0.1:1"], "with --target, one recording"),
        (["--target", "http://127.0.0.1:1", "--ca-file", "/not/there"], "/not/there cannot be used"),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_mistakes(recordings, options, message, as_json):
    code, out, err = run(recordings(), *options, *(["--json"] if as_json else []))

    assert code == 2
    assert message in (json.loads(out)["problems"][0]["message"] if as_json else err)


def test_no_such_recording(tmp_path):
    code, out, err = run(tmp_path / "gone", "--target", "http://127.0.0.1:1")

    assert (code, out) == (2, "")
    assert "gone" in err


def test_each_mistake_of_a_folder_has_lines_of_its_own(tmp_path):
    (tmp_path / "a.json").write_text("{broken")
    (tmp_path / "b.json").write_text("[]")

    _, _, err = run(tmp_path, "--target", "http://127.0.0.1:1")

    assert any(line.startswith(f"{tmp_path}/b.json:1") for line in err.splitlines())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_for_terminals():
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        show = progress(out, 2)
        show(1)
        show(0)

    assert terminal.getvalue() == "\r1 of 2 requests\r\x1b[K"
    assert file.getvalue() == ""


def test_hostile_names_are_fine_xml():
    report = DriftReport()
    request = RecordedRequest(method="GET", origin="http://a", target="/<\x00&\"'>")
    reply = RecordedReply(status=200, headers=((b"\x01<", b"]]>"),))
    report.add(
        RecordedExchange(request=request, reply=RecordedReply(status=200)),
        RecordedExchange(request=request, reply=reply),
    )

    (case,) = ET.fromstring(junit(report, ("info",))).iter("testcase")
    assert case.get("name") == "GET /<?&\"'>"
