import http.client
import subprocess
import sys

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from tests.kit import get, wait_for
from understudy.admin.metrics import MAX_SERIES, OTHER, bounded


def samples(server, parse=prometheus, headers=""):
    answer = get(server, "/__metrics", headers=headers)
    assert answer.status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse(answer.body.decode())
        for sample in family.samples
    }


@pytest.fixture
def server(serve):
    return serve(
        {
            "endpoints": [
                {"path": "/a", "failure_rate": 1, "group": 'odd "name"\n'},
                {"path": "/b", "rate_limit": "1/h"},
                {"path": "/slow", "latency_ms": 60_000},
                {"path": "/c", "name": 'odd "name"\n'},
            ]
        },
        seed=5,
    )


def test_what_is_counted(server):
    for target in ("/a", "/b", "/b", "/c", "/nowhere"):
        get(server, target)
    server.inject("latency", ms=1)
    get(server, "/c")
    found = samples(server)
    assert found["understudy_requests_total",] == 6
    assert found["understudy_faults_injected_total", "GET /a", "failure", "failure_rate"] == 1
    assert found["understudy_faults_injected_total", 'odd "name"\n', "latency", "live 1"] == 1
    (limited,) = [value for key, value in found.items() if key[:3:2] == (key[0], "rate_limit")]
    assert limited == 1
    assert found["understudy_log_entries",] == 6
    assert found["understudy_log_bytes",] > 6
    assert found["understudy_live_faults",] == 1
    assert found["understudy_endpoints",] == 4
    assert found["understudy_connections",] >= 1
    assert found["understudy_uptime_seconds",] >= 0
    (about,) = [key for key in found if key[0] == "understudy_info"]
    assert "5" in about


def test_what_happens_now(server):
    server.inject("hang", endpoint="/c")
    connections = []
    for target in ("/slow", "/c"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", target)
        connections.append(connection)
    wait_for(lambda: samples(server)["understudy_requests_in_flight",] == 2)
    found = samples(server)
    assert found["understudy_chaos_requests",] == 1
    assert found["understudy_connections",] == 3, "that of the one who asks as well"
    for connection in connections:
        connection.close()
    wait_for(lambda: samples(server)["understudy_requests_in_flight",] == 0)
    assert samples(server)["understudy_chaos_requests",] == 0


def test_both_text_formats(server):
    plain = get(server, "/__metrics")
    assert plain.header("content-type").startswith("text/plain; version=")
    asked = "Accept: application/openmetrics-text; version=1.0.0\r\n"
    answer = get(server, "/__metrics", headers=asked)
    assert answer.header("content-type").startswith("application/openmetrics-text")
    assert answer.body.endswith(b"# EOF\n")
    assert samples(server, openmetrics, asked)["understudy_requests_total",] == 0


def test_labels_are_bounded():
    injected = {(f"e{number}", "error", "live"): 1 for number in range(MAX_SERIES + 50)}
    told = bounded(injected)
    assert len(told) == MAX_SERIES + 1
    assert told[OTHER, "error", OTHER] == 50
    assert told.total() == MAX_SERIES + 50


def test_a_parameter_is_a_mistake(server):
    assert get(server, "/__metrics?x=1").status == 400


def test_their_library_is_imported_when_they_are_asked_for():
    code = "import sys, understudy.admin.app; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
