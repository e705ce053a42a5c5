"""What a template helper declares, and how calls of it are checked at load."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from understudy.render.scope import Scope

_VARIADIC, _KEYWORDS = 0x04, 0x08  # code flags: takes *args, takes **kwargs

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Helper:
    """One row of the helper TABLE.

    `usage` shows the arguments; `example` is a template that renders by itself. `make` binds the function to
    a scope. `bare` is the expression that the name stands for without parentheses. `returns` says what comes
    out: `text` is a str always, `data` may be any JSON value. A `filter` may also stand behind a `|`. `check`
    raises ValueError for literal arguments (by parameter name) that can never work.
    """

    name: str
    family: str
    usage: str
    doc: str
    example: str
    make: Callable[[Scope], Function]
    bare: str | None = None
    returns: Literal["text", "number", "data"] = "data"
    filter: bool = False
    check: Callable[[Mapping[str, Any]], None] | None = None


def pure(function: Function) -> Callable[[Scope], Function]:
    """The `make` of a helper that needs nothing of the request."""
    return lambda scope: function


def parameters(function: Function) -> tuple[str, ...]:
    """The names of a function's parameters, in order. (`inspect` would cost 20 ms of start-up.)"""
    code = function.__code__
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def call_fault(function: Function, positional: int, keywords: Sequence[str]) -> str | None:
    """Why the function cannot be called so, or None."""
    code = function.__code__
    names = parameters(function)
    by_position = code.co_argcount
    if positional > by_position and not code.co_flags & _VARIADIC:
        return f"takes at most {by_position} argument{'s' * (by_position != 1)}, got {positional}"
    if not code.co_flags & _KEYWORDS:
        for name in keywords:
            if name not in names:
                return f"has no argument {name}; it has {', '.join(names) or 'none'}"
    given = {*names[:positional], *keywords}
    needed = names[: by_position - len(function.__defaults__ or ())]
    missing = [name for name in needed if name not in given]
    return f"needs {', '.join(missing)}" if missing else None
