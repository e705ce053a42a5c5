"""Parts of a match, put together."""

import pytest

from understudy.formats.fragments import together


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ([], {}),
        ([{"query": {"a": 1}}, {"headers": {"b": 2}}], {"query": {"a": 1}, "headers": {"b": 2}}),
        ([{"query": {"a": 1}}, {"query": {"b": 2}}], {"query": {"a": 1, "b": 2}}),
        ([{"query": {"a": 1}}, {"query": {"a": 2}}], {"query": {"a": 1}, "all": [{"query": {"a": 2}}]}),
        (
            [{"not": {"host": "a"}}, {"not": {"host": "b"}}],
            {"not": {"host": "a"}, "all": [{"not": {"host": "b"}}]},
        ),
        (
            [{"body": "a"}, {"body": {"json": 1}}, {"body": {"json": 2}}],
            {"body": {"text": "a", "json": 1}, "all": [{"body": {"json": 2}}]},
        ),
        (
            [{"body": {"json_path": {"$.a": 1}}}, {"body": {"json_path": {"$.b": 1}}}],
            {"body": {"json_path": {"$.a": 1, "$.b": 1}}},
        ),
        (
            [{"body": {"xpath": {"//a": 1}}}, {"body": {"xpath": {"//b": 1}}}],
            {"body": {"xpath": {"//a": 1, "//b": 1}}},
        ),
    ],
)
def test_together(fragments, expected):
    assert together(fragments) == expected
