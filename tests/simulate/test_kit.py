import pytest

from understudy.load import load
from understudy.simulate.kit import Kit, where_path


@pytest.fixture
def kit(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    return Kit(load({}, folder=tmp_path), {})


def test_files_that_are_read_are_watched(kit, tmp_path):
    assert kit.read("a.txt", ("x",)) == b"hello"
    assert kit.files == [(tmp_path / "a.txt").resolve()]


@pytest.mark.parametrize(("name", "says"), [("../a.txt", "outside"), ("b.txt", "cannot be read")])
def test_files_that_cannot_be_read_are_problems(kit, name, says):
    assert kit.read(name, ("endpoints", 0)) is None
    (problem,) = kit.problems
    assert says in problem.message


def test_templates(kit):
    assert kit.json({"a": 1}, "x", ()) == b'{"a":1}'
    assert kit.text("plain", "x", ()) == "plain"
    assert kit.text("{{ 1 + 1 }}", "x", ())() == "2"
    kit.json("{{ nonsense }}", "x.y[0]", ("endpoints", 3))
    (problem,) = kit.problems
    assert problem.path == "endpoints[3].x.y[0]"
    assert problem.found == "nonsense"


def test_where_a_template_stands():
    assert where_path("response.users[0].name") == ("response", "users", 0, "name")
