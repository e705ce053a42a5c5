import argparse

import pytest

from understudy.cli.client import FAILURES, add_server_arguments, ask, not_reached, reason, url_from


def test_where_the_server_is():
    parser = argparse.ArgumentParser()
    add_server_arguments(parser)
    assert url_from(parser.parse_args([])) == "http://127.0.0.1:8000"
    assert url_from(parser.parse_args(["--port", "9"])) == "http://127.0.0.1:9"
    assert url_from(parser.parse_args(["--url", "http://a:1"])) == "http://a:1"


def test_asking(echo):
    status, body = ask(echo.url, "/query", {"q": "a&b"}, None)
    assert (status, body) == (200, b'{"q":"a&b"}')
    assert ask(echo.url, "/echo", {}, None, "PUT", {"a": 1}) == (200, b'{"a": 1}')


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://127.0.0.1:1"])
def test_nobody_there(url):
    with pytest.raises(FAILURES) as caught:
        ask(url, "/", {}, None)
    assert f"no Understudy answers at {url}" in not_reached("logs", url, caught.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "no"}', "no"),
        (b'{"error": "1 problem", "problems": [{"path": "a", "message": "m"}]}', "1 problem\n  a: m"),
        (
            b'{"error": "e", "problems": [{"message": "m", "suggestion": "\\"s\\""}]}',
            'e\n  m (did you mean "s"?)',
        ),
        (
            b'{"error": "e", "problems": [{"path": "a", "message": "m", "accepted": "b"}]}',
            "e\n  a: m (accepted: b)",
        ),
        (b"[]", "the server answered 500"),
        (b"oops", "the server answered 500"),
    ],
)
def test_reasons(body, text):
    assert reason(body, 500) == text
