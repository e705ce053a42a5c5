"""From the model to prebuilt replies."""

import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.model import Content
from understudy.simulate.content import header_bytes, media_type


def reply(**endpoint):
    program = build({"endpoints": [{"path": "/a", **endpoint}]})
    return program.endpoints[0].plan.reply


def content_type(reply):
    return dict(reply.headers).get(b"Content-Type")


@pytest.mark.parametrize(
    ("endpoint", "expected_type", "body"),
    [
        ({}, b"application/json", b"{}"),
        ({"response": None}, b"application/json", b"null"),
        ({"response": "text"}, b"application/json", b'"text"'),
        ({"response": {"é": [1, 2.5, None, True]}}, b"application/json", '{"é":[1,2.5,null,true]}'.encode()),
        ({"body": "hé"}, b"text/plain; charset=utf-8", "hé".encode()),
        ({"body": ""}, b"text/plain; charset=utf-8", b""),
        ({"base64": "AAEC"}, b"application/octet-stream", b"\0\1\2"),
        ({"body": "<p>", "headers": {"content-type": "text/html"}}, None, b"<p>"),
        ({"status": 204}, None, b""),
    ],
)
def test_bodies_and_types(endpoint, expected_type, body):
    made = reply(**endpoint)
    assert (content_type(made), made.body) == (expected_type, body)


def test_body_files(tmp_path):
    (tmp_path / "a.html").write_text("<p>{{ query.q }}")
    (tmp_path / "b.bin").write_bytes(b"\xff")
    (tmp_path / "config.yaml").write_text(
        "endpoints:\n"
        "- {path: /plain, file: a.html}\n"
        "- {path: /template, file: {path: a.html, template: true}}\n"
        "- {path: /bin, file: b.bin}\n"
    )
    plain, template, binary = build(tmp_path / "config.yaml").endpoints
    assert plain.plan.reply.body == b"<p>{{ query.q }}"
    assert content_type(plain.plan.reply) == b"text/html; charset=utf-8"
    assert template.plan is None
    assert binary.plan.reply.body == b"\xff"


def test_header_values_of_every_shape():
    made = reply(headers={"X-N": 1, "X-B": True, "X-L": ["a", 2], "X-U": "é"})
    assert made.headers[1:] == (
        (b"X-N", b"1"),
        (b"X-B", b"true"),
        (b"X-L", b"a"),
        (b"X-L", b"2"),
        (b"X-U", "é".encode()),
    )


@pytest.mark.parametrize(
    ("endpoint", "path", "text"),
    [
        ({"headers": {"Content-Length": 3}}, "endpoints[0].headers.Content-Length", "set by the server"),
        (
            {"headers": {"transfer-encoding": "x"}},
            "endpoints[0].headers.transfer-encoding",
            "set by the server",
        ),
        ({"response": {"a": ["{{ nope }}"]}}, "endpoints[0].response.a[0]", "nope"),
        ({"response": "{{ uuid( }}"}, "endpoints[0].response", "template"),
        ({"body": "{{ quuid() }}"}, "endpoints[0].body", "template"),
        ({"headers": {"X-A": "{{ nope }}"}}, "endpoints[0].headers.X-A", "template"),
        (
            {"failure_rate": 1, "failure": {"headers": {"X": "{{ uuid }}"}}},
            "endpoints[0].failure.headers.X",
            "no templates",
        ),
        ({"path": {"regex": "(?=a)"}}, "endpoints[0].path", "bounded time"),
    ],
)
def test_problems_are_found_when_compiling(endpoint, path, text):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", **endpoint}]})
    (problem,) = caught.value.problems
    assert problem.path.replace('["', ".").replace('"]', "") == path
    assert text in str(problem)


def test_all_problems_of_all_endpoints_at_once():
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", "response": "{{ x }}"}, {"path": "/b", "body": "{{ y }}"}]})
    assert [problem.path for problem in caught.value.problems] == [
        "endpoints[0].response",
        "endpoints[1].body",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Content(response={}), "application/json"),
        (Content(body="x"), "text/plain"),
        (Content(base64=""), "application/octet-stream"),
        (Content(file="a/b.html"), "text/html"),
        (Content(body="x", headers={"content-type": "Text/CSV; header=present"}), "text/csv"),
        (Content(), "application/json"),
    ],
)
def test_media_type(content, expected):
    assert media_type(content) == expected


def test_a_header_has_no_control_characters():
    every = "".join(map(chr, range(0x20)))
    assert header_bytes(f"a{every}b\x7fc\u00e9") == b"a" + b" " * 9 + b"\t" + b" " * 22 + b"b c\xc3\xa9"
    assert header_bytes("plain") == b"plain"
