"""The log: reading it, following it, forgetting it."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from understudy.admin.http import (
    SPACE,
    BadFilter,
    Parameter,
    check_query,
    reply,
    space_of,
    whole_number,
)
from understudy.journal import Entry, Journal

if TYPE_CHECKING:
    from understudy.net.server import Server

STREAM_BUFFER = 1000
"""Entries kept for a reader of the stream that falls behind; then the oldest are skipped and counted."""
HEARTBEAT_S = 15.0

LOG_FILTERS = {
    "method": Parameter("string", "Only this method."),
    "path": Parameter("string", "Only this path, without the query."),
    "status": Parameter("string", "Only this status, such as 404, or a class of them, such as 4xx."),
    "endpoint": Parameter("string", "Only the endpoint of this name."),
    "matched": Parameter("boolean", "true: only requests that an endpoint took; false: only the others."),
    "since": Parameter("string", "Only requests after this time: ISO 8601, or seconds since 1970."),
    "space": Parameter("string", "Only requests of this space; empty: those that name none."),
    "limit": Parameter("integer", "Only the newest so many."),
}


async def logs(server: Server, request: Request) -> Response:
    journal = server.journal
    found = [journal.as_json(entry) for entry in journal.select(**_filters(server, request))]
    return reply({"logs": found, "count": len(found)})


async def clear_logs(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request)
    count = server.journal.clear() if space is None else server.journal.clear(space=space)
    return reply({"message": "Logs cleared", "count": count})


async def stream(server: Server, request: Request) -> Response:
    return StreamingResponse(
        _events(server.journal, _filters(server, request)),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(journal: Journal, filters: dict[str, Any]) -> AsyncIterator[str]:
    """New entries as server-sent events (HTML standard, section 9.2). `id` is the entry's number."""
    waiting: deque[Entry] = deque(maxlen=STREAM_BUFFER)
    arrived = asyncio.Event()
    skipped = 0
    filters.pop("limit", None)

    def listener(entry: Entry) -> None:
        nonlocal skipped
        if not journal.fits(entry, **filters):
            return
        skipped += len(waiting) == STREAM_BUFFER
        waiting.append(entry)
        arrived.set()

    stop = journal.listen(listener)
    try:
        yield ": connected\n\n"
        while True:
            try:
                await asyncio.wait_for(arrived.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield ": alive\n\n"
                continue
            arrived.clear()
            if skipped:
                yield f'event: skipped\ndata: {{"count": {skipped}}}\n\n'
                skipped = 0
            while waiting:
                entry = waiting.popleft()
                data = json.dumps(journal.as_json(entry))
                yield f"id: {entry.number}\nevent: request\ndata: {data}\n\n"
    finally:
        stop()


def _filters(server: Server, request: Request) -> dict[str, Any]:
    filters = read_filters(request.query_params)
    space = space_of(server, request)
    return filters if space is None else {**filters, "space": space}


def read_filters(query: Any) -> dict[str, Any]:
    """The filters in a query but `space`, as `Journal.select` takes them. Raises BadFilter."""
    unknown = [name for name in query if name not in LOG_FILTERS and name != "token"]
    if unknown:
        raise BadFilter(f"unknown filter {unknown[0]!r}; there are {', '.join(LOG_FILTERS)}")
    filters: dict[str, Any] = {name: query[name] for name in ("path", "endpoint") if name in query}
    if "method" in query:
        filters["method"] = query["method"].upper()
    if "status" in query:
        filters["statuses"] = read_statuses(query["status"])
    if "matched" in query:
        if query["matched"] not in {"true", "false"}:
            raise BadFilter("matched is true or false")
        filters["matched"] = query["matched"] == "true"
    if "since" in query:
        filters["since"] = read_instant(query["since"])
    if "limit" in query:
        filters["limit"] = whole_number(query["limit"], "limit")
    return filters


def read_statuses(text: str) -> range:
    """A status such as 404, or a class of them such as 4xx. Raises BadFilter."""
    if len(text) == 3 and text[0] in "12345" and text[1:].lower() == "xx":
        return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
    if len(text) == 3 and text.isascii() and text.isdigit():
        return range(int(text), int(text) + 1)
    raise BadFilter("status is a number such as 404, or a class such as 4xx")


def read_instant(text: str) -> float:
    """Seconds since 1970 from a time as text. Raises BadFilter."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        # A plus sign in a query is a space: put it back for "2026-01-01T00:00:00+00:00".
        instant = datetime.fromisoformat(
            text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text
        )
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadFilter("since is a time such as 2026-01-31T12:00:00Z, or seconds since 1970") from None
