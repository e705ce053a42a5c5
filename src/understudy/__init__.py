"""Understudy: a local API mock server.

    import understudy

    with understudy.MockServer({"endpoints": [{"path": "/ping", "response": {"ok": True}}]}) as server:
        print(server.url)

The names are imported when they are first used, so that the command starts fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from understudy.errors import ConfigError as ConfigError
    from understudy.errors import Problem as Problem
    from understudy.errors import UnderstudyError as UnderstudyError
    from understudy.model import Config as Config
    from understudy.model import Endpoint as Endpoint
    from understudy.simulate.python.response import Response as Response
    from understudy.simulate.python.view import Request as Request
    from understudy.testing.handle import ResilienceError as ResilienceError
    from understudy.testing.handle import VerificationError as VerificationError
    from understudy.testing.server import MockServer as MockServer

_HOMES = {
    "Config": "understudy.model",
    "ConfigError": "understudy.errors",
    "Endpoint": "understudy.model",
    "MockServer": "understudy.testing.server",
    "Problem": "understudy.errors",
    "Request": "understudy.simulate.python.view",
    "ResilienceError": "understudy.testing.handle",
    "Response": "understudy.simulate.python.response",
    "UnderstudyError": "understudy.errors",
    "VerificationError": "understudy.testing.handle",
}

__all__ = [
    "Config",
    "ConfigError",
    "Endpoint",
    "MockServer",
    "Problem",
    "Request",
    "ResilienceError",
    "Response",
    "UnderstudyError",
    "VerificationError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'understudy' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
