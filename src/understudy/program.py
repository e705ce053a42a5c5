"""Model → Program: everything that can be decided before the first request is decided here.

A Program is immutable. A change of the config builds a new one beside the old; the server then swaps one
attribute, and requests in flight finish on theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET

from understudy.cors import CorsPolicy
from understudy.errors import ConfigError, Problem
from understudy.load import decode_base64
from understudy.match import (
    ConditionError,
    Conditions,
    Index,
    PathPattern,
    PathSyntaxError,
    compile_match,
    sort_key,
)
from understudy.model import BodyFile, Endpoint, Failure, Headers, Uniform
from understudy.request import Request
from understudy.steps import BODILESS, Close, Header, Plan, Reply, SendFile, Step

if TYPE_CHECKING:
    from understudy.load import Loaded
    from understudy.render import Templates
    from understudy.render.draws import Draws

MAX_FILE_IN_MEMORY_BYTES = 1024 * 1024
"""Body files up to this size are kept in memory; larger ones are read as they are sent."""

FAILED = "failure"
"""The name of the fault that `failure_rate` injects, in logs and plans."""

CONTROL_PREFIX = "/__"
"""Where the control endpoints are; no endpoint of a config is asked there."""

RESERVED_HEADERS = frozenset({"content-length", "transfer-encoding"})
"""Headers that frame the message, so that only the server may set them (RFC 9112 section 6)."""


class CompiledEndpoint:
    """An endpoint, ready to answer.

    `plan` is the whole answer if nothing about it changes from request to request. Otherwise `respond` makes
    the steps (rendering against the current scope), and `latency_s` and `failure_rate` draw lots.
    """

    __slots__ = (
        "conditions",
        "failure",
        "failure_rate",
        "latency_s",
        "methods",
        "name",
        "order",
        "pattern",
        "plan",
        "respond",
        "sort_key",
    )

    def __init__(
        self,
        name: str,
        order: int,
        pattern: PathPattern,
        methods: frozenset[str],
        priority: int,
        respond: Callable[[Request], tuple[Step, ...]],
        conditions: Conditions | None = None,
    ) -> None:
        self.name = name
        self.order = order
        self.pattern = pattern
        self.methods = methods
        self.sort_key = sort_key(priority, pattern, conditions is not None, order)
        self.conditions = conditions
        self.respond = respond
        self.plan: Plan | None = None
        self.latency_s: Callable[[Draws], float] | None = None
        self.failure_rate = 0.0
        self.failure: tuple[Step, ...] = ()


class CompiledStatic(NamedTuple):
    """A static folder: looked into when no endpoint takes a GET request, so a file never hides one."""

    prefix: str
    folder: Path
    index_file: str
    headers: tuple[Header, ...]

    @property
    def name(self) -> str:
        """What logs call it."""
        return f"static {self.prefix or '/'}"

    def relative(self, path: str) -> str | None:
        """The part of a canonical path below the folder; None if it is elsewhere."""
        if path == self.prefix or path.startswith(f"{self.prefix}/"):
            return path[len(self.prefix) :].lstrip("/")
        return None


class Program:
    """A compiled config: what `engine.decide` runs on."""

    __slots__ = (
        "conditional",
        "constant",
        "cors",
        "endpoints",
        "index",
        "loaded",
        "misses",
        "statics",
        "templates",
        "warnings",
    )

    def __init__(
        self,
        loaded: Loaded,
        endpoints: tuple[CompiledEndpoint, ...],
        statics: tuple[CompiledStatic, ...],
        templates: Templates,
        cors: CorsPolicy | None,
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self.loaded = loaded
        self.endpoints = endpoints
        self.statics = tuple(sorted(statics, key=lambda static: -len(static.prefix)))  # the closest first
        self.templates = templates
        self.cors = cors
        self.warnings = (*loaded.warnings, *warnings)
        self.index: Index[CompiledEndpoint] = Index(
            endpoints, ignore_trailing_slash=loaded.config.trailing_slash == "ignore"
        )
        self.conditional = any(endpoint.conditions for endpoint in endpoints)
        """Whether some endpoint looks at more than path and method."""
        self.constant = (cors is None or cors.is_constant) and not any(
            endpoint.conditions and endpoint.conditions.by_client for endpoint in endpoints
        )
        """Whether a reply that does not change depends on nothing but the request's bytes."""
        for endpoint in endpoints:
            if endpoint.plan is not None:
                endpoint.plan.constant = self.constant
        self.misses: dict[tuple[str, str], Plan] = {}


