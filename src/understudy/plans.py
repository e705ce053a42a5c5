"""What is done with steps on their way into a plan: latency before them, faults applied, headers added."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from understudy.dress import reply_in, with_headers
from understudy.program import Program
from understudy.request import Request
from understudy.simulate.exchange import Blow, Exchange
from understudy.steps import (
    Awaited,
    ExactReply,
    Forward,
    HangUp,
    Head,
    Header,
    Plan,
    ReplaySocket,
    Reply,
    Reset,
    RunApp,
    SendCallbacks,
    SendFile,
    Step,
    Wait,
)

REPLIES = frozenset({Reply, ExactReply, SendFile, Head, RunApp, Forward})
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


def spoilt(exchange: Exchange, steps: tuple[Step, ...], stage: str | None) -> tuple[Step, ...]:
    """What is left of an answer when the faults have struck that come after it, in their order.

    What an application answers is not there yet: from the first fault on that looks at it, they strike when
    it is. `stage` is as in `note`.
    """
    if any(type(step) is ReplaySocket for step in steps):
        return _spoilt_socket(exchange, steps, stage)
    note(exchange, stage)
    callbacks: tuple[Step, ...] = ()
    if type(steps[-1]) is SendCallbacks:
        steps, callbacks = steps[:-1], steps[-1:]
        exchange.plan.callbacks = callbacks[0].callbacks  # type: ignore[union-attr]
    blows = [blow for blow in exchange.blows if blow.comes_after]
    while blows:
        if not blows[0].is_blind and any(isinstance(step, Awaited) for step in steps):
            then = partial(_struck, blows, callbacks)
            return tuple(replace(step, then=then) if isinstance(step, Awaited) else step for step in steps)
        steps = blows.pop(0).strike(steps)
    return _with_callbacks(steps, callbacks)


def _spoilt_socket(exchange: Exchange, steps: tuple[Step, ...], stage: str | None) -> tuple[Step, ...]:
    """A recorded WebSocket that faults strike: some can end it, none can spoil what is said in it."""
    struck, missed = [], []
    for blow in exchange.blows:
        left = blow.strike(steps) if blow.comes_after else steps
        if left == steps:
            missed.append(blow.injected(stage).kind)
        else:
            struck.append(blow)
            steps = left
    exchange.blows = tuple(struck)
    note(exchange, stage)
    if missed:
        exchange.plan.error = f"no WebSocket is spoilt by {', '.join(missed)}: it was replayed as it is"
    return steps


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
    plan.steps = tuple(with_headers(step, extra) for step in plan.steps)
    if plan.reply is not None:
        plan.reply = reply_in(plan.steps)
