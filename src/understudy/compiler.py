"""Model → Program: everything that can be decided before the first request is decided here.

`FEATURES` is the TABLE of what an endpoint can do beside answering: each row compiles one key of the config
and adds stages to the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from understudy.errors import ConfigError
from understudy.load import Loaded
from understudy.match import ConditionError, Conditions, PathPattern, PathSyntaxError, compile_match
from understudy.match.path import pattern_of
from understudy.match.per import compile_per
from understudy.model import Auth, Behaviour, Config, Endpoint, Failure, OpenApi, RegexPath, each_openapi
from understudy.model.chaos import Chaos, names
from understudy.model.endpoint import FAILURE_BODY
from understudy.program import CONTROL_PREFIX, CompiledEndpoint, CompiledStatic, Program
from understudy.render.context import LIVE_ROOTS, STATE_ROOTS
from understudy.request import Request
from understudy.simulate.content import Constant, compile_content, constant_headers, constant_reply
from understudy.simulate.exchange import Direct, Exchange, Produce
from understudy.simulate.feature import Generated, Parts
from understudy.simulate.kit import Kit, Place
from understudy.simulate.latency import compile_latency
from understudy.steps import Plan, Step

if TYPE_CHECKING:
    from understudy.faults.chaos import Profiles
    from understudy.match.rewrites import Rewrite


def compile_program(loaded: Loaded, environ: dict[str, str] | None = None) -> Program:
    """Compile a loaded config. Raises ConfigError with all problems at once."""
    kit = Kit(loaded, environ or {})
    endpoints = (*_endpoints(kit), *_generated(kit))
    statics = _statics(kit)
    if kit.config.outages:
        from understudy.faults.feature import check_outages

        check_outages(kit)
    profiles = _profiles(kit, endpoints)
    rewrite = _rewrite(kit)
    if kit.problems:
        if kit.has_python:
            kit.python.close()
        raise ConfigError(kit.problems)
    program = Program(loaded, endpoints, statics, kit)
    program.profiles = profiles
    program.rewrite = rewrite
    if kit.config.forward_proxy:
        from understudy.record.fallback import outside_of
        from understudy.record.redact import Redactor

        program.outside = outside_of(kit)
        program.redactor = program.redactor or Redactor()
    return program


Add = Callable[[Endpoint, str, Parts, Kit, Place], None]
"""Compiles a feature of an endpoint of that name, and adds to its parts."""


class Feature(NamedTuple):
    """What an endpoint can do, the keys that ask for it, and where its compiler is: `module:function`.

    The module is below `package`. It is imported when a config asks for the feature: most ask for few, and
    should start soon.
    """

    keys: tuple[str, ...]
    home: str
    of_all: Callable[[Config], bool] = lambda config: False
    """Whether the config asks for it for all endpoints."""
    package: str = "simulate"

    def add(self) -> Add:
        """The compiler."""
        found: Add = _imported(self.package, self.home)
        return found


FEATURES: tuple[Feature, ...] = (
    Feature(("rate_limit",), "rate_limit:add_rate_limit", lambda config: bool(config.rate_limits)),
    Feature(("auth",), "auth.access:add_auth"),
    Feature(("validate",), "validate.stage:add_validate"),
    Feature((), "drive:add_checks", lambda config: bool(config.openapi), package="openapi"),
    Feature(("capacity",), "capacity:add_capacity", lambda config: bool(config.capacities)),
    Feature(("faults", "outage"), "feature:add_faults", package="faults"),
    Feature(("times", "ttl"), "lifetime:add_lifetime"),
    Feature(("state",), "scenario:add_scenario"),
    Feature(("state",), "variables:add_variables"),
    Feature(("responses",), "responses:add_responses"),
    Feature(("resource",), "resource:add_resource"),
    Feature(("handler",), "python.handler:add_handler"),
    Feature(("proxy", "record"), "relay:add_relay", package="record"),
    Feature((), "relay:add_relay_of_document", lambda config: _is_documented(config), package="record"),
    Feature(("cache",), "cache.stage:add_cache"),
    Feature(("callbacks",), "callbacks:add_callbacks"),
    Feature(("middleware",), "python.middleware:add_middleware", lambda config: bool(config.middleware)),
)
"""The order of the stages is that of the rows."""

_KEYS = tuple(dict.fromkeys(key for feature in FEATURES for key in feature.keys))
_BLIND = frozenset(("proxy", "record", "auth", "capacity", "faults", "outage"))
"""Keys whose features look at no body, so that it may be passed on while it arrives."""
_written = attrgetter(*_KEYS)
_NOTHING = (UNSET,) * len(_KEYS)


def _asked(endpoint: Endpoint, kit: Kit) -> tuple[Feature, ...]:
    """The features that an endpoint has. Most have none of their own, and a large config has thousands."""
    of_all: Any = kit.shared.get(Feature)
    if of_all is None:
        of_all = kit.shared[Feature] = tuple(row for row in FEATURES if row.of_all(kit.config))
    written = _written(endpoint)
    if written == _NOTHING:
        found: tuple[Feature, ...] = of_all
        return found
    keys = {key for key, value in zip(_KEYS, written, strict=True) if value is not UNSET}
    return tuple(row for row in FEATURES if row in of_all or not keys.isdisjoint(row.keys))


@cache
def _imported(package: str, home: str) -> Any:
    module, _, name = home.partition(":")
    return getattr(import_module(f"understudy.{package}.{module}"), name)


class _Skip(Exception):
    """This endpoint has a problem that leaves nothing to compile."""


def _endpoints(kit: Kit) -> tuple[CompiledEndpoint, ...]:
    compiled = []
    for number, (endpoint, name) in enumerate(zip(kit.config.endpoints, kit.loaded.names, strict=True)):
        try:
            compiled += _endpoint(endpoint, name, number, kit, ("endpoints", number))
        except _Skip:
            continue
    for one in compiled:
        if one.early:
            _warn_of_body(one, compiled, kit)
    return tuple(compiled)


def _warn_of_body(endpoint: CompiledEndpoint, others: list[CompiledEndpoint], kit: Kit) -> None:
    """A warning if the early faults of an endpoint do not strike, as one before it waits for the body."""
    for other in others:
        is_before = other.sort_key < endpoint.sort_key and other.pattern.source == endpoint.pattern.source
        together = other.methods & endpoint.methods or "ANY" in other.methods | endpoint.methods
        if is_before and together and other.conditions is not None and other.conditions.by_body:
            message = (
                f"those that strike before the body is read do not: {other.name!r} goes before, and its"
                " conditions look at the body"
            )
            kit.warning(("endpoints", endpoint.order, "faults"), message)
            return


def _endpoint(endpoint: Endpoint, name: str, order: int, kit: Kit, place: Place) -> list[CompiledEndpoint]:
    """One for each path that the endpoint has; most have one."""
    pattern = _pattern(endpoint.path, kit, place)
    if pattern.source.startswith(CONTROL_PREFIX):
        message = f"this never answers: paths below {CONTROL_PREFIX} are the control endpoints"
        kit.warning((*place, "path"), message)
    conditions = None
    if endpoint.match is not UNSET:
        try:
            conditions = compile_match(endpoint.match, pattern)
        except ConditionError as error:
            kit.problem((*place, "match", *error.keys), error.message)
    with kit.speaking(endpoint.templates):
        return _compiled(endpoint, name, order, kit, place, pattern, conditions)


def _compiled(
    endpoint: Endpoint,
    name: str,
    order: int,
    kit: Kit,
    place: Place,
    pattern: PathPattern,
    conditions: Conditions | None,
    add: Add | None = None,
) -> list[CompiledEndpoint]:
    """The endpoint at each of its paths. `add` is what it does beside what its keys ask for."""
    kit.templates.roots.clear()
    parts = Parts(pattern, owner=_owner(endpoint, kit))
    asked = _asked(endpoint, kit)
    entries = kit.loaded.origins.entries
    driven = entries[order].driven if order < len(entries) else None
    plain = endpoint.latency_ms is UNSET and not endpoint.failure_rate
    if driven is not None:
        from understudy.openapi.drive import compile_operation

        parts.operation = compile_operation(driven, endpoint, name, kit, place)
        parts.operation.is_alone = plain and not any(feature.keys for feature in asked)
    parts.is_alone = plain and all(set(feature.keys) <= {"proxy", "record"} for feature in asked)
    for feature in asked:
        feature.add()(endpoint, name, parts, kit, place)
    if add is not None:
        add(endpoint, name, parts, kit, place)
    answers = parts.produce is not None or parts.routes or parts.direct is not None
    respond = None if answers else compile_content(endpoint, kit, place)
    if parts.checks:
        conditions = (conditions or Conditions([])).and_more(parts.checks)
    if conditions is not None and conditions.by_state:
        conditions.owner = parts.owner
    if parts.early and conditions is not None and conditions.by_body:
        message = "some faults of this endpoint strike before the body is read, which its conditions look at"
        kit.problem((*place, "responses" if endpoint.match is UNSET else "match"), message)
    by_state = conditions is not None and conditions.by_state
    live = parts.is_live or by_state or not LIVE_ROOTS.isdisjoint(kit.templates.roots)
    shows_state = not STATE_ROOTS.isdisjoint(kit.templates.roots)
    database = None
    if kit.has_resources:
        from understudy.simulate.resource import live_database

        database = live_database(endpoint, kit)
    groups = frozenset(() if endpoint.group is UNSET else names(endpoint.group))
    compiled: list[CompiledEndpoint] = []
    routes: list[tuple[str | RegexPath, tuple[str, ...], Produce | None]]
    routes = [(route.path, route.methods, route.produce) for route in parts.routes]
    for path, methods, produce in routes or [(endpoint.path, endpoint.methods, parts.produce)]:
        one = CompiledEndpoint(
            name,
            order,
            pattern if path == endpoint.path else _pattern(path, kit, place),
            frozenset(methods),
            endpoint.priority,
            respond or _unreachable,
            conditions,
        )
        if not compiled:
            _behaviour(one, endpoint, kit, place)
        first = compiled[0] if compiled else one
        one.latency_s, one.failure_rate, one.failure = first.latency_s, first.failure_rate, first.failure
        one.live = live or database is not None
        one.database = database
        one.owner = parts.owner
        one.before, one.commits = tuple(parts.before), tuple(parts.commits)
        one.menaces, one.kept = tuple(parts.menaces), tuple(parts.kept)
        one.early = tuple(parts.early)
        one.groups = groups
        one.produce, one.after = produce, tuple(parts.after)
        one.direct = parts.direct
        if parts.direct is not None and produce is None:
            one.produce = _staged(parts.direct)
        if parts.relay is not None:
            one.redactor = parts.relay.redactor
        looks = parts.operation is not None and not parts.operation.is_blind
        if (
            parts.relay is not None
            and not looks
            and all(_BLIND.issuperset(feature.keys) for feature in asked)
        ):
            one.streams = parts.relay.streams
        one.documented = driven is not None
        one.middleware = parts.middleware
        one.runs_code = parts.runs_code
        one.shows_state = shows_state
        if isinstance(respond, Constant):
            one.steps = respond.steps
        compiled.append(one)
    if isinstance(respond, Constant) and not compiled[0].live:
        plain = compiled[0].latency_s is None and not compiled[0].failure_rate
        if plain and (kit.cors is None or kit.cors.is_constant):
            compiled[0].plan = Plan(respond.steps, respond.reply, name, constant=True)
    return compiled


def _generated(kit: Kit) -> Iterator[CompiledEndpoint]:
    """Endpoints that the config asks for without listing them. They come after all that it lists."""
    order = len(kit.config.endpoints) - 1
    for order, generated in enumerate(_asked_for(kit), len(kit.config.endpoints)):
        compiled = CompiledEndpoint(
            generated.name,
            order,
            PathPattern(generated.path),
            frozenset(generated.methods),
            0,
            _unreachable,
        )
        _behaviour(compiled, kit.config.defaults, kit, ("defaults",))
        compiled.live, compiled.produce = True, generated.produce
        yield compiled
    if _wants_fallback(kit.config):
        from understudy.record.fallback import fallback_of

        last = fallback_of(kit)
        made = (last.endpoint, last.name, order + 1, kit, ("defaults",), last.pattern, last.conditions)
        add = last.add
        if any(one.real and one.validate != "off" for one in _documents(kit.config)):
            from understudy.openapi.drive import add_undocumented

            add = partial(add_undocumented, add)
        yield from _compiled(*made, add)


def _documents(config: Config) -> tuple[OpenApi, ...]:
    """How each document of the config is served."""
    return tuple(one for _, one in each_openapi(config.openapi)) if config.openapi else ()


def _is_documented(config: Config) -> bool:
    """Whether operations of a document are sent on to a real server."""
    return any(one.real for one in _documents(config))


def _wants_fallback(config: Config) -> bool:
    """Whether the config says what becomes of requests that no endpoint takes.

    A `record` for operations that are sent on says nothing of other requests.
    """
    if config.forward_proxy or config.proxy is not UNSET:
        return True
    return config.record not in (UNSET, False) and not _is_documented(config)


def _asked_for(kit: Kit) -> Iterator[Generated]:
    if kit.config.auth != Auth():
        from understudy.simulate.auth.setup import auth_endpoints

        yield from auth_endpoints(kit)
    if kit.config.openapi:
        from understudy.openapi.site import site_endpoints

        yield from site_endpoints(kit)


def _pattern(path: str | RegexPath, kit: Kit, place: Place) -> PathPattern:
    try:
        return pattern_of(path) if isinstance(path, str) else PathPattern(path)
    except PathSyntaxError as error:
        kit.problem((*place, "path"), str(error))
        raise _Skip from None


def _owner(endpoint: Endpoint, kit: Kit) -> Callable[[Request], str] | None:
    """Whose state the endpoint sees; None if everybody shares it."""
    per = kit.config.state.per
    if endpoint.state is not UNSET and endpoint.state.per is not UNSET:
        per = endpoint.state.per
    return compile_per(per) if per is not UNSET and per else None


def _behaviour(compiled: CompiledEndpoint, endpoint: Behaviour, kit: Kit, place: Place) -> None:
    compiled.latency_s = compile_latency(endpoint.latency_ms, kit, (*place, "latency_ms"))
    if endpoint.failure_rate is UNSET or not endpoint.failure_rate:
        return
    compiled.failure_rate = endpoint.failure_rate
    failure = Failure.of(endpoint.failure)
    where = (*place, "failure")
    reply = constant_reply(failure.status, failure.body, failure.headers, kit, where, FAILURE_BODY)
    compiled.failure = (reply,)


def _profiles(kit: Kit, endpoints: tuple[CompiledEndpoint, ...]) -> Profiles | None:
    """What the config says about faults that are switched on and off; None if it says nothing."""
    if kit.config.chaos == Chaos():
        return None
    from understudy.faults.chaos import compile_profiles

    return compile_profiles(kit, endpoints)


def _rewrite(kit: Kit) -> Rewrite | None:
    """What the targets of requests become; None if the config has no rules."""
    if not kit.config.rewrites:
        return None
    from understudy.match.rewrites import RewriteError, compile_rewrites

    try:
        return compile_rewrites(kit.config.rewrites, ignore_slash=kit.config.trailing_slash == "ignore")
    except RewriteError as error:
        message, source = error.args
        kit.problem(("rewrites", source), message)
        return None


def _statics(kit: Kit) -> tuple[CompiledStatic, ...]:
    return tuple(
        CompiledStatic(
            static.path.rstrip("/"),
            kit.loaded.resolve(static.folder),
            static.index,
            constant_headers(static.headers, b"", kit, ("static", number), 304),
        )
        for number, static in enumerate(kit.config.statics)
    )


def _staged(direct: Direct) -> Produce:
    """What makes a whole plan, as a stage: for when something else takes part after all, such as live
    faults."""

    async def produce(exchange: Exchange) -> tuple[Step, ...]:
        plan = exchange.plan
        made = direct(exchange.request, lambda name: plan.n or 0)
        plan.violations = made.violations
        return made.steps

    return produce


def _unreachable(request: Request) -> tuple[Step, ...]:
    raise AssertionError("an endpoint with a problem never becomes part of a program")
