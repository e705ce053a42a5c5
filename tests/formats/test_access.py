"""Which schemes protect an endpoint."""

import pytest

from understudy.formats.access import place_of, schemes_of
from understudy.load import load
from understudy.model import ApiKey

SCHEMES = {"a": {"api_key": "k"}, "b": {"bearer": "t"}}


@pytest.mark.parametrize(
    ("auth", "names"),
    [
        (False, []),
        ("a", ["a"]),
        (["b", "a"], ["b", "a"]),
        ({"use": "b", "scopes": ["x"]}, ["b"]),
        ({"bearer": "t"}, [None]),
    ],
    ids=str,
)
def test_names(auth, names):
    config = load({"auth": {"schemes": SCHEMES}, "endpoints": [{"path": "/", "auth": auth}]}).config
    assert [name for name, _ in schemes_of(config.endpoints[0], config)] == names


def test_the_only_one():
    config = load({"auth": {"schemes": {"a": {"api_key": "k"}}}, "endpoints": [{"path": "/", "auth": True}]})
    assert [name for name, _ in schemes_of(config.config.endpoints[0], config.config)] == ["a"]


def test_where_a_key_is():
    assert place_of("k") == ("header", "X-API-Key")
    assert place_of(ApiKey(query="q", keys=["k"])) == ("query", "q")
    assert place_of(ApiKey(cookie="c", keys="any")) == ("cookie", "c")
