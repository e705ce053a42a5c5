"""The report on the clients, as JSON or as a page; what is expected of them may stand in the call."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import BadFilter, Body, Parameter, check_query, read_json, reply, space_of
from understudy.admin.logs import LOG_FILTERS, read_instant
from understudy.admin.verify import as_model
from understudy.match.accept import best
from understudy.model import Expect
from understudy.report.attempt import read_attempts
from understudy.report.verdict import Report, client_reader, judge_attempts

if TYPE_CHECKING:
    from understudy.net.server import Server

JSON, HTML = "application/json", "text/html"
FORMATS = {"json": JSON, "html": HTML}

REPORT_FILTERS = {
    "client": Parameter("string", "Only clients whose name has this in it."),
    **{name: LOG_FILTERS[name] for name in ("path", "endpoint", "since", "space")},
}
PARAMETERS = {
    **REPORT_FILTERS,
    "format": Parameter("string", "`json` or `html`. Default: what `Accept` prefers, else JSON."),
    **{
        name: Parameter("string", f"As `expect.{name}` in the config, which it goes before.")
        for name in Expect.__struct_encode_fields__
    },
}
EXPECT = Body("What is expected of the client, as `expect` in the config.", Expect)


async def show_report(server: Server, request: Request) -> Response:
    check_query(request, PARAMETERS)
    return await _report(server, request, read_expected(request.query_params))


async def show_report_as_expected(server: Server, request: Request) -> Response:
    check_query(request, PARAMETERS)
    body = await read_json(request)
    if isinstance(body, dict):
        body = {**read_expected(request.query_params), **body}
    return await _report(server, request, body)


async def _report(server: Server, request: Request, expected: Any) -> Response:
    query = request.query_params
    wanted = query.get("format")
    if wanted is not None and wanted not in FORMATS:
        raise BadFilter("format is json or html")
    media_type = FORMATS[wanted] if wanted else best(request.headers.get("accept"), (JSON, HTML)) or JSON
    filters: dict[str, Any] = {name: query[name] for name in ("path", "endpoint", "client") if name in query}
    if "since" in query:
        filters["since"] = read_instant(query["since"])
    report = await make_report(server, expected, space=space_of(server, request), **filters)
    if media_type == JSON:
        answer = reply(await asyncio.to_thread(report.as_json))
    else:
        from understudy.report.html import page

        answer = Response(await asyncio.to_thread(page, report), media_type=HTML)
        # All that it shows came from outside: it runs no script and asks for nothing, whatever stands in it.
        answer.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        answer.headers["x-content-type-options"] = "nosniff"
    answer.headers["vary"] = "Accept"
    return answer


async def make_report(
    server: Server, expected: Any = None, *, client: str | None = None, **filters: Any
) -> Report:
    """The report on the requests that fit the filters (see `Journal.fits`), with what the config expects.

    `expected` has keys of `expect` that go before those of the config. Without filters it has what was
    found beside a document, too. Raises ConfigError for a mistake.
    """
    config = server.program.loaded.config
    given = as_model({} if expected is None else expected, Expect)
    expect = merge(config.expect, given)
    entries = server.journal.select(**filters)
    reader = client_reader(config.report)
    if config.report.client is UNSET:
        attempts = await asyncio.to_thread(read_attempts, entries, reader)
    else:  # it looks at the requests' views, which belong to this thread
        attempts = read_attempts(entries, reader)
    if client is not None:
        attempts = [attempt for attempt in attempts if client in attempt.asked.signature.client]
    report = await asyncio.to_thread(judge_attempts, attempts, expect, config.report)
    is_of_all = all(value is None for value in (client, *filters.values()))
    if server.ledger is None or not is_of_all:
        return report
    return replace(report, contract=server.ledger.as_json())


def merge(outer: Expect, inner: Expect) -> Expect:
    """`outer`, with what `inner` says in its place."""
    return Expect(**{**_written(outer), **_written(inner)})


def _written(expect: Expect) -> dict[str, Any]:
    return {name: value for name in Expect.__struct_fields__ if (value := getattr(expect, name)) is not UNSET}


def read_expected(query: Any) -> dict[str, Any]:
    """Expectations from a query, or from options: `max_attempts=4`, `jitter=true`, `timeout_s=0.5,2`."""
    return {name: read_value(query[name]) for name in Expect.__struct_encode_fields__ if name in query}


def read_value(text: str) -> Any:
    """A value from a text: a number, a boolean, several numbers with commas between, or the text itself."""
    try:
        value = json.loads(f"[{text}]")
    except ValueError:
        return text
    return value[0] if len(value) == 1 else value


__all__ = ["PARAMETERS", "make_report", "merge", "read_expected", "show_report"]
