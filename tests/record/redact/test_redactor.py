"""Whole exchanges: every secret is gone from everywhere, and what is none stays."""

import gzip
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tests.record.redact.corpus import INNOCENT, KEYS, NAMED, jwt
from understudy.model import Redact
from understudy.record.exchange import (
    BodyInFile,
    Chunk,
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)
from understudy.record.redact import Redactor, find, rule_names
from understudy.record.redact.placeholders import BASIC, PLACEHOLDER
from understudy.views.codings import CodingError, codings_of, decoded, decoded_start, encoded

REDACTOR = Redactor(True)
JSON = (b"Content-Type", b"application/json")
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")


def request(target="/a", headers=(), body=b"", method="POST"):
    return RecordedRequest(
        method=method, origin="https://api.example.com", target=target, headers=tuple(headers), body=body
    )


def reply(body=b"", headers=(), **more):
    return RecordedReply(status=200, headers=tuple(headers), body=body, **more)


def everything(exchange):
    """All that would be written of an exchange, with JSON's escapes and URL's codes taken off, too."""
    text = repr(exchange)
    raw = b"\n".join(
        one
        for one in (
            exchange.request.target.encode(),
            exchange.request.body,
            *(value for _, value in exchange.request.headers),
            *(
                [exchange.reply.body, *(value for _, value in exchange.reply.headers)]
                if exchange.reply
                else ()
            ),
            *(one.data for one in exchange.messages),
        )
        if isinstance(one, bytes)
    ).decode("utf-8", "replace")
    return text + raw


def forms_of(secret):
    escaped = json.dumps(secret)[1:-1]
    return {
        secret,
        escaped,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        escaped.replace("/", "\\/"),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        b64encode(secret.encode()).decode(),
    }


def assert_gone(secret, exchange):
    kept = everything(exchange)
    for form in forms_of(secret):
        assert len(form) < 4 or form not in kept, form


PLACES = {
    "target": lambda text: RecordedExchange(
        request=request(f"/a/{quote(text, safe='')}/b?q={quote(text)}&x=1")
    ),
    "header": lambda text: RecordedExchange(
        request=request(headers=[(b"X-Note", text.replace("\n", "\\n").encode())])
    ),
    "location": lambda text: RecordedExchange(
        request=request(),
        reply=reply(headers=[(b"Location", b"https://a.example/?next=" + quote(text, safe="").encode())]),
    ),
    "json": lambda text: RecordedExchange(
        request=request(body=json.dumps({"a": [{"b": text}]}).encode(), headers=[JSON])
    ),
    "json in json": lambda text: RecordedExchange(
        request=request(), reply=reply(json.dumps({"m": json.dumps({"b": [text]})}).encode(), [JSON])
    ),
    "escaped json": lambda text: RecordedExchange(
        request=request(), reply=reply(json.dumps({"b": text}).replace("/", "\\/").encode(), [JSON])
    ),
    "form": lambda text: RecordedExchange(
        request=request(body=urlencode({"a": 1, "note": text}).encode(), headers=[FORM])
    ),
    "multipart": lambda text: RecordedExchange(
        request=request(
            headers=[(b"Content-Type", b"multipart/form-data; boundary=xx")],
            body=(
                b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + text.encode() + b"\r\n"
                b'--xx\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
                b"Content-Type: text/plain\r\n\r\n" + text.encode() + b"\r\n--xx--\r\n"
            ),
        )
    ),
    "xml": lambda text: RecordedExchange(
        request=request(),
        reply=reply(
            f"<a note='{_xml(text)}'><b>{_xml(text)}</b><![CDATA[{text}]]></a>".encode(),
            [(b"Content-Type", b"text/xml")],
        ),
    ),
    "text": lambda text: RecordedExchange(
        request=request(), reply=reply(f"It is\n{text}\nand so on.".encode())
    ),
    "html": lambda text: RecordedExchange(
        request=request(), reply=reply(f"<html><script>let a = {json.dumps(text)};</script></html>".encode())
    ),
    "events": lambda text: RecordedExchange(
        request=request(),
        reply=reply(
            f"event: a\ndata: {json.dumps({'a': text})}\n\n".encode(),
            [(b"Content-Type", b"text/event-stream")],
        ),
    ),
    "failure": lambda text: RecordedExchange(
        request=request(), failed=Failed("reset", f"no luck with {text} there")
    ),
    "websocket": lambda text: RecordedExchange(
        request=request(),
        messages=(SocketMessage(0, "client", "text", json.dumps({"a": text}).encode()),),
    ),
}


