"""`handler`: a Python function, or a whole ASGI application, that answers for an endpoint."""

from __future__ import annotations

from msgspec import UNSET

from understudy.match import PathPattern
from understudy.model import Endpoint
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Header, RunApp, Step


def add_handler(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add what calls the user's Python."""
    if endpoint.handler is UNSET:
        return
    from understudy.simulate.content import constant_headers
    from understudy.simulate.python.apps import is_app
    from understudy.simulate.python.functions import load_object

    where = (*place, "handler")
    found = load_object(endpoint.handler, kit, where)
    if found is None:
        parts.produce = _never
        return
    written = {} if endpoint.headers is UNSET else endpoint.headers
    headers = constant_headers(written, b"", kit, place, 304)
    parts.runs_code = True
    if is_app(found):
        kit.apps.append(found)
        root_path = literal_prefix(PathPattern(endpoint.path))

        async def run_app(exchange: Exchange) -> tuple[Step, ...]:
            return (RunApp(found, root_path, exchange.request, headers),)

        parts.produce = run_app
        return
    _add_function(found, endpoint, headers, parts, kit, where)


def _add_function(
    found: object, endpoint: Endpoint, headers: tuple[Header, ...], parts: Parts, kit: Kit, where: Place
) -> None:
    from understudy.simulate.python.functions import CAUGHT, PASSED, compile_function
    from understudy.simulate.python.response import as_response, steps_of

    function = compile_function(str(endpoint.handler), found, kit, where, "request")
    if function is None:
        parts.produce = _never
        return

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        try:
            return steps_of(as_response(await function(exchange), endpoint.status), headers)
        except PASSED:
            raise
        except CAUGHT as error:
            return (function.failed(exchange, error),)

    parts.produce = produce


def literal_prefix(pattern: PathPattern) -> str:
    """The segments before the first that is not literal: `/legacy` for `/legacy/**`."""
    prefix = ""
    for segment in pattern.segments:
        if segment.literal is None:
            break
        prefix += f"/{segment.literal}"
    return prefix.rstrip("/")


async def _never(exchange: Exchange) -> tuple[Step, ...]:
    raise AssertionError("an endpoint with a problem never becomes part of a program")
