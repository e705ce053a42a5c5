"""A user's function, checked when it is compiled, and called so that it cannot do harm."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.errors import Problem, UnderstudyError
from understudy.render import RenderError
from understudy.simulate.exchange import Exchange, in_task
from understudy.simulate.kit import Kit, Place
from understudy.simulate.python.modules import PREFIX, LoadError, Workspace
from understudy.simulate.python.view import Request
from understudy.simulate.runner import OutOfTime
from understudy.steps import Reply, json_reply

OURS = str(Path(__file__).parent.parent.parent)
"""The folder of Understudy itself, whose lines in a traceback tell a user nothing."""
MAX_MESSAGE = 2000
"""Longest text of an exception that a reply repeats."""
CAUGHT = (Exception, SystemExit, KeyboardInterrupt)
"""What a user's code may raise: neither `sys.exit()` nor Ctrl-C in it ends the server."""
PASSED = (RenderError, UnderstudyError)
"""What the engine answers itself."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the user. `workspace` keeps its module alive."""

    written: str
    call: Callable[..., Any]
    is_async: bool
    limit_s: float
    workspace: Workspace

    async def __call__(self, exchange: Exchange) -> Any:
        """What it gives for a request."""
        runner = exchange.runner
        if self.is_async:
            await in_task()
            return await runner.task(self.call(Request(exchange)), self.limit_s)
        view = Request(exchange, blocking=True)
        value = await runner.thread(lambda: self.call(view), self.limit_s)
        if inspect.isawaitable(value):  # a decorator hides that the function is async
            await in_task()
            view.be_async()
            return await runner.task(_awaited(value), self.limit_s)
        return value

    def failed(self, exchange: Exchange, error: BaseException) -> Reply:
        """The reply for what it raised, which the log tells too."""
        request = exchange.request
        out_of_time = isinstance(error, OutOfTime)
        name = type(error).__name__
        message = _message(error)
        file, line = _last_line(error)
        place = f" ({file}:{line})" if file else ""
        exchange.plan.error = (
            f"{self.written}: {message}" if out_of_time else f"{self.written}: {name}: {message}{place}"
        )
        exchange.runner.complain(
            f"{request.method} {request.target}: {self.written} failed:\n{_traceback(error)}"
        )
        body = {"error": "Handler timed out" if out_of_time else "Handler failed"}
        body |= {"endpoint": exchange.endpoint, "function": self.written}
        if not out_of_time:
            body["exception"] = name
        return json_reply(504 if out_of_time else 500, body | {"message": message})


async def _awaited(value: Any) -> Any:
    return await value


def load_object(written: str, kit: Kit, place: Place) -> Any:
    """What `module:name` names; None after a problem."""
    from understudy.load.files import shown

    workspace = kit.python
    broken = set(workspace.broken)
    try:
        return workspace.load(written)
    except LoadError as error:
        if error.file is None:
            kit.problem(place, error.message, found=f'"{written}"', suggestion=error.suggestion)
        elif not broken.issuperset(workspace.broken):  # one mistake in a module is one problem
            message = f"{error.message} (needed by {written})"
            kit.problems.append(Problem(message, shown(Path(error.file)), error.line))
        return None
    finally:
        kit.files.extend(file for file in workspace.files if file not in kit.files)


def compile_function(
    written: str, found: Any, kit: Kit, place: Place, *parameters: str, only_async: bool = False
) -> Function | None:
    """A loaded object as a function of these parameters; None after a problem."""
    signature = f"({', '.join(parameters)})"
    if inspect.isclass(found) or not callable(found):
        kind = "a class" if inspect.isclass(found) else f"of type {type(found).__name__}"
        kit.problem(place, f"this is {kind}, not a function {signature}", found=f'"{written}"')
        return None
    is_async = is_coroutine_function(found)
    try:
        inspect.signature(found).bind(*parameters)
    except TypeError:
        taken = inspect.signature(found)
        kit.problem(place, f"the function takes {taken}; it is called with {signature}", found=f'"{written}"')
        return None
    except ValueError:  # written in C: calling it will tell
        pass
    if only_async and not is_async:
        kit.problem(
            place,
            f"middleware is `async def {found.__name__}{signature}`: this is a plain `def`,"
            " which cannot await call_next"
            if hasattr(found, "__name__")
            else f"middleware is an `async def` {signature}",
            found=f'"{written}"',
        )
        return None
    return Function(written, found, is_async, kit.config.limits.handler_timeout_s, kit.python)


def is_coroutine_function(found: Any) -> bool:
    """Whether calling it gives a coroutine: an `async def`, or an object whose `__call__` is one."""
    called = getattr(type(found), "__call__", None)  # noqa: B004 - looks at how it is called, not whether
    return inspect.iscoroutinefunction(found) or inspect.iscoroutinefunction(called)


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # a user's class may do anything
        text = "(its text cannot be made)"
    return text[:MAX_MESSAGE]


def _last_line(error: BaseException) -> tuple[str | None, int | None]:
    """The innermost line of a traceback that is in one of the user's modules."""
    found: tuple[str | None, int | None] = (None, None)
    traceback = error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if traceback.tb_frame.f_globals.get("__name__", "").startswith(PREFIX):
            found = (Path(file).name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _traceback(error: BaseException) -> str:
    """The traceback from the user's first line on."""
    from traceback import format_exception

    first = error.__traceback__
    while first is not None and first.tb_frame.f_code.co_filename.startswith(OURS):
        first = first.tb_next
    return "".join(format_exception(type(error), error, first)).rstrip()
