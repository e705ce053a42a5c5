import json

import pytest

from tests.faults.kit import APP, REPLY, moment, struck
from understudy.steps import Body, Head, Reply, RunApp, SendFile

DATA = {"user": {"name": "Ada", "orders": [{"id": 1}, {"id": 2}]}, "shop": None}


def answered(body=b"", status=200, headers=REPLY.headers, **keys):
    (reply,) = struck({"kind": "graphql_errors", **keys}, (Reply(status, headers, body),))
    assert (reply.status, reply.length) == (200, len(reply.body))
    return json.loads(reply.body)


def test_errors_without_data():
    error = {"message": "Simulated failure", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    for status in (200, 204, 500):
        assert answered(status=status) == {"data": None, "errors": [error]}
    assert answered(message="no", code="X")["errors"] == [{"message": "no", "extensions": {"code": "X"}}]


def test_data_come_along():
    assert answered(json.dumps({"data": DATA}).encode(), keep_data=True)["data"] == DATA
    assert answered(json.dumps({"data": DATA}).encode())["data"] is None
    for other in [b"[1]", b"no json", b"", b"\xff", b"{}", b"[" * 100_000]:
        assert answered(other, keep_data=True)["data"] is None


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (["shop"], DATA),
        (["user"], {"user": None, "shop": None}),
        (["user", "orders", 1], {"user": {"name": "Ada", "orders": [{"id": 1}, None]}, "shop": None}),
        (["user", "orders", 7], DATA),
        (["user", 0, "orders"], DATA),
        (["else", "where"], DATA),
        ([], DATA),
    ],
)
def test_a_field_that_failed_is_null(path, data):
    answer = answered(json.dumps({"data": DATA}).encode(), keep_data=True, path=path)

    assert answer["data"] == data
    assert answer["errors"][0]["path"] == path
    assert list(answer["errors"][0]) == ["message", "path", "extensions"]


def test_the_type_says_json():
    def types(*headers):
        (reply,) = struck("graphql_errors", (Reply(200, headers, b""),))
        return [value for name, value in reply.headers if name.lower() == b"content-type"]

    assert types() == types((b"Content-Type", b"text/plain")) == [b"application/json"]
    assert types((b"content-type", b"application/graphql-response+json")) == [
        b"application/graphql-response+json"
    ]


def test_whatever_would_answer():
    (reply,) = struck("graphql_errors", (SendFile(REPLY, "f", 0, 9),))
    assert json.loads(reply.body)["data"] is None
    head, body = struck("graphql_errors", (Head(Reply(204, (), b"")),))
    assert head.reply.length == len(body.data)
    head, first, second = struck("graphql_errors", (Head(REPLY), Body(b"ab"), Body(b"c")))
    assert len(first.data + second.data) == head.reply.length
    assert struck("graphql_errors", at=moment("HEAD")) != (REPLY,)
    app = (RunApp(APP, "", None),)
    assert struck("graphql_errors", app) == app
