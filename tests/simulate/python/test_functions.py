"""What counts as a function; calling it is tested over the wire in test_handler.py."""

import functools

import pytest

from tests.kit import get
from understudy.build import build
from understudy.engine import World, decide
from understudy.request import Request
from understudy.simulate.python.functions import is_coroutine_function
from understudy.state import MemoryStore


class Called:
    async def __call__(self, request):
        return 1


async def function(request):
    return 1


@pytest.mark.parametrize(
    ("found", "is_async"),
    [
        (function, True),
        (Called(), True),
        (functools.partial(function, 1), True),
        (len, False),
        (Called, False),
    ],
)
def test_is_coroutine_function(found, is_async):
    assert is_coroutine_function(found) == is_async


def test_an_async_function_behind_a_plain_decorator(handler):
    ask = handler(
        """
        def decorated(function):
            def wrapper(*args):
                return function(*args)
            return wrapper
        @decorated
        async def f(request):
            return [await request.state.get("n", "awaited")]
        """
    )
    assert ask().json() == ["awaited"]


def test_an_object_and_a_function_in_c(folder, serve):
    endpoints = [{"path": "/a", "handler": "h:thing"}, {"path": "/b", "handler": "builtins:repr"}]
    source = "class T:\n    def __call__(self, request):\n        return 'called'\nthing = T()"
    server = serve(folder(*endpoints, h=source))
    assert get(server, "/a").body == b"called"
    assert get(server, "/b").body == b"<Request GET /b>"


def test_a_full_store_is_told_as_such(folder):
    program = build(
        folder({"path": "/a", "handler": "h:f"}, h="def f(r):\n    [r.state.set(name, 1) for name in 'ab']")
    )
    plan = decide(program, Request("GET", b"/a"), World(1, lambda: 1.0, MemoryStore(max_rows=1)))
    assert (plan.reply.status, plan.error.partition(":")[0]) == (507, "the store is full")
