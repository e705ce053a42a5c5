"""Values that outlive a request: counters, and the environment the server was started in."""

from __future__ import annotations

from understudy.render.helpers.base import Function, Helper
from understudy.render.scope import Scope


def _counter(scope: Scope) -> Function:
    def counter(name: str | None = None, start: int = 1, step: int = 1) -> int:
        key = f"endpoint:{scope.endpoint}" if name is None else f"name:{name}"
        return scope.counters.count(scope.request.space(scope.space_header), "counters", key, start, step)

    return counter


def _env(scope: Scope) -> Function:
    def env(name: str, default: str | None = None) -> str:
        value = scope.environ.get(name, default)
        if value is None:
            raise ValueError(f"the environment variable {name} is not set, and no default is given")
        return value

    return env


HELPERS = (
    Helper(
        "counter",
        "state",
        "counter(name=none, start=1, step=1)",
        "Counts up at each call: this endpoint's own counter, or the one of that name, which all share.",
        "{{ counter('orders', start=1000) }}",
        _counter,
        bare="counter()",
        returns="number",
    ),
    Helper(
        "env",
        "state",
        "env(name, default=none)",
        "An environment variable as it was when the config was loaded.",
        "{{ env('STAGE', 'local') }}",
        _env,
    ),
)
