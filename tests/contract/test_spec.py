"""A document that has been read, and how its paths are compared."""

import pytest

from tests.contract.kit import document, spec
from understudy import ConfigError
from understudy.contract.spec import open_spec, shown_operation, template_key
from understudy.load.source import Source


def test_paths_without_the_names_in_them():
    assert template_key("/a/{id}/b/") == template_key("/a/{user-id}/b") == "/a/{}/b"
    assert template_key("/") == template_key("") == "/"
    assert template_key("/a?x=1") == template_key("/a#b") == "/a"


def test_a_document():
    found = spec(document({"/a": {"get": {"responses": {}}}}))

    assert found.is_new
    assert found.name == "api.json"
    assert [shown_operation(one) for one in found.api.operations] == ["GET /a"]
    assert not spec(document({}, version="3.0.3")).is_new


def test_what_could_not_be_used_but_for_examples():
    bad = {"content": {"text/plain": {"examples": {"a": {}}, "schema": {}}}, "description": ""}
    found = spec(document({"/a": {"get": {"responses": {"200": bad, "20": bad}}}}))

    assert [one.message for one in found.warnings()] == ["this is no status: the response is left out"]


def test_what_is_none():
    with pytest.raises(ConfigError, match="`openapi`, with the version, is missing"):
        open_spec(Source(data={"endpoints": []}, label="x"))


def test_too_many_operations(monkeypatch):
    monkeypatch.setattr("understudy.contract.spec.MAX_OPERATIONS", 1)

    with pytest.raises(ConfigError, match="more than 1 operations"):
        spec(document({"/a": {"get": {}, "put": {}}}))
