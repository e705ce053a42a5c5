"""Archives that are written are valid, other readers understand them, and reading them gives the answers."""

import base64
import gzip
import json
import zlib
from pathlib import Path

import httpx
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.build import build
from understudy.formats.exported import Outgoing, Sample
from understudy.formats.har.archive import Exchange, har_of, readable
from understudy.formats.har.write import write_har
from understudy.formats.read import read, text_source
from understudy.load import load

SCHEMA = json.loads((Path(__file__).parent.parent / "fixtures" / "har.schema.json").read_text())
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def sample(target="/", body=b"{}", *, method="GET", status=200, kind="application/json", sent=b"", **more):
    return Sample(
        endpoint=0,
        name=f"{method} {target.partition('?')[0]}",
        path=target.partition("?")[0],
        label="",
        method=method,
        target=target,
        headers=(("Content-Type", "application/json"),) if sent else (),
        body=sent,
        status=status,
        reply_headers=((("Content-Type", kind),) if kind else ()) + more.pop("headers", ()),
        reply_body=body,
    )._replace(**more)


def exported(*samples):
    return write_har(Outgoing(load({"endpoints": []}), samples, "mocks", "http://localhost:8000", ".har"))


def written(*samples):
    """The archive of samples. It is valid."""
    (data,) = exported(*samples).files.values()
    document = json.loads(data)
    VALIDATOR.validate(document)
    return document


def again(*samples):
    """The archive, read as a config."""
    return read(text_source(json.dumps(written(*samples)), "mocks.har", ".har"), "har")


def test_the_schema_refuses_what_is_none():
    document = written(sample())
    del document["log"]["entries"][0]["timings"]
    with pytest.raises(jsonschema_rs.ValidationError):
        VALIDATOR.validate(document)


def test_an_entry():
    (entry,) = written(
        sample(
            "/users?page=2&q=a%20b&empty=",
            b'{"id":1}',
            method="POST",
            status=201,
            sent=b'{"name":"Ada"}',
            label="made",
            headers=(
                ("Set-Cookie", "sid=1; Path=/; HttpOnly; Secure; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
            ),
        )
    )["log"]["entries"]
    assert entry["startedDateTime"] == "1970-01-01T00:00:00.000Z"
    assert entry["comment"] == "POST /users: made"
    request, response = entry["request"], entry["response"]
    assert request["url"] == "http://localhost:8000/users?page=2&q=a%20b&empty="
    assert request["queryString"] == [
        {"name": "page", "value": "2"},
        {"name": "q", "value": "a b"},
        {"name": "empty", "value": ""},
    ]
    assert request["postData"] == {"mimeType": "application/json", "text": '{"name":"Ada"}'}
    assert (response["status"], response["statusText"]) == (201, "Created")
    assert response["content"] == {"size": 8, "mimeType": "application/json", "text": '{"id":1}'}
    assert response["cookies"] == [
        {
            "name": "sid",
            "value": "1",
            "path": "/",
            "httpOnly": True,
            "secure": True,
            "expires": "2026-10-21T07:28:00.000Z",
        }
    ]


def test_the_same_config_makes_the_same_file():
    assert exported(sample("/a"), sample("/b")) == exported(sample("/a"), sample("/b"))
    first, second = written(sample("/b"), sample("/a"))["log"]["entries"]
    assert first["request"]["url"].endswith("/b")
    assert first["startedDateTime"] < second["startedDateTime"]


def test_exchanges_with_their_times():
    """As a recorder writes them."""
    exchange = Exchange(
        1_772_359_200.25,
        "GET",
        "http://a.test/",
        (("Cookie", "a=1; b=2"),),
        b"",
        404,
        (),
        b"",
        20.5,
        1.5,
        "HTTP/2",
    )
    document = har_of([exchange._replace(started=1_772_359_201.0), exchange], "1", "a session")
    VALIDATOR.validate(document)
    first, _ = document["log"]["entries"]
    assert document["log"]["comment"] == "a session"
    assert first["startedDateTime"] == "2026-03-01T10:00:00.250Z"
    assert (first["time"], first["timings"]) == (22.0, {"send": 0, "wait": 20.5, "receive": 1.5})
    assert first["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert first["response"]["httpVersion"] == "HTTP/2"


def test_another_reader_understands_it():
    from haralyzer import HarParser

    parser = HarParser(
        written(sample("/a", b"\x00\xff", kind="application/octet-stream"), sample("/b", status=503))
    )
    first, second = parser.har_data["entries"]
    assert parser.har_data["creator"]["name"] == "Understudy"
    assert (first["request"]["url"], first["response"]["status"]) == ("http://localhost:8000/a", 200)
    assert base64.b64decode(first["response"]["content"]["text"]) == b"\x00\xff"
    assert second["response"]["statusText"] == "Service Unavailable"


# ---- compressed bodies

TEXT = b"a body " * 50
GZIP = gzip.compress(TEXT, mtime=0)
RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIP),
        ("X-GZIP", GZIP),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW.compress(TEXT) + RAW.flush()),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("identity", TEXT),
        ("", TEXT),
    ],
)
def test_a_body_is_decoded(coding, body):
    headers = (("content-encoding", coding),)
    assert readable(body, headers) == TEXT
    (entry,) = written(sample(body=body, kind="text/plain", headers=headers))["log"]["entries"]
    content = entry["response"]["content"]
    assert content["text"].encode() == TEXT
    assert content["size"] == len(TEXT) == content.get("compression", 0) + entry["response"]["bodySize"]


