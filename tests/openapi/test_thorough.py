"""Whole documents read at once."""

from tests.openapi.served import PETS, served
from understudy.openapi.thorough import read_all


def test_what_a_server_would_find_late_is_found_at_once(tmp_path):
    pets = served(tmp_path, PETS.replace("#/components/schemas/Pet", "#/components/schemas/Dog"))
    assert pets.program.warnings == ()
    found = read_all(pets.program.loaded)
    assert found
    assert all("leads nowhere" in problem.message for problem in found)
    assert all(problem.line is not None for problem in found)


def test_a_document_without_mistakes_has_no_warnings(tmp_path):
    pets = served(tmp_path)
    assert read_all(pets.program.loaded) == ()


def test_an_operation_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    from understudy.openapi import ready

    def fail(*_):
        raise RecursionError

    pets = served(tmp_path)
    monkeypatch.setattr(ready, "_read", fail)
    assert len(read_all(pets.program.loaded)) == 3


def test_examples_that_do_not_fit_their_schemas_are_told(tmp_path):
    pets = served(tmp_path, PETS.replace("{ id: 1, name: Rex }", "{ id: 1, name: 5 }"))
    (problem,) = read_all(pets.program.loaded)
    assert "0.name must be string" in problem.message
    assert problem.line == 19
