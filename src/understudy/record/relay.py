"""Endpoints that send requests on, answer from recordings, or both: `proxy` and `record`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import UNSET, structs

from understudy.dress import reply_in, with_own_headers
from understudy.errors import ConfigError
from understudy.load.fault import Fault
from understudy.load.files import nearest, shown
from understudy.match import ConditionError
from understudy.model import MODES, Endpoint, Proxy, Record, mode_of
from understudy.model.record import Mode
from understudy.record.modes import READING, WATCHING, WRITING
from understudy.record.target import Origins, Target, target_of
from understudy.render.draws import Draws
from understudy.request import Request, origin_of
from understudy.simulate.content import constant_headers
from understudy.simulate.exchange import Exchange
from understudy.simulate.feature import Parts
from understudy.simulate.kit import Kit, Place
from understudy.steps import Forward, Header, Plan, Reply, Step, json_reply

if TYPE_CHECKING:
    from understudy.record.matching import Found, Miss
    from understudy.record.redact import Redactor
    from understudy.record.tape import Tape

MODE_HEADER = b"x-understudy-record"
"""Request header that asks for a mode, for this request alone."""


def add_relay(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Let an endpoint send requests on, or answer from recordings."""
    proxy = None if endpoint.proxy is UNSET else Proxy.of(endpoint.proxy)
    record = None if endpoint.record is UNSET or endpoint.record is False else Record.of(endpoint.record)
    add_relay_of(proxy, None, record, endpoint, name, parts, kit, place)
    if endpoint.cache is not UNSET and endpoint.cache is not False and record is None:
        message = "this does nothing where requests are only sent on: the other server says what is kept"
        kit.warning((*place, "cache"), message)


