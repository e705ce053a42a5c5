"""What is compiled of an operation when it is first asked for something."""

from __future__ import annotations

from typing import NamedTuple

from understudy.errors import ConfigError
from understudy.load.fault import Fault
from understudy.model import OpenApi
from understudy.openapi.access import Access, compile_access
from understudy.openapi.answers import Answers, compile_answers
from understudy.openapi.outgoing import Check, compile_outgoing
from understudy.openapi.requests import Incoming, compile_requests
from understudy.openapi.spec import Spec


class Ready(NamedTuple):
    """An operation that was read. None: nothing of the kind is asked of requests, or of answers."""

    access: Access | None
    incoming: Incoming | None
    answers: Answers
    outgoing: Check | None


def read_operation(spec: Spec, number: int, settings: OpenApi) -> Ready:
    """Read an operation. Raises ConfigError."""
    try:
        return _read(spec, number, settings)
    except RecursionError:
        node = spec.heads[number].node
        fault = Fault("the operation cannot be read: it is nested too deeply", node.keys)
        raise ConfigError([node.document.source.problem(fault)]) from None
    except (UnicodeDecodeError, ValueError) as error:  # a part of a large document that is no JSON after all
        node = spec.heads[number].node
        fault = Fault(f"the operation cannot be read: {error}", node.keys)
        raise ConfigError([node.document.source.problem(fault)]) from None


def _read(spec: Spec, number: int, settings: OpenApi) -> Ready:
    operation = spec.operation(number)
    path = spec.path(number, settings)
    assert path is not None, "an operation without a path is no endpoint"
    access = incoming = outgoing = None
    if settings.auth == "presence" and (settings.real is None or settings.validate != "off"):
        access = compile_access(operation, spec.api.security, spec.api.schemes)
    if settings.validate != "off":
        incoming = compile_requests(operation, path, spec.is_new, spec.checkers("Request"))
    if settings.validate_responses != "off":
        outgoing = compile_outgoing(operation, spec.is_new, spec.checkers("Response"))
    has_links = any(response.links for response in operation.responses)
    answers = compile_answers(
        operation,
        spec.data,
        targets=spec.targets if has_links else None,
        path_names=path.names,
        base=settings.prefix.rstrip("/") + (operation.prefix if settings.servers else ""),
        dynamic=bool(settings.dynamic),
    )
    return Ready(access, incoming, answers, outgoing)
