import json

import pytest

from tests.simulate.kit import Bench
from understudy import ConfigError
from understudy.build import build
from understudy.load.json_server import is_database

DATABASE = {
    "posts": [{"id": 1, "title": "${NOT_SET} {{ nothing }}"}],
    "odd name's/{x}": [{"id": 1}],
    "profile": {"name": "typicode"},
}


def test_a_json_server_file_is_served_as_it_is(tmp_path):
    file = tmp_path / "db.json"
    file.write_text(json.dumps(DATABASE))
    bench = Bench(file)
    assert bench.program.loaded.names == (
        "resource /posts",
        "resource /odd%20name%27s%2F%7Bx%7D",
        "resource /profile",
        "GET /db",
        "GET /",
    )
    assert bench.json("/posts") == DATABASE["posts"]
    assert bench.json("/odd%20name%27s%2F%7Bx%7D/1") == {"id": 1}
    assert bench.json("/profile") == DATABASE["profile"]
    bench.reply("/posts", "POST", body={})
    assert len(bench.json("/db")["posts"]) == 2
    page = bench.text("/")
    assert '<a href="/posts">/posts</a> <span>2</span>' in page
    assert "prefers-color-scheme" in page
    assert file.read_text() == json.dumps(DATABASE)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"posts": []}, True),
        ({"posts": [{"id": 1}], "profile": {}}, True),
        ({"$schema": "x", "posts": [{"id": 1}]}, True),
        ({}, False),
        ({"server": {"port": 80}}, False),
        ([{"id": 1}], False),
        ({"posts": [1]}, False),
        ({"posts": [{"id": 1}], "port": 80}, False),
        ({"endpoints": []}, False),
        ({"endpoint": [{"path": "/a"}]}, False),
        ({"routes": [{"path": "/a", "response": 1}]}, False),
        ({"routes": [{"id": 1, "path": "/a", "name": "no endpoint"}]}, True),
        ({"users": [{"name": "no id"}]}, False),
        ({"openapi": "3.0.0", "paths": {}}, False),
    ],
)
def test_what_is_a_database(data, expected):
    assert is_database(data) is expected


def test_a_database_below_a_path(tmp_path):
    bench = Bench(
        {
            "database": {"a": [{"id": 1}]},
            "endpoints": [{"path": "/api", "resource": {"collection": "*", "read_only": True}}],
        }
    )
    assert bench.json("/api/a/1") == {"id": 1}
    assert bench.json("/api/db") == {"a": [{"id": 1}]}
    assert bench.status("/api/a", "POST", body={}) == 405
    assert '<a href="/api/a">' in bench.text("/api")


def test_a_mistake_in_the_data_has_its_place(tmp_path):
    file = tmp_path / "db.json"
    file.write_text('{\n  "posts": [\n    {"id": 1},\n    {"id": 1}\n  ]\n}')
    with pytest.raises(ConfigError) as error:
        build(file)
    [problem] = error.value.problems
    assert (problem.line, problem.path) == (4, "posts[1]")


def test_a_broken_file_is_told_as_any_other(tmp_path):
    file = tmp_path / "db.json"
    file.write_text('{"posts": [}')
    with pytest.raises(ConfigError, match=r"db\.json"):
        build(file)
