"""Steps with more headers: on whatever reply they send."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from understudy.steps import Forward, Head, Header, Paced, Reply, RunApp, SendFile, ServeStatic, Step


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


def with_new_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    """The step with those headers that its reply does not have itself."""
    reply = step.reply if isinstance(step, SendFile | Head) else step
    if isinstance(reply, Reply):
        has = {name.lower() for name, _ in reply.headers}
        extra = tuple(header for header in extra if header[0].lower() not in has)
    return with_headers(step, extra) if extra else step


def with_own_headers(step: Step, own: tuple[Header, ...]) -> Step:
    """The step with these headers, in the place of those of the same names that its reply has itself."""
    names = {name.lower() for name, _ in own}
    match step:
        case Reply():
            return step.without_headers(names).with_headers(own)
        case SendFile():
            return replace(step, reply=step.reply.without_headers(names).with_headers(own))
        case Head():
            return replace(step, reply=step.reply.without_headers(names).with_headers(own))
        case Paced(Head() as head):
            return replace(step, step=with_own_headers(head, own))
        case _:
            return with_headers(step, own)


def with_headers(step: Step, extra: tuple[Header, ...]) -> Step:
    """The step with more headers behind those of its reply."""
    match step:
        case Reply():
            return step.with_headers(extra)
        case SendFile(reply, path, offset, length):
            return SendFile(reply.with_headers(extra), path, offset, length)
        case ServeStatic(folder, relative, index, headers, missing):
            return ServeStatic(
                folder, relative, index, headers + extra, lambda: missing().with_headers(extra)
            )
        case RunApp(headers=headers, then=then) | Forward(headers=headers, then=then):
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
    return tuple(with_headers(step, extra) for step in steps)