def add_relay_of_document(endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
    """Let an operation of a document be sent on to the real server that is named beside the document.

    What is said is recorded as that of the config's `proxy` is.
    """
    operation = parts.operation
    if operation is None or operation.settings.real is None:
        return
    settings, config = operation.settings, kit.config
    targets = kit.shared.setdefault(Target, {})
    assert isinstance(targets, dict)
    if id(settings) not in targets:  # whatever is wrong with it is told once

        def resolve(written: str, key: str) -> Path | None:
            return file_of(written, kit, (*place, "proxy", "tls", key))

        proxy: Proxy = settings.real
        if not proxy.strip_prefix:
            proxy = structs.replace(proxy, strip_prefix=settings.prefix.rstrip("/"))
        record = None if config.record is UNSET or config.record is False else Record.of(config.record)
        tape = None if record is None else _tape(record, kit, (), has_target=True)
        targets[id(settings)] = target_of(proxy, resolve), tape
    target, tape = targets[id(settings)]
    _add(Relay(name, target, None, tape, _headers(endpoint, kit, place), _space_header(kit)), parts)


def add_relay_of(
    proxy: Proxy | None,
    origins: Origins | None,
    record: Record | None,
    endpoint: Endpoint,
    name: str,
    parts: Parts,
    kit: Kit,
    place: Place,
) -> None:
    """The same for what was read already; `origins`: requests go where their clients say."""

    def resolve(written: str, key: str) -> Path | None:
        return file_of(written, kit, (*place, "proxy", "tls", key))

    target = None if proxy is None else target_of(proxy, resolve)
    tape = None
    if record is not None:
        tape = _tape(record, kit, place, has_target=target is not None or origins is not None)
    relay = Relay(name, target, origins, tape, _headers(endpoint, kit, place), _space_header(kit))
    _add(relay, parts)
    if parts.is_alone and (tape is None or tape.is_plain):
        parts.direct = relay.direct


def _add(relay: Relay, parts: Parts) -> None:
    parts.relay = relay
    parts.produce = relay.produce


def _headers(endpoint: Endpoint, kit: Kit, place: Place) -> tuple[Header, ...]:
    """What is put on each reply."""
    written = {} if endpoint.headers is UNSET else endpoint.headers
    return constant_headers(written, b"", kit, place, 304)


def _space_header(kit: Kit) -> bytes:
    return kit.config.space_header.lower().encode()


def file_of(written: str, kit: Kit, place: Place) -> Path | None:
    """The absolute path of a file that must be there; None after a problem."""
    path = kit.path(written, place)
    if path is not None and not path.is_file():
        kit.problem(place, f"{written} is not there, or no file")
        return None
    return path


def _tape(record: Record, kit: Kit, place: Place, *, has_target: bool) -> Tape | None:
    """The tape for a folder, which endpoints with the same settings share; None after a problem."""
    where = (*place, "record")
    try:
        folder = kit.loaded.resolve(record.folder)
    except ConfigError as error:
        said = error.problems[0]
        kit.mistake((*where, "folder"), Fault(said.message, (), said.found, said.accepted))
        return None
    mode = record.mode_with(has_target)
    if mode != "replay" and not has_target:
        kit.problem((*where, "mode"), f"{record.mode} needs a server to ask: a `proxy` beside it")
    if mode in WRITING and folder.is_file():
        if record.mode is UNSET:
            mode = "spy"
        else:
            message = f"{record.folder} is one file, which is not added to: name a folder for {record.mode}"
            kit.problem((*where, "mode"), message)
    known = kit.shared.setdefault(Relay, {})
    assert isinstance(known, dict)
    key = (folder, mode, has_target, repr(record))
    if key not in known:
        known[key] = _opened(record, folder, mode, has_target, kit, where)
    found: Tape | None = known[key]
    return found


def _opened(
    record: Record, folder: Path, mode: Mode, has_target: bool, kit: Kit, where: Place
) -> Tape | None:
    from understudy.record.drift import check_ignored
    from understudy.record.folder import Folder, read_recording
    from understudy.record.matching.unheard import unheard
    from understudy.record.redact.rules import check
    from understudy.record.tape import Tape, with_settings

    is_new = has_target and not folder.exists()
    if is_new and mode == "replay":
        kit.warning((*where, "folder"), f"{record.folder} is not there yet: every request gets 404")
    if not is_new and not folder.exists():
        hint = "record into it first: `understudy record --target URL`, or `proxy: URL` and `mode: once` here"
        name = nearest(folder)
        said = Fault(f"it is not there: {hint}", (), shown(folder), suggestion=f'"{name}"' if name else None)
        kit.mistake((*where, "folder"), said)
        return None
    try:
        read = Folder(()) if is_new else read_recording(folder)
    except ConfigError as error:
        kit.problems += error.problems
        return None
    for number, written in enumerate(record.ignore):
        if (wrong := check_ignored(written)) is not None:
            kit.problem((*where, "ignore", number), wrong)
    if (wrong := check(record.redact)) is not None:
        kit.problem((*where, "redact"), wrong)
        return None
    kit.warnings += read.warnings
    try:
        tape = Tape(with_settings(record, read), folder, mode, has_target=has_target)
        tape.fill(read.exchanges)
    except ConditionError as error:
        kit.problem((*where, "match", *error.keys), error.message)
        return None
    except OSError as error:
        kit.problem((*where, "folder"), f"a body cannot be read: {error.strerror or error}")
        return None
    for one in unheard(tape.settings.match, read.exchanges):
        kit.warning((*where, "match", *one.keys), one.message)
    if tape.settings.render:
        from understudy.record.replies import compile_rendered

        for exchange in read.exchanges:
            rendered = compile_rendered(exchange, kit, (*where, "render", exchange.id))
            if rendered is not None:
                tape.rendered[exchange.id] = rendered
    kit.tapes.append(tape)
    return tape


class Relay:
    """What an endpoint does. `headers` are put on each reply, in the place of its own."""

    def __init__(
        self,
        name: str,
        target: Target | None,
        origins: Origins | None,
        tape: Tape | None,
        headers: tuple[Header, ...],
        space_header: bytes,
    ) -> None:
        self.name = name
        self.target = target
        self.tape = tape
        self.redactor = redactor if (redactor := _redactor(tape)).is_on else None
        self._origins = origins
        self._headers = headers
        self._space_header = space_header
        self._ready: dict[Reply, Reply] = {}
        self._plans: dict[tuple[str, bytes], Plan] = {}
        self._version = -1
        self._telling = frozenset({MODE_HEADER})
        if tape is not None:
            from understudy.record.matching.keys import counted_headers

            self._telling |= {name.encode("latin-1") for name in counted_headers(tape.settings.match)}
        self._sizes = frozenset(map(len, self._telling))

    # --- in one call ---------------------------------------------------------------------------------------

    def direct(self, request: Request, count: Callable[[str], int]) -> Plan:
        """The whole plan, where nothing but the endpoint has a say in it, and nothing depends on time or
        lots.

        One plan serves all requests that are alike in what counts, as that of an endpoint without recordings
        does: it is shared, and not to be changed.
        """
        if self.tape is None:
            return self._planned(request)
        place = self._place(request)
        if place is not None and (ready := self._plans.get(place)) is not None:
            return ready
        plan = self._planned(request)
        if place is not None and plan.constant:
            if len(self._plans) >= MAX_READY:
                self._plans.clear()
            self._plans[place] = plan
        return plan

    def _place(self, request: Request) -> tuple[str, bytes] | None:
        """All that counts of a request in the usual case: no body, no header that has a say.

        None for all others. What was kept is forgotten when what is answered has changed.
        """
        tape, target = self.tape, request.raw_target
        if tape is None or request.body or tape.settings.match.host or len(target) > MAX_KEPT_BYTES:
            return None
        if type(target) is not bytes:  # rewritten: two that differ may have become one
            return None
        sizes, telling = self._sizes, self._telling
        for name, _ in request.raw_headers:
            if len(name) in sizes and name.lower() in telling:
                return None
        if self._version != tape.version:
            self._plans.clear()
            self._version = tape.version
        return request.method, target

    def _planned(self, request: Request) -> Plan:
        plan = Plan((), None, self.name, redactor=self.redactor)
        try:
            mode = self._mode(request)
        except _Refused as refused:
            plan.reply, plan.steps = refused.reply, (refused.reply,)
            return plan
        found = None if self.tape is None else self._found(mode, request)
        if found is not None and found.exchange is not None and self.tape is not None:
            replies, recorded = self.tape.replies, found.exchange
            reply: Reply | None = None if replies.cuts(recorded, request) else replies.constant(recorded)
            if reply is not None:
                reply = self._dressed(reply)
                plan.reply, plan.steps, plan.constant = reply, (reply,), found.is_only
                plan.source = "recorded"
                return plan
        plan.steps = self._steps(found, mode, request, plan, None, 0.0)
        plan.reply = reply_in(plan.steps)
        return plan

    # --- as a stage ----------------------------------------------------------------------------------------

    async def produce(self, exchange: Exchange) -> tuple[Step, ...]:
        """What the endpoint answers."""
        request = exchange.request
        try:
            mode = self._mode(request)
        except _Refused as refused:
            return (refused.reply,)
        found = self._found(mode, request)
        if self.tape is not None and self.tape.settings.render:
            await exchange.prepare()
        return self._steps(found, mode, request, exchange.plan, exchange.draws, exchange.now)

    def streams(self, request: Request) -> bool:
        """Whether the request's body may be passed on while it arrives: nobody has to look at it before.

        Of the request only the head is there.
        """
        try:
            mode = self._mode(request)
        except _Refused:
            return False
        if mode == "replay":
            return False
        return mode not in READING or self.tape is None or not self.tape.shelf.may_have(request)

    # --- the parts -----------------------------------------------------------------------------------------

    def _mode(self, request: Request) -> Mode:
        """What is to be done with a request: what it asks for itself goes first. Raises _Refused."""
        tape = self.tape
        for name, value in request.raw_headers:
            if len(name) == _MODE_HEADER_SIZE and name.lower() == MODE_HEADER:
                return self._asked(value.decode("latin-1").strip())
        mode: Mode = "passthrough" if tape is None else tape.mode
        return mode

    def _asked(self, written: str) -> Mode:
        try:
            mode = mode_of(written)
        except KeyError:
            known = ", ".join(MODES)
            raise _Refused(400, f"there is no mode {written!r} ({_SHOWN}): there are {known}") from None
        if self.tape is None and mode != "passthrough":
            raise _Refused(400, f"{_SHOWN}: {written}: this endpoint has no `record`")
        if mode != "replay" and self.target is None and self._origins is None:
            raise _Refused(400, f"{_SHOWN}: {written}: there is no server to ask, no `proxy` beside `record`")
        if self.tape is not None and not self.tape.may(mode):
            message = f"{_SHOWN}: {written}: {self.tape.name} is one file, which is not added to"
            raise _Refused(400, message)
        return mode

    def _found(self, mode: Mode, request: Request) -> Found | Miss | None:
        if mode not in READING or self.tape is None:
            return None
        found: Found | Miss = self.tape.take(request, self._space(request))
        return found

    def _space(self, request: Request) -> str:
        return request.space(self._space_header)

    def _steps(
        self,
        found: Found | Miss | None,
        mode: Mode,
        request: Request,
        plan: Plan,
        draws: Draws | None,
        now: float,
    ) -> tuple[Step, ...]:
        """What is done where there is no reply that is always the same."""
        tape = self.tape
        if found is not None and found.exchange is not None and tape is not None:
            exchange = found.exchange
            plan.source = "recorded"
            if exchange.id in tape.rendered:
                exchange = tape.rendered[exchange.id](exchange)
            steps: tuple[Step, ...] = tape.replies.steps(exchange, request, draws, now)
            if self._headers:
                steps = tuple(with_own_headers(step, self._headers) for step in steps)
            return steps
        if found is not None and found.exchange is None and mode == "replay":
            plan.error, plan.source = found.short, "no recording"
            if tape is not None:
                tape.misses(request)
            return (json_reply(404, found.as_json(), self._headers),)
        target = self._origin(request) or self.target
        if target is None:
            message = (
                "this server is a proxy here: ask it for a whole address, or set HTTP_PROXY for the client"
            )
            return (json_reply(421, {"error": "Not an address", "message": message}, self._headers),)
        plan.source = "upstream"
        watcher = (
            None if tape is None or mode not in WATCHING else tape.keeper(mode, request, self._space(request))
        )
        return (Forward(target, request, self._headers, None, watcher),)

    def _origin(self, request: Request) -> Target | None:
        if self._origins is None:
            return None
        origin = origin_of(request.raw_target)
        return self._origins.of(origin) if origin else None

    def _dressed(self, reply: Reply) -> Reply:
        """A recorded reply with the endpoint's headers; shared like itself."""
        if not self._headers:
            return reply
        found = self._ready.get(reply)
        if found is None:
            step = with_own_headers(reply, self._headers)
            assert isinstance(step, Reply)
            found = step
            found.is_shared = True
            if len(self._ready) >= MAX_READY:
                self._ready.clear()
            self._ready[reply] = found
        return found


def _redactor(tape: Tape | None) -> Redactor:
    """What takes secrets out of what is shown of requests: as of recordings, or by the usual rules."""
    if tape is not None:
        return tape.redactor
    from understudy.record.redact import Redactor

    return Redactor()


class _Refused(Exception):
    """A request asks for a mode that is not possible here."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.reply = json_reply(status, {"error": "Unknown mode", "message": message})


_MODE_HEADER_SIZE = len(MODE_HEADER)
_SHOWN = "X-Understudy-Record"
MAX_READY = 10_000
"""Replies that are kept with the endpoint's headers on them, and plans."""
MAX_KEPT_BYTES = 1024
"""The longest target whose plan is kept."""
