"""What is shown of requests that were sent on has no secrets in it."""

import contextlib
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import get
from tests.net.upstream.kit import RawUpstream, reply
from tests.record.live import Real, n, nobody, project, told
from understudy.cli.console import ConsoleLog, pretty_line
from understudy.journal import Journal
from understudy.record.redact import Redactor, shown
from understudy.request import Request
from understudy.steps import Plan, Reply

TOKEN = "sk_" + "live_51H8x2Kd9QmZr7LpWv3TnYbEa"
PASSWORD = "correct-Horse7battery"
HEADERS = f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
BODY = json.dumps({"user": "ada", "password": PASSWORD}).encode()


def asked(server):
    return get(server, f"/login?api_key={TOKEN}&page=2", "POST", HEADERS, BODY)


def all_shown(server):
    """All that people see of the log."""
    running = server._running()
    lines = "\n".join(pretty_line(entry) for entry in running.journal.select())
    out = io.StringIO()
    return json.dumps(server.logs()) + json.dumps(told(server, "/__logs")) + lines + out.getvalue()


@pytest.fixture
def real():
    with Real(f"X-Api-Key: {TOKEN}", token=TOKEN, user="ada") as server:
        yield server


@pytest.mark.parametrize("config", [{}, {"record": {"mode": "record"}}, {"record": {"mode": "once"}}])
def test_the_log_has_no_secrets(serve, real, tmp_path, config):
    server = serve(project(tmp_path, {"proxy": real.url, **config}))
    answer = asked(server)
    assert answer.json()["token"] == TOKEN, "the client gets all of it"
    seen = all_shown(server)
    assert TOKEN not in seen
    assert PASSWORD not in seen
    [entry] = server.logs()
    assert entry["query"]["page"] == "2"
    assert entry["path"] == "/login"
    assert json.loads(entry["body"])["user"] == "ada"
    assert json.loads(entry["response"]["body"])["user"] == "ada"
    assert entry["response"]["size"] == len(answer.body)
    assert real.asked[0].header("authorization") == f"Bearer {TOKEN}"


def test_verification_still_sees_them(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url}))
    asked(server)
    server.verify("POST", "/login", match={"headers": {"Authorization": f"Bearer {TOKEN}"}})


def test_replayed_requests_show_none(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record"}}))
    asked(server)
    server.switch_recording("replay")
    server.clear_logs()
    assert asked(server).status == 200
    assert asked(server).status == 200
    assert TOKEN not in all_shown(server)
    get(server, f"/other?api_key={TOKEN}")
    assert server.logs()[-1]["status"] == 404
    assert TOKEN not in all_shown(server)


def test_requests_that_are_refused_show_none(serve, real, tmp_path):
    endpoint = {"path": "/login", "method": "ANY", "proxy": real.url}
    for more in ({"failure_rate": 1}, {"auth": {"bearer": ["other"]}}, {"faults": [{"kind": "reset"}]}):
        server = serve(project(tmp_path, {"endpoints": [{**endpoint, **more}]}))
        with contextlib.suppress(EOFError, ConnectionResetError):
            asked(server)
        assert len(server.logs()) == 1
        assert TOKEN not in all_shown(server)
        assert PASSWORD not in all_shown(server)


def test_rules_of_the_config_hold(serve, real, tmp_path):
    redact = {"headers": ["X-Tenant"], "patterns": {"customer": "CUST-[0-9]{4}"}}
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record", "redact": redact}}))
    n(server, "/CUST-1234", headers="X-Tenant: acme\r\n")
    [entry] = server.logs()
    assert "CUST-1234" not in json.dumps(entry)
    assert entry["headers"]["x-tenant"] != "acme"


def test_without_redaction_all_is_shown(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url, "record": {"mode": "record", "redact": False}}))
    asked(server)
    assert TOKEN in all_shown(server)


def test_endpoints_of_ones_own_show_all(serve):
    server = serve({"endpoints": [{"path": "/login", "method": "POST"}]})
    asked(server)
    assert TOKEN in all_shown(server)


def test_an_error_shows_none(serve, tmp_path):
    with nobody() as url:
        server = serve(project(tmp_path, {"proxy": f"{url}/{TOKEN}"}))
        asked(server)
    assert TOKEN not in all_shown(server)


def test_json_lines_on_the_console_show_none(serve, real, tmp_path):
    server = serve(project(tmp_path, {"proxy": real.url}))
    asked(server)
    running, out = server._running(), io.StringIO()
    console = ConsoleLog(running, out, "json")
    [entry] = running.journal.select()
    assert TOKEN not in console._line(entry)


def test_a_coded_body_of_which_not_all_is_there_is_left_out():
    packed = gzip.compress(BODY)
    headers = ((b"Content-Encoding", b"gzip"), (b"Content-Type", b"application/json"))
    whole = Reply(200, headers, packed)
    cut = Reply(200, headers, packed[:20], length=len(packed))
    request = Request("GET", b"/")
    for reply_, there in ((whole, True), (cut, False)):
        _, plan = shown(Redactor(), request, Plan((reply_,), reply_))
        assert bool(plan.reply.body) is there
        assert plan.reply.length == len(packed) or there
    assert PASSWORD.encode() not in gzip.decompress(shown(Redactor(), request, Plan((), whole))[1].reply.body)


def test_a_json_body_that_is_cut_is_redacted(serve, tmp_path):
    body = json.dumps({"access_token": TOKEN, "rows": ["x" * 100] * 50}).encode()
    with RawUpstream(reply("Content-Type: application/json", body=body)) as upstream:
        config = {"proxy": upstream.url, "log": {"max_body_bytes": 200}}
        server = serve(project(tmp_path, config))
        get(server, "/a")
    assert TOKEN not in all_shown(server)
    assert server.logs()[0]["response"]["size"] == len(body)


anything = st.binary(max_size=40)
headers = st.lists(st.tuples(st.sampled_from([b"Content-Type", b"Cookie", b"content-encoding"]), anything))


@given(anything, headers, anything, headers, anything)
def test_whatever_came_is_shown(target, asked, body, answered, content):
    request = Request("POST", b"/" + target, tuple(asked), body)
    made = Reply(200, tuple(answered), content)
    twin, plan = shown(Redactor(), request, Plan((made,), made, error=target.decode("latin-1")))
    assert (plan.reply.status, plan.reply.length) == (200, len(content))
    journal = Journal()
    journal.add(0.0, request, Plan((made,), made, redactor=Redactor()), 1, "client", 0.0)
    [entry] = journal.select()
    json.dumps(journal.as_json(entry))
    assert pretty_line(entry)
    assert twin.method == "POST"
