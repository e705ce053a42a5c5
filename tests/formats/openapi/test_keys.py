"""Slips in the keys of a document."""

from __future__ import annotations

from typing import Any

import pytest

from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.load.source import Source

OK = {"200": {"description": "OK"}}


def told(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The place and the suggestion of each warning."""
    library = Library()
    read_api(library.begin(Source(label="api.yaml", data={"openapi": "3.0.3", **document}), None))
    return [(warning.path.rpartition(".")[2], warning.suggestion) for warning in library.warnings]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"paths": {"/a": {"gett": {"responses": OK}}}}, ("gett", '"get"')),
        ({"pathz": {}, "components": {}}, ("pathz", '"paths"')),
        ({"paths": {"/a": {"get": {"operationID": "a", "responses": OK}}}}, ("operationID", '"operationId"')),
        ({"paths": {"/a": {"post": {"requestbody": {}}}}}, ("requestbody", '"requestBody"')),
        ({"paths": {"/a": {"post": {"requestBody": {"contents": {}}}}}}, ("contents", '"content"')),
        ({"paths": {"/a": {"get": {"responses": {"200": {"schema": {}}}}}}}, ("schema", None)),
        (
            {"paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "type": "integer"}]}}}},
            ("type", None),
        ),
        (
            {"paths": {"/a": {"get": {"responses": {"200": {"content": {"text/plain": {"exmaple": 1}}}}}}}},
            ("exmaple", '"example"'),
        ),
    ],
)
def test_a_slip_is_told(document: dict[str, Any], expected: tuple[str, str | None]) -> None:
    assert told(document) == [expected]


@pytest.mark.parametrize(
    "operation",
    [
        {"responses": OK, "x-operationID": "a"},
        {"responses": OK, "vendor": True},
        {"responses": OK, "operationId": "a", "operationID": "b"},
    ],
    ids=["extension", "like no other", "the right one is there"],
)
def test_other_keys_are_let_be(operation: dict[str, Any]) -> None:
    assert told({"paths": {"/a": {"get": operation}}}) == []


def test_swagger_has_its_own_keys() -> None:
    parameter = {"name": "q", "in": "query", "type": "integer"}
    operation = {
        "consumes": [],
        "parameters": [parameter],
        "responses": {"200": {"schema": {"type": "string"}}},
    }
    library = Library()
    document = {"swagger": "2.0", "basePath": "/", "definitions": {}, "paths": {"/a": {"get": operation}}}
    read_api(library.begin(Source(label="api.yaml", data=document), None))
    assert library.warnings == []
