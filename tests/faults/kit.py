"""What the tests of faults share: a fault that strikes, and what is then sent."""

import msgspec
from msgspec.structs import replace

from understudy.faults import compile_fault
from understudy.faults.strike import Lots, Moment
from understudy.load import load
from understudy.model.faults import AnyFault, fault_of
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.kit import Kit
from understudy.steps import Body, FileBody, Head, Paced, Reply, SendFile, Write

PLACE = ("endpoints", 0, "faults", 0)
REPLY = Reply(200, ((b"Content-Type", b"application/json"),), b'{"a": [1, 2, 3]}')
EMPTY = Reply(200, (), b"")
NOW_S = 784111777.25  # Sun, 06 Nov 1994 08:49:37 GMT, and a quarter of a second
APP = object()


def kit_of(**config):
    return Kit(load({"endpoints": [{"path": "/"}], **config}), {})


def fault(written):
    return fault_of(written) if isinstance(written, str) else msgspec.convert(written, AnyFault)


def moment(method="GET", *, seed=1, n=0, label="f", now_s=NOW_S, version="1.1", target=b"/"):
    request = Request(method, target, version=version)
    return Moment(request, Lots(Draws(seed, "GET /", n), label), now_s)


def struck(written, steps=(REPLY,), at=None, **config):
    """The steps after a fault has struck."""
    kit = kit_of(**config)
    strike = compile_fault(fault(written), kit, PLACE)
    assert not kit.problems
    return strike(tuple(steps), at or moment())


def problems(written, **config):
    """What is wrong with a fault that can be read."""
    kit = kit_of(**config)
    compile_fault(fault(written), kit, PLACE)
    return [problem.message for problem in kit.problems]


def sent(steps, file=b""):
    """The body as it would arrive, in the pieces that it is sent in; a file's bytes come from `file`."""
    pieces = []
    for step in steps:
        size = None
        if isinstance(step, Paced):
            step, size = step.step, step.chunk_bytes
        match step:
            case Reply(body=data) | Body(data) | Write(data):
                pass
            case FileBody(_, offset, length) | SendFile(_, _, offset, length):
                data = file[offset : offset + length]
            case _:
                continue
        pieces += [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    return pieces


def heads(steps):
    """The heads, in whatever pace they are sent."""
    bare = [step.step if isinstance(step, Paced) else step for step in steps]
    return [step for step in bare if isinstance(step, Head)]


def bare(steps):
    """The steps with what a reply says in the place of the reply, so that equal ones are equal."""
    return [_bare(step) for step in steps]


def _bare(step):
    if isinstance(step, Reply):
        return step.status, step.headers, step.body, step.length, step.dated
    if isinstance(step, Paced):
        return replace(step, step=_bare(step.step))
    return replace(step, reply=_bare(step.reply)) if isinstance(step, Head | SendFile) else step
