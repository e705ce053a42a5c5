"""Media types and ranges."""

import pytest

from understudy.openapi.media import JSON, bare, covers, is_text, parameters_of


@pytest.mark.parametrize(
    ("media_range", "media_type", "expected"),
    [
        ("application/json", "application/json", True),
        ("application/json", "application/xml", False),
        ("application/json", "application/problem+json", True),
        ("application/problem+json", "application/json", True),
        ("image/*", "image/png", True),
        ("image/*", "text/png", False),
        ("*/*", "a/b", True),
        ("*", "a/b", True),
        ("*/json", "application/json", True),
        ("application/*", "application", False),
        ("application/json", "", False),
        ("text/plain", "text/", False),
    ],
)
def test_a_range_covers_types(media_range, media_type, expected):
    assert covers(media_range, media_type) is expected


def test_parameters_are_apart():
    assert bare("Application/JSON ; charset=utf-8") == "application/json"
    assert parameters_of('a/b; Charset="utf-8"; x=1; y') == {"charset": "utf-8", "x": "1"}
    assert parameters_of("a/b") == {}


def test_what_is_json_and_what_is_text():
    assert JSON.fullmatch("application/vnd.api+json")
    assert not JSON.fullmatch("application/x-ndjson")
    assert is_text("text/plain")
    assert not is_text("text/xml")
    assert not is_text("application/json")
