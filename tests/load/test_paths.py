import pytest

from understudy.load.paths import path_faults, path_key, path_warning
from understudy.match.path import PARAMETER_TYPES as COMPILED
from understudy.model.endpoint import PARAMETER_TYPES


@pytest.mark.parametrize(
    "path",
    ["/", "//", "/a//b", "/{x}", "/v{x}.json", "/{a:int}-{b:uuid}", "/{x:path}/more", "/**/x", "*", "/a*b"],
)
def test_good_paths(path):
    assert list(path_faults(path)) == []


@pytest.mark.parametrize(
    "path", ["/{", "/}", "/{a}}", "/{{a}}", "/{a{b}}", "/{}", "/{a b}", "/{a:}", "/{a:Int}", "/{a}{a}"]
)
def test_bad_paths(path):
    assert list(path_faults(path))


def test_the_types_are_those_that_can_be_compiled():
    assert set(PARAMETER_TYPES) == set(COMPILED)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/:id", '"/{id}"'),
        ("/a/:id/:other", '"/a/{id}/{other}"'),
        ("/<id>", '"/{id}"'),
        ("/a/<int:id>/b", '"/a/{id}/b"'),
    ],
)
def test_paths_of_other_tools(path, meant):
    assert path_warning(path)[1] == meant


@pytest.mark.parametrize("path", ["/a:b", "/{id:int}", "/a/:", "/a<b"])
def test_paths_that_only_look_like_it(path):
    assert path_warning(path) is None


def test_path_key():
    assert path_key("/{a}/{b:int}") == path_key("/{x:str}/{y:int}")
    assert path_key("/{a}") != path_key("/{a:int}")
