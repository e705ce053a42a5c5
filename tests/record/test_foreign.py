"""Recordings of other tools are read, and whatever else is in their files is one clear error."""

import base64
import gzip
import json

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from understudy import MockServer
from understudy.cli import run
from understudy.errors import ConfigError
from understudy.load.source import Source
from understudy.record.folder import read_folder, read_recording
from understudy.record.foreign import FOREIGN, exchanges_of

ZIPPED = gzip.compress(b'{"id": 7}', mtime=0)
VCRPY = f"""\
interactions:
- request:
    body: null
    headers:
      Accept:
      - '*/*'
      Authorization: [Bearer abcdef-0123456789-secret]
      Connection: [keep-alive]
    method: GET
    uri: https://api.example.com/users/7?full=1
  response:
    body:
      string: !!binary |
        {base64.b64encode(ZIPPED).decode()}
    headers:
      Content-Encoding: [gzip]
      Content-Type: [application/json]
      Date: ['Fri, 02 Jan 2026 03:04:05 GMT']
      Set-Cookie: [a=1, b=2]
      Transfer-Encoding: [chunked]
    status: {{code: 200, message: OK}}
- request:
    body: name=Ada
    headers: {{Content-Type: [application/x-www-form-urlencoded]}}
    method: POST
    uri: https://api.example.com/users
  response:
    body: {{string: "h\\xE9llo"}}
    headers: {{content-encoding: [gzip], content-length: ['999']}}
    status: {{code: 201, message: Created}}
- request: {{method: GET, uri: "ftp://x/"}}
  response: {{status: {{code: 200, message: OK}}}}
version: 1
"""
RUBY = """\
---
http_interactions:
- request:
    method: get
    uri: http://example.com/foo
    body: {encoding: UTF-8, string: ''}
    headers: {}
  response:
    status: {code: 200, message: OK}
    headers:
      Content-Type: [text/html]
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        aGVsbG8=
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 2.0.0
"""
GO = """\
version: 2
interactions:
- id: 0
  request: {method: GET, url: "http://example.com/go", body: "", headers: {Accept: ['*/*']}}
  response: {status: 404 Not Found, code: 404, body: "gone", headers: {X-A: ["1"]}, duration: 10ms}
"""
BETAMAX = {
    "http_interactions": [
        {
            "request": {
                "method": "GET",
                "uri": "http://example.com/b",
                "headers": {},
                "body": {"string": ""},
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": "text/plain"},
                "body": {"encoding": "utf-8", "base64_string": base64.b64encode(b"hi").decode()},
            },
            "recorded_at": "2026-01-02T03:04:05",
        }
    ]
}


def exact(value):
    return [{"matcher": "exact", "value": value}]


HOVERFLY = {
    "data": {
        "pairs": [
            {
                "request": {
                    "path": exact("/search"),
                    "method": exact("GET"),
                    "destination": exact("api.example.com:8443"),
                    "scheme": exact("https"),
                    "body": exact(""),
                    "query": {"q": exact("a b"), "n": [{"matcher": "array", "value": ["1", "2"]}]},
                    "headers": {"Accept": exact("*/*"), "X": [{"matcher": "glob", "value": "*"}]},
                },
                "response": {
                    "status": 200,
                    "body": base64.b64encode(ZIPPED).decode(),
                    "encodedBody": True,
                    "headers": {"Content-Encoding": ["gzip"], "Hoverfly": ["Was-Here"]},
                    "templated": False,
                    "fixedDelay": 30,
                },
            },
            {
                "request": {"path": exact("/login"), "method": exact("POST"), "body": exact('{"a": 1}')},
                "response": {"status": 201, "body": "{{ now }}", "encodedBody": False, "templated": True},
            },
            {
                "request": {"path": [{"matcher": "glob", "value": "/any/*"}]},
                "response": {"status": 200, "body": "x"},
            },
            {"request": {"destination": exact("x")}, "response": {"status": 200, "body": "x"}},
            {
                "request": {"path": "/one", "query": "a=1", "headers": {"A": ["1"]}},
                "response": {"body": "old"},
            },
            {"request": {"path": {"exactMatch": "/two"}, "query": {"exactMatch": "b=2"}}, "response": {}},
            {"request": {"path": {"globMatch": "/*"}}, "response": {}},
        ],
        "globalActions": {"delays": [{"urlPattern": ".", "delay": 1}], "delaysLogNormal": []},
    },
    "meta": {"schemaVersion": "v5", "timeExported": "2026-01-02T03:04:05Z"},
}


def read(tmp_path, content, name="cassette.yaml"):
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_recording(file)


def test_a_cassette_of_vcr_py(tmp_path):
    found = read(tmp_path, VCRPY)
    first, second = found.exchanges
    assert (first.request.method, first.request.url) == ("GET", "https://api.example.com/users/7?full=1")
    assert first.request.headers[0] == (b"Host", b"api.example.com")
    assert not any(name == b"Connection" for name, _ in first.request.headers)
    assert first.reply.body == ZIPPED
    assert first.recorded_at == 1767323045.0
    assert first.reply.headers == (
        (b"Content-Encoding", b"gzip"),
        (b"Content-Type", b"application/json"),
        (b"Date", b"Fri, 02 Jan 2026 03:04:05 GMT"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"Content-Length", b"%d" % len(ZIPPED)),
    )
    assert (second.request.body, second.reply.status, second.reply.reason) == (b"name=Ada", 201, "Created")
    assert second.reply.body == "héllo".encode()
    assert second.reply.headers == ((b"content-length", b"6"),), "the coding was taken off before"
    (warning,) = found.warnings
    assert warning.message == "this interaction is left out: its URL is not one of HTTP"
    assert (warning.line, warning.path) == (31, "interactions[2].request")


