import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.match.per import MAX_OWNER_CHARACTERS, compile_per
from understudy.request import Request

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJvcmciOnsiaWQiOjd9fQ."  # {"sub": "ada", "org": {"id": 7}}


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("client", "192.0.2.7"),
        ("header:X-User", "ada"),
        ("cookie:sid", "42"),
        ("query:u", "bob"),
        ("jwt:sub", "ada"),
        ("jwt:org.id", "7"),
        ("header:X-Other", ""),
        ("cookie:other", ""),
        ("query:other", ""),
        ("jwt:other", ""),
    ],
)
def test_sources(per, expected):
    headers = [(b"X-User", b"ada"), (b"Cookie", b"sid=42"), (b"Authorization", f"Bearer {TOKEN}".encode())]
    assert compile_per(per)(Request("GET", b"/a?u=bob", headers, client="192.0.2.7")) == expected


def test_a_name_from_a_client_is_bounded():
    request = Request("GET", b"/", [(b"X-User", b"a" * 10_000)])
    assert len(compile_per("header:X-User")(request)) == MAX_OWNER_CHARACTERS


@pytest.mark.parametrize("per", ["cookies:a", "header", "header:", "Client"])
def test_mistakes(per):
    with pytest.raises(ConfigError, match="is not one of client, header:NAME"):
        build({"state": {"per": per}})
