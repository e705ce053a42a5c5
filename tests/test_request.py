import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import multipart, token
from understudy.request import MAX_FIELDS, Request, canonical_path, decoded_value


def request(*headers, body=b"", target=b"/"):
    return Request("POST", target, list(headers), body)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/a/b", "/a/b"),
        (b"/caf%C3%A9", "/café"),
        ("/café".encode(), "/café"),
        (b"/a%2Fb", "/a%2Fb"),
        (b"/a%2fb", "/a%2Fb"),
        (b"/100%25", "/100%25"),
        (b"/100%", "/100%25"),
        (b"/%zz", "/%25zz"),
        (b"/%ff", "/\ufffd"),
        (b"/a+b", "/a+b"),
        (b"/a%20b", "/a b"),
    ],
)
def test_canonical_path(raw, path):
    assert canonical_path(raw) == path


@given(st.text(max_size=20))
def test_a_value_survives_encoding(text):
    from urllib.parse import quote

    clean = text.encode("utf-8", "replace").decode()
    assert decoded_value(canonical_path(quote(clean, safe="").encode())) == clean


def test_query_keeps_order_repeats_and_blanks():
    asked = request(target=b"/a?x=1&y=&x=2&z=%C3%A9+b&&novalue")
    assert asked.query == {"x": ["1", "2"], "y": [""], "z": ["é b"], "novalue": [""]}
    assert asked.query_string == "x=1&y=&x=2&z=%C3%A9+b&&novalue"


def test_a_flood_of_fields_is_not_read():
    assert request(target=b"/?" + b"a&" * (MAX_FIELDS + 1)).query == {}


def test_headers_are_merged_by_name():
    asked = request((b"Accept", b"a"), (b"ACCEPT", b"b"), (b"Cookie", b"x=1"), (b"Cookie", b"y=2"))
    assert asked.header("accept") == "a, b"
    assert asked.header("nothing") is None
    assert asked.cookies == {"x": "1", "y": "2"}


def test_cookies_of_odd_shape():
    asked = request((b"Cookie", b'a="1"; b; =c; d=e=f; a=2; '))
    assert asked.cookies == {"a": "1", "d": "e=f"}


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        (b"text/plain", "é".encode(), "é"),
        (b"text/plain; charset=latin-1", b"\xe9", "é"),
        (b"text/plain; charset=nonsense", "é".encode(), "é"),
        (b"text/plain; charset=base64", b"abc", "abc"),
        (b"text/plain; charset=unicode_escape", b"\\ud800", "\\ud800"),
        (b"text/plain; charset=raw_unicode_escape", b"\\ud800", "\\ud800"),
        (b"text/plain; charset=utf-7", b"+2AA-", "+2AA-"),
        (b"text/plain; charset=idna", "é".encode(), "é"),
        (b"text/plain; charset=utf-16", b"\x00\xd8", "\ufffd"),
        (b"text/plain", b"\xff", "\ufffd"),
    ],
)
def test_text(content_type, body, text):
    assert request((b"Content-Type", content_type), body=body).text == text


def test_json_is_parsed_once_also_when_it_is_broken():
    asked = request(body=b'{"a": [1]}')
    assert asked.json() is asked.json()
    broken = request(body=b"{")
    for _ in range(2):
        with pytest.raises(ValueError, match="not JSON"):
            broken.json()


def test_deeply_nested_json_is_an_error_not_a_crash():
    with pytest.raises(ValueError, match="not JSON"):
        request(body=b"[" * 100_000).json()


def test_form():
    form = (b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-8")
    assert request(form, body=b"a=1&a=2&b=c+d").form == {"a": ["1", "2"], "b": ["c d"]}
    assert request(body=b"a=1").form == {}


def test_views_are_read_once_and_forgotten():
    asked = request(
        (b"Content-Type", b"multipart/form-data; boundary=b"),
        (b"Authorization", f"Bearer {token({'sub': 'ada'})}".encode()),
        body=multipart(({"Content-Disposition": "form-data; name=a"}, b"1")),
    )
    for _ in range(2):
        assert asked.form == {"a": ["1"]}
        assert asked.claims_unverified == {"sub": "ada"}
        assert asked.claims_unverified is asked.claims_unverified
        assert asked.multipart is asked.multipart
        assert asked.graphql is None
        with pytest.raises(ValueError, match="not XML"):
            asked.xml()
        asked.forget_views()
        assert asked._rare is None
        assert asked._form is None


def test_graphql():
    assert request(body=b'{"query": "{a}"}').graphql.query == "{a}"
    assert Request("GET", b"/?query={a}").graphql.query == "{a}"
    assert Request("HEAD", b"/?query={a}").graphql.query == "{a}"
    assert request(target=b"/?query={a}").graphql is None


@pytest.mark.parametrize(("host", "name"), [(b"a.test:80", "a.test"), (b"[::1]:80", "[::1]"), (b"a", "a")])
def test_host(host, name):
    assert request((b"Host", host)).host == name
