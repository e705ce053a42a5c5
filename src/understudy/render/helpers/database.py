"""Lookups in the config's `database`: a list of records, or an object with such lists by name."""

from __future__ import annotations

from typing import Any

from understudy.render.helpers.base import Function, Helper
from understudy.render.scope import Scope


def records(database: Any, collection: str | None) -> list[Any]:
    """The records to look in. Raises ValueError when it is not clear which, or none have that name."""
    if database is None:
        return []
    if isinstance(database, dict):
        if collection is None:
            raise ValueError("the database has several collections; say which: collection='…'")
        if collection not in database:
            raise ValueError(f"the database has no collection {collection!r}; it has {', '.join(database)}")
        database = database[collection]
    elif collection is not None:
        raise ValueError("the database is one list, it has no collections")
    if not isinstance(database, list):
        raise ValueError("the database is not a list of records")
    return database


def comparable(value: Any) -> bool | str:
    """A value as it is compared: `true` and `false` are booleans, all else is text."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    return "" if value is None else str(value)


def _is(stored: Any, wanted: bool | str) -> bool:
    if isinstance(wanted, bool) or isinstance(stored, bool):
        return stored is wanted
    return stored is not None and str(stored) == wanted


def _filter(scope: Scope) -> Function:
    def database_filter(field: str, value: Any, collection: str | None = None) -> list[Any]:
        wanted = comparable(value)
        return [
            record
            for record in records(scope.database, collection)
            if isinstance(record, dict) and _is(record.get(field), wanted)
        ]

    return database_filter


def _find(scope: Scope) -> Function:
    def database_find(field: str, value: Any, collection: str | None = None) -> Any:
        wanted = comparable(value)
        for record in records(scope.database, collection):
            if isinstance(record, dict) and _is(record.get(field), wanted):
                return record
        return None

    return database_find


def _filter_genre(scope: Scope) -> Function:
    def database_filter_genre(value: Any, collection: str | None = None) -> list[Any]:
        wanted = comparable(value)
        return [
            record
            for record in records(scope.database, collection)
            if isinstance(record, dict)
            and isinstance(genres := record.get("genres"), list)
            and any(_is(genre, wanted) for genre in genres)
        ]

    return database_filter_genre


def _count(scope: Scope) -> Function:
    def database_count(collection: str | None = None) -> int:
        return len(records(scope.database, collection))

    return database_count


HELPERS = (
    Helper(
        "database_count",
        "database",
        "database_count(collection=none)",
        "How many records there are.",
        "{{ database_count() }}",
        _count,
        bare="database_count()",
        returns="number",
    ),
    Helper(
        "database_filter",
        "database",
        "database_filter(field, value, collection=none)",
        "The records whose field equals the value; also `{{database_filter:FIELD:VALUE}}`.",
        "{{ database_filter('author', query.author) }}",
        _filter,
    ),
    Helper(
        "database_find",
        "database",
        "database_find(field, value, collection=none)",
        "The first record whose field equals the value, or null; also `{{database_find:FIELD:VALUE}}`.",
        "{{ database_find('id', params.id) }}",
        _find,
    ),
    Helper(
        "database_filter_genre",
        "database",
        "database_filter_genre(value, collection=none)",
        "The records whose list `genres` holds the value; also `{{database_filter_genre:VALUE}}`.",
        "{{ database_filter_genre('Fantasy') }}",
        _filter_genre,
    ),
)
