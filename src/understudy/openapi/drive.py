"""An operation of a document as it answers: who may ask, whether a request is right, and what it gets.

An operation is read when it is first asked for something. Where nothing but the operation has a say in what
happens (no latency, no faults, no limits), its whole plan is made in one call, and remembered if it depends
on nothing but the request's bytes; else its checks are a stage of the endpoint among others, and what it
answers is the endpoint's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from understudy.dress import with_headers
from understudy.errors import ConfigError
from understudy.load.driven import Driven
from understudy.model import Endpoint, OpenApi
from understudy.openapi.answers import Answer, Answers
from understudy.openapi.judge import ReplyJudge, media_type_of
from understudy.openapi.outgoing import Check
from understudy.openapi.prefer import NOTHING, Refused, wishes
from understudy.openapi.problems import (
    invalid_content_type,
    miss,
    problem,
    supported_types,
    unauthorized,
    unprocessable,
    violated,
    violations_header,
)
from understudy.openapi.ready import Ready, read_operation
from understudy.openapi.spec import Spec
from understudy.openapi.violation import ERROR, UNDOCUMENTED, WARNING, Violation, told
from understudy.render.draws import Draws, DrawSource
from understudy.request import Request
from understudy.simulate.content import constant_headers
from understudy.simulate.exchange import Exchange, Produce
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Forward, Header, Judgement, Plan, Reply, Step

UNAUTHORIZED, UNSUPPORTED, UNPROCESSABLE = 401, 415, 422
_SECURITY = Violation(("security",), str(UNAUTHORIZED), "Invalid security scheme used")


class Verdict(NamedTuple):
    """What the checks of a request came to: the reply if it is refused, and what was found."""

    reply: Reply | None
    found: tuple[Violation, ...] = ()


_FINE = Verdict(None)


def compile_operation(
    driven: Driven, endpoint: Endpoint, name: str, kit: Kit, place: Place
) -> DrivenOperation:
    """What answers for an endpoint that is an operation of a document."""
    written = {} if endpoint.headers is UNSET else endpoint.headers
    extra = constant_headers(written, b"", kit, place, 204)
    config = kit.config
    seed = next(one for one in (driven.settings.seed, config.seed, 0) if one is not None)
    operation = DrivenOperation(driven, name, extra, seed)
    if driven.settings.stateful:
        operation.remember = _stateful(driven, kit, place)
    return operation


def _stateful(driven: Driven, kit: Kit, place: Place) -> Produce | None:
    """What answers an operation that remembers, compiled with all of its document; None if it does not."""
    from understudy.openapi.stateful import compile_stateful

    spec: Spec = driven.document
    made: dict[int, Any] = kit.shared.setdefault(DrivenOperation, {})  # type: ignore[assignment]
    found = made.get(id(driven.settings))
    if found is None:
        found = compile_stateful(spec.inference.resources, kit, spec.data)
        made[id(driven.settings)] = found
    head = spec.heads[driven.number]
    produce: Produce | None = found.get((head.method, head.path))
    return produce


def add_checks(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Let an operation check and answer, if the endpoint is one."""
    operation: DrivenOperation | None = parts.operation
    if operation is None:
        return
    if operation.is_alone and operation.remember is None and operation.settings.real is None:
        parts.direct = operation.direct
        return
    parts.before.append(operation.check)
    if operation.settings.real is None:
        parts.produce = operation.produce
        parts.after.append(operation.tell)
    else:  # what sends requests on, or answers from recordings, is added by `record.relay`
        parts.after.append(operation.hold)


