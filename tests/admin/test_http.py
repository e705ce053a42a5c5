"""Whatever is sent to a control endpoint: an answer that is not a crash, and the same server afterwards."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import get
from understudy import MockServer
from understudy.admin.app import ROUTES

KEYS = ["path", "name", "method", "match", "response", "status", "variables", "scenarios", "tables", "state"]
KEYS += ["exactly", "in_order", "since", "query", "body", "json", "door", "id", "responses"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"path": st.sampled_from(["/x", "/{a}", "/**"]), "response": JSON}).map(
        lambda value: json.dumps(value).encode()
    ),
    st.fixed_dictionaries(
        {
            "tables": st.dictionaries(
                st.text(max_size=5), st.dictionaries(st.text(max_size=5), JSON, max_size=2), max_size=2
            )
        }
    ).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
)
NAMES = st.text(max_size=12) | st.sampled_from(["GET /a", "door", "\x1f", "a/../b", "%"])
QUERIES = st.sampled_from(
    [
        "",
        "?persist=true",
        "?space=t1",
        "?owner=ada",
        "?space=%E2%98%83",
        "?limit=%C2%B2",
        "?x",
        "?space=%00",
        "?owner=%1F",
    ]
)
TAKING = [route for route in ROUTES if route.method != "GET" and route.path != "/__reload"]


@pytest.fixture(scope="module")
def server():
    config = {
        "endpoints": [
            {"path": "/a", "response": 1, "priority": 1_000_000},
            {"path": "/door", "state": {"scenario": "door", "next": "open"}},
        ]
    }
    with MockServer(config, seed=1) as one:
        yield one


@pytest.mark.parametrize("route", TAKING, ids=lambda route: f"{route.method} {route.path}")
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES, name=NAMES, query=QUERIES)
def test_no_body_and_no_name_breaks_it(server, route, body, name, query):
    path = route.path.replace("{name}", quote(name, safe="", errors="replace"))
    if b"within_s" in body:
        return
    answer = get(server, path + query, route.method, body=body)
    assert answer.status < 500 or answer.status == 507, answer.body
    assert answer.status != 422 or answer.json()["error"]
    assert server.complaints == []
    assert get(server, "/a").json() == 1 or route.path.startswith("/__endpoints")
    if route.path.startswith("/__endpoints"):
        get(server, "/__endpoints", "DELETE")
        get(server, "/__endpoints?space=t1", "DELETE")
