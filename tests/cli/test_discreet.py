import gzip
import io

import pytest

from tests.kit import get, wait_for
from tests.net.upstream.kit import RawUpstream, reply
from understudy.cli.console import ConsoleLog
from understudy.cli.discreet import redactor_of, without_secrets
from understudy.journal import SENT, Entry
from understudy.record.redact import Redactor
from understudy.request import Request
from understudy.steps import Plan, Reply

SECRET = "kT9vQx4LmZ2pRw8sYb6nHd3c"


def entry(target=f"/a?api_key={SECRET}", headers=(), body=b"", answered=(), content=b"", **plan):
    request = Request(
        "POST", target.encode(), [(b"Authorization", f"Bearer {SECRET}".encode()), *headers], body
    )
    request.path = target.partition("?")[0]
    return Entry(1, 0.0, request, Plan((), Reply(200, answered, content), **plan), 1, "", 0.01, SENT, 0)


def shown(one, most=1000):
    return without_secrets(one, Redactor(), most)


def test_an_entry_keeps_all_but_its_secrets():
    json_type = (b"Content-Type", b"application/json")
    body = b'{"user":"alice","password":"%b"}' % SECRET.encode()
    one = entry(
        headers=(json_type,),
        body=body,
        answered=(json_type,),
        content=body,
        endpoint="x",
        error=f"sent Bearer {SECRET}",
    )
    twin = shown(one)
    asked, answered = twin.request, twin.plan.reply
    everything = (
        asked.target,
        asked.query,
        asked.headers,
        asked.body,
        answered.headers,
        answered.body,
        twin.plan,
    )
    assert SECRET not in str(everything)
    assert b'"user":"alice"' in twin.request.body
    assert b'"user":"alice"' in twin.plan.reply.body
    assert (twin.request.method, twin.plan.endpoint, twin.plan.reply.length) == ("POST", "x", len(body))
    assert SECRET in one.request.target, "the entry itself stays as it was"


def test_a_packed_body_that_is_cut_is_not_shown():
    packed = gzip.compress(b'{"password": "%b"}' % SECRET.encode())
    coded = ((b"Content-Encoding", b"gzip"), (b"Content-Type", b"application/json"))
    assert shown(entry(answered=coded, content=packed), most=20).plan.reply.body == b""
    whole = shown(entry(answered=coded, content=packed)).plan.reply.body
    assert SECRET.encode() not in gzip.decompress(whole)
    assert shown(entry(body=b"abcdef", content=b"abcdef"), most=3).request.body == b"abc"


def test_an_entry_without_a_reply():
    one = entry()
    one.plan.reply = None
    assert shown(one).plan.reply is None


@pytest.mark.parametrize(
    ("config", "is_discreet"),
    [({"record": True}, True), ({"record": {"redact": False}}, False), ({}, False)],
)
@pytest.mark.parametrize("log", ["pretty", "json"])
def test_lines_of_a_server(serve, tmp_path, monkeypatch, config, is_discreet, log):
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with RawUpstream(reply(f"X-Api-Key: {SECRET}", body=b"hi")) as upstream:
        server = serve({"proxy": upstream.url, **config})
        ConsoleLog(server._running(), out, log)
        assert get(server, f"/a?api_key={SECRET}").header("x-api-key") == SECRET
        printed = wait_for(out.getvalue)
    assert "/a" in printed
    assert (SECRET not in printed) is is_discreet
    assert (redactor_of(server._running().program) is not None) is is_discreet


def test_what_only_replays_hides_nothing(serve, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recordings").mkdir()
    assert redactor_of(serve({"record": True})._running().program) is None
