"""Whole databases as endpoints: what looks like a json-server file, and `resource: "*"`.

A json-server file is an object of collections (lists of objects) and single objects; `formats.json_server`
makes a config of it. `resource: "*"` is an endpoint per collection, `GET …/db` and a page that lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from understudy.load import hints
from understudy.load.checks import Entry
from understudy.model import WHOLE_DATABASE, Config, Endpoint, Resource
from understudy.model.endpoint import RESPONSE_KINDS

_ENDPOINT_KEYS = frozenset({*RESPONSE_KINDS, "method", "status", "latency_ms"})


def is_database(data: Any) -> bool:
    """Whether an object is a database and not a config, or an attempt at one."""
    if not isinstance(data, dict):
        return False
    collections = {name: value for name, value in data.items() if name != "$schema"}
    if not all(map(is_collection, collections.values())):
        return False
    if not any(map(_has_ids, collections.values())):
        return False  # hardly: more likely a config with keys that do not exist, or another tool's file
    keys = Config.__struct_encode_fields__
    if any(name in keys for name in collections):
        return False
    if any(hints.nearest(name.lower(), ("endpoints", "database"), 0.8) for name in collections):
        return False
    return not any(_are_endpoints(value) for value in collections.values())


def is_collection(value: Any) -> bool:
    """Whether a value of a database is a list of records, or one record."""
    return isinstance(value, dict) or (
        isinstance(value, list) and all(isinstance(record, dict) for record in value)
    )


def _has_ids(value: Any) -> bool:
    """Whether this is a list with a record that has an id, or an empty one."""
    return isinstance(value, list) and (not value or any("id" in one or "_id" in one for one in value))


def _are_endpoints(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all("path" in record and not _ENDPOINT_KEYS.isdisjoint(record) for record in value)
    )


def expand(entries: list[Entry], database: Any) -> list[Entry]:
    """The endpoints, with those for all collections in the place of `resource: "*"`."""
    return [one for entry in entries for one in _expand(entry, database)]


def _expand(entry: Entry, database: Any) -> Iterator[Entry]:
    endpoint = entry.endpoint
    written = endpoint.resource
    name = written.collection if isinstance(written, Resource) else written
    if name != WHOLE_DATABASE or not isinstance(endpoint.path, str) or not isinstance(database, dict):
        yield entry
        return
    base = endpoint.path.rstrip("/")
    names = [name for name, value in database.items() if is_collection(value)]
    for name in names:
        resource: str | Resource = name
        if isinstance(written, Resource):
            resource = msgspec.structs.replace(written, collection=name)
        path = f"{base}/{quote(name, safe='')}"
        yield _entry(entry, msgspec.structs.replace(endpoint, path=path, resource=resource, name=None))
    plain = msgspec.structs.replace(endpoint, resource=UNSET, name=None)
    if "db" not in names:
        yield _entry(entry, msgspec.structs.replace(plain, path=f"{base}/db", response="{{ database }}"))
    headers = {} if plain.headers is UNSET else plain.headers
    page = msgspec.structs.replace(
        plain,
        path=base or "/",
        body=index_page(base, {name: isinstance(database[name], list) for name in names}),
        headers={**headers, "Content-Type": "text/html; charset=utf-8"},
    )
    yield _entry(entry, page)


def _entry(entry: Entry, endpoint: Endpoint) -> Entry:
    return Entry(endpoint, entry.part, entry.keys)


def index_page(base: str, names: dict[str, bool]) -> str:
    """A page that lists the collections; those that are lists with a count. It is a template."""
    rows = []
    for name, is_list in names.items():
        href = escape(f"{base}/{quote(name, safe='')}")
        shown = _literal(escape(name))
        count = f"{{{{ database_count(collection={_quoted(name)}) }}}}" if is_list else "an object"
        rows.append(f'<li><a href="{href}">/{shown}</a> <span>{count}</span></li>')
    listed = "\n".join(rows)
    return _PAGE.replace("@DB@", escape(f"{base}/db")).replace("@ROWS@", listed)


def _literal(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Resources</title>
<style>
:root {
  color-scheme: light dark;
  --ink: #1c1c1e; --paper: #fff; --faint: #5b5b60; --line: #dcdce0; --link: #0a58ca;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f4; --paper: #161618; --faint: #a9a9b0; --line: #3a3a3e; --link: #8ab8ff }
}
body { font: 1rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
ul { list-style: none; padding: 0 }
li { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0 }
li { border-bottom: 1px solid var(--line) }
span { color: var(--faint) }
a { color: var(--link) }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
</style>
</head>
<body>
<main>
<h1>Resources</h1>
<ul>
@ROWS@
</ul>
<p>All of it at once: <a href="@DB@">/db</a></p>
</main>
</body>
</html>
"""
