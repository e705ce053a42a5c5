"""Static folders: types, conditions, ranges, and no way out."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import get
from understudy.net.static import find_file


@pytest.fixture
def site(tmp_path, serve):
    folder = tmp_path / "public"
    (folder / "docs").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>home</h1>")
    (folder / "docs" / "index.html").write_text("docs")
    (folder / "docs" / "a b.txt").write_text("spaced")
    (folder / "data.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "app.js").write_text("let x")
    (folder / ".env").write_text("hidden words")
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "x.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("hidden words")
    os.symlink(tmp_path / "secret.txt", folder / "link.txt")
    (tmp_path / "config.json").write_text(
        '{"static": "public", "endpoints": [{"path": "/app.js", "method": "POST", "response": "posted"},'
        ' {"path": "/docs/shadow", "response": "endpoint"}]}'
    )
    return serve(tmp_path / "config.json")


@pytest.mark.parametrize(
    ("target", "content_type", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<h1>home</h1>"),
        ("/index.html", "text/html; charset=utf-8", b"<h1>home</h1>"),
        ("/docs/", "text/html; charset=utf-8", b"docs"),
        ("/docs/a%20b.txt", "text/plain; charset=utf-8", b"spaced"),
        ("/.well-known/x.json", "application/json", b"{}"),
        ("/docs/shadow", "application/json", b'"endpoint"'),
    ],
)
def test_files_have_their_type(site, target, content_type, body):
    answer = get(site, target)
    assert (answer.status, answer.header("content-type"), answer.body) == (200, content_type, body)


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/docs/../../secret.txt",
        "/docs/..%5c..%5csecret.txt",
        "/link.txt",
        "/.env",
        "/%2eenv",
        "//etc/passwd",
        "/docs/%00.txt",
        "/nowhere.txt",
        "/index.html/x",
    ],
)
def test_there_is_no_way_out_of_the_folder(site, target):
    answer = get(site, target)
    assert answer.status == 404
    assert b"hidden" not in answer.body


def test_a_folder_is_left_through_a_slash(site):
    answer = get(site, "/docs?x=1")
    assert (answer.status, answer.header("location")) == (308, "/docs/?x=1")
    assert get(site, "//docs").header("location") in {None, "/docs/"}


def test_conditions(site):
    first = get(site, "/data.bin")
    etag, modified = first.header("etag"), first.header("last-modified")
    for condition in (
        f"If-None-Match: {etag}",
        f'If-None-Match: "x", W/{etag}',
        "If-None-Match: *",
        f"If-Modified-Since: {modified}",
    ):
        answer = get(site, "/data.bin", headers=condition + "\r\n")
        assert (answer.status, answer.body, answer.header("etag")) == (304, b"", etag)
    for condition in (
        'If-None-Match: "other"',
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
        "If-Modified-Since: x",
    ):
        assert get(site, "/data.bin", headers=condition + "\r\n").status == 200


@pytest.mark.parametrize(
    ("wanted", "status", "content_range", "size"),
    [
        ("bytes=0-9", 206, "bytes 0-9/10240", 10),
        ("bytes=10000-", 206, "bytes 10000-10239/10240", 240),
        ("bytes=-5", 206, "bytes 10235-10239/10240", 5),
        ("bytes=0-99999", 206, "bytes 0-10239/10240", 10240),
        ("bytes=-99999", 206, "bytes 0-10239/10240", 10240),
        ("bytes=10240-", 416, "bytes */10240", 0),
        ("bytes=-0", 416, "bytes */10240", 0),
        ("bytes=5-1", 200, None, 10240),
        ("bytes=0-1,5-6", 200, None, 10240),
        ("lines=1-2", 200, None, 10240),
    ],
)
def test_ranges(site, wanted, status, content_range, size):
    answer = get(site, "/data.bin", headers=f"Range: {wanted}\r\n")
    assert (answer.status, answer.header("content-range"), len(answer.body)) == (status, content_range, size)


def test_a_range_is_only_for_the_same_file(site):
    etag = get(site, "/data.bin").header("etag")
    assert get(site, "/data.bin", headers=f"Range: bytes=0-1\r\nIf-Range: {etag}\r\n").status == 206
    assert get(site, "/data.bin", headers='Range: bytes=0-1\r\nIf-Range: "old"\r\n').status == 200


def test_head_and_methods(site):
    head = get(site, "/data.bin", "HEAD")
    assert (head.status, head.header("content-length"), head.body) == (200, "10240", b"")
    assert get(site, "/data.bin", "DELETE").status == 404
    assert get(site, "/app.js", "POST").body == b'"posted"'


def test_headers_and_cors_of_files(tmp_path, serve):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "config.json").write_text(
        '{"cors": true, "static": {"folder": ".", "path": "/s", "headers": {"Cache-Control": "no-store"}}}'
    )
    answer = get(serve(tmp_path / "config.json"), "/s/a.txt")
    assert (answer.header("cache-control"), answer.header("access-control-allow-origin")) == ("no-store", "*")


def test_a_large_file_is_streamed(tmp_path, serve):
    (tmp_path / "large.bin").write_bytes(os.urandom(3_000_000))
    (tmp_path / "config.json").write_text(
        '{"static": ".", "endpoints": [{"path": "/copy", "file": "large.bin"}]}'
    )
    server = serve(tmp_path / "config.json")
    original = (tmp_path / "large.bin").read_bytes()
    assert get(server, "/large.bin").body == original
    assert get(server, "/copy").body == original
    assert get(server, "/copy", "HEAD").header("content-length") == "3000000"


@given(st.text(alphabet="./\\%2efa0\0 ~", max_size=20))
def test_whatever_is_asked_stays_inside(tmp_path_factory, relative):
    folder = tmp_path_factory.getbasetemp() / "inside"
    folder.mkdir(exist_ok=True)
    found = find_file(folder, relative)
    assert found is None or found.is_relative_to(folder.resolve())