@pytest.mark.parametrize(("coding", "body"), [("br", b"x"), ("gzip", b"x"), ("gzip", GZIP[:-9])])
def test_a_body_that_cannot_be_decoded_is_told(coding, body, monkeypatch):
    made = exported(sample(body=body, headers=(("Content-Encoding", coding),)))
    assert [problem.message for problem in made.warnings] == [
        f"GET /: its body stays compressed, as {coding} is not decoded"
    ]


def test_a_body_that_would_become_too_large_stays_packed(monkeypatch):
    monkeypatch.setattr("understudy.formats.har.archive.MAX_DECODED_BYTES", 100)
    assert readable(GZIP, (("Content-Encoding", "gzip"),)) is None


# ---- there and back


def test_there_and_back(serve):
    samples = [
        sample("/users?page=1", b'{"page": 1}'),
        sample("/users?page=2", b'{"page": 2}'),
        sample("/users", b'{"error":"{{ no }}"}', method="POST", status=422, sent=b'{"name":""}'),
        sample("/users", b'{"id":7}', method="POST", status=201, sent=b'{"name":"Ada"}'),
        sample("/job", b'"wait"'),
        sample("/job", b'"done"'),
        sample("/logo", b"\x89PNG\x00", kind="image/png"),
        sample("/latin", "é".encode("latin-1"), kind="text/plain; charset=iso-8859-1"),
        sample("/gone", b"", kind="", status=204),
        sample("/upload", b"{}", method="PUT", sent=b"\x00\xff"),
        sample("/upload", b"[]", method="PUT", sent=b"\x00\xfe"),
    ]
    server = serve(again(*samples).config)
    for one in samples:
        reply = httpx.request(one.method, server.url + one.target, headers=one.headers, content=one.body)
        assert reply.status_code == one.status
        if "json" in reply.headers.get("content-type", ""):
            assert reply.json() == json.loads(one.reply_body)
        else:
            assert reply.content == one.reply_body
            assert reply.headers.get("content-type") == dict(one.reply_headers).get("Content-Type")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["/a", "/b?x=1", "/b?x=2", "/c/{d}", "/c/**"]),
            st.binary(max_size=8) | st.sampled_from([b"{}", b'{"a":{"b":1}}', b'{"a":{}}', b'"#uuid"']),
            st.sampled_from(["text/plain", "application/json", "a/b; charset=utf-16", ""]),
            st.binary(max_size=5) | st.sampled_from([b"{{ x }}", b"[1,1.50]", b'{"{{":1}']),
        ),
        max_size=6,
    )
)
def test_whatever_is_written_can_be_read(made):
    samples = [sample(target, body, method="POST", sent=sent, kind=kind) for target, sent, kind, body in made]
    result = again(*samples)
    build(result.config)
    assert {problem.message for problem in result.warnings} == set()
    answers = {}
    for one in samples:  # each request is answered at all, by the endpoint of its path
        answers.setdefault(one.path, []).append(one)
    assert len({str(endpoint["path"]) for endpoint in result.config["endpoints"]}) == len(answers)
