"""Was it asked as expected? The log, compared with requests described in the language of endpoints."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import SPACE, BadFilter, Body, check_query, read_json, reply, space_of
from understudy.admin.logs import read_instant, read_statuses
from understudy.errors import ConfigError
from understudy.journal import Entry, shown_of, status_of
from understudy.load.diagnose import diagnose
from understudy.load.fault import Fault, Keys
from understudy.load.loader import problems_of
from understudy.load.source import Source
from understudy.match import ConditionError, Conditions, PathPattern, PathSyntaxError, compile_match
from understudy.match.explain import path_difference, path_likeness
from understudy.model import Match, Model, RegexPath
from understudy.model.convert import convert

if TYPE_CHECKING:
    from understudy.net.server import Server

MAX_NEAR_MISSES = 3
MAX_COMPARED = 400
"""The newest requests that near misses are looked for among."""
MAX_IDS = 100
"""Ids of matching requests that are listed."""
MAX_WAIT_S = 60.0
BREATH = 200
"""Entries that are compared before others have a turn."""

Count = Annotated[int, Meta(ge=0)]


class Expected(Model, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that should have been made, or should not. All that is written must hold."""

    method: Annotated[
        str | list[str] | UnsetType, Meta(description="Its method, or one of several.", examples=["POST"])
    ] = UNSET
    path: Annotated[
        str | RegexPath | UnsetType,
        Meta(description="Its path, as an endpoint has it.", examples=["/users/{id:int}"]),
    ] = UNSET
    match: Annotated[
        Match | UnsetType,
        Meta(description="Conditions on the request, as in an endpoint.", examples=[{"query": {"page": 2}}]),
    ] = UNSET
    status: Annotated[
        int | str | UnsetType,
        Meta(description="The status it got: `201`, or a class such as `4xx`.", examples=[201, "4xx"]),
    ] = UNSET
    endpoint: Annotated[
        str | UnsetType, Meta(description="The name of the endpoint that answered.", examples=["GET /users"])
    ] = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.path, str) and not self.path.startswith("/") and self.path not in {"*", "**"}:
            raise ValueError(f'a path starts with "/": write "/{self.path}"')