def test_cassettes_of_its_relatives(tmp_path):
    (ruby,) = read(tmp_path, RUBY).exchanges
    assert (ruby.request.url, ruby.reply.body) == ("http://example.com/foo", b"hello")
    assert ruby.recorded_at == 1320123524.0
    (go,) = read(tmp_path, GO).exchanges
    assert (go.request.url, go.reply.status, go.reply.reason) == ("http://example.com/go", 404, "Not Found")
    assert go.reply.body == b"gone"
    (betamax,) = read(tmp_path, BETAMAX, "b.json").exchanges
    assert (betamax.reply.body, betamax.recorded_at) == (b"hi", 1767323045.0)


def test_a_simulation_of_hoverfly(tmp_path):
    found = read(tmp_path, HOVERFLY, "simulation.json")
    first, second, one, two = found.exchanges
    assert first.request.url == "https://api.example.com:8443/search?q=a%20b&n=1&n=2"
    assert (b"Accept", b"*/*") in first.request.headers
    assert (first.reply.body, first.wait_ms, first.recorded_at) == (ZIPPED, 30.0, 1767323045.0)
    assert (second.request.url, second.request.body) == ("http://localhost/login", b'{"a": 1}')
    assert second.reply.body == b"{{ now }}"
    assert (one.request.target, two.request.target) == ("/one?a=1", "/two?b=2")
    assert [(one.path, one.message) for one in found.warnings] == [
        ("data.globalActions", "delays for all answers are not carried over"),
        (
            "data.pairs[1].response.templated",
            "its body is a template of Hoverfly's, and stays as it is written",
        ),
        ("data.pairs[2].request.path", "this pair is left out: it is matched by glob, not by its value"),
        ("data.pairs[3].request", "this pair is left out: it answers whatever the path is"),
        ("data.pairs[6].request.path", "this pair is left out: it is matched by globMatch, not by its value"),
    ]


def test_a_cassette_answers_and_is_imported_without_its_secrets(tmp_path, capsys):
    (tmp_path / "tape.yaml").write_text(VCRPY)
    (tmp_path / "config.json").write_text('{"record": {"folder": "tape.yaml", "mode": "replay"}}')
    with MockServer(tmp_path) as server:
        reply = httpx.get(f"{server.url}/users/7?full=1")
        assert (reply.json(), reply.headers["set-cookie"]) == ({"id": 7}, "a=1, b=2")
        assert httpx.post(f"{server.url}/users", data={"name": "Ada"}).text == "héllo"

    assert run(["recordings", "import", str(tmp_path / "tape.yaml"), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.startswith("wrote 2 exchanges to ")
    kept = "".join(file.read_text() for file in (tmp_path / "out").rglob("*.json"))
    assert "0123456789-secret" not in kept
    assert len(read_folder(tmp_path / "out").exchanges) == 2


def test_files_that_are_something_else(tmp_path):
    for name, text in (("a.yaml", "a: 1"), ("a.yaml", "- !!python/object:os.system x"), ("a.json", "{}")):
        with pytest.raises(ConfigError):
            read(tmp_path, text, name)
    with pytest.raises(ConfigError, match="a cassette of VCR's, a simulation of Hoverfly's"):
        read(tmp_path, {"a": 1}, "b.json")
    with pytest.raises(ConfigError, match="no base64"):
        read(tmp_path, "interactions: [{request: !!binary '~~~~'}]")
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(ConfigError, match="aliases add more"):
        read(tmp_path, bomb + "interactions: []\n")


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SAMPLES = [
    yaml.load(VCRPY.replace("!!binary", "!!str"), Loader=yaml.BaseLoader),
    yaml.load(GO, Loader=yaml.BaseLoader),
    BETAMAX,
    HOVERFLY,
]


def places(data, keys=()):
    yield keys
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in children:
        yield from places(value, (*keys, key))


def put(data, keys, value):
    if not keys:
        return value
    copied = dict(data) if isinstance(data, dict) else list(data)
    copied[keys[0]] = put(copied[keys[0]], keys[1:], value)
    return copied


@given(st.data())
def test_whatever_stands_in_them(data):
    sample = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 3))):
        keys = data.draw(st.sampled_from(list(places(sample))))
        sample = put(sample, keys, data.draw(ODD))
    try:
        found = exchanges_of(sample, Source(label="x"))
    except ConfigError:
        return
    for exchange in found[0] if found else ():
        assert exchange.request.target.startswith("/")
        assert exchange.reply is not None
        for name, value in (*exchange.request.headers, *exchange.reply.headers):
            assert not {10, 13, 0} & {*name, *value}


def test_each_row_tells_its_own_only():
    for name, sample in (("vcr", BETAMAX), ("hoverfly", HOVERFLY)):
        assert [key for key, row in FOREIGN.items() if row.looks(sample)] == [name]