class DrivenOperation:
    """One operation.

    `is_alone`: nothing but the operation has a say in what happens. `remember` answers instead of what the
    document has for everybody, if the operation is one of a resource's; but not who asks for an example.
    """

    def __init__(self, driven: Driven, name: str, extra: tuple[Header, ...], seed: int) -> None:
        self.spec: Spec = driven.document
        self.settings: OpenApi = driven.settings
        self.is_alone = False
        self.remember: Produce | None = None
        self._number = driven.number
        self._name = name
        self._extra = extra
        self._lots = DrawSource(seed, name)
        self._each = self.settings.dynamic == "each"
        self._ready: Ready | None = None
        self._dressed: dict[tuple[int, bool], tuple[Reply, Reply]] = {}
        """Replies that are the same each time, and what is sent for each; by the id of the first."""

    # --- in one call --------------------------------------------------------------------------------------

    def direct(self, request: Request, count: Callable[[str], int]) -> Plan:
        """The whole plan. Only one whose data differs each time depends on more than the request."""
        verdict = self.examine(request)
        n = None
        if verdict.reply is not None:
            reply = self.dressed(verdict.reply)
        else:
            draws = None
            if self._each:
                n = count(self._name)
                draws = self._lots.at(n)
            reply = self.answer(request, draws)
        if verdict.found:
            reply = reply.with_headers((violations_header(verdict.found),))
        plan = Plan((reply,), reply, self._name, constant=not self._each, n=n)
        if verdict.found:
            plan.violations = told(verdict.found)
        return plan

    # --- as stages of an endpoint -------------------------------------------------------------------------

    async def check(self, exchange: Exchange) -> Reply | None:
        """Refuse a request, or let it go on; the log tells what is wrong with it in both cases."""
        verdict = self.examine(exchange.request)
        if verdict.found:
            exchange.plan.violations = told(verdict.found)
            exchange.passed[self] = verdict.found
        if verdict.reply is None:
            return None
        reply = self.dressed(verdict.reply)
        return reply.with_headers((violations_header(verdict.found),)) if verdict.found else reply

    async def produce(self, exchange: Exchange) -> tuple[Step, ...]:
        """What the operation answers."""
        if self.remember is not None and _wishes_nothing(exchange.request):
            steps = await self.remember(exchange)
            return tuple(self.dressed(step) if isinstance(step, Reply) else step for step in steps)
        return (self.answer(exchange.request, exchange.draws if self._each else None),)

    async def tell(self, exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Tell in the reply what was found wrong with a request that was let through."""
        found = exchange.passed.get(self)
        if not found or not isinstance(steps[0], Reply):
            return steps
        return (steps[0].with_headers((violations_header(found),)), *steps[1:])

    async def hold(self, exchange: Exchange, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Hold the reply of the real server against the document: when it comes, or at once if it was
        recorded. The answer to HEAD lacks its body, and is not looked at."""
        request, found = exchange.request, exchange.passed.get(self, ())
        judge = ReplyJudge(self, request, found)
        held: list[Step] = []
        for step in steps:
            if request.method == "HEAD":
                held.append(with_headers(step, (violations_header(found),)) if found else step)
            elif isinstance(step, Forward):
                held.append(replace(step, judge=judge))
            elif isinstance(step, Reply) and exchange.plan.source == "recorded":
                held.append(_judged(step, judge.judged(step, is_whole=True), exchange.plan))
            else:
                held.append(step)
        return tuple(held)

    # --- the parts ----------------------------------------------------------------------------------------

    @property
    def is_blind(self) -> bool:
        """Whether bodies of requests may be passed on unseen."""
        return self.settings.real is not None and self.settings.validate == "off"

    def ready(self) -> Ready:
        """The operation as it was read. Raises ConfigError."""
        return self._ready or self._read()

    def examine(self, request: Request) -> Verdict:
        """Whether a request may have what it asks for."""
        try:
            ready = self._ready or self._read()
        except ConfigError as error:
            return Verdict(problem("UNKNOWN", str(error)))
        access, incoming = ready.access, ready.incoming
        is_strict = self.settings.validate == "strict"
        found: tuple[Violation, ...] = ()
        if access is not None:
            refusal = access(request)
            if refusal is not None and self.settings.real is not None and not is_strict:
                found = (_SECURITY._replace(message=refusal.message),)  # the real server says who may
            elif refusal is not None:
                documented = self._refused(UNAUTHORIZED, request, ready.answers)
                missing = (_SECURITY._replace(message=refusal.message),)
                if documented is None:
                    return Verdict(unauthorized(refusal.challenges), missing)
                challenges = tuple((b"WWW-Authenticate", one.encode()) for one in refusal.challenges)
                return Verdict(documented.with_headers(challenges), missing)
        if incoming is None or (incoming.is_trivial and not request.body):
            return Verdict(None, found) if found else _FINE
        accepted = incoming.media_refused(request)
        if accepted is not None:
            wrong = (Violation(("header", "content-type"), str(UNSUPPORTED), supported_types(accepted)),)
            if not is_strict:
                return Verdict(None, found + wrong)
            documented = self._refused(UNSUPPORTED, request, ready.answers)
            return Verdict(documented or invalid_content_type(accepted), wrong)
        violations = incoming.look(request)
        found += tuple(violations)
        if not found:
            return _FINE
        if not is_strict or all(one.severity != ERROR for one in found):
            return Verdict(None, found)
        return Verdict(self._refused(UNPROCESSABLE, request, ready.answers) or unprocessable(found), found)

    def answer(self, request: Request, draws: Draws | None) -> Reply:
        """What a request gets that may have it. Without draws, data is made from the request itself."""
        ready = self._ready
        if ready is None:
            try:
                ready = self._read()
            except ConfigError as error:
                return self.dressed(problem("UNKNOWN", str(error)))
        found = ready.answers.quick(request)
        if found is None:
            try:
                wish = wishes(request)
            except Refused as refused:
                return self.dressed(refused.reply())
            found = ready.answers.choose(request, wish, draws or self._draws(request))
            if wish.example is not None:  # that one, and no other
                return self.checked(found, ready, None)
        return self.checked(found, ready, request)

    def checked(self, answer: Answer, ready: Ready, request: Request | None) -> Reply:
        """The reply of an answer with the headers that all have, or what stands in its place if it is not as
        the document says. None for a request: nothing else may stand there."""
        reply = answer.reply
        key = (id(reply), request is None)
        if reply.is_shared:
            known = self._dressed.get(key)
            if known is not None and known[0] is reply:
                return known[1]
        made = self._held(answer, ready, request)
        if reply.is_shared:
            made.is_shared = True
            self._dressed[key] = (reply, made)
        return made

    def _held(self, answer: Answer, ready: Ready, request: Request | None) -> Reply:
        """An answer held against the document."""
        wrong = violations_of(answer, ready.outgoing)
        if not wrong:
            return self.dressed(answer.reply)
        mode = self.settings.validate_responses
        if mode == "strict":
            return self.dressed(violated(wrong))
        if mode == "mend" and request is not None:
            for other in ready.answers.alternatives(answer, request):
                if not violations_of(other, ready.outgoing):
                    return self.dressed(other.reply)
        return self.dressed(answer.reply).with_headers((violations_header(wrong),))

    def dressed(self, reply: Reply) -> Reply:
        """The reply with the headers that all of this endpoint have, unless it has others of these names."""
        if not self._extra:
            return reply
        has = {name.lower() for name, _ in reply.headers}
        return reply.with_headers(tuple(one for one in self._extra if one[0].lower() not in has))

    def _refused(self, status: int, request: Request, answers: Answers) -> Reply | None:
        """What the document says that a request gets which is refused."""
        try:
            wish = wishes(request)
        except Refused:
            wish = NOTHING
        found = answers.refuse(status, request, wish, self._draws(request))
        return None if found is None else found.reply

    def _draws(self, request: Request) -> Draws:
        """Lots that are the same for the same request, and for HEAD what they are for GET."""
        digest = blake2b(request.raw_target + b" " + request.body, digest_size=8).digest()
        return self._lots.at(int.from_bytes(digest, "big"))

    def _read(self) -> Ready:
        """Read the operation. Raises ConfigError."""
        self._ready = ready = read_operation(self.spec, self._number, self.settings)
        return ready


def _wishes_nothing(request: Request) -> bool:
    try:
        return wishes(request) == NOTHING
    except Refused:
        return False


def _judged(reply: Reply, judgement: Judgement, plan: Plan) -> Reply:
    """What is sent of a reply that was there at once."""
    plan.judged(judgement)
    return judgement.instead or (reply.with_headers(judgement.headers) if judgement.headers else reply)


def add_undocumented(
    add: Callable[[Endpoint, str, Parts, Kit, Place], None],
    endpoint: Endpoint,
    name: str,
    parts: Parts,
    kit: Kit,
    place: Place,
) -> None:
    """`add` what answers requests that nobody takes, and tell of those that no document has: a warning, as
    Prism gives (its packages/core/src/factory.ts)."""

    async def check(exchange: Exchange) -> Reply | None:
        said, _ = miss(404, exchange.request.method, exchange.request.path)
        found = (Violation(("path",), UNDOCUMENTED, said["detail"], WARNING),)
        exchange.plan.violations = told(found)
        exchange.headers += (violations_header(found),)
        return None

    parts.before.append(check)
    add(endpoint, name, parts, kit, place)


def violations_of(answer: Answer, outgoing: Check | None) -> list[Violation]:
    """What about an answer is not as the document says."""
    if outgoing is None or answer.response is None:
        return []
    reply = answer.reply
    return outgoing(reply.status, reply.headers, reply.body, media_type_of(reply.headers))
