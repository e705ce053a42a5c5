"""ASGI applications that a config mounts (ASGI specification 3.0)."""

from __future__ import annotations

import inspect
from typing import Any

from understudy.simulate.python.functions import is_coroutine_function


def is_app(found: Any) -> bool:
    """Whether an object is an ASGI 3 application: asynchronous, and called with scope, receive and send."""
    if inspect.isclass(found) or not callable(found) or not is_coroutine_function(found):
        return False
    try:
        parameters = inspect.signature(found).parameters.values()
    except ValueError:
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [one for one in parameters if one.kind in kinds and one.default is inspect.Parameter.empty]
    return len(required) == 3
