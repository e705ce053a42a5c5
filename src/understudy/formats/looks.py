"""How files of other tools look: one function per format, on plain data.

They are asked about every config that has no `endpoints`, so they look at a few keys only.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

MAX_LOOKED_AT = 100_000
"""Characters of a text that are looked at."""
_REQUEST_LINE = re.compile(
    r"^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|GRAPHQL)[ \t]+(?:https?://|/|\{\{)\S*", re.MULTILINE
)
MAX_FILES_LOOKED_AT = 20
"""Files of a folder that are looked into."""
_SERVER = re.compile(r"(?:http|ws)s?://", re.IGNORECASE)
_CURL = re.compile(r"^[ \t]*(?:[$%][ \t]+)?curl[ \t]+\S", re.MULTILINE)


def like_openapi(data: object) -> bool:
    """Whether this is an OpenAPI or a Swagger document."""
    if not isinstance(data, dict):
        return False
    if "swagger" in data:
        return "paths" in data or "info" in data
    return isinstance(data.get("openapi"), str | int | float) and not {"paths", "info"}.isdisjoint(data)


def like_wiremock(data: object) -> bool:
    """Whether this is a stub mapping of WireMock's, or a list of them under `mappings`."""
    if not isinstance(data, dict):
        return False
    mappings = data.get("mappings")
    if isinstance(mappings, list):
        return all(isinstance(one, dict) and not {"request", "response"}.isdisjoint(one) for one in mappings)
    return isinstance(data.get("request"), dict) and isinstance(data.get("response"), dict)


def like_har(data: object) -> bool:
    """Whether this is an HTTP archive (HAR)."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("log"), dict)
        and isinstance(data["log"].get("entries"), list)
    )


def like_recordings(data: object) -> bool:
    """Whether this is a list of recordings of the original Local API Mock Server."""
    return (
        isinstance(data, list)
        and bool(data)
        and all(
            isinstance(one, dict) and {"method", "path", "status", "response"} <= one.keys() for one in data
        )
    )


def like_nothing(data: object) -> bool:
    """No file: for formats that are folders."""
    return False


def like_recording_folder(names: frozenset[str]) -> bool:
    """Whether a folder with these names in it has recordings, and so their settings."""
    return not names.isdisjoint({"recordings.yaml", "recordings.yml", "recordings.json"})


def holds_recordings(folder: Path) -> bool:
    """Whether the first files in a folder, or in the folders in it, hold a recorded exchange each: the folder
    may have no settings."""
    for number, path in enumerate(_json_files(folder, 2)):
        if number == MAX_FILES_LOOKED_AT:
            return False
        try:
            with open(path, encoding="utf-8") as file:
                data = json.loads(file.read(16 * MAX_LOOKED_AT))
        except (OSError, ValueError, RecursionError):
            continue  # what is wrong with it is said when the folder is read
        asked = data.get("request") if isinstance(data, dict) else None
        url = asked.get("url") if isinstance(asked, dict) else None
        if isinstance(url, str) and _SERVER.match(url) and not {"response", "failed"}.isdisjoint(data):
            return True
    return False


def _json_files(folder: str | Path, levels: int) -> Iterator[str]:
    """JSON files below a folder, by name; none of what begins with a dot, and no links."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda one: one.name)
    except OSError:
        return
    for entry in entries:
        if entry.name[0] == "." or entry.is_symlink():
            continue
        if entry.name.endswith(".json"):
            if entry.is_file():
                yield entry.path
        elif levels > 1 and entry.is_dir():
            yield from _json_files(entry.path, levels - 1)


def like_wiremock_folder(names: frozenset[str]) -> bool:
    """Whether a folder with these names in it is a root of WireMock's."""
    return "mappings" in names


def like_mockoon(data: object) -> bool:
    """Whether this is an environment of Mockoon's."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("routes"), list)
        and not {"lastMigration", "endpointPrefix"}.isdisjoint(data)
    )


def like_mountebank(data: object) -> bool:
    """Whether this is a list of mountebank's imposters under `imposters`, or one imposter."""
    if not isinstance(data, dict):
        return False
    imposters = data.get("imposters")
    if isinstance(imposters, list):
        return all(isinstance(one, dict) and "protocol" in one for one in imposters)
    return isinstance(data.get("protocol"), str) and not {"stubs", "port"}.isdisjoint(data)


def like_postman(data: object) -> bool:
    """Whether this is a collection of Postman's, of whatever version, or one as its API gives it."""
    if not isinstance(data, dict):
        return False
    if isinstance(data.get("collection"), dict) and "item" not in data:
        return like_postman({**data["collection"], "collection": None})
    if isinstance(data.get("item"), list):
        info = data.get("info")
        return isinstance(info, dict) and not {"name", "schema", "_postman_id"}.isdisjoint(info)
    is_old = isinstance(data.get("requests"), list) and isinstance(data.get("order"), list)
    return (is_old and isinstance(data.get("name"), str)) or "_postman_variable_scope" in data


def like_postman_folder(names: frozenset[str]) -> bool:
    """Whether a folder with these names in it has a collection of Postman's."""
    return any(name.endswith(".postman_collection.json") for name in names)


def like_http(data: object) -> bool:
    """Whether this is a text with a request line such as `GET https://…`."""
    return isinstance(data, str) and _REQUEST_LINE.search(data[:MAX_LOOKED_AT]) is not None


def like_curl(data: object) -> bool:
    """Whether this is a text in which some line begins with `curl`."""
    return isinstance(data, str) and _CURL.search(data[:MAX_LOOKED_AT]) is not None


def like_json_server(data: object) -> bool:
    """Whether this is a database of json-server's. Asked last, as it has no key of its own."""
    from understudy.load.json_server import is_database

    return is_database(data)
