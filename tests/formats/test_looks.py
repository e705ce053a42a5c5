import pytest

from understudy.formats.looks import like_openapi


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
