"""The description of the control endpoints: a document for programs, a page for browsers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import BadFilter, Parameter, Refusal, reply
from understudy.match.accept import best
from understudy.openapi import page

if TYPE_CHECKING:
    from understudy.net.server import Server

JSON, HTML = "application/json", "text/html"
FORMATS = {"json": JSON, "html": HTML}
FORMAT = {
    "format": Parameter("string", "`json` or `html`. Default: what `Accept` prefers, else JSON."),
}


def show_docs(request: Request, document: dict[str, Any]) -> Response:
    """The document, or the page that shows it, whose own requests carry the token that it was asked with."""
    query = request.query_params
    wanted = query.get("format")
    if wanted is not None and wanted not in FORMATS:
        raise BadFilter("format is json or html")
    media_type = FORMATS[wanted] if wanted else best(request.headers.get("accept"), (JSON, HTML)) or JSON
    if media_type == JSON:
        answer = reply(document)
    else:
        token = {"token": query["token"]} if "token" in query else {}
        spec = "?" + urlencode({"format": "json", **token})
        title = document["info"]["title"]
        shown = page.page(f"__docs{spec}", "__docs", title, urlencode(token))
        answer = Response(shown.body, shown.status)
        answer.raw_headers += [(name.lower(), value) for name, value in shown.headers]
    answer.headers["vary"] = "Accept"
    return answer


async def docs_asset(server: Server, request: Request) -> Response:
    found = page.asset(request.path_params["name"])
    if found is None:
        raise Refusal(404, "there is no such file", files=list(page.ASSETS))
    answer = Response(await asyncio.to_thread(found.path.read_bytes))
    answer.raw_headers += [(name.lower(), value) for name, value in found.reply.headers]
    return answer
