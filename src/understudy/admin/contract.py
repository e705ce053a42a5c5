"""What requests and replies have violated of documents whose operations are sent on to a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import NOTHING, Refusal, check_query, reply

if TYPE_CHECKING:
    from understudy.contract.ledger import Ledger
    from understudy.net.server import Server


async def show_contract(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    return reply(ledger_of(server).as_json())


async def clear_contract(server: Server, request: Request) -> Response:
    check_query(request, NOTHING)
    ledger_of(server).clear()
    return reply({"message": "Forgotten"})


def ledger_of(server: Server) -> Ledger:
    """What is counted. Raises Refusal."""
    if server.ledger is None:
        raise Refusal(404, "nothing is held against a document: no `openapi` of the config has a `proxy`")
    return server.ledger


__all__ = ["clear_contract", "ledger_of", "show_contract"]
