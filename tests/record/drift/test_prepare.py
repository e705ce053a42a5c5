from dataclasses import replace

import pytest

from tests.record.kit import exchange
from understudy.record.drift.prepare import Given, prepare, prepare_exchange
from understudy.record.exchange import BodyInFile, SocketMessage

GIVEN = Given({"authorization": (b"Authorization", b"Bearer real")}, {"token": "t", "token_id": "i"})


def made(**more):
    return exchange({}, **more).request


def test_what_was_given_is_put_in():
    request = made(
        target="/a?token=REDACTED-token&id=REDACTED-token_id",
        request_headers=[
            ("authorization", "Bearer REDACTED-authorization"),
            ("X-T", "REDACTED-token"),
            ("A", "b"),
        ],
        request_body=b'{"t": "REDACTED-token"}\xff',
    )

    found = prepare(request, GIVEN)

    assert found.left_out == ()
    assert found.request.target == "/a?token=t&id=i"
    assert found.request.headers == ((b"X-T", b"t"), (b"A", b"b"), (b"Authorization", b"Bearer real"))
    assert found.request.body == b'{"t": "t"}\xff'


@pytest.mark.parametrize("value", ["Bearer REDACTED-x", "Basic UkVEQUNURUQ6UkVEQUNURUQ=", "a.b.UkVEQUNURUQ"])
def test_a_header_without_its_secret_is_left_out(value):
    found = prepare(made(request_headers=[("X-Key", value), ("A", "b")]))

    assert (found.left_out, found.request.headers) == (("X-Key",), ((b"A", b"b"),))


def test_half_a_body_is_not_sent():
    request = replace(made(request_body=b"abc"), is_whole=False)

    assert prepare(request).request is None
    assert "not all of its body" in prepare(request).why


def test_a_request_without_its_secret_cannot_be_sent():
    assert prepare(made(target="/?k=REDACTED-k")).why == "its path or query was redacted"
    assert prepare(made(request_body=b"REDACTED-k")).why == "its body was redacted"


def test_a_body_in_a_file_is_sent_as_it_is(tmp_path):
    body = BodyInFile(tmp_path / "x", 1)

    assert prepare(made(request_body=body)).request.body == body


KEY = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")


def socket(text, key=KEY):
    one = exchange(status=101, kind=None, request_headers=[key])
    return replace(one, messages=(SocketMessage(1.0, "client", "text", text),))


def test_a_conversation_is_had_with_its_secrets():
    assert prepare_exchange(socket(b"t=REDACTED-token"), GIVEN).turns[0].data == b"t=t"
    assert prepare_exchange(exchange({}), GIVEN).turns is None

    found = prepare_exchange(socket(b"t=REDACTED-token"))
    assert (found.request, found.why) == (None, "its messages were redacted")


def test_another_key_does_as_well():
    found = prepare_exchange(socket(b"a", (KEY[0], "REDACTED-entropy")))

    assert (found.left_out, found.request.headers) == ((), ())
