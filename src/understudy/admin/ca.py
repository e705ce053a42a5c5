"""The certificate that clients of a proxy must trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import Refusal, check_query
from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.net.server import Server

PEM_TYPE = "application/x-pem-file"


async def show_ca(server: Server, request: Request) -> Response:
    check_query(request, {})
    if server.intercept.settings is None:
        raise Refusal(404, "this server is no proxy of clients: the config needs `forward_proxy: true`")
    try:
        authority = await server.intercept.authority()
    except UnderstudyError as error:
        raise Refusal(409, f"there is no certificate authority: {error}") from None
    headers = {"content-type": PEM_TYPE, "content-disposition": 'attachment; filename="understudy-ca.pem"'}
    return Response(authority.pem, headers=headers)
