"""Requests that Prism has judged are judged as Prism did, word by word."""

import json
from pathlib import Path

import pytest

from tests.openapi.kit import api_of
from understudy.formats.openapi.paths import path_of
from understudy.match.path import PathPattern
from understudy.openapi.requests import compile_requests
from understudy.request import Request, canonical_path

SUITE = json.loads(
    (Path(__file__).parent.parent / "corpus" / "prism" / "requests.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def operations():
    found = {}
    for one in api_of(SUITE["document"]).operations:
        path = path_of(one)
        pattern = PathPattern(path.text.replace(":int", ""))  # Prism's paths have no types
        found[one.method, one.path] = (pattern, compile_requests(one, path, is_new=True))
    return found


@pytest.mark.parametrize(
    "case", SUITE["requests"], ids=lambda case: f"{case['method']} {case['target']} {case['body'][:40]}"
)
def test_the_same_is_wrong(case, operations):
    headers = [(name.encode(), value.encode()) for name, value in case["headers"].items()]
    request = Request(case["method"], case["target"].encode(), headers, case["body"].encode())
    request.path = canonical_path(request.raw_target.partition(b"?")[0])
    incoming = None
    for (method, _), (pattern, compiled) in operations.items():
        params = pattern.match(request.path)
        if method == request.method and params is not None:
            incoming, request.params = compiled, params

    assert incoming.media_refused(request) is None
    found = [one.as_json() for one in incoming.look(request)]
    # which of two at the same place comes first is the library's choice
    assert sorted(found, key=str) == sorted(case["violations"], key=str)
