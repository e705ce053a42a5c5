"""What json-server itself has answered (`record_json_server.py`) is answered here, but for what is listed."""

import json

import pytest

from tests.formats.record_json_server import DATABASE, RECORDED, ROUTES
from tests.simulate.kit import Bench

CASES = [(version, *row) for version, rows in json.loads(RECORDED.read_text()).items() for row in rows]
NUMBERS = "1.0 reads 1 in a query as a number, which is not the text that its ids are; here it fits both"
DIFFERENT = {
    ("v1.0.0-beta.15", "GET /posts?id_ne=1"): NUMBERS,
    ("v1.0.0-beta.15", "GET /users?name=Ada&id=2"): NUMBERS,
    ("v1.0.0-beta.15", "GET /posts?id:in=1,3"): NUMBERS,
    ("v1.0.0-beta.15", "GET /posts?_page=1"): "a page that is asked for without its size is one of 0.17",
    ("v1.0.0-beta.15", "POST /users"): "1.0 passes over the id of a new record; here it is kept, as in 0.17",
}


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "db.json").write_text(json.dumps(DATABASE))
    (tmp_path / "routes.json").write_text(json.dumps(ROUTES))
    return Bench(tmp_path / "db.json")


@pytest.mark.parametrize(
    ("version", "method", "target", "body", "status", "content"), CASES, ids=lambda value: str(value)[:40]
)
def test_answers(version, method, target, body, status, content, bench):
    reply = bench.reply(target, method, **({} if body is None else {"body": body}))
    found = json.loads(reply.body) if reply.body else None
    if status >= 400:  # what stands in the reply is said in other words
        found = content = None
    why = DIFFERENT.get((version, f"{method} {target}"))
    assert ((reply.status, found) == (status, content)) is (why is None), why
