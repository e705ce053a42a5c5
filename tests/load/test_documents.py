"""Documents that a config names."""

import pytest

from understudy.errors import ConfigError, Problem
from understudy.load import load
from understudy.load.driven import Driven, Expanded
from understudy.load.fault import Fault
from understudy.model import Endpoint


def loaded(expanded, **config):
    return load({"openapi": "a.yaml", **config}, expand=lambda settings, folder, opened: expanded)


def expanded(*endpoints, **more):
    return Expanded([(endpoint, Driven(None, 0, None)) for endpoint in endpoints], **more)


def test_operations_come_after_the_endpoints_with_the_defaults_filled_in():
    found = loaded(expanded(Endpoint(path="/b")), endpoints=[{"path": "/a"}], defaults={"latency_ms": 5})
    assert found.names == ("GET /a", "GET /b")
    assert [endpoint.latency_ms for endpoint in found.config.endpoints] == [5, 5]
    assert found.origins.entries[0].driven is None
    assert found.origins.entries[1].driven is not None
    assert found.origins.written(1) == {"path": "/b", "method": "GET"}


def test_names_are_unique():
    found = loaded(
        expanded(
            Endpoint(path="/b", name="x"), Endpoint(path="/c", name="x"), Endpoint(path="/d", name="own")
        ),
        endpoints=[{"path": "/a", "name": "own"}],
    )
    assert found.names == ("own", "x", "GET /c")


def test_the_schemes_of_the_config_go_before_those_of_documents():
    theirs = {
        "key": {"api_key": {"header": "X-Theirs", "keys": "any"}},
        "more": {"bearer": {"tokens": "any"}},
    }
    found = loaded(
        expanded(Endpoint(path="/b"), schemes=theirs), auth={"schemes": {"key": {"api_key": "mine"}}}
    )
    assert found.config.auth.schemes["key"].api_key == "mine"
    assert found.config.auth.schemes.keys() == {"key", "more"}


def test_faults_are_of_the_key_and_problems_of_the_document():
    with pytest.raises(ConfigError) as raised:
        loaded(expanded(faults=[Fault("wrong", ("spec",))], problems=(Problem("broken", "a.yaml", 3),)))
    first, second = raised.value.problems
    assert (first.path, second.line) == ("openapi.spec", 3)


def test_warnings_and_files_are_those_of_the_config(tmp_path):
    found = loaded(expanded(warnings=(Problem("odd"),), files=(tmp_path / "a.yaml",)))
    assert found.warnings == (Problem("odd"),)
    assert found.files == (tmp_path / "a.yaml",)


def test_an_operation_whose_place_is_taken_is_no_mistake():
    found = loaded(expanded(Endpoint(path="/a/{id}")), endpoints=[{"path": "/a/{other}"}])
    assert found.warnings == ()


def test_operations_that_two_documents_have_are_warned_of():
    found = load(
        {"openapi": ["a.yaml", {"spec": "b.yaml"}]},
        expand=lambda settings, folder, opened: expanded(
            Endpoint(path="/a/{id}" if settings.spec == "a.yaml" else "/a/{key}"),
            Endpoint(path="/b", method="POST"),
            Endpoint(path=f"/{settings.spec}"),
        ),
    )
    (warning,) = found.warnings
    assert warning.message == "an earlier document answers GET /a/{} and 1 more: a `prefix` tells them apart"
    assert (warning.path, warning.found) == ("openapi[1]", "b.yaml")
