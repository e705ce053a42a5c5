"""What holds for whatever there is: nothing is found twice, planted secrets are gone, the rest stays."""

import json
from urllib.parse import parse_qsl, urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.record.redact.corpus import KEYS
from understudy.record.exchange import RecordedExchange, RecordedReply, RecordedRequest
from understudy.record.redact import Redactor, find

REDACTOR = Redactor(True)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
PLAIN = st.text("abcdefghij -_", max_size=12)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(
    (
        *("", "application/json", "text/plain", "application/x-www-form-urlencoded", "text/html", "text/xml"),
        *("multipart/form-data; boundary=b", "application/octet-stream", "text/event-stream", "text/yaml"),
        "text/plain; charset=utf-16",
    )
)
PIECES = st.sampled_from(
    (
        *(
            '"',
            "'",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "=",
            "&",
            "%",
            "<",
            ">",
            "/",
            ";",
            "\n",
            "\r\n",
            " ",
            "--b",
        ),
        *(
            "password",
            "token",
            "api_key",
            "authorization",
            "Bearer ",
            "Basic ",
            "REDACTED-",
            "REDACTED-token",
            "\\u0041",
        ),
        *(
            "://a:b@c",
            "eyJ",
            ".",
            "sk-",
            "AKIA",
            "-----BEGIN PRIVATE KEY-----",
            "<![CDATA[",
            "]]>",
            "</a>",
            "1234",
        ),
        *(text for text, _ in list(KEYS.values())[:60:7]),
        "abc",
        "xyz123",
    )
)
MIXED = st.lists(PIECES | WORDS, max_size=14).map("".join)


@given(MIXED, TYPES)
@settings(max_examples=400)
@example('"token":"REDACTED-access_token"', "application/json")
@example("password=REDACTED-token", "text/plain")
def test_redaction_is_idempotent(text, kind):
    once = REDACTOR.body(text.encode(), kind)

    assert REDACTOR.body(once, kind) == once


@given(MIXED)
@settings(max_examples=200)
def test_targets_and_texts_are_idempotent(text):
    for redact in (REDACTOR.target, REDACTOR.text):
        once = redact(text)
        assert redact(once) == once


@given(
    MIXED, st.sampled_from(("Authorization", "Cookie", "Set-Cookie", "Location", "X-Token", "X-Note", "ETag"))
)
@settings(max_examples=200)
def test_headers_are_idempotent(text, name):
    header = ((name.encode(), text.encode("utf-8")),)
    once = REDACTOR.headers(header)

    assert REDACTOR.headers(once) == once


@given(st.binary(max_size=400), TYPES, st.sampled_from(("", "gzip", "br", "zstd", "deflate", "what, ever")))
@settings(max_examples=300)
def test_any_bytes_are_taken(data, kind, coding):
    new = REDACTOR.body(data, kind, coding)

    assert REDACTOR.body(new, kind, coding) == new
    find(data, "a.json")


@given(st.binary(max_size=200), st.binary(max_size=50), st.binary(max_size=50))
def test_any_exchange_is_taken(body, name, value):
    headers = ((name, value), (b"Cookie", value), (b"Authorization", value), (b"Content-Type", value))
    exchange = RecordedExchange(
        request=RecordedRequest(
            method="GET", origin="http://a", target="/" + value.decode("latin-1"), headers=headers, body=body
        ),
        reply=RecordedReply(status=200, headers=headers, body=body, trailers=headers),
    )
    once = REDACTOR.exchange(exchange)

    assert REDACTOR.exchange(once) == once


@given(TREES, st.data())
@settings(max_examples=200)
def test_a_secret_in_a_random_document_is_gone_and_the_rest_stays(tree, data):
    secret = "Zq9" + data.draw(st.text('ABCxyz0123!?/✓"\\', min_size=5, max_size=20))
    places = []

    def planted(node):
        if isinstance(node, dict):
            places.append(1)
            return {**{key: planted(value) for key, value in node.items()}, "accessToken": secret}
        return [planted(one) for one in node] if isinstance(node, list) else node

    def expected(node):
        if isinstance(node, dict):
            return {
                key: "REDACTED-access_token" if key == "accessToken" else expected(one)
                for key, one in node.items()
            }
        return [expected(one) for one in node] if isinstance(node, list) else node

    document = planted({"a": tree})
    indent = data.draw(st.sampled_from((None, 1)))
    ascii_only = data.draw(st.booleans())
    new = REDACTOR.body(
        json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode(), "application/json"
    )

    assert new.decode() == json.dumps(expected(document), indent=indent, ensure_ascii=ascii_only)


@given(
    st.lists(st.tuples(st.text("abcdefgh", min_size=1, max_size=5), WORDS), max_size=5),
    st.integers(0, 5),
    WORDS,
)
def test_a_secret_in_a_random_form_is_gone_and_the_rest_stays(pairs, at, secret):
    pairs = [(name, "".join(one for one in value if one.isalpha())[:8]) for name, value in pairs]
    planted = [*pairs[:at], ("client_secret", f"Zq9{secret}"), *pairs[at:]]
    new = REDACTOR.body(urlencode(planted).encode(), "application/x-www-form-urlencoded").decode()

    expected = [
        (name, "REDACTED-client_secret" if name == "client_secret" else value) for name, value in planted
    ]
    assert parse_qsl(new, keep_blank_values=True) == expected
