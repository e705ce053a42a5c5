import pytest

from understudy.errors import ConfigError
from understudy.load import load

FILES = {
    "config.yaml": """\
        port: 80
        include: [list.yaml, one.yaml]
        defaults:
          latency_ms: 5
          headers:
            X-Main: "{{ x }}"
        endpoints:
          - path: /a
            headers: {X-Own: 1}
            response:
              users:
                - 1
        """,
    "list.yaml": "- path: /b\n- path: /c\n  response:\n    x: 1",
    "one.yaml": "path: /d\nstatus: 201",
}


def test_locate(loaded):
    got = loaded(FILES)

    assert got.locate(()) == ("config.yaml", 1)
    assert got.locate(("port",)) == ("config.yaml", 1)
    assert got.locate(("endpoints", 0, "response", "users", 0)) == ("config.yaml", 12)
    assert got.locate(("endpoints", 0, "response", "nobody")) == ("config.yaml", 10)
    assert got.locate(("endpoints", 2, "response", "x")) == ("list.yaml", 4)
    assert got.locate(("endpoints", 3, "status")) == ("one.yaml", 2)
    assert got.locate(("endpoints", 99)) == ("config.yaml", 7)


def test_what_a_default_filled_is_found_there(loaded):
    got = loaded(FILES)

    assert got.locate(("endpoints", 0, "latency_ms")) == ("config.yaml", 4)
    assert got.locate(("endpoints", 0, "headers", "X-Main")) == ("config.yaml", 6)
    assert got.locate(("endpoints", 0, "headers", "X-Own")) == ("config.yaml", 9)
    assert got.locate(("endpoints", 0, "headers")) == ("config.yaml", 9)
    assert got.locate(("endpoints", 3, "headers", "x-main")) == ("config.yaml", 6)
    assert got.locate(("endpoints", 3, "failure", "status")) == ("one.yaml", 1)


def test_problem(loaded):
    got = loaded(FILES)

    assert str(
        got.problem(("endpoints", 2, "response", "x"), "wrong", found="1", accepted="2", suggestion="3")
    ) == ("list.yaml:4  [1].response.x\n  wrong\n  found: 1\n  accepted: 2\n  did you mean 3?")
    assert got.problem(("endpoints", 3, "status"), "wrong").path == "status"
    assert got.problem(("endpoints", 1, "headers", "X-Main"), "wrong").path == 'defaults.headers["X-Main"]'


def test_without_a_file_there_are_paths_only():
    problem = load({"endpoints": [{"path": "/a"}]}).problem(("endpoints", 0, "path"), "wrong")

    assert (problem.file, problem.line, problem.path) == (None, None, "endpoints[0].path")


def test_resolve(loaded, tmp_path):
    got = loaded(FILES)
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "in").symlink_to(tmp_path / "x")

    assert got.resolve("a/../b.txt") == tmp_path.resolve() / "b.txt"
    assert got.resolve("in/y") == tmp_path.resolve() / "x" / "y"
    assert got.resolve(str(tmp_path / "b.txt")) == tmp_path.resolve() / "b.txt"
    for outside in ("..", "../x", "/etc/passwd", "out/passwd", "a\0b"):
        with pytest.raises(ConfigError):
            got.resolve(outside)
