"""What is done with steps on their way into a plan: latency before them, faults applied, headers added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from understudy.program import Program
from understudy.request import Request
from understudy.simulate.exchange import Blow, Exchange
from understudy.steps import (
    HangUp,
    Head,
    Header,
    Paced,
    Plan,
    Reply,
    Reset,
    RunApp,
    SendCallbacks,
    SendFile,
    ServeStatic,
    Step,
    Wait,
)

REPLIES = frozenset({Reply, SendFile, Head, RunApp})
"""Steps that begin a reply."""


def finished(program: Program, request: Request, plan: Plan, steps: tuple[Step, ...]) -> Plan:
    """The plan with its steps, the latency before them."""
    first = steps[0]
    if type(first) is Wait and len(steps) > 1 and type(steps[1]) in REPLIES:
        plan.latency_s += first.seconds  # a fault's, on top of the endpoint's own
        first, steps = steps[1], steps[1:]
    plan.reply = first if isinstance(first, Reply) else reply_in(steps)
    for step in steps:
        if type(step) is SendCallbacks:
            plan.callbacks = step.callbacks
    plan.steps = (Wait(plan.latency_s), *steps) if plan.latency_s else steps
    if plan.injected and program.reveal is not None:
        add_headers(plan, ((program.reveal, told(plan)),))
    return plan if program.cors is None else with_cors(program, request, plan)


def told(plan: Plan) -> bytes:
    """What was injected, as a structured field: `error;source="profile slow";n=3`."""
    from understudy.views.structured import Bare, Item, Token, write_list

    items = []
    for injected in plan.injected:
        about: dict[str, Bare] = {"source": injected.source}
        if injected.stage is not None:
            about["stage"] = injected.stage
        items.append(Item(Token(injected.kind), about | {"n": plan.n or 0}))
    return write_list(items).encode()


def reply_in(steps: tuple[Step, ...]) -> Reply | None:
    """The reply that steps send, whole or in pieces; None if they send none, or it is not known."""
    for step in steps:
        if isinstance(step, Paced):
            step = step.step
        if isinstance(step, Reply):
            return step
        if isinstance(step, SendFile | Head):
            return step.reply
    return None


def spoilt(exchange: Exchange, steps: tuple[Step, ...], stage: str | None) -> tuple[Step, ...]:
    """What is left of an answer when the faults have struck that come after it, in their order.

    What an application answers is not there yet: from the first fault on that looks at it, they strike when
    it is. `stage` is as in `note`.
    """
    note(exchange, stage)
    callbacks: tuple[Step, ...] = ()
    if type(steps[-1]) is SendCallbacks:
        steps, callbacks = steps[:-1], steps[-1:]
        exchange.plan.callbacks = callbacks[0].callbacks  # type: ignore[union-attr]
    blows = [blow for blow in exchange.blows if blow.comes_after]
    while blows:
        if not blows[0].is_blind and any(type(step) is RunApp for step in steps):
            then = partial(_struck, blows, callbacks)
            return tuple(replace(step, then=then) if type(step) is RunApp else step for step in steps)
        steps = blows.pop(0).strike(steps)
    return _with_callbacks(steps, callbacks)


def _struck(blows: list[Blow], callbacks: tuple[Step, ...], reply: Reply) -> tuple[Step, ...]:
    """What is left of an application's reply."""
    steps: tuple[Step, ...] = (reply,)
    for blow in blows:
        steps = blow.strike(steps)
    return _with_callbacks(steps, callbacks)


def note(exchange: Exchange, stage: str | None) -> None:
    """Let the plan and the counts tell of the faults that strike, and of the stage that chaos is in."""
    for blow in exchange.blows:
        exchange.inject(blow.injected(stage))


def _with_callbacks(steps: tuple[Step, ...], callbacks: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps with callbacks behind the reply.

    They are sent although the reply is lost: what caused them has happened.
    """
    if not callbacks:
        return steps
    end = next((place for place, step in enumerate(steps) if type(step) in {HangUp, Reset}), len(steps))
    end = end if any(type(step) in REPLIES for step in steps) else 0
    return (*steps[:end], *callbacks, *steps[end:])


def with_cors(program: Program, request: Request, plan: Plan) -> Plan:
    """The plan with headers for browsers that depend on the request. It is changed, not copied."""
    if program.cors is None or program.cors.is_constant:
        return plan
    reply = plan.reply
    extra = program.cors.headers(request)
    if reply is not None and reply.is_shared and plan.steps == (reply,):
        found = program.permitted.get((reply, extra)) or _permitted(program, reply, extra)
        plan.reply, plan.steps = found, (found,)
        return plan
    if reply is None or not _permits(reply):
        add_headers(plan, extra)
    return plan


MAX_PERMITTED = 1024
"""Shared replies that are kept with the headers for one browser's page."""


def _permitted(program: Program, reply: Reply, extra: tuple[Header, ...]) -> Reply:
    """A shared reply with headers for browsers: shared too, so that it is put together once."""
    found = reply if _permits(reply) else reply.with_headers(extra)
    found.is_shared = True
    if len(program.permitted) >= MAX_PERMITTED:
        program.permitted.clear()
    program.permitted[reply, extra] = found
    return found


def _permits(reply: Reply) -> bool:
    """Whether it gives permission itself: of two such headers browsers take none."""
    return any(name.lower() == b"access-control-allow-origin" for name, _ in reply.headers)


def add_headers(plan: Plan, extra: tuple[Header, ...]) -> None:
    """Put headers on whatever reply the plan sends."""
    plan.steps = tuple(_with_headers(step, extra) for step in plan.steps)
    if plan.reply is not None:
        plan.reply = reply_in(plan.steps)


def with_new_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    """The step with those headers that its reply does not have itself."""
    reply = step.reply if isinstance(step, SendFile | Head) else step
    if isinstance(reply, Reply):
        has = {name.lower() for name, _ in reply.headers}
        extra = tuple(header for header in extra if header[0].lower() not in has)
    return _with_headers(step, extra) if extra else step


def _with_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    match step:
        case Reply():
            return step.with_headers(extra)
        case SendFile(reply, path, offset, length):
            return SendFile(reply.with_headers(extra), path, offset, length)
        case ServeStatic(folder, relative, index, headers, missing):
            return ServeStatic(
                folder, relative, index, headers + extra, lambda: missing().with_headers(extra)
            )
        case RunApp(headers=headers, then=then):
            return replace(step, headers=headers + extra, then=then and partial(_also_with, extra, then))
        case Head():
            return replace(step, reply=step.reply.with_headers(extra))
        case Paced(Head() as head):
            return replace(step, step=replace(head, reply=head.reply.with_headers(extra)))
        case _:
            return step


def _also_with(
    extra: tuple[Header, ...], then: Callable[[Reply], tuple[Step, ...]], reply: Reply
) -> tuple[Step, ...]:
    """What is made of an application's reply, with the headers that it got, also if it is another reply."""
    steps = then(reply)
    made = reply_in(steps)
    if made is None or all(header in made.headers for header in extra):
        return steps
    return tuple(_with_headers(step, extra) for step in steps)
