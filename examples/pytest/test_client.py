"""A client with retries, and its tests against a mock that misbehaves as asked."""

from collections.abc import Iterator

import pytest
import requests

from understudy import MockServer

CONFIG = {
    "endpoints": [
        {"path": "/users/{id:int}", "response": {"id": "{{ params.id }}", "name": "Ada"}},
        {"path": "/users/13", "status": 404, "response": {"error": "no such user"}},
        {"path": "/reports", "failure_rate": 0.5, "failure": 503, "response": {"pages": 3}},
        {"path": "/slow", "latency_ms": 60_000},
    ]
}


class Client:
    """What is tested: in your project it would be imported."""

    def __init__(self, url: str, timeout_s: float = 2.0) -> None:
        self.url = url
        self.timeout_s = timeout_s

    def get(self, path: str, attempts: int = 5) -> dict | None:
        for _ in range(attempts):
            answer = requests.get(self.url + path, timeout=self.timeout_s)
            if answer.status_code == 404:
                return None
            if answer.status_code < 500:
                return answer.json()
        raise RuntimeError(f"{path} failed {attempts} times")


@pytest.fixture
def api() -> Iterator[MockServer]:
    with MockServer(CONFIG, seed=3) as server:
        yield server


def test_a_user(api):
    assert Client(api.url).get("/users/7") == {"id": 7, "name": "Ada"}


def test_no_such_user(api):
    assert Client(api.url).get("/users/13") is None


def test_it_tries_again(api):
    assert Client(api.url).get("/reports") == {"pages": 3}
    *failed, last = [request["status"] for request in api.logs(path="/reports")]
    assert last == 200
    assert failed == [503] * len(failed)


def test_it_gives_up(api):
    api.reload({"endpoints": [{"path": "/reports", "failure_rate": 1}]})
    with pytest.raises(RuntimeError, match="failed 3 times"):
        Client(api.url).get("/reports", attempts=3)
    assert len(api.logs(path="/reports")) == 3


def test_it_does_not_wait_for_ever(api):
    with pytest.raises(requests.Timeout):
        Client(api.url, timeout_s=0.1).get("/slow")
