import pytest

from understudy.formats.looks import like_har, like_openapi, like_recordings


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
