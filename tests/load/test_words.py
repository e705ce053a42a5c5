import pytest
from msgspec import inspect

from understudy.load.words import describe, show
from understudy.model import Cache, Config, Endpoint


@pytest.mark.parametrize(
    ("model", "key", "text"),
    [
        (Config, "port", "a whole number from 0 to 65535"),
        (Config, "seed", "a whole number of at least 0"),
        (Config, "watch", "true or false"),
        (Config, "trailing_slash", '"ignore" or "strict"'),
        (Config, "include", "text or a list of these"),
        (Config, "endpoints", "a list of objects"),
        (Endpoint, "name", "text of 1 to 200 characters"),
        (Endpoint, "response", "anything"),
        (Endpoint, "ttl", 'a number above 0, or text such as "500ms", "60s", "5m" or "1h"'),
        (Cache, "store_s", "a number above 0, at most 2147483648"),
        (Endpoint, "latency_ms", "a number from 0 to 86400000 or an object"),
    ],
)
def test_describe(model, key, text):
    (field,) = (field for field in inspect.type_info(model).fields if field.encode_name == key)

    assert describe(field.type) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", 'text "x"'),
        ("", "an empty text"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
        ({}, "an empty object"),
        ({"a": 1, "b": 2}, "an object with a, b"),
        ("x" * 100, 'text "' + "x" * 58 + "…"),
    ],
)
def test_show(value, text):
    assert show(value) == text
