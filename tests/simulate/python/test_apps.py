import pytest
from starlette.applications import Starlette

from understudy.simulate.python.apps import is_app


async def app(scope, receive, send): ...
async def handler(request): ...
async def with_more(scope, receive, send, more=1): ...
def old(environ, start_response): ...
def plain(scope, receive, send): ...


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (app, True),
        (Starlette(), True),
        (with_more, True),
        (handler, False),
        (old, False),
        (plain, False),
        (Starlette, False),
        (3, False),
    ],
)
def test_is_app(found, expected):
    assert is_app(found) == expected
