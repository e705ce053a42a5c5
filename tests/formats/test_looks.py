import pytest

from understudy.formats.looks import (
    holds_recordings,
    like_curl,
    like_har,
    like_http,
    like_json_server,
    like_openapi,
    like_recordings,
)


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ({"openapi": "3.1.0", "info": {}}, True),
        ({"openapi": 3.0, "paths": {}}, True),
        ({"swagger": "2.0", "paths": {}}, True),
        ({"openapi": "petstore.yaml"}, False),
        ({"openapi": {"file": "petstore.yaml"}, "info": {}}, False),
        ({"swagger": [{"id": 1}]}, False),
        ({"endpoints": []}, False),
        ([], False),
        (None, False),
    ],
)
def test_openapi(data, is_one):
    assert like_openapi(data) is is_one


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ({"log": {"entries": []}}, True),
        ({"log": {"entries": {}}}, False),
        ({"log": [{"entries": []}]}, False),
        ([{"log": {"entries": []}}], False),
        (None, False),
    ],
)
def test_har(data, is_one):
    assert like_har(data) is is_one


RECORDING = {"timestamp": "", "method": "GET", "path": "/", "status": 200, "response": None, "headers": {}}


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ([RECORDING], True),
        ([RECORDING, {}], False),
        ([RECORDING, 1], False),
        ([], False),
        (RECORDING, False),
        ([{"path": "/", "method": "GET", "response": {}}], False),
    ],
)
def test_recordings(data, is_one):
    assert like_recordings(data) is is_one


@pytest.mark.parametrize(
    ("data", "is_http", "is_curl"),
    [
        ("###\nGET https://example.org", True, False),
        ("POST {{host}}/a", True, False),
        ("get started: /a", False, False),
        ("$ curl -X POST a", False, True),
        ("about curl and more", False, False),
        ("x" * 1_000_000 + "\ncurl a", False, False),
        ({"curl": "a"}, False, False),
        (None, False, False),
    ],
)
def test_texts(data, is_http, is_curl):
    assert like_http(data) is is_http
    assert like_curl(data) is is_curl


def test_databases():
    assert like_json_server({"users": [{"id": 1}]})
    assert not like_json_server({"users": [{"name": "no id"}]})


EXCHANGE = '{"request": {"method": "GET", "url": "https://api.example.com/a"}, "response": {"status": 200}}'


@pytest.mark.parametrize(
    ("files", "is_one"),
    [
        ({"api.example.com/get-a.json": EXCHANGE}, True),
        ({"get-a.json": EXCHANGE, "notes.txt": "hello"}, True),
        ({"a.json": "{", "b.json": "[1]", "c.json": EXCHANGE}, True),
        ({"a.json": EXCHANGE.replace("response", "failed")}, True),
        ({"a/b/c.json": EXCHANGE}, False),
        ({".hidden.json": EXCHANGE, ".git/a.json": EXCHANGE}, False),
        ({"a.json": EXCHANGE.replace("https://api.example.com", "")}, False),  # a stub of WireMock's
        ({"a.json": '{"request": {"url": 1}, "response": {}}'}, False),
        ({"a.json": "[" * 100_000}, False),
        ({}, False),
        ({f"{number}.json": "{}" for number in range(20)} | {"z.json": EXCHANGE}, False),
    ],
)
def test_folders_that_hold_recordings(tmp_path, files, is_one):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert holds_recordings(tmp_path) is is_one


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "a.txt").write_text(EXCHANGE)
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "a.json").symlink_to(tmp_path / "a.txt")
    assert not holds_recordings(tmp_path / "recordings")
    assert not holds_recordings(tmp_path / "gone")
