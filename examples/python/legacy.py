"""An application that exists already; one made with FastAPI is mounted the same way."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request):
    return JSONResponse({"order": request.path_params["id"], "from": "the old system"})


app = Starlette(routes=[Route("/orders/{id}", order)])
