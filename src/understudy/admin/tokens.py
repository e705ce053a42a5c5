"""Tokens that the schemes of the config let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import NOTHING, Body, Refusal, check_query, reply
from understudy.model.convert import convert
from understudy.simulate.auth.minting import TokenRequest

if TYPE_CHECKING:
    from understudy.net.server import Server

TOKEN = Body("What the token says. Everything may be left out.", TokenRequest)


async def make(server: Server, request: Request) -> Response:
    """Make a token."""
    from understudy.simulate.auth.jwt import CannotSign
    from understudy.simulate.auth.minting import make_token

    check_query(request, NOTHING)
    try:
        wanted = convert(msgspec.json.decode(await request.body() or b"{}"), TokenRequest)
        token = await make_token(server.program.auth, wanted, server.world.keys, server.world.now())
    except (msgspec.DecodeError, CannotSign) as error:
        raise Refusal(400, str(error)) from None
    return reply({"token": token})
