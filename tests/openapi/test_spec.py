"""A document as it is served."""

import json

import pytest

from tests.openapi.served import PETS
from understudy.errors import ConfigError
from understudy.formats.openapi.document import Library
from understudy.formats.read import text_source
from understudy.model import OpenApi
from understudy.openapi import spec as module
from understudy.openapi.spec import Spec


def spec(text=PETS):
    return Spec(text_source(text, "pets.yaml", ".yaml"), Library())


def test_operations_are_read_once_and_when_they_are_asked_for():
    pets = spec()
    assert [head.path for head in pets.heads] == ["/pets", "/pets", "/pets/{petId}"]
    assert pets.operation(2).id == "getPet"
    assert pets.operation(2) is pets.operation(2)
    assert pets.is_new
    assert pets.api.title == "Pets"


def test_an_operation_has_a_place():
    assert spec().origin(0) == ("pets.yaml", 8)


def test_a_path_has_the_names_of_its_parameters():
    path = spec().path(2, OpenApi(spec="pets.yaml", prefix="/a/"))
    assert (path.text, path.names) == ("/a/v1/pets/{petId}", {"petId": "petId"})


def test_there_may_not_be_too_many_operations(monkeypatch):
    monkeypatch.setattr(module, "MAX_OPERATIONS", 2)
    with pytest.raises(ConfigError, match="more than 2 operations"):
        spec()


def test_what_leads_nowhere_is_no_concern_of_following():
    document = {
        "openapi": "3.1.0",
        "paths": {"/a": {"$ref": "other.yaml"}, "/b": {"x": [{"externalValue": "a.png"}]}},
    }
    one = spec(json.dumps(document))
    one.follow()
    assert [head.path for head in one.heads] == []


def test_what_is_no_document_is_refused():
    with pytest.raises(ConfigError):
        spec("openapi: 4.0.0\npaths: {}\n")
