import pytest

from tests.kit import Wire, get, wait_for
from understudy import ConfigError, MockServer

CONFIG = {"connections": {"max_requests": 50}, "endpoints": [{"path": "/a", "response": 1}]}
JSON = "Content-Type: application/json\r\n"


@pytest.fixture
def server():
    with MockServer(CONFIG, seed=1) as server:
        yield server


def put(server, body):
    return get(server, "/__connections", "PUT", JSON, body)


def test_what_is_followed_is_shown(server):
    shown = get(server, "/__connections").json()
    assert shown["definition"]["max_requests"] == 50
    assert shown["live"] is False
    assert shown["listening"] is True


def test_connections_fail_from_now_on_until_they_are_mended(server):
    # the first two connections after the change are reset; the third one gets through to mend them
    assert put(server, b'{"faults": [{"kind": "reset", "when": {"first": 2}}]}').json()["live"] is True
    for _ in range(2):
        with pytest.raises((ConnectionResetError, EOFError)):  # as early as while it connects
            get(server, "/a")
    shown = get(server, "/__connections").json()
    assert shown["injected"] == {"reset": 2}
    assert get(server, "/__connections", "DELETE").status == 200
    assert get(server, "/__connections").json()["live"] is False
    assert get(server, "/a").json() == 1


def test_mistakes_change_nothing(server):
    answer = put(server, b'{"faults": [{"kind": "rest"}]}')
    assert answer.status == 422
    (problem,) = answer.json()["problems"]
    assert problem["path"] == "faults[0].kind"
    assert "reset" in problem["suggestion"]
    assert get(server, "/__connections").json()["live"] is False


def test_from_a_test(server):
    with pytest.raises(ConfigError):
        server.break_connections(faults=[{"kind": "refuse"}])
    server.break_connections(faults=[{"kind": "close"}])
    with Wire(server) as wire:
        assert wire.is_closed()
    server.reset()
    assert get(server, "/a").json() == 1


def test_nothing_listens_for_a_time_that_counts_from_now(server):
    window = {"window": {"after_s": 0, "for_s": 0.2}}
    server.break_connections(faults=[{"kind": "refuse", "when": window}])

    def is_back():
        try:
            return get(server, "/a").status == 200
        except OSError:
            return False

    assert wait_for(is_back)
    assert get(server, "/__connections").json()["injected"] == {"refuse": 1}
