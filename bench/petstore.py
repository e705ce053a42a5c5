"""The document that the OpenAPI scenario serves: a store for pets, of the usual kind."""

from __future__ import annotations

from typing import Any

PET: dict[str, Any] = {
    "id": 7,
    "name": "Rex",
    "status": "available",
    "category": {"id": 1, "name": "Dogs"},
    "tags": [{"id": 3, "name": "calm"}],
    "weight": 12.5,
    "born": "2021-04-30",
}
"""The example of one pet."""
NEW: dict[str, Any] = {"name": "Tom", "status": "pending", "weight": 4.2, "born": "2022-01-15"}
"""What is sent to add one."""
STATUSES = ("available", "pending", "sold")


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Any, **more: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema, **more}}


def _answers(status: str, schema: Any, example: Any) -> dict[str, Any]:
    error = {"description": "No such thing", "content": _json(_ref("Error"))}
    content = _json(schema, example=example)
    return {status: {"description": "As asked for", "content": content}, "404": error}


_ID = {"type": "integer", "format": "int64", "minimum": 1}
_NAMED = _object(["id", "name"], id=_ID, name={"type": "string", "minLength": 1, "maxLength": 60})
_PET = {
    "name": {"type": "string", "minLength": 1, "maxLength": 60},
    "status": {"type": "string", "enum": list(STATUSES)},
    "category": _ref("Category"),
    "tags": {"type": "array", "items": _ref("Tag"), "maxItems": 5},
    "weight": {"type": "number", "minimum": 0, "maximum": 500},
    "born": {"type": "string", "format": "date"},
}
_ORDER = {"id": 1, "petId": 7, "quantity": 1, "complete": False}
_BY_ID = {"name": "petId", "in": "path", "required": True, "schema": _ID}
_LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1.0.0"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [_LIMIT],
                "responses": _answers("200", {"type": "array", "items": _ref("Pet")}, [PET]),
            },
            "post": {
                "operationId": "addPet",
                "requestBody": {"required": True, "content": _json(_ref("NewPet"))},
                "responses": _answers("201", _ref("Pet"), PET),
            },
        },
        "/pets/{petId}": {
            "parameters": [_BY_ID],
            "get": {"operationId": "getPet", "responses": _answers("200", _ref("Pet"), PET)},
            "put": {
                "operationId": "changePet",
                "requestBody": {"required": True, "content": _json(_ref("NewPet"))},
                "responses": _answers("200", _ref("Pet"), PET),
            },
            "delete": {"operationId": "removePet", "responses": {"204": {"description": "Gone"}}},
        },
        "/pets/{petId}/orders": {
            "parameters": [_BY_ID],
            "get": {
                "operationId": "listOrders",
                "responses": _answers("200", {"type": "array", "items": _ref("Order")}, [_ORDER]),
            },
        },
        "/inventory": {
            "get": {
                "operationId": "countPets",
                "responses": _answers(
                    "200", {"type": "object", "additionalProperties": {"type": "integer"}}, {"sold": 3}
                ),
            },
        },
    },
    "components": {
        "schemas": {
            "Pet": _object(["id", "name", "status"], id=_ID, **_PET),
            "NewPet": _object(["name"], **_PET),
            "Category": _NAMED,
            "Tag": _NAMED,
            "Order": _object(
                ["id", "petId"],
                id=_ID,
                petId=_ID,
                quantity={"type": "integer", "minimum": 1, "maximum": 99},
                complete={"type": "boolean"},
            ),
            "Error": _object(["code", "message"], code={"type": "integer"}, message={"type": "string"}),
        }
    },
}
