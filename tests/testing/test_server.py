import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import understudy
from tests.kit import get
from understudy import ConfigError, MockServer, UnderstudyError


def read(url):
    with urllib.request.urlopen(url) as response:
        return response.read()


def test_a_server_in_a_with_block(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("endpoints:\n- {path: /a, body: hello}\n")
    with MockServer(file) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert read(server.url + "/a") == b"hello"
        (entry,) = server.logs(path="/a", status=200, method="GET", limit=5)
        assert entry["endpoint"] == "GET /a"
        server.clear_logs()
        assert server.logs() == []
    with pytest.raises(UnderstudyError, match="not running"):
        _ = server.url


def test_servers_nest_and_do_not_meet():
    with MockServer({"endpoints": [{"path": "/a", "response": 1}]}) as outer:
        with MockServer({"endpoints": [{"path": "/a", "response": 2}]}) as inner:
            assert (read(outer.url + "/a"), read(inner.url + "/a")) == (b"1", b"2")
        assert read(outer.url + "/a") == b"1"
        assert len(outer.logs()) == 2


def test_it_can_be_used_from_many_threads():
    config = {"endpoints": [{"path": "/t", "response": "{{ query.n }}"}]}
    with MockServer(config) as server, ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda n: read(f"{server.url}/t?n={n}"), range(100)))
        assert bodies == [f'"{n}"'.encode() for n in range(100)]
        assert all(len(logs) == 100 for logs in pool.map(lambda _: server.logs(), range(8)))


def test_reload_with_another_config():
    with MockServer({"endpoints": [{"path": "/a"}]}) as server:
        assert server.reload({"endpoints": [{"path": "/b"}]}).added == ["GET /b"]
        assert get(server, "/b").status == 200
        assert server.reload().nothing


def test_a_bad_config_never_starts():
    with pytest.raises(ConfigError, match="latency_mss"):
        MockServer({"endpoints": [{"path": "/a", "latency_mss": 1}]}).start()


def test_a_port_in_use():
    with MockServer({}) as first, pytest.raises(understudy.UnderstudyError, match=f"port {first.port}"):
        MockServer({}, port=first.port).start()


def test_it_starts_and_stops_again():
    server = MockServer({"endpoints": [{"path": "/a"}]})
    server.stop()
    for _ in range(2):
        with server:
            assert get(server, "/a").status == 200
            with pytest.raises(UnderstudyError, match="is running"):
                server.start()
    server.stop()


def test_nothing_is_left_behind():
    before = threading.active_count()
    for _ in range(5):
        with MockServer({}):
            pass
    assert threading.active_count() == before


def test_a_store_that_cannot_be_opened_is_told_at_once(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    server = MockServer({"state": {"store": "missing/state.db"}})
    with pytest.raises(UnderstudyError, match="the folder is missing"):
        server.start()
    with pytest.raises(UnderstudyError, match="the folder is missing"):
        server.start()


def test_the_same_seed_gives_the_same_failures_under_concurrency():
    config = {"endpoints": [{"path": f"/{name}", "failure_rate": 0.5, "name": name} for name in "abc"]}

    def decisions(seed):
        with MockServer(config, seed=seed) as server:
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(lambda n: get(server, f"/{'abc'[n % 3]}").status, range(300)))
            return sorted(
                (entry["endpoint"], entry["decision"]["n"], entry["status"]) for entry in server.logs()
            )

    first = decisions(5)
    assert first == decisions(5)
    assert first != decisions(6)


def test_the_package_offers_its_names():
    assert set(understudy.__all__) <= set(dir(understudy)) | set(understudy._HOMES)
    for name in understudy.__all__:
        assert getattr(understudy, name).__name__ == name
    with pytest.raises(AttributeError, match="MockServr"):
        _ = understudy.MockServr
