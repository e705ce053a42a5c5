"""A call of GraphQL over HTTP (draft of the GraphQL foundation, sections 5 and 6), and what it calls."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

MAX_QUERY_CHARACTERS = 100_000
MAX_TOKENS = 10_000
MAX_CACHED_CHARACTERS = 10_000
"""Longer queries are parsed again when they come again."""


class Operation(NamedTuple):
    """An operation of a document. `type` is `query`, `mutation` or `subscription`."""

    name: str | None
    type: str


class GraphqlCall(NamedTuple):
    """What a client asked for. `operation_name` is as it was sent."""

    query: str
    operation_name: str | None
    variables: dict[str, Any]

    @property
    def chosen(self) -> Operation | None:
        """The operation to be run: the one that is named, or the only one. Raises ValueError."""
        found = operations(self.query)
        if self.operation_name is None:
            return found[0] if len(found) == 1 else None
        return next((operation for operation in found if operation.name == self.operation_name), None)

    @property
    def operation(self) -> str | None:
        """The name of the operation; None if it has none or it cannot be told which it is."""
        if self.operation_name is not None:
            return self.operation_name
        try:
            chosen = self.chosen
        except ValueError:
            return None
        return chosen.name if chosen else None


def from_json(value: Any) -> GraphqlCall | None:
    """The call in a JSON body."""
    if not isinstance(value, dict):
        return None
    return _call(value.get("query"), value.get("operationName"), value.get("variables"))


def from_fields(fields: dict[str, list[str]], query: str | None = None) -> GraphqlCall | None:
    """The call in a query string; `query` is the body of an `application/graphql` request."""

    def first(name: str) -> str | None:
        return (fields.get(name) or [None])[0]  # type: ignore[list-item]

    try:
        variables = msgspec.json.decode(first("variables") or "null")
    except (msgspec.DecodeError, RecursionError):
        return None
    return _call(first("query") if query is None else query, first("operationName") or None, variables)


def _call(query: Any, operation_name: Any, variables: Any) -> GraphqlCall | None:
    if not isinstance(query, str) or not isinstance(operation_name, str | None):
        return None
    if not isinstance(variables, dict | None):
        return None
    return GraphqlCall(query, operation_name or None, variables or {})


def operations(query: str) -> tuple[Operation, ...]:
    """The operations of a document. Raises ValueError when it cannot be read."""
    found = _operations(query) if len(query) <= MAX_CACHED_CHARACTERS else _operations.__wrapped__(query)
    if isinstance(found, str):
        raise ValueError(found)
    return found


def significant(query: str) -> str:
    """A document without what means nothing: white space, commas, comments. Raises ValueError."""
    operations(query)  # within the bounds
    return _significant(query) if len(query) <= MAX_CACHED_CHARACTERS else _significant.__wrapped__(query)


@lru_cache(maxsize=512)
def _operations(query: str) -> tuple[Operation, ...] | str:
    """The operations, or why there are none: a mistake is remembered too."""
    if len(query) > MAX_QUERY_CHARACTERS:
        return f"the GraphQL document has more than {MAX_QUERY_CHARACTERS} characters"
    from graphql import GraphQLError, OperationDefinitionNode, parse

    try:
        document = parse(query, no_location=True, max_lexical_tokens=MAX_TOKENS)
    except (GraphQLError, RecursionError) as error:
        return f"this is not GraphQL: {getattr(error, 'message', error)}"
    return tuple(
        Operation(definition.name.value if definition.name else None, definition.operation.value)
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    )


@lru_cache(maxsize=512)
def _significant(query: str) -> str:
    from graphql.utilities import strip_ignored_characters

    return strip_ignored_characters(query)
