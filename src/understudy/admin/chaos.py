"""Faults that are switched on and off while the server runs, for everybody or for one space.

A change holds as a whole or not at all, and from the next request on. It is checked like the config. It
outlives a reload and is gone after a restart; what has a `ttl` ends by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import SPACE, Body, Refusal, check_query, read_json, reply, space_of
from understudy.errors import ConfigError
from understudy.faults.chaos import profile_source
from understudy.load.diagnose import diagnose
from understudy.load.fault import Fault
from understudy.load.hints import nearest_all
from understudy.load.loader import problems_of
from understudy.load.source import Source
from understudy.load.values import Values
from understudy.model.chaos import LiveRule, Profile, names
from understudy.model.convert import convert
from understudy.net.steering import Given, Key, Live

if TYPE_CHECKING:
    from understudy.faults.stages import Current
    from understudy.load.fault import Keys
    from understudy.net.server import Server

RULE = Body("A rule: a profile of the config, or faults of its own.", LiveRule)
RULES = Body("A rule, or a list of them.", LiveRule)
MAX_CHARACTERS = 100
"""Of a rule's name."""


async def show_chaos(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    return reply(describe(server, space_of(server, request)))


async def put_chaos(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request)
    switch_on(server, await read_json(request), space=space, instead_of=_keys(server, space))
    return reply(describe(server, space))


async def add_chaos(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request)
    added = switch_on(server, await read_json(request), space=space, may_replace=False)
    return reply({"names": [name for _, name in added], "live": _just_on(server, added)}, 201)


async def put_rule(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space, name = space_of(server, request), _name(request)
    data = await read_json(request)
    if isinstance(data, list):
        raise Refusal(422, "PUT /__chaos/{name} takes one rule; PUT /__chaos takes several")
    before = set(server.steering.live)
    added = switch_on(server, data, space=space, name=name)
    return reply(_just_on(server, added)[0], 200 if before.issuperset(added) else 201)


async def drop_chaos(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    space = space_of(server, request)
    dropped = switch_all_off(server, space=space)
    return reply(
        {"message": "Live faults are off", "count": dropped, "still_on": server.steering.on_by_config}
    )


async def drop_rule(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    name = _name(request)
    switch_off(server, name, space=space_of(server, request))
    return reply({"message": f"{name} is off", "name": name})


# --- what they do, also for MockServer ----------------------------------------------------------------------


def switch_on(
    server: Server,
    data: Any,
    *,
    space: str | None = None,
    name: str | None = None,
    instead_of: Collection[Key] = (),
    may_replace: bool = True,
) -> list[Key]:
    """Switch one rule on, or a list; where they are kept. The rules `instead_of` go off in the same step.

    Raises ConfigError, Refusal, TooManyRules, and then nothing has changed.
    """
    source = Source(values=Values(None))
    source.data = source.values.clean(data)
    faults = list(source.values.faults)
    given: dict[Key, Given] = {}
    for keys, one in _placed(source.data):
        found = diagnose(one, LiveRule, keys)
        if found:
            faults += found
            continue
        rule = convert(one, LiveRule)
        if space and rule.space not in ("", space):
            faults.append(Fault(f"the request is about the space {space!r}", (*keys, "space")))
        if name is not None and rule.name not in (UNSET, name):
            faults.append(Fault(f"the request is about the rule {name!r}", (*keys, "name")))
        rule = msgspec.structs.replace(rule, space=rule.space or space or "")
        taken = {*server.steering.live, *given}
        key = (rule.space, name or _own_name(rule, taken))
        if key in given:
            faults.append(Fault(f"two rules are called {key[1]!r}", keys))
        if key in server.steering.live and key not in instead_of and not may_replace:
            raise Refusal(409, f"{key[1]!r} is on already: PUT /__chaos/{{name}} replaces it")
        given[key] = Given(rule, key[1], one, source, keys)
    if faults:
        raise ConfigError(problems_of([(source, fault) for fault in faults]))
    server.steering.put(list(given.values()), instead_of)
    return list(given)


def switch_off(server: Server, name: str, *, space: str | None = None) -> None:
    """Switch off the live rules of this name; if there are none, the profile that is on. Raises Refusal."""
    steering = server.steering
    keys = _called(server, space, name)
    profiles = [] if space else steering.on_by_config
    if keys:
        steering.drop(keys)
    elif name in profiles:
        steering.drop((), off=steering.off | {name})
    else:
        known = [*(live for _, live in steering.live), *profiles]
        raise Refusal(404, f"nothing is on that is called {name!r}", nearest=nearest_all(name, known))


def switch_all_off(server: Server, *, space: str | None = None) -> int:
    """Switch live rules off (of a space: its own), and have profiles as the config says; how many rules."""
    keys = _keys(server, space)
    server.steering.drop(keys, off=server.steering.off if space else frozenset())
    return len(keys)


def describe(server: Server, space: str | None = None) -> dict[str, Any]:
    """All that is on, or can be; of live rules those that a space sees, if one is named."""
    steering, now_s = server.steering, server.world.now()
    profiles = steering.profiles
    current = steering.stage
    counts: Counter[str] = Counter()
    for (_, _, source), times in server.world.injected.items():
        counts[source] += times
    live = [one for one in steering.live.values() if space is None or one.given.written.space in ("", space)]
    return {
        "on": steering.chaos is not None,
        "profiles": [
            _profile(server, name, written, counts)
            for name, written in server.program.loaded.config.chaos.profiles.items()
        ],
        "live": [_rule(one, now_s, counts) for one in live if not one.is_over(now_s)],
        "stage": None if current is None else _stage(current, now_s),
        "request_headers": profiles.headers is not None,
        "max_active": profiles.max_active,
        "hits_now": steering.hits_now,
        "injected": sum(counts.values()),
    }


def _profile(server: Server, name: str, written: Profile, counts: Counter[str]) -> dict[str, Any]:
    steering = server.steering
    on_by = ["config"] if name in steering.active else []
    if steering.stage is not None and name in steering.stage.profiles and name not in steering.off:
        on_by.append(f"stage {steering.stage.label}")
    now_s = server.world.now()
    on_by += [
        f"live {one.given.name}"
        for one in steering.live.values()
        if one.given.written.profile == name and not one.is_over(now_s)
    ]
    return {
        "name": name,
        "description": written.description,
        "endpoints": names(written.endpoints),
        "groups": names(written.groups),
        "on_by": on_by,
        "injected": counts[profile_source(name)],
        "hits_now": steering.profiles.rules[name].load.count,
    }


def _rule(live: Live, now_s: float, counts: Counter[str]) -> dict[str, Any]:
    given, rule = live.given, live.on.rule
    return {
        "name": given.name,
        "space": given.written.space,
        "on_for_s": round(now_s - live.since_s, 3),
        "ends_in_s": None if live.ends_at_s is None else round(live.ends_at_s - now_s, 3),
        "injected": counts[rule.source],
        "hits_now": rule.load.count,
        "definition": given.data,
    }


def _stage(current: Current, now_s: float) -> dict[str, Any]:
    return {
        "number": current.number,
        "name": current.label,
        "profiles": list(current.profiles),
        "ends_in_s": round(current.ends_at_s - now_s, 3),
    }


def _just_on(server: Server, keys: list[Key]) -> list[dict[str, Any]]:
    now_s = server.world.now()
    return [_rule(server.steering.live[key], now_s, Counter()) for key in keys]


def _keys(server: Server, space: str | None) -> list[Key]:
    """The rules that a request is about: of one space, or all."""
    return [key for key in server.steering.live if space is None or key[0] == space]


def _called(server: Server, space: str | None, name: str) -> list[Key]:
    """The rules of a name; of the space that is named, else of that of everybody, else of any space."""
    if space is not None:
        return [(space, name)] if (space, name) in server.steering.live else []
    if ("", name) in server.steering.live:
        return [("", name)]
    return [key for key in server.steering.live if key[1] == name]


def _placed(data: Any) -> list[tuple[Keys, Any]]:
    return [((number,), one) for number, one in enumerate(data)] if isinstance(data, list) else [((), data)]


def _own_name(rule: LiveRule, taken: Collection[Key]) -> str:
    """What a rule is called: as it says, as its profile, or by the first number that is free."""
    if rule.name is not UNSET:
        return rule.name
    if rule.profile is not UNSET:
        return rule.profile
    return next(str(number) for number in count(1) if (rule.space, str(number)) not in taken)


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if not name:
        raise Refusal(404, "name the rule: /__chaos/NAME")
    if len(name) > MAX_CHARACTERS:
        raise Refusal(422, f"a name has at most {MAX_CHARACTERS} characters")
    return name


__all__ = ["describe", "switch_all_off", "switch_off", "switch_on"]
