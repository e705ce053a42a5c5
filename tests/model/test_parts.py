import pytest

from understudy.model.parts import TOKEN, check_headers


def test_headers():
    check_headers({"X-A": ["1", 2, True]})
    for headers, message in (({"A B": "1"}, "header name"), ({"A": ["x", "y\n"]}, "line break")):
        with pytest.raises(ValueError, match=message):
            check_headers(headers)
    assert TOKEN.fullmatch("X-A!#~")