def _xml(text):
    from xml.sax.saxutils import escape

    return escape(text, {"'": "&apos;"})


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_gone_wherever_it_stands(place):
    for name, (text, gone) in KEYS.items():
        redacted = REDACTOR.exchange(PLACES[place](text))

        assert_gone(gone, redacted)
        assert sum(redacted.secrets.values()) >= 1, name
        assert set(redacted.secrets) <= set(rule_names()), name
        assert REDACTOR.exchange(redacted) == redacted, name


NAMED_PLACES = {
    "json": lambda name, value: RecordedExchange(
        request=request(body=json.dumps({"a": [{"x": 1, name: value}]}).encode(), headers=[JSON])
    ),
    "list": lambda name, value: RecordedExchange(
        request=request(body=json.dumps({name: [value, value]}, indent=2).encode(), headers=[JSON])
    ),
    "json in json": lambda name, value: RecordedExchange(
        request=request(), reply=reply(json.dumps({"m": json.dumps({name: value})}).encode(), [JSON])
    ),
    "form": lambda name, value: RecordedExchange(
        request=request(body=urlencode({"a": 1, name: value}).encode(), headers=[FORM])
    ),
    "query": lambda name, value: RecordedExchange(request=request(f"/a?{urlencode({'a': 1, name: value})}")),
    "fragment": lambda name, value: RecordedExchange(
        request=request(),
        reply=reply(headers=[(b"Location", f"https://a.example/#{urlencode({name: value})}".encode())]),
    ),
    "multipart": lambda name, value: RecordedExchange(
        request=request(
            headers=[(b"Content-Type", b'multipart/form-data; boundary="x y"')],
            body=(
                f'--x y\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--x y--\r\n'
            ).encode(),
        )
    ),
    "xml": lambda name, value: RecordedExchange(
        request=request(),
        reply=reply(
            f"<a><w:{name.replace('[', '.').replace(']', '')} t='1'>{_xml(value)}</w:x></a>".encode()
        ),
    ),
    "xml attribute": lambda name, value: RecordedExchange(
        request=request(), reply=reply(f"<a><b><add key='{name}' value='{_xml(value)}'/></b></a>".encode())
    ),
}


@pytest.mark.parametrize("place", NAMED_PLACES)
def test_a_named_secret_is_gone(place):
    for name, value in NAMED:
        redacted = REDACTOR.exchange(NAMED_PLACES[place](name, value))

        assert_gone(value, redacted)
        assert redacted.secrets, (name, value)
        assert REDACTOR.exchange(redacted) == redacted, (name, value)


def test_what_is_no_secret_stays():
    for name, value in INNOCENT:
        exchange = RecordedExchange(
            request=request(f"/a?{urlencode({name: value})}", [JSON], json.dumps({name: value}).encode()),
            reply=reply(json.dumps([{"a": {name: [value]}}], indent=1).encode(), [JSON]),
        )

        assert REDACTOR.exchange(exchange) == exchange, (name, value)


def test_the_corpus_is_large_enough():
    assert len(KEYS) + len(NAMED) >= 100
    assert len(INNOCENT) >= 60


