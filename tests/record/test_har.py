"""Archives as exchanges, in the shapes that browsers write them, and exchanges as archives."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import brotli
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.exchanges import exchange, exchanges
from understudy.errors import ConfigError
from understudy.record.exchange import BodyInFile, Failed, RecordedReply, SocketMessage
from understudy.record.folder import FolderWriter
from understudy.record.har import exchanges_of_har, har_of_exchanges

SCHEMA = jsonschema_rs.validator_for(json.loads(Path("tests/fixtures/har.schema.json").read_text()))


def har(*entries):
    return {"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": list(entries)}}


def entry(request=None, response=None, **more):
    timings = {"blocked": 1, "dns": -1, "connect": -1, "send": 0.25, "wait": 12.5, "receive": 1.5, "ssl": -1}
    url = "https://api.example.com/users?page=1"
    reply = {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "content": {}}
    return {
        "startedDateTime": "2026-03-01T10:00:00.250Z",
        "time": 50,
        "request": {"method": "GET", "url": url, "headers": [], **(request or {})},
        "response": {**reply, **(response or {})},
        "timings": timings,
        **more,
    }


def named(**headers):
    return [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]


def one(*entries):
    found, warnings = exchanges_of_har(har(*entries))
    assert warnings == ()
    (exchange,) = found
    return exchange


CHROME = entry(
    {
        "httpVersion": "http/2.0",
        "headers": [{"name": ":authority", "value": "api.example.com"}, *named(accept="*/*", cookie="a=1")],
        "queryString": [{"name": "page", "value": "1"}],
    },
    {
        "httpVersion": "http/2.0",
        "statusText": "",
        "headers": [
            {"name": ":status", "value": "200"},
            *named(content_type="application/json", content_encoding="br", content_length="19"),
            *named(set_cookie="a=1\nb=2"),
        ],
        "content": {"size": 11, "mimeType": "application/json", "text": '{"id":"ä"}'},
        "_transferSize": 100,
        "_error": None,
    },
    _resourceType="fetch",
    _initiator={"type": "script"},
)


def test_an_entry_of_chrome():
    found = one(CHROME)
    assert found.request.url == "https://api.example.com/users?page=1"
    assert found.request.headers == ((b"Host", b"api.example.com"), (b"accept", b"*/*"), (b"cookie", b"a=1"))
    assert found.reply == RecordedReply(
        status=200,
        version="2",
        headers=(
            (b"content-type", b"application/json"),
            (b"content-length", b"11"),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
        ),
        body='{"id":"ä"}'.encode(),
    )
    assert (found.recorded_at, found.wait_ms, found.total_ms) == (1_772_359_200.25, 12.75, 14.25)


def test_an_entry_of_firefox():
    png = b"\x89PNG\r\n"
    found = one(
        entry(
            {
                "method": "POST",
                "httpVersion": "HTTP/1.1",
                "headers": named(Host="localhost:8000", Content_Length="7", Connection="keep-alive"),
                "url": "http://localhost:8000/upload#top",
                "postData": {
                    "mimeType": "application/x-www-form-urlencoded", "params": [], "text": "a=1&b=2",
                },
            },
            {
                "headers": named(Content_Type="image/png", Transfer_Encoding="chunked"),
                "content": {"mimeType": "image/png", "size": 6, "encoding": "base64",
                            "text": base64.b64encode(png).decode()},
            },
        )
    )  # fmt: skip
    assert (found.request.origin, found.request.target) == ("http://localhost:8000", "/upload")
    assert found.request.body == b"a=1&b=2"
    assert (b"Content-Length", b"7") in found.request.headers
    assert (b"Content-Type", b"application/x-www-form-urlencoded") in found.request.headers
    assert b"Connection" not in dict(found.request.headers)
    assert found.reply.framing == "chunked"
    assert found.reply.headers == ((b"Content-Type", b"image/png"),)
    assert found.reply.body == png


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", "dns"),
        ("net::ERR_CONNECTION_REFUSED", "refused"),
        ("net::ERR_ADDRESS_UNREACHABLE", "unreachable"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "tls"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("net::ERR_TIMED_OUT", "timeout"),
        ("net::ERR_CONNECTION_RESET", "reset"),
        ("net::ERR_EMPTY_RESPONSE", "closed"),
        ("net::ERR_HTTP2_PROTOCOL_ERROR", "protocol"),
        (None, "closed"),
    ],
)
def test_what_had_no_response_is_a_failure(said, kind):
    found = one(entry(response={"status": 0, "statusText": "", "_error": said}))
    assert found.reply is None
    assert (found.failed.kind, found.failed.at_ms) == (kind, 14.25)


def test_messages_of_a_socket():
    found = one(
        entry(
            {"url": "wss://api.example.com/live"},
            {"status": 101, "headers": named(Upgrade="websocket", Sec_WebSocket_Accept="x")},
            _webSocketMessages=[
                {"type": "send", "time": 1_772_359_200.5, "opcode": 1, "data": "hällo"},
                {"type": "receive", "time": 1_772_359_200.75, "opcode": 2, "data": "AAE="},
            ],
        )
    )
    assert found.request.url == "https://api.example.com/live"
    assert (found.reply.status, found.reply.framing) == (101, "none")
    assert found.messages == (
        SocketMessage(250.0, "client", "text", "hällo".encode()),
        SocketMessage(500.0, "server", "binary", b"\0\x01"),
    )


@pytest.mark.parametrize(
    ("request_", "response", "framing", "status"),
    [
        ({"method": "HEAD"}, {"headers": named(Content_Length="10")}, "none", 200),
        ({}, {"status": 204}, "none", 204),
        ({}, {"status": 304}, "none", 304),
        ({}, {"status": 304, "content": {"text": "cached"}}, "length", 200),
        ({}, {"content": []}, "length", 200),
    ],
)
def test_entries_without_a_body(request_, response, framing, status):
    found = one(entry(request_, response))
    assert (found.reply.framing, found.reply.status) == (framing, status)
    assert found.reply.body == (b"cached" if "cached" in str(response) else b"")


def test_what_is_left_out_is_told():
    found, warnings = exchanges_of_har(
        har(
            entry(response={"status": 0, "_error": "net::ERR_ABORTED"}),
            entry({"method": "CONNECT"}),
            entry({"url": "data:text/plain,x"}),
            entry(response={"status": 1700}),
            entry({"method": "A B"}),
            entry(response={"content": {"size": 10}}),
            entry(response={"content": {"text": "%", "encoding": "base64"}}),
            7,
        )
    )
    assert len(found) == 1
    assert found[0].reply.body == b""
    told = " ".join(warning.message for warning in warnings)
    for words in ("gave it up", "CONNECT", "not one of HTTP", "999", "no name", "not in the file", "base64"):
        assert words in told
    assert len(warnings) == 8


@pytest.mark.parametrize("data", [7, [], {}, {"log": 7}, {"log": {"entries": {}}}])
def test_what_is_no_archive(data):
    with pytest.raises(ConfigError):
        exchanges_of_har(data)


def test_cases_of_imports_are_read():
    for path in Path("tests/corpus/har").glob("*.txt"):
        text = path.read_text()
        data, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
        assert exchanges_of_har(data)[0], path


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_stands_in_an_archive_can_be_kept(data, tmp_path_factory):
    """Wrong values anywhere lead to a warning or to an exchange that a folder takes, never to a crash."""
    archive = json.loads(json.dumps(har(CHROME, entry(_webSocketMessages=[{"opcode": 1, "data": "a"}]))))
    odd = st.sampled_from(
        [
            None,
            7,
            -1,
            1e300,
            True,
            "",
            "\ud800",
            "a\r\nb",
            [],
            {},
            [7],
            {"a": 1},
            "http://[",
            "http://h:0/",
            "é",
        ]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        place = archive["log"]["entries"]
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or data.draw(st.integers(0, 4)) == 0:
                place[key] = data.draw(odd)
                break
            place = place[key]
    found, _ = exchanges_of_har(archive)
    with FolderWriter(tmp_path_factory.mktemp("recordings")) as writer:
        for one in found:
            writer.write(one)


# ---- exchanges as an archive


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(exchanges(), max_size=3))
def test_archives_are_as_the_schema_says_and_can_be_read(found):
    found = [replace(one, recorded_at=min(one.recorded_at, 2e9)) for one in found]
    archive = har_of_exchanges(found, "1")
    assert [error.message for error in SCHEMA.iter_errors(archive)] == []
    again, _ = exchanges_of_har(archive)
    assert [one.request.method for one in again] == [
        one.request.method.upper() for one in sorted(found, key=lambda one: one.recorded_at)
    ]


def test_there_and_back():
    before = exchange()
    (after,), _ = exchanges_of_har(har_of_exchanges([before], "1"))
    assert after.reply == before.reply
    assert (after.recorded_at, after.wait_ms, after.total_ms) == (1_767_225_600.125, 41.5, 43.25)
    failed = replace(before, reply=None, failed=Failed("tls", "no trust", 43.25))
    (after,), _ = exchanges_of_har(har_of_exchanges([failed], "1"))
    assert after.failed == failed.failed
    socket = replace(
        before,
        reply=RecordedReply(status=101, framing="none"),
        messages=(
            SocketMessage(5.0, "server", "text", b"hi"),
            SocketMessage(6.0, "client", "close", b"\x03\xe8"),
        ),
    )
    archive = har_of_exchanges([socket], "1")
    assert archive["log"]["entries"][0]["request"]["url"].startswith("wss://")
    (after,), _ = exchanges_of_har(archive)
    assert after.messages == socket.messages


@pytest.mark.parametrize("body", [b"", b"some"])
def test_a_body_that_was_not_sent_to_the_end(body):
    one = exchange(method="POST")
    one = replace(one, request=replace(one.request, body=body, is_whole=False))
    (after,), _ = exchanges_of_har(har_of_exchanges([one], "1"))
    assert (after.request.body, after.request.is_whole) == (body, False)


def test_bodies_are_decoded():
    packed = exchange(body=brotli.compress(b'{"a":1}'), headers=((b"Content-Encoding", b"br"),))
    (one,) = har_of_exchanges([packed], "1")["log"]["entries"]
    assert one["response"]["content"]["text"] == '{"a":1}'
    assert one["response"]["bodySize"] == len(packed.reply.body)


def test_bodies_in_files(tmp_path, monkeypatch):
    (tmp_path / "body").write_bytes(b"abc")
    one = exchange()
    one = replace(one, reply=replace(one.reply, body=BodyInFile(tmp_path / "body", 3)))
    (found,) = har_of_exchanges([one], "1")["log"]["entries"]
    assert found["response"]["content"]["text"] == "abc"
    monkeypatch.setattr("understudy.record.har.MAX_BODY_BYTES", 2)
    (found,) = har_of_exchanges([one], "1")["log"]["entries"]
    assert "text" not in found["response"]["content"]
    assert found["response"]["content"]["size"] == 3
