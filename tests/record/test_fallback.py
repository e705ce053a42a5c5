"""What becomes of requests that no endpoint takes."""

import pytest

from tests.kit import ask, get
from tests.record.live import Real, n, only, project, told
from understudy.build import build
from understudy.errors import ConfigError


@pytest.fixture
def real():
    with Real() as server:
        yield server


def through(server, real, path="/a", host="127.0.0.1", headers=""):
    """A plain request of a client whose proxy the server is (RFC 9112 section 3.2.2)."""
    target = f"http://{host}:{real.port}{path}"
    return ask(server, f"GET {target} HTTP/1.1\r\nHost: {host}:{real.port}\r\n{headers}\r\n")


# --- endpoints go first -------------------------------------------------------------------------------------


def test_endpoints_and_files_go_first(serve, real, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "x.txt").write_text("file")
    config = {
        "proxy": real.url,
        "static": [{"path": "/site", "folder": "site"}],
        "endpoints": [
            {"path": "/mine", "response": {"n": 0}},
            {"path": "/**", "method": "PUT", "status": 204},
        ],
    }
    server = serve(project(tmp_path, config))
    assert n(server, "/mine") == 0
    assert get(server, "/site/x.txt").body == b"file"
    assert get(server, "/site/nosuch").status == 404
    assert n(server, "/other") == 1
    assert get(server, "/mine", "DELETE").json()["line"] == "DELETE /mine HTTP/1.1"
    assert get(server, "/any", "PUT").status == 204
    assert get(server, "/site/x.txt", "POST").json()["n"] == 3
    assert get(server, "/__record").status == 200, "control endpoints are never passed on"


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"proxy": "http://a"}, "proxy"),
        ({"forward_proxy": True}, "forward proxy"),
        ({"record": "kept"}, "recording"),
        ({"proxy": "http://a", "forward_proxy": True, "record": True}, "proxy"),
        ({"proxy": "http://a", "endpoints": [{"path": "/a", "name": "proxy"}]}, "proxy 2"),
    ],
)
def test_its_name_in_the_log(tmp_path, config, name):
    (tmp_path / "kept").mkdir()
    assert build(project(tmp_path, config)).endpoints[-1].name == name


@pytest.mark.parametrize("config", [{}, {"record": False}, {"forward_proxy": False}])
def test_none_is_made_unless_it_is_asked_for(tmp_path, config):
    assert build(project(tmp_path, config)).endpoints == ()


def test_problems_of_it_have_their_place(tmp_path):
    with pytest.raises(ConfigError) as caught:
        build(project(tmp_path, {"proxy": {"target": "https://a", "tls": {"ca_file": "nosuch"}}}))
    assert caught.value.problems[0].path.startswith("proxy.tls.ca_file")


# --- a proxy of clients -------------------------------------------------------------------------------------


def test_a_forward_proxy_records(serve, real, tmp_path):
    server = serve(project(tmp_path, {"forward_proxy": True, "record": {"mode": "once"}}))
    assert [through(server, real).json()["n"] for _ in range(2)] == [1, 1]
    [listed] = told(server, "/__record/exchanges")["exchanges"]
    assert listed["url"] == f"{real.url}/a"


def test_who_asks_it_directly_is_told(serve, tmp_path):
    server = serve(project(tmp_path, {"forward_proxy": True}))
    answer = get(server, "/a")
    assert answer.status == 421
    assert "HTTP_PROXY" in answer.json()["message"]


def test_endpoints_answer_for_hosts_that_are_looked_into(serve, real, tmp_path):
    config = {"forward_proxy": {"hosts": ["127.0.0.1"]}, "endpoints": [{"path": "/a", "response": {"n": 0}}]}
    server = serve(project(tmp_path, config))
    assert through(server, real).json() == {"n": 0}


def test_other_hosts_are_passed_on_untouched(serve, real, tmp_path):
    config = {
        "forward_proxy": {"hosts": ["api.example.com"]},
        "record": {"mode": "record"},
        "endpoints": [{"path": "/a", "response": {"n": 0}}],
        "defaults": {"failure_rate": 1},
    }
    server = serve(project(tmp_path, config))
    server.inject("error", status=503)
    asks = f"X-Understudy-Record: record\r\nAuthorization: Bearer {'sk_' + 'live_51H8x2Kd9QmZr7LpWv3T'}\r\n"
    assert through(server, real, headers=asks).json()["n"] == 1
    assert only(server)["exchanges"] == 0
    [entry] = server.logs()
    assert (entry["endpoint"], entry["path"], entry["faults"]) == ("forward proxy", "/a", [])
    assert "sk_" not in str(entry["headers"])


def test_large_bodies_to_other_hosts_are_passed_on_as_they_come(serve, real, tmp_path):
    config = {"forward_proxy": {"hosts": ["api.example.com"]}, "limits": {"max_body_bytes": 100_000}}
    server = serve(project(tmp_path, config))
    body = b"x" * 1_000_000
    head = f"POST {real.url}/a HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
    assert ask(server, head.encode() + body).json()["n"] == 1
    assert real.asked[0].body == body


def test_other_hosts_may_be_refused(serve, real, tmp_path):
    server = serve(project(tmp_path, {"forward_proxy": {"hosts": ["a.example.com"], "others": "refuse"}}))
    assert through(server, real).status == 403
    assert real.count == 0


@pytest.mark.parametrize(
    ("settings", "raw", "passes"),
    [
        ({"hosts": ["a.example.com"]}, b"http://b.example.com/x", True),
        ({"hosts": ["a.example.com"]}, b"http://A.Example.com:81/x", False),
        ({"hosts": ["*.example.com"]}, b"http://b.example.com", False),
        ({"hosts": ["::1"]}, b"http://[::1]:81/", False),
        ({"hosts": ["a.example.com"]}, b"/x", False),
        ({"hosts": ["a.example.com"]}, b"http://", False),
        ({"hosts": ["a.example.com"]}, b"http://[/", False),
    ],
)
def test_what_is_outside(tmp_path, settings, raw, passes):
    from understudy.request import Request

    outside = build(project(tmp_path, {"forward_proxy": settings})).outside
    assert (outside(Request("GET", raw)) is not None) is passes


def test_where_all_hosts_are_looked_into_nothing_is_outside(tmp_path):
    assert build(project(tmp_path, {"forward_proxy": True})).outside is None
    settings = {"hosts": ["a"], "others": "refuse"}
    assert build(project(tmp_path, {"forward_proxy": settings})).outside is None