def compile_program(loaded: Loaded, environ: dict[str, str] | None = None) -> Program:
    """Compile a loaded config. Raises ConfigError with all problems at once."""
    compiler = _Compiler(loaded, environ or {})
    endpoints, statics = compiler.endpoints(), compiler.statics()
    if compiler.problems:
        raise ConfigError(compiler.problems)
    warnings = tuple(compiler.warnings)
    return Program(loaded, endpoints, statics, compiler.templates, compiler.cors, warnings)


class _Compiler:
    """Compiles one config; gathers problems instead of stopping at the first."""

    def __init__(self, loaded: Loaded, environ: dict[str, str]) -> None:
        from understudy.render import Templates

        self.loaded = loaded
        self.config = loaded.config
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.templates = Templates(loaded.database, environ)
        self.cors = CorsPolicy.of(self.config.cors)
        self.constant_headers = self.cors.constant_headers if self.cors else ()

    def endpoints(self) -> tuple[CompiledEndpoint, ...]:
        compiled = []
        for number, (endpoint, name) in enumerate(zip(self.config.endpoints, self.loaded.names, strict=True)):
            place = ("endpoints", number)
            try:
                compiled.append(self._endpoint(endpoint, name, number, place))
            except _Skip:
                continue
        return tuple(compiled)

    def _endpoint(
        self, endpoint: Endpoint, name: str, order: int, place: tuple[str | int, ...]
    ) -> CompiledEndpoint:
        try:
            pattern = PathPattern(endpoint.path)
        except PathSyntaxError as error:
            self._problem((*place, "path"), str(error))
            raise _Skip from None
        if pattern.source.startswith(CONTROL_PREFIX):
            message = f"this never answers: paths below {CONTROL_PREFIX} are the control endpoints"
            self.warnings.append(self.loaded.problem((*place, "path"), message))
        conditions = None
        if endpoint.match is not UNSET:
            try:
                conditions = compile_match(endpoint.match, pattern)
            except ConditionError as error:
                self._problem((*place, "match", *error.keys), error.message)
        respond = self._respond(endpoint, place)
        compiled = CompiledEndpoint(
            name,
            order,
            pattern,
            frozenset(endpoint.methods),
            endpoint.priority,
            respond or _unreachable,
            conditions,
        )
        self._behaviour(compiled, endpoint, place)
        if isinstance(respond, _Constant):
            plain = compiled.latency_s is None and not compiled.failure_rate
            if plain and (self.cors is None or self.cors.is_constant):
                compiled.plan = Plan(respond.steps, respond.reply, name, constant=True)
        return compiled

    def _behaviour(
        self, compiled: CompiledEndpoint, endpoint: Endpoint, place: tuple[str | int, ...]
    ) -> None:
        latency = endpoint.latency_ms
        if isinstance(latency, Uniform):
            low, high = latency.uniform[0] / 1000, latency.uniform[1] / 1000
            compiled.latency_s = lambda draws: low + (high - low) * draws.unit("latency")
        elif latency is not UNSET and latency:
            fixed = latency / 1000
            compiled.latency_s = lambda draws: fixed
        if endpoint.failure_rate is UNSET or not endpoint.failure_rate:
            return
        compiled.failure_rate = endpoint.failure_rate
        failure = endpoint.failure
        if failure is UNSET:
            failure = Failure()
        elif isinstance(failure, int):
            failure = Failure(status=failure)
        content: Any = {"error": "Simulated failure"} if failure.body is UNSET else failure.body
        default_type, body = (
            (b"text/plain; charset=utf-8", content.encode())
            if isinstance(content, str)
            else (b"application/json", msgspec.json.encode(content))
        )
        headers = self._constant_headers(failure.headers, default_type, (*place, "failure"), failure.status)
        compiled.failure = (Reply(failure.status, headers, body),)

    def _respond(
        self, endpoint: Endpoint, place: tuple[str | int, ...]
    ) -> Callable[[Request], tuple[Step, ...]] | None:
        """What makes the endpoint's steps; a `_Constant` where they never change. None after a problem."""
        problems_before = len(self.problems)
        status = endpoint.status
        default_type, body = self._body(endpoint, place)
        written = {} if endpoint.headers is UNSET else endpoint.headers
        headers = self._headers(written, default_type, place, status)
        if len(self.problems) > problems_before:
            return None
        closes = any(
            name.lower() == b"connection" and isinstance(value, bytes) and value.lower() == b"close"
            for name, value in headers
        )
        tail: tuple[Step, ...] = (Close(),) if closes else ()
        dated = any(name.lower() == b"date" for name, _ in headers)
        if closes:  # the net says it, since it must say it for other reasons too
            headers = [(name, value) for name, value in headers if name.lower() != b"connection"]
        constant = [(name, value) for name, value in headers if isinstance(value, bytes)]
        if isinstance(body, _File):
            reply = Reply(status, tuple(constant), b"", length=body.length, dated=dated)
            return _Constant(reply, (SendFile(reply, body.path, 0, body.length), *tail))
        if isinstance(body, bytes) and len(constant) == len(headers):
            reply = Reply(status, tuple(constant), body, dated=dated)
            return _Constant(reply, (reply, *tail))
        render_body: Callable[[], bytes] = (lambda: body) if isinstance(body, bytes) else body

        def render(request: Request) -> tuple[Step, ...]:
            rendered = tuple(
                (name, value if isinstance(value, bytes) else _header_bytes(value()))
                for name, value in headers
            )
            return (Reply(status, rendered, render_body(), dated=dated), *tail)

        if len(constant) == len(headers):
            frame = Reply(status, tuple(constant), b"", dated=dated).with_body
            return lambda request: (frame(render_body()), *tail)
        return render

    def _body(
        self, endpoint: Endpoint, place: tuple[str | int, ...]
    ) -> tuple[bytes, bytes | _File | Callable[[], bytes]]:
        """The default content type, and the body: bytes, a file too large for memory, or a renderer."""
        from understudy.render import TemplateProblem

        kind = endpoint.kind
        try:
            if kind in {"response", "empty"}:
                value = {} if kind == "empty" else endpoint.response
                compiled = self.templates.compile_json(value, "response")
                return b"application/json", compiled if isinstance(compiled, bytes) else compiled.render
            if kind == "body":
                return b"text/plain; charset=utf-8", self._text(str(endpoint.body), "body")
            if kind == "base64":
                return b"application/octet-stream", decode_base64(str(endpoint.base64))
            return self._file(endpoint, place)
        except TemplateProblem as problem:
            self._template_problem(problem, place)
        return b"", b""

    def _file(
        self, endpoint: Endpoint, place: tuple[str | int, ...]
    ) -> tuple[bytes, bytes | _File | Callable[[], bytes]]:
        import mimetypes

        spec = endpoint.file if isinstance(endpoint.file, BodyFile) else BodyFile(path=str(endpoint.file))
        path = self.loaded.resolve(spec.path)
        guessed, encoding = mimetypes.guess_type(path.name)
        content_type = "application/octet-stream" if encoding or not guessed else guessed
        if content_type.startswith("text/") or content_type == "application/javascript":
            content_type += "; charset=utf-8"
        try:
            length = path.stat().st_size
            if length > MAX_FILE_IN_MEMORY_BYTES and not spec.template:
                return content_type.encode(), _File(path, length)
            data = path.read_bytes()
        except OSError as error:
            self._problem((*place, "file"), f"the file cannot be read: {error.strerror or error}")
            return b"", b""
        if not spec.template:
            return content_type.encode(), data
        return content_type.encode(), self._text(data.decode("utf-8", "replace"), "file")

    def _text(self, text: str, where: str) -> bytes | Callable[[], bytes]:
        compiled = self.templates.compile_text(text, where)
        if isinstance(compiled, str):
            return compiled.encode()
        render = compiled.render
        return lambda: render().encode("utf-8", "replace")

    def _headers(
        self, written: Headers, default_type: bytes, place: tuple[str | int, ...], status: int
    ) -> list[tuple[bytes, bytes | Callable[[], str]]]:
        from understudy.render import TemplateProblem

        headers: list[tuple[bytes, bytes | Callable[[], str]]] = []
        has_type = any(name.lower() == "content-type" for name in written)
        if not has_type and status not in BODILESS:
            headers.append((b"Content-Type", default_type))
        for name, values in written.items():
            if name.lower() in RESERVED_HEADERS:
                self._problem(
                    (*place, "headers", name), f"{name} is set by the server, from the length of the body"
                )
                continue
            for value in values if isinstance(values, list) else [values]:
                if not isinstance(value, str):
                    headers.append((name.encode(), _plain(value).encode()))
                    continue
                try:
                    compiled = self.templates.compile_text(value, f"headers.{name}")
                except TemplateProblem as problem:
                    self._template_problem(problem, place)
                    continue
                headers.append(
                    (name.encode(), _header_bytes(compiled) if isinstance(compiled, str) else compiled.render)
                )
        headers += self.constant_headers
        return headers

    def _constant_headers(
        self, written: Headers, default_type: bytes, place: tuple[str | int, ...], status: int
    ) -> tuple[Header, ...]:
        headers = self._headers(written, default_type, place, status)
        for name, value in headers:
            if not isinstance(value, bytes):
                self._problem((*place, "headers", name.decode()), "these headers have no templates")
        return tuple((name, value) for name, value in headers if isinstance(value, bytes))

    def statics(self) -> tuple[CompiledStatic, ...]:
        return tuple(
            CompiledStatic(
                static.path.rstrip("/"),
                self.loaded.resolve(static.folder),
                static.index,
                self._constant_headers(static.headers, b"", ("static", number), 304),
            )
            for number, static in enumerate(self.config.statics)
        )

    def _template_problem(self, problem: Any, place: tuple[str | int, ...]) -> None:
        self.problems.append(
            self.loaded.problem(
                (*place, *_where_path(problem.where)),
                f"the template cannot be used: {problem.message}",
                found=problem.expression,
                suggestion=problem.suggestion,
            )
        )

    def _problem(self, place: tuple[str | int, ...], message: str) -> None:
        self.problems.append(self.loaded.problem(place, message))


class _Skip(Exception):
    """This endpoint has a problem that leaves nothing to compile."""


class _File:
    """A body file that is too large to keep in memory."""

    def __init__(self, path: Path, length: int) -> None:
        self.path = path
        self.length = length


class _Constant:
    """Steps that are the same for every request."""

    def __init__(self, reply: Reply, steps: tuple[Step, ...]) -> None:
        self.reply = reply
        self.steps = steps

    def __call__(self, request: Request) -> tuple[Step, ...]:
        return self.steps


def _unreachable(request: Request) -> tuple[Step, ...]:
    raise AssertionError("an endpoint with a problem never becomes part of a program")


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _header_bytes(text: str) -> bytes:
    """A header value on the wire. Line breaks from rendered values become spaces: no response splitting."""
    if "\n" in text or "\r" in text or "\0" in text:
        text = text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
    return text.strip().encode("utf-8", "replace")


def _where_path(where: str) -> tuple[str | int, ...]:
    """`response.users[0].name` as the keys that lead there."""
    path: list[str | int] = []
    for part in where.replace("[", ".[").split("."):
        if part.startswith("[") and part.endswith("]") and part[1:-1].isdigit():
            path.append(int(part[1:-1]))
        elif part:
            path.append(part)
    return tuple(path)
