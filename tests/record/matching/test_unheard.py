"""Names in `match` that no recorded request has."""

import json

import pytest

from tests.record.kit import exchange
from tests.record.live import project
from understudy.build import build
from understudy.model.record import RecordMatch
from understudy.record.exchange import BodyInFile
from understudy.record.matching.unheard import MAX_NAMES, unheard

ONE = exchange(
    {},
    target="/a?page=1&timestamp=2",
    request_headers=[("X-Tenant", "a"), ("Content-Type", "application/json")],
    request_body=b'{"request_id": 1, "user": {"name": "x"}}',
)
FORM = exchange({}, request_body=b"sent_at=1&b=2")


def told(*exchanges, **match):
    return [(one.keys, one.message) for one in unheard(RecordMatch(**match), exchanges)]


def test_headers():
    assert told(ONE, headers=["x-tenant", "Range"]) == []
    assert told(ONE, FORM, headers=["Accept", "X-Tennant"]) == [
        (("headers", 0), "no recorded request has the header Accept"),
        (("headers", 1), "no recorded request has the header X-Tennant: is x-tenant meant?"),
    ]
    assert told(headers=["X-Tennant"]) == []  # nothing was recorded yet


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [
        ("ignore_query", ["_", "timestanp", "page"], "timestamp"),
        ("ignore_body", ["requestid", "name", "$.whatever"], "request_id"),
        ("ignore_body", ["trace", "sentat", "b"], "sent_at"),
    ],
)
def test_what_does_not_count_is_told_of_if_another_name_is_nearly_the_same(key, written, meant):
    [(keys, message)] = told(ONE, FORM, **{key: written})
    assert keys == (key, next(n for n, name in enumerate(written) if name in message))
    assert message.endswith(f"is {meant} meant?")


@pytest.mark.parametrize(
    "more",
    [
        exchange({}, request_body=b"x" * 100_000),
        exchange({}, request_body=b"\x1f\x8b", request_headers=[("Content-Encoding", "gzip")]),
        exchange({}, request_body=BodyInFile("nowhere", 3)),
        exchange({}, request_body=json.dumps({f"n{n}": 1 for n in range(MAX_NAMES)}).encode()),
        exchange({}, request_body=b"&".join(b"a%d=" % n for n in range(20_000))),
    ],
    ids=["large", "coded", "in a file", "many names", "a flood"],
)
def test_nothing_is_said_of_what_was_not_seen(more):
    assert told(ONE, more, ignore_body=["requestid"]) == []


def test_it_is_a_warning_of_the_config(tmp_path):
    folder = tmp_path / "recordings/a"
    folder.mkdir(parents=True)
    asked = {"method": "GET", "url": "http://a/?page=1", "headers": ["X-Tenant: a"]}
    (folder / "get.json").write_text(json.dumps({"request": asked, "response": {"status": 200}}))
    match = {"headers": ["X-Tenent"], "ignore_query": ["pages"]}
    warnings = build(project(tmp_path, {"record": {"match": match}})).warnings
    assert [warning.path for warning in warnings] == [
        "record.match.headers[0]",
        "record.match.ignore_query[0]",
    ]
