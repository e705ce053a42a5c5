"""What is only Python's: the text of an assertion, and names that the package offers."""

import pytest

import understudy
from tests.kit import get
from understudy import MockServer, UnderstudyError, VerificationError
from understudy.testing.handle import Handle, Space, State


def test_a_server_and_a_space_are_used_alike():
    with MockServer({"endpoints": [{"path": "/a"}]}) as server:
        space = server.space("one")
        assert isinstance(server, Handle)
        assert isinstance(space, Space)
        assert isinstance(space.state, State)
        get(server, "/a")
        assert (len(server.logs(space="")), len(space.logs())) == (1, 0)
        with pytest.raises(UnderstudyError, match="no endpoint 'GET /b'"):
            space.remove("GET /b")


def test_a_failed_verification_reads_well():
    with MockServer({"endpoints": [{"path": "/orders", "method": "POST"}]}) as server:
        for _ in range(2):
            get(server, "/order", "POST")
        with pytest.raises(AssertionError) as caught:
            server.verify("POST", "/orders")
    assert isinstance(caught.value, VerificationError)
    assert isinstance(caught.value, understudy.UnderstudyError)
    assert str(caught.value) == (
        "expected at least 1 of: POST /orders; 0 of 2 requests fit\n"
        "  near: #2 POST /order -> 404 (2 times)\n"
        "    path: expected /orders, found /order"
    )


def test_a_handle_of_a_stopped_server():
    server = MockServer({})
    space = server.space("one")
    for use in (server.verify, server.reset, space.reset, space.logs, lambda: space.state.variables):
        with pytest.raises(UnderstudyError, match="not running"):
            use()


def test_a_report():
    config = {"endpoints": [{"path": "/a", "responses": [{"status": 503}, {"response": 1}]}, {"path": "/b"}]}
    with MockServer(config) as server:
        get(server, "/a")
        get(server, "/a")
        get(server, "/b")
        report = server.report(max_attempts=2, path="/a")
        assert report.requests == 2
        assert [judgement.result for judgement in report.judgements] == ["met"]
        assert [operation.end for operation in report.operations] == ["succeeded"]
        assert server.space("one").report().requests == 0
        with pytest.raises(understudy.ConfigError, match="max_attempt"):
            server.report(max_attempt=2)


def test_a_client_that_does_not_cope():
    with MockServer({"endpoints": [{"path": "/a", "method": "POST", "status": 500}]}) as server:
        assert server.check_resilience().verdict == "untested"
        for _ in range(2):
            get(server, "/a", "POST")
        with pytest.raises(AssertionError) as caught:
            server.check_resilience()
        assert isinstance(caught.value, understudy.ResilienceError)
        assert caught.value.report.verdict == "fail"
        assert "error unsafe-retry [POST /a]: sent POST again" in str(caught.value)
        with pytest.raises(AssertionError, match="breaker true could not be judged"):
            server.space("one").check_resilience(breaker=True)
