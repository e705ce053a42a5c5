"""Spaces: what one test does, another does not see."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.admin.kit import control, in_space
from tests.kit import get
from understudy import UnderstudyError, VerificationError

COUNT = {"path": "/count", "state": {"add": {"n": 1}}, "response": "{{ state.n }}"}


@pytest.fixture
def server(endpoints):
    return endpoints(COUNT)


def test_listed_and_dropped(server):
    in_space(server, "/count", "one")
    in_space(server, "/nothing", "two")
    control(server, "POST", "/__endpoints", {"path": "/x"}, space="three")
    get(server, "/count")
    assert control(server, "GET", "/__spaces").json()["spaces"] == [
        {"name": "one", "endpoints": 0, "requests": 1, "state": True, "faults": 0},
        {"name": "three", "endpoints": 1, "requests": 0, "state": False, "faults": 0},
        {"name": "two", "endpoints": 0, "requests": 1, "state": False, "faults": 0},
    ]
    dropped = control(server, "DELETE", "/__spaces/one").json()
    assert (dropped["state"], dropped["requests"], dropped["endpoints"]) == (1, 1, 0)
    control(server, "DELETE", "/__spaces/three")
    assert [one["name"] for one in control(server, "GET", "/__spaces").json()["spaces"]] == ["two"]
    assert in_space(server, "/x", "three").status == 404
    assert get(server, "/count").json() == 2
    assert control(server, "DELETE", "/__spaces/").status == 404


def test_the_log_of_a_space(server):
    in_space(server, "/count", "one")
    get(server, "/count")
    count = lambda path, **options: control(server, "GET", path, **options).json()["count"]  # noqa: E731
    assert [
        count("/__logs"),
        count("/__logs?space=one"),
        count("/__logs?space="),
        count("/__logs?space=no"),
    ] == [2, 1, 1, 0]
    assert count("/__logs", space="one") == 1
    assert control(server, "DELETE", "/__logs", space="one").json()["count"] == 1
    assert count("/__logs") == 1
    assert control(server, "DELETE", "/__logs").json()["count"] == 1


def test_another_header(serve):
    server = serve({"space_header": "X-Test", "endpoints": [COUNT]})
    assert server.space("one").headers == {"X-Test": "one"}
    assert get(server, "/count", headers="x-test: one\r\n").json() == 1
    assert get(server, "/count").json() == 1


def test_parallel_tests_do_not_meet(server):
    """Each has endpoints, state and log of its own, at the same time."""

    def one_test(number):
        space = server.space(f"test-{number}")
        [name] = space.add({"path": "/who", "response": number})
        for expected in (1, 2, 3):
            assert in_space(server, "/count", space.name).json() == expected
            assert in_space(server, "/who", space.name).json() == number
        space.verify(path="/who", exactly=3)
        assert len(space.logs()) == 6
        assert space.state.variables == {"n": 3}
        space.remove(name)
        assert in_space(server, "/who", space.name).status == 404
        space.reset()
        assert (space.logs(), space.state.variables) == ([], {})
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one_test, range(24))) == list(range(24))
    assert server._server.reloader.layers == {}
    assert server._server.program.spaces == {}


def test_reset_of_the_whole_server(server):
    server.add({"path": "/all"})
    server.space("one").add({"path": "/one"})
    in_space(server, "/count", "one")
    get(server, "/count")
    server.reset()
    assert control(server, "GET", "/__spaces").json() == {"spaces": []}
    assert (server.logs(), server.state.variables) == ([], {})
    assert (get(server, "/all").status, in_space(server, "/one", "one").status) == (404, 404)


def test_a_space_in_python(server):
    space = server.space("one")
    assert space.url == server.url
    in_space(server, "/count", "one")
    get(server, "/count")
    assert len(space.logs(path="/count")) == 1
    with pytest.raises(VerificationError):
        space.verify(path="/count", exactly=2)
    space.clear_logs()
    assert len(server.logs()) == 1
    for name in ("", " a", "a\nb", "☃", "x" * 300):
        with pytest.raises(UnderstudyError):
            server.space(name)