class Verification(Expected, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often such a request should have been made, or which should have been made in what order."""

    exactly: Annotated[Count | UnsetType, Meta(description="So many such requests.", examples=[0])] = UNSET
    at_least: Annotated[
        Count | UnsetType, Meta(description="No fewer. Default: 1, without another bound.")
    ] = UNSET
    at_most: Annotated[Count | UnsetType, Meta(description="No more.", examples=[3])] = UNSET
    in_order: Annotated[
        list[Expected],
        Meta(
            description="Requests that were made one after the other, with or without others in between.",
            examples=[[{"path": "/login"}, {"path": "/orders"}]],
        ),
    ] = []  # noqa: RUF012 - msgspec copies it for each instance
    since: Annotated[
        float | str | UnsetType,
        Meta(description="Only requests after this time: ISO 8601, or seconds since 1970."),
    ] = UNSET
    within_s: Annotated[
        float, Meta(ge=0, le=MAX_WAIT_S, description="How long to wait for it to hold, in seconds.")
    ] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = [name for name in ("exactly", "at_least", "at_most") if getattr(self, name) is not UNSET]
        if self.in_order:
            alone = [name for name in Expected.__struct_fields__ if getattr(self, name) is not UNSET] + counts
            if alone:
                raise ValueError(f"`in_order` stands alone: `{alone[0]}` belongs into one of its elements")
        elif "exactly" in counts and len(counts) > 1:
            raise ValueError(f"`exactly` and `{counts[1]}` exclude each other")

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The fewest requests, and the most if there is such a bound."""
        if self.exactly is not UNSET:
            return self.exactly, self.exactly
        most = None if self.at_most is UNSET else self.at_most
        least = self.at_least if self.at_least is not UNSET else 1 if most is None else 0
        return least, most


VERIFY = Body("The request that is expected, and how often; or requests in their order.", Verification)
FIND = Body("The requests to find.", Expected)


class Wanted:
    """An `Expected`, compiled."""

    def __init__(self, written: Expected, data: dict[str, Any], ignore_slash: bool) -> None:
        """`data` is what `written` was made from. Raises ConditionError, PathSyntaxError, BadFilter."""
        methods = [written.method] if isinstance(written.method, str) else written.method
        self.methods = None if methods is UNSET else {method.upper() for method in methods}
        self.pattern = None if written.path is UNSET else PathPattern(written.path)
        self.conditions = Conditions([]) if written.match is UNSET else compile_match(written.match)
        self.statuses = None if written.status is UNSET else read_statuses(str(written.status))
        self.written = written
        self.data = data
        self._ignore_slash = ignore_slash

    def fits(self, entry: Entry) -> bool:
        """Whether a request is one of those that are expected."""
        request = entry.request
        return (
            (self.methods is None or request.method in self.methods)
            and self._has_path(request.path)
            and (self.written.endpoint is UNSET or entry.plan.endpoint == self.written.endpoint)
            and (self.statuses is None or status_of(entry) in self.statuses)
            and self.conditions.matches(request)
        )

    def differs(self, entry: Entry) -> list[dict[str, Any]]:
        """Each field in which a request differs from what is expected."""
        request = entry.request
        differs: list[dict[str, Any]] = []
        if self.methods is not None and request.method not in self.methods:
            differs.append(_difference("method", ", ".join(sorted(self.methods)), request.method))
        if self.pattern is not None and not self._has_path(request.path):
            differs.append(path_difference(self.pattern, request.path))
        if self.written.endpoint is not UNSET and entry.plan.endpoint != self.written.endpoint:
            differs.append(_difference("endpoint", self.written.endpoint, entry.plan.endpoint))
        if self.statuses is not None and status_of(entry) not in self.statuses:
            differs.append(_difference("status", self.written.status, status_of(entry)))
        return differs + self._unmet(entry)

    def _unmet(self, entry: Entry) -> list[dict[str, Any]]:
        """The conditions that a request does not meet. What it has instead is told without its secrets."""
        found = self.conditions.explain(entry.request)
        if not found or entry.plan.redactor is None:
            return found
        shown = {one["field"]: one for one in self.conditions.explain(shown_of(entry)[0])}
        return [shown.get(one["field"], {**one, "found": "REDACTED"}) for one in found]

    def likeness(self, entry: Entry) -> float:
        """How near a request is, by path and method."""
        path = 1.0 if self.pattern is None else path_likeness(self.pattern, entry.request.path)
        return path + (0.1 if self.methods is None or entry.request.method in self.methods else 0)

    def __str__(self) -> str:
        parts = [", ".join(sorted(self.methods))] if self.methods else []
        if self.pattern is not None:
            parts.append(self.pattern.source)
        text = " ".join(parts) or "any request"
        if self.written.match is not UNSET:
            text += f" with {msgspec.json.encode(self.data['match']).decode()}"
        if self.written.status is not UNSET:
            text += f" answered {self.written.status}"
        if self.written.endpoint is not UNSET:
            text += f" by {self.written.endpoint!r}"
        return text

    def _has_path(self, path: str) -> bool:
        if self.pattern is None or self.pattern.fits(path):
            return True
        return self._ignore_slash and path != "/" and self.pattern.fits(_other_slash(path))


@dataclass(frozen=True)
class Outcome:
    """What came of a verification. `ids` are those of the requests that fit, the oldest first."""

    verified: bool
    count: int
    ids: list[int]
    message: str
    near_misses: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The body of the reply."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [self.message]
        if self.ids:
            lines.append(f"  the requests that fit: {', '.join(f'#{number}' for number in self.ids)}")
        for near in self.near_misses:
            times = f" ({near['times']} times)" if near["times"] > 1 else ""
            lines.append(f"  near: #{near['id']} {near['method']} {near['path']} -> {near['status']}{times}")
            lines += [
                f"    {one['field']}: expected {_show(one['expected'])}, found {_show(one['found'])}"
                for one in near["differs"]
            ]
        return "\n".join(lines)


async def verify_requests(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    outcome = await verify(server, await read_json(request), space_of(server, request))
    return reply(outcome.as_json(), 200 if outcome.verified else 409)


async def find_requests(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    data = await read_json(request)
    wanted = _compile(server, as_model(data, Expected), data, ())
    entries = await _fitting(wanted, _entries(server, space_of(server, request), None))
    return reply({"logs": [server.journal.as_json(entry) for entry in entries], "count": len(entries)})


async def verify(server: Server, data: Any, space: str | None = None) -> Outcome:
    """Whether the log is as `data`, a Verification, says. Raises ConfigError with every mistake in it."""
    written = as_model(data, Verification)
    since = None
    if written.since is not UNSET:
        since = read_instant(written.since) if isinstance(written.since, str) else written.since
    steps = [
        _compile(server, step, data["in_order"][number], ("in_order", number))
        for number, step in enumerate(written.in_order)
    ]
    wanted = None if steps else _compile(server, written, data, ())
    arrived = asyncio.Event()
    stop = server.journal.listen(lambda entry: arrived.set())
    ends_at = server.loop.time() + written.within_s
    try:
        while True:
            arrived.clear()
            entries = _entries(server, space, since)
            outcome = await (
                _in_order(steps, entries) if wanted is None else _counted(wanted, written.bounds, entries)
            )
            left_s = ends_at - server.loop.time()
            if outcome.verified or left_s <= 0:
                return outcome
            try:
                await asyncio.wait_for(arrived.wait(), left_s)
            except TimeoutError:
                return outcome
    finally:
        stop()


def as_model(data: Any, model: type[Any]) -> Any:
    """Data as a model. Raises ConfigError with every mistake in it."""
    try:
        return convert(data, model)
    except msgspec.ValidationError:
        faults = diagnose(data, model)
    raise ConfigError(problems_of([(Source(), fault) for fault in faults]))


def _compile(server: Server, written: Expected, data: Any, keys: Keys) -> Wanted:
    ignore = server.program.loaded.config.trailing_slash == "ignore"
    try:
        return Wanted(written, data, ignore)
    except ConditionError as error:
        fault = Fault(error.message, (*keys, "match", *error.keys))
    except PathSyntaxError as error:
        fault = Fault(str(error), (*keys, "path"))
    except BadFilter as error:
        fault = Fault(str(error), (*keys, "status"))
    raise ConfigError(problems_of([(Source(), fault)]))


def _entries(server: Server, space: str | None, since: float | None) -> list[Entry]:
    """The requests to look at, in the order in which they arrived; the log has that in which they ended."""
    found = server.journal.select(space=space, since=since)
    found.sort(key=lambda entry: (entry.at, entry.number))
    return found


async def _fitting(wanted: Wanted, entries: list[Entry]) -> list[Entry]:
    found = []
    for number, entry in enumerate(entries):
        if number % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        if wanted.fits(entry):
            found.append(entry)
        entry.request.forget_views()
    return found


async def _counted(wanted: Wanted, bounds: tuple[int, int | None], entries: list[Entry]) -> Outcome:
    fitting = await _fitting(wanted, entries)
    least, most = bounds
    count = len(fitting)
    verified = least <= count and (most is None or count <= most)
    bound = (
        f"exactly {least}"
        if least == most
        else f"at least {least}"
        if most is None
        else f"at most {most}"
        if not least
        else f"{least} to {most}"
    )
    message = f"expected {bound} of: {wanted}; {count} of {_requests(len(entries))} fit"
    near = [] if verified or count > least else _near(wanted, entries, fitting)
    return Outcome(verified, count, [entry.number for entry in fitting[:MAX_IDS]], message, near)


async def _in_order(steps: list[Wanted], entries: list[Entry]) -> Outcome:
    ids: list[int] = []
    rest = entries
    for number, wanted in enumerate(steps):
        for place, entry in enumerate(rest):
            if place % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            fits = wanted.fits(entry)
            entry.request.forget_views()
            if fits:
                ids.append(entry.number)
                rest = rest[place + 1 :]
                break
        else:
            after = f" after request #{ids[-1]}" if ids else ""
            message = (
                f"expected in this order, step {number + 1} of {len(steps)}{after}: {wanted}; there is none"
            )
            return Outcome(False, number, ids[:MAX_IDS], message, _near(wanted, rest, []))
    return Outcome(True, len(steps), ids[:MAX_IDS], f"all {len(steps)} requests were made in this order", [])


def _near(wanted: Wanted, entries: list[Entry], fitting: list[Entry]) -> list[dict[str, Any]]:
    """The requests that differ least, the nearest first; alike ones once, with how often they came."""
    fit = {entry.number for entry in fitting}
    groups: dict[bytes, tuple[tuple[float, int, int], dict[str, Any]]] = {}
    for entry in entries[-MAX_COMPARED:]:
        if entry.number in fit:
            continue
        differs = wanted.differs(entry)
        described = {"method": entry.request.method, "path": entry.request.path, "differs": differs}
        key = msgspec.json.encode(described)
        times = groups[key][1]["times"] + 1 if key in groups else 1
        shown = {"id": entry.number, "status": status_of(entry), "times": times, **described}
        groups[key] = ((wanted.likeness(entry), -len(differs), entry.number), shown)
        entry.request.forget_views()
    ranked = sorted(groups.values(), key=lambda pair: pair[0], reverse=True)
    return [shown for _, shown in ranked[:MAX_NEAR_MISSES]]


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _difference(field: str, expected: Any, found: Any) -> dict[str, Any]:
    return {"field": field, "expected": expected, "found": found}


def _other_slash(path: str) -> str:
    return path[:-1] if path.endswith("/") else path + "/"


def _show(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
