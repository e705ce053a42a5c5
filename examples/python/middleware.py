"""What goes around every answer."""

from understudy import Request, Response


async def stamp(request: Request, call_next) -> Response:
    response = await call_next(request)
    response.headers["X-Endpoint"] = request.endpoint
    return response
