"""`middleware`: a user's functions that go around an answer, the outermost first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from understudy.model import Endpoint, functions
from understudy.simulate.exchange import Exchange, Middleware, Produce, in_task
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Header, Step

if TYPE_CHECKING:
    from understudy.simulate.python.functions import Function


def add_middleware(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Add the config's functions and, inside of them, the endpoint's."""
    general, own = functions(kit.config.middleware), functions(endpoint.middleware)
    if not general and not own:
        return
    workspace = kit.python
    if workspace.middleware is None:  # the same for all endpoints, and so are its mistakes
        workspace.middleware = _compiled(general, kit, ("middleware",))
    layers = (*workspace.middleware, *_compiled(own, kit, (*place, "middleware")))
    parts.runs_code = True
    if layers:
        parts.middleware = around(layers, kit.constant_headers)


def _compiled(written: tuple[str, ...], kit: Kit, place: Place) -> tuple[Function, ...]:
    from understudy.simulate.python.functions import compile_function, load_object

    compiled = []
    for name in written:
        found = load_object(name, kit, place)
        if found is None:
            continue
        function = compile_function(name, found, kit, place, "request", "call_next", only_async=True)
        if function is not None:
            compiled.append(function)
    return tuple(compiled)


def around(layers: tuple[Function, ...], base: tuple[Header, ...] = ()) -> Middleware:
    """One stage out of several functions. `base` are headers that each reply has."""
    from understudy.simulate.python.response import Response, as_response, callbacks_in, response_of, steps_of
    from understudy.simulate.python.view import Request

    async def call(number: int, exchange: Exchange, produce: Produce) -> tuple[Step, ...]:
        if number == len(layers):
            return await _answer(exchange, produce)
        layer = layers[number]
        inner: tuple[Step, ...] = ()

        async def call_next(request: Request) -> Response:
            nonlocal inner
            if not isinstance(request, Request):
                raise TypeError(f"call_next is called with the request, not with {type(request).__name__}")
            exchange.request = request._raw
            inner = await call(number + 1, exchange, produce)
            return response_of(inner)

        return await _run(layer, exchange, call_next, lambda: inner)

    async def _run(
        layer: Function,
        exchange: Exchange,
        call_next: Callable[[Request], Awaitable[Response]],
        inner: Callable[[], tuple[Step, ...]],
    ) -> tuple[Step, ...]:
        from understudy.simulate.python.functions import CAUGHT, PASSED

        try:
            value = await layer.call(Request(exchange), call_next)
            response = as_response(value)
            steps = steps_of(response, base)
        except PASSED:
            raise
        except CAUGHT as error:
            steps = (layer.failed(exchange, error),)
        missing = [step for step in callbacks_in(inner()) if step not in steps]
        return (*steps, *missing)

    async def run(exchange: Exchange, produce: Produce) -> tuple[Step, ...]:
        from understudy.simulate.runner import OutOfTime

        await in_task()
        outermost = layers[0]
        try:
            return await exchange.runner.task(call(0, exchange, produce), outermost.limit_s)
        except OutOfTime as error:
            return (outermost.failed(exchange, error),)

    return run


async def _answer(exchange: Exchange, produce: Produce) -> tuple[Step, ...]:
    from understudy.render import RenderError

    try:
        return await produce(exchange)
    except RenderError as error:  # middleware sees the reply that tells of it
        return (exchange.failed(error),)
