import pytest

from understudy.formats.looks import (
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