HEADERS = [
    ("Authorization", "Bearer abc", "Bearer REDACTED-bearer"),
    ("Authorization", "Basic YWRhOnNlY3JldA==", f"Basic {BASIC}"),
    ("Authorization", "token abc", "token REDACTED-token"),
    ("Authorization", "abc", "REDACTED-authorization"),
    ("Proxy-Authorization", "Basic YWRhOnNlY3JldA==", f"Basic {BASIC}"),
    (
        "Authorization",
        'Digest username="ada", realm="r", nonce="n1", uri="/a", response="abc", qop=auth, nc=00000001',
        'Digest username="REDACTED-username", realm="r", nonce="REDACTED-nonce", uri="/a", '
        'response="REDACTED-response", qop=auth, nc=00000001',
    ),
    (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKID/20240101/eu/s3/aws4_request, SignedHeaders=host, Signature=abc",
        "AWS4-HMAC-SHA256 Credential=REDACTED-credential, SignedHeaders=host, Signature=REDACTED-signature",
    ),
    ("Cookie", "a=1; b=x=y;c=", "a=REDACTED-cookie; b=REDACTED-cookie;c="),
    (
        "Set-Cookie",
        "sid=abc; Path=/; Max-Age=60; HttpOnly",
        "sid=REDACTED-cookie; Path=/; Max-Age=60; HttpOnly",
    ),
    ("Set-Cookie", "sid=; Max-Age=0", "sid=; Max-Age=0"),
    ("X-API-Key", "abc", "REDACTED-api_key"),
    ("X-Acme-Api-Key", "abc", "REDACTED-api_key"),
    ("X-Amz-Security-Token", "abc", "REDACTED-security_token"),
    ("X-CSRF-Token", "abc", "REDACTED-csrf_token"),
    ("X-Vault-Token", "abc", "REDACTED-auth_token"),
    ("X-Anything", "aB3dE5gH7jK9mN1pQ3sT5vX7zB9", "REDACTED-entropy"),
    ("ETag", '"aB3dE5gH7jK9mN1pQ3sT5vX7zB9"', '"aB3dE5gH7jK9mN1pQ3sT5vX7zB9"'),
    ("X-Request-Id", "aB3dE5gH7jK9mN1pQ3sT5vX7zB9", "aB3dE5gH7jK9mN1pQ3sT5vX7zB9"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
    (
        "WWW-Authenticate",
        'Bearer realm="x", error="invalid_token"',
        'Bearer realm="x", error="invalid_token"',
    ),
    ("Content-Type", "application/json", "application/json"),
    ("Location", "/cb?state=1&access_token=abc", "/cb?state=1&access_token=REDACTED-access_token"),
]


@pytest.mark.parametrize(("name", "value", "expected"), HEADERS)
def test_headers(name, value, expected):
    header = ((name.encode(), value.encode()),)

    assert REDACTOR.headers(header) == ((name.encode(), expected.encode()),)


def test_the_rest_of_a_document_stays_byte_for_byte():
    body = b'{ "a" :1.50,\t"pin": 1234, "user":{"password" : "x\\u0041\\n" , "ok":true},"\xc3\xa9":"\xff"}\n'

    new = REDACTOR.body(body, "application/json")

    assert new == (
        b'{ "a" :1.50,\t"pin": 0, "user":{"password" : "REDACTED-password" , "ok":true},"\xc3\xa9":"\xff"}\n'
    )


@pytest.mark.parametrize("end", ["", "\\", "\\u00", '"'])
def test_a_secret_that_is_cut_off_is_gone(end):
    body = REDACTOR.body(b'{"user": "ann", "password": "hunter2' + end.encode(), "application/json")

    assert body == b'{"user": "ann", "password": "REDACTED-password' + (b'"' if end == '"' else b"")
    assert REDACTOR.body(b'{"password": "x", "user": "an', "").endswith(b'"user": "an')


def test_half_of_a_request(tmp_path):
    packed, length = gzip.compress(b'{"password": "hunter2"}' * 9), (b"Content-Length", b"21")
    cut = replace(request(headers=(JSON, length), body=b'{"password":"hunter2x'), is_whole=False)
    assert REDACTOR.request(cut).body == b'{"password":"REDACTED-password'
    assert REDACTOR.request(cut).headers == (JSON, length)  # that of the whole
    coding = (b"Content-Encoding", b"gzip")
    file = tmp_path / "spooled"
    file.write_bytes(packed[:30])
    for body in (packed[:30], BodyInFile(file, 30)):
        cut = replace(request(headers=(JSON, coding), body=body), is_whole=False)
        assert REDACTOR.request(cut).body == b""
    assert file.exists()
    REDACTOR.exchange(RecordedExchange(request=cut, reply=reply()))
    assert not file.exists()


def test_a_log_in_and_what_comes_after_fit_together():
    login = RecordedExchange(request=request("/login"), reply=reply(b'{"access_token":"abc-1"}', [JSON]))
    handed = json.loads(REDACTOR.exchange(login).reply.body)["access_token"]
    recorded = request(
        "/me?access_token=abc-1", [(b"Authorization", b"Bearer abc-1")], b'{"access_token":"abc-1"}'
    )
    replayed = request(
        f"/me?access_token={handed}",
        [(b"Authorization", f"Bearer {handed}".encode())],
        json.dumps({"access_token": handed}, separators=(",", ":")).encode(),
    )

    assert handed == "REDACTED-access_token"
    assert REDACTOR.request(replayed) == REDACTOR.request(recorded)


def test_a_token_of_a_reply_still_reads_as_one():
    import jwt as reader

    token = jwt(sub="ada", exp=1900000000, iat=1, admin=True, level=7, roles=["root"])
    new = json.loads(REDACTOR.body(json.dumps({"access_token": token}).encode()))["access_token"]

    assert reader.get_unverified_header(new) == {"alg": "HS256", "typ": "JWT"}
    assert reader.decode(new, options={"verify_signature": False}) == {
        "sub": "REDACTED",
        "exp": 1900000000,
        "iat": 1,
        "admin": True,
        "level": 0,
        "roles": ["REDACTED"],
    }
    assert REDACTOR.body(json.dumps({"jwt": token}).encode(), of_reply=False) == b'{"jwt": "REDACTED-jwt"}'


def test_a_secret_that_the_server_repeats_is_gone_from_its_answer():
    exchange = RecordedExchange(
        request=request("/login", [JSON], b'{"password":"Tr0ub4dor&3"}'),
        reply=reply(b"<p>No such user with Tr0ub4dor&3", [(b"X-Echo", b"Tr0ub4dor&3")]),
        failed=Failed("closed", "after Tr0ub4dor&3"),
    )

    assert_gone("Tr0ub4dor&3", REDACTOR.exchange(exchange))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_coded_bodies_are_changed_inside_and_measured_anew(coding):
    body = encoded(b'{"password":"hunter2"}' * 50, codings_of(coding))
    clean = encoded(b'{"a":"b"}', codings_of(coding))
    headers = [JSON, (b"Content-Encoding", coding.encode()), (b"content-length", str(len(body)).encode())]

    new = REDACTOR.exchange(RecordedExchange(request=request(), reply=reply(body, headers))).reply

    assert decoded(new.body, codings_of(coding), 10**6) == b'{"password":"REDACTED-password"}' * 50
    assert new.headers[2] == (b"content-length", str(len(new.body)).encode())
    same = RecordedExchange(request=request(), reply=reply(clean, headers[:2]))
    assert REDACTOR.exchange(same).reply.body is clean


def test_what_does_not_decode_is_looked_at_as_it_is():
    body = b'{"password":"hunter2"}'

    assert b"hunter2" not in REDACTOR.body(body, "application/json", "gzip")
    assert b"hunter2" not in REDACTOR.body(body, "application/json", "unheard-of")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
@pytest.mark.parametrize("harm", ["cut", "more"])
def test_what_comes_of_a_broken_body_has_no_secret(coding, harm):
    codings = codings_of(coding)
    noise = "".join(chr(97 + (at * at * 7919 >> 5) % 26) for at in range(400_000))
    raw = encoded(json.dumps({"password": "hunter2-x", "noise": noise}).encode(), codings)
    raw = raw[:-9] if harm == "cut" else raw + b"garbage"
    assert b"hunter2-x" in decoded_start(raw, codings, 1_000_000)
    new = REDACTOR.body(raw, "application/json", coding)
    start = decoded_start(new, codings, 1_000_000)
    assert b"hunter2-x" not in start
    assert start.startswith(b'{"password"')
    with pytest.raises(CodingError):  # it is as broken as it was
        decoded(new, codings, 1_000_000)


def test_a_coding_in_several_lines_is_taken_off():
    lines = [JSON, (b"Content-Encoding", b"identity"), (b"Content-Encoding", b"gzip")]
    body = encoded(b'{"password":"hunter2-x"}', ("gzip",))
    done = REDACTOR.exchange(RecordedExchange(request=request(), reply=reply(body, lines)))
    assert b"hunter2" not in decoded(done.reply.body, ("gzip",), 1000)
    assert done.secrets == {"password": 1}


@pytest.mark.parametrize("end", ["", "\\", "\\u00e", " and more, [1, 2], of it"])
def test_a_secret_that_was_cut_off_is_one(end):
    text = '{"a":"b","password":"hunter2-x' + end
    assert REDACTOR.body(text.encode(), "application/json") == b'{"a":"b","password":"REDACTED-password'
    assert REDACTOR.body(b'{"a":"hunter2-x, [1, "', "application/json") == b'{"a":"hunter2-x, [1, "'
    key = KEYS["github classic"][0].encode()
    assert key not in REDACTOR.body(b'{"a":"see ' + key + b" there", "application/json")


@pytest.mark.parametrize("kind", ["image/png", "application/zip", "application/octet-stream"])
def test_json_that_is_called_something_else_is_json(kind):
    assert b"hunter2" not in REDACTOR.body(b'{"password":"hunter2-x"}', kind)


def test_what_is_called_json_is_no_binary():
    assert b"hunter2" not in REDACTOR.body(b'\0{"password":"hunter2-x"}', "application/problem+json; a=b")


@pytest.mark.parametrize("content", [b"", b"x"])
@pytest.mark.parametrize("form", [b'filename="%b.txt"', b"filename=%b", b"filename*=UTF-8''%b"])
def test_the_name_of_a_file_may_hold_a_secret(form, content):
    key = KEYS["github classic"][0].encode()
    head = b'Content-Disposition: form-data; name="f"; ' + form % key
    body = b"--xx\r\n" + head + b"\r\n\r\n" + content + b"\r\n--xx--\r\n"
    new = REDACTOR.body(body, "multipart/form-data; boundary=xx", of_reply=False)
    assert key not in new
    assert new.startswith(b'--xx\r\nContent-Disposition: form-data; name="f"; filename')
    assert new.endswith(b"\r\n\r\n" + content + b"\r\n--xx--\r\n")


def test_a_line_that_begins_again_and_again_is_read_once():
    line = b"Content-Disposition:" * 100_000
    named = b'\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2-x\r\n--xx--\r\n'
    body = b"--xx\r\n" + line + named
    new = REDACTOR.body(body, "multipart/form-data; boundary=xx", of_reply=False)
    assert new.startswith(b"--xx\r\n" + line)
    assert b"hunter2" not in new


def test_length_of_a_head_stays():
    headers = ((b"Content-Length", b"1234"),)
    asked = RecordedExchange(request=request(method="HEAD"), reply=reply(b"", headers, framing="none"))

    assert REDACTOR.exchange(asked).reply.headers == headers


def test_pieces_of_a_stream_keep_their_lines():
    first, second = b'data: {"token":"abcdefgh-1"}\n\n', b"data: done\n\n"
    streamed = reply(
        first + second,
        [(b"Content-Type", b"text/event-stream")],
        chunks=(Chunk(1, len(first)), Chunk(5, len(second))),
    )

    new = REDACTOR.exchange(RecordedExchange(request=request(), reply=streamed)).reply

    assert new.chunks[1] == Chunk(5, len(second))
    assert sum(one.size for one in new.chunks) == len(new.body)


def test_binary_keeps_its_length():
    key = KEYS["github classic"][0].encode()
    body = b"\x00\x01\x28" + key + b"\x00"

    new = REDACTOR.body(body, "application/x-protobuf")

    assert len(new) == len(body)
    assert key not in new
    assert REDACTOR.body(new, "application/x-protobuf") == new


def test_utf_16_is_read():
    assert "hunter2" not in REDACTOR.body(
        '{"password":"hunter2"}'.encode("utf-16"), "application/json"
    ).decode("utf-16")


def test_off_changes_nothing():
    exchange = RecordedExchange(request=request("/?token=x", [(b"Cookie", b"a=b")], b'{"pin":1}'))

    assert Redactor(False).exchange(exchange) is exchange
    assert Redactor(False).request(exchange.request) is exchange.request
    assert Redactor(False).text("password=x1234") == "password=x1234"


def test_what_a_user_adds():
    own = Redactor(
        Redact(
            headers=["X-Tenant"],
            fields=["ssn", "*_nr"],
            patterns={"customer": "CUST-[0-9]{8}"},
            entropy=False,
        )
    )

    assert own.headers(((b"x-tenant", b"acme"),)) == ((b"x-tenant", b"REDACTED-x_tenant"),)
    assert own.body(b'{"ssn":"1","house_nr":"2","nr":"3","a":"CUST-12345678!"}') == (
        b'{"ssn":"REDACTED-ssn","house_nr":"REDACTED-house_nr","nr":"3","a":"REDACTED-customer!"}'
    )
    assert own.body(b'{"a":"aB3dE5gH7jK9mN1pQ3sT5vX7zB9"}') == b'{"a":"aB3dE5gH7jK9mN1pQ3sT5vX7zB9"}'
    assert own.text("CUST-12345678") == "REDACTED-customer"


def test_what_a_user_keeps():
    own = Redactor(Redact(keep=["token", "github_token", "hunter2", "X-Api-Key", "theme"]))

    body = json.dumps(
        {"token": "a", "password": "hunter2", "x": KEYS["github classic"][0], "pin": "1"}
    ).encode()
    assert json.loads(own.body(body)) == {**json.loads(body), "pin": "REDACTED-pin"}
    assert own.headers(((b"X-Api-Key", b"a"), (b"Cookie", b"theme=dark; a=b"))) == (
        (b"X-Api-Key", b"a"),
        (b"Cookie", b"theme=dark; a=REDACTED-cookie"),
    )


def test_placeholders_are_all_alike():
    redacted = REDACTOR.exchange(PLACES["json"](KEYS["npm"][0]))

    assert PLACEHOLDER.fullmatch(json.loads(redacted.request.body)["a"][0]["b"])
    assert not find(redacted.request.body)


def packed(data, prefix=""):
    return prefix + b64encode(json.dumps(data).encode()).decode()


@pytest.mark.parametrize("prefix", ["", "data:application/json;base64,", "data:;charset=utf-8;base64,"])
@pytest.mark.parametrize("is_padded", [True, False])
def test_json_in_base64_is_looked_into(prefix, is_padded):
    inner = {"user": "ada", "password": "hunter2", "more": "text"}
    value = packed(inner, prefix) if is_padded else packed(inner, prefix).rstrip("=")
    body = json.dumps({"state": value, "n": 1}).encode()
    new = json.loads(REDACTOR.body(body, "application/json"))
    assert new["n"] == 1
    assert new["state"].startswith(prefix)
    text = new["state"].removeprefix(prefix)
    again = json.loads(b64decode(text + "=" * (-len(text) % 4)))
    assert again == {"user": "ada", "password": "REDACTED-password", "more": "text"}
    done = json.dumps(new).encode()
    assert REDACTOR.body(done, "application/json") == done
    for kind, other in ((FORM[1].decode(), f"a=1&state={quote_plus(value)}"), ("text/plain", packed(inner))):
        assert b64encode(b"hunter2")[:8].decode() not in REDACTOR.body(other.encode(), kind).decode()
        assert REDACTOR.body(other.encode(), kind) != other.encode()


def test_base64_in_base64_has_an_end():
    value = {"password": "hunter2"}
    for _ in range(9):
        value = {"in": packed(value)}
    body = json.dumps(value).encode()
    assert REDACTOR.body(body, "application/json") == body
    shallow = {"in": packed({"in": packed({"password": "hunter2"})})}
    assert REDACTOR.body(json.dumps(shallow).encode(), "application/json") != json.dumps(shallow).encode()


@pytest.mark.parametrize(
    "value",
    [
        packed({"id": 17, "at": "2026-01-01"}),
        packed(["a", "b", "c", "d"]),
        "eyJhIjo*",
        "eyJ" + "A" * 40,
        "eyJ_",
    ],
)
def test_other_base64_stays_as_it_is(value):
    body = json.dumps({"cursor": value}).encode()
    assert REDACTOR.body(body, "application/json") == body


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_json_over_several_lines_of_an_event(end):
    lines = [
        *(
            "event: login",
            "id: 1",
            'data: {"password":',
            'data: "hunter2", "pins_token": [',
            'data: "s3cr3t-1",',
        ),
        *(
            'data: "s3cr3t-2"], "api_key":',
            "data: 123456789,",
            'data: "name":',
            'data: "Ada"}',
            "",
            "data: x",
        ),
    ]
    new = REDACTOR.body(end.join(lines).encode(), "text/event-stream").decode()
    assert not any(one in new for one in ("hunter2", "s3cr3t", "123456789"))
    assert new.count(end) == len(lines) - 1
    assert f'"name":{end}data: "Ada"' in new


def test_a_number_behind_another_name_is_no_secret_and_no_mistake():
    assert REDACTOR.body(b'{"password": size: 12345}', "text/plain") == b'{"password": size: 12345}'


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
@pytest.mark.parametrize(
    ("head", "plain"),
    [
        ('form-data; name="password"', b"hunter2"),
        (
            'form-data; name="a"; filename="a.json"\r\nContent-Type: application/json',
            b'{"password": "hunter2"}',
        ),
    ],
)
def test_a_part_with_a_coding_of_its_own(coding, head, plain):
    def body(content):
        start = f"--xx\r\nContent-Disposition: {head}\r\nContent-Encoding: {coding}\r\n\r\n".encode()
        return start + content + b"\r\n--xx--\r\n"

    sent = body(encoded(plain, codings_of(coding)))
    new = REDACTOR.body(sent, "multipart/form-data; boundary=xx", of_reply=False)
    start, _, rest = new.partition(b"\r\n\r\n")
    content = decoded(rest.removesuffix(b"\r\n--xx--\r\n"), codings_of(coding), 1000)
    assert start == sent.partition(b"\r\n\r\n")[0]
    assert content == plain.replace(b"hunter2", b"REDACTED-password")
    for broken in (body(b"no such coding"), body(encoded(b"of no interest", codings_of(coding)))):
        same = REDACTOR.body(broken, "multipart/mixed; boundary=xx", of_reply=False)
        assert same == broken or b"password" in broken


def test_parts_that_unpack_to_much_are_bounded():
    bomb = gzip.compress(b"a" * 40_000_000)
    part = b"--xx\r\nContent-Encoding: gzip\r\n\r\n" + bomb + b"\r\n"
    body = part * 30 + b"--xx--"
    assert REDACTOR.body(body, "multipart/mixed; boundary=xx") == body
