"""What a server remembers: read, set, saved, brought back, reset, for each space by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from understudy.admin.http import SPACE, Body, Parameter, Refusal, check_query, read_json, reply, space_of
from understudy.errors import Problem
from understudy.load.hints import nearest, nearest_all
from understudy.state.view import COUNTERS, OWNER_END, SCENARIOS, VARIABLES, StateView, key_of

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.program import Program
    from understudy.simulate.kit import Collection

COLLECTION = "collection:"
"""Tables of resources begin so."""
OWNED = (VARIABLES, SCENARIOS, COUNTERS)
"""Tables in which an owner has rows of its own."""
OWNER = {
    **SPACE,
    "owner": Parameter("string", "Whose variables and scenarios, where the config has `per`."),
}
MAX_OWNER_CHARACTERS = 200

MERGE = Body(
    "Variables and scenarios with their new values; others stay as they are.",
    {
        "type": "object",
        "properties": {
            "variables": {"type": "object"},
            "scenarios": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
)
SNAPSHOT = Body("What GET /__state/snapshot gave.", {"type": "object", "required": ["tables"]})
VALUE = Body("The value, as JSON.")
SCENARIO = Body(
    "The state: a text, or an object with it.",
    {"oneOf": [{"type": "string"}, {"type": "object", "required": ["state"]}]},
)
RECORDS = Body("All records.", {"type": "array"})


class Place:
    """The part of the state that a request is about."""

    def __init__(self, server: Server, space: str, owner: str = "") -> None:
        self.server = server
        self.world = server.world
        self.store = server.world.store
        self.space = space
        self.owner = owner

    @property
    def program(self) -> Program:
        """The program that the space sees."""
        return self.server.program.spaces.get(self.space, self.server.program)

    async def fill(self) -> None:
        """Give collections that no request of the space has touched yet their records."""
        for collection in self.program.collections.values():
            await collection.fill(self.world, self.space)

    async def keep(self) -> None:
        """Write the files that collections are kept in, after a change of the default space."""
        if not self.space:
            kept = {collection.file: collection for collection in self.program.collections.values()}
            for collection in kept.values():
                await collection.keep(self.world)

    async def view(self) -> StateView:
        """The state as it is now."""
        view = StateView(self.space, self.program.state, self.server.world.now())
        view.owner = self.owner
        await view.refresh(self.store)
        return view

    def key(self, name: str) -> str:
        """The row of a name."""
        return key_of(self.owner, name)

    def scenarios(self) -> dict[str, list[str]]:
        """All scenarios that the config knows, each with its states, the initial one first."""
        config = self.program.loaded.config
        known: dict[str, dict[str, None]] = {}
        for name in config.state.scenarios:
            described = config.state.scenario(name)
            known[name] = dict.fromkeys([described.initial, *described.states])
        for endpoint in config.endpoints:
            change = endpoint.state
            if change is UNSET or (change.required is UNSET and change.next is UNSET):
                continue
            states = known.setdefault(change.scenario, {config.state.scenario(change.scenario).initial: None})
            required = change.required
            for state in [required] if isinstance(required, str) else required or []:
                states.setdefault(state)
            if change.next is not UNSET:
                states.setdefault(change.next)
        return {name: list(states) for name, states in known.items()}

    async def set_scenario(self, name: str, state: str) -> None:
        """Move a scenario, once its state is known to be one."""
        if state == self.program.state.scenario(name).initial:
            await self.store.delete(self.space, SCENARIOS, self.key(name))
        else:
            await self.store.put(self.space, SCENARIOS, self.key(name), state)


# --- the whole ----------------------------------------------------------------------------------------------


async def show_state(server: Server, request: Request) -> Response:
    return reply(await read_state(_place(server, request)))


async def merge_state(server: Server, request: Request) -> Response:
    place = _place(server, request)
    await set_state(place, await read_json(request))
    return reply(await read_state(place))


async def reset_state(server: Server, request: Request) -> Response:
    place = _place(server, request)
    count = await clear_state(place)
    return reply({"message": "State reset", "space": place.space, "count": count})


async def show_snapshot(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    place = Place(server, space_of(server, request) or "")
    return reply({"space": place.space, "tables": await save(place)})


async def restore_snapshot(server: Server, request: Request) -> Response:
    check_query(request, SPACE)
    place = Place(server, space_of(server, request) or "")
    await bring_back(place, await read_json(request))
    return reply({"message": "State restored", "space": place.space})


async def read_state(place: Place) -> dict[str, Any]:
    """The state of a space, with what each owner has of its own; or that of one owner."""
    view = await place.view()
    content: dict[str, Any] = {"space": place.space}
    if place.owner:
        content["owner"] = place.owner
    content |= {
        "variables": view.all_variables(),
        "scenarios": {
            **{name: view.scenario(name) for name in place.scenarios()},
            **view.all_scenarios(),
        },
        "counters": _own(view.counters, place.owner),
        "collections": await _collections(place),
    }
    if not place.owner:
        content["owners"] = _owners(view)
    return content


def _own(rows: Mapping[str, Any], owner: str) -> dict[str, Any]:
    prefix = owner + OWNER_END
    if owner:
        return {key[len(prefix) :]: value for key, value in rows.items() if key.startswith(prefix)}
    return {key: value for key, value in rows.items() if OWNER_END not in key}


def _owners(view: StateView) -> dict[str, dict[str, dict[str, Any]]]:
    owners: dict[str, dict[str, dict[str, Any]]] = {}
    for table, rows in ((VARIABLES, view.variables), (SCENARIOS, view.scenarios), (COUNTERS, view.counters)):
        for key, value in rows.items():
            owner, mark, name = key.partition(OWNER_END)
            if mark:
                owners.setdefault(owner, {}).setdefault(table, {})[name] = value
    return owners


async def _collections(place: Place) -> dict[str, int]:
    await place.fill()
    counts = dict.fromkeys(place.program.collections, 0)
    for table in await place.store.tables(place.space):
        if table.startswith(COLLECTION):
            counts[table.removeprefix(COLLECTION)] = len((await place.store.rows(place.space, table)).items)
    return counts


async def set_state(place: Place, change: Any) -> None:
    """Set variables and scenarios, all of them or none. Raises Refusal."""
    problems = _problems(place, change)
    if problems:
        raise Refusal(422, "The state was not changed", problems=[one.as_json() for one in problems])
    for name, value in change.get("variables", {}).items():
        await place.store.put(place.space, VARIABLES, place.key(name), value)
    for name, state in change.get("scenarios", {}).items():
        await place.set_scenario(name, state)


def _problems(place: Place, change: Any) -> list[Problem]:
    if not isinstance(change, dict):
        return [Problem("expected an object", accepted="variables, scenarios")]
    problems = []
    for key, part in change.items():
        if key not in {"variables", "scenarios"}:
            near = nearest(key, ["variables", "scenarios"])
            suggestion = f'"{near}"' if near else None
            message = f'unknown key "{key[:60]}"'
            problems.append(
                Problem(message, path=key[:60], accepted="variables, scenarios", suggestion=suggestion)
            )
        elif not isinstance(part, dict):
            problems.append(Problem("expected an object of names and values", path=key))
        elif key == "scenarios":
            problems += [
                problem
                for name, state in part.items()
                if (problem := scenario_problem(place, name, state, f"scenarios.{name}")) is not None
            ]
    return problems


def scenario_problem(place: Place, name: str, state: Any, path: str) -> Problem | None:
    """Why a scenario cannot be in a state, with the states that it has."""
    known = place.scenarios()
    if name not in known:
        near = nearest(name, known)
        return Problem(
            f"there is no scenario {name!r}",
            path=path,
            accepted=", ".join(known) or None,
            suggestion=f'"{near}"' if near else None,
        )
    if isinstance(state, str) and state in known[name]:
        return None
    near = nearest(state, known[name]) if isinstance(state, str) else None
    return Problem(
        f"scenario {name} has no such state",
        path=path,
        found=repr(state)[:60],
        accepted=", ".join(known[name]),
        suggestion=f'"{near}"' if near else None,
    )


async def clear_state(place: Place) -> int:
    """Forget what is remembered, so that all is as the config says; how many values there were."""
    if not place.owner:
        cleared = await place.store.clear(place.space)
        place.world.stations.reset(place.space)
        await place.keep()
        return cleared
    count = 0
    for table in OWNED:
        prefix = key_of(place.owner, "")
        rows = (await place.store.rows(place.space, table)).items
        for key in [key for key in rows if key.startswith(prefix)]:
            count += await place.store.delete(place.space, table, key)
    return count


async def save(place: Place) -> dict[str, dict[str, Any]]:
    """All rows of a space, by table and key."""
    await place.fill()  # so that a table that is not there is an empty one
    return await place.store.snapshot(place.space)


async def bring_back(place: Place, snapshot: Any) -> None:
    """Replace the state of a space by a snapshot. Raises Refusal, StoreError."""
    tables = snapshot.get("tables") if isinstance(snapshot, dict) else None
    if not isinstance(tables, dict) or not all(isinstance(rows, dict) for rows in tables.values()):
        raise Refusal(
            422, 'a snapshot is {"tables": {table: {key: value}}}, as GET /__state/snapshot gives it'
        )
    await place.fill()  # what is filled now is not filled again
    await place.store.restore(place.space, tables)
    await place.keep()


# --- one variable, scenario, collection ---------------------------------------------------------------------


async def show_variable(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    variables = (await place.view()).all_variables()
    if name not in variables:
        raise Refusal(404, f"there is no variable {name!r}", nearest=nearest_all(name, variables))
    return reply(variables[name])


async def put_variable(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    value = await read_json(request)
    await place.store.put(place.space, VARIABLES, place.key(name), value)
    return reply(value)


async def delete_variable(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    deleted = await place.store.delete(place.space, VARIABLES, place.key(name))
    content: dict[str, Any] = {"message": "Variable reset" if deleted else "Variable was not set"}
    initial = place.program.state.variables
    if name in initial:
        content["value"] = initial[name]
    return reply(content)


async def show_scenario(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    return reply(await _scenario(place, name))


async def put_scenario(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    _known_scenario(place, name)
    written = await read_json(request)
    state: Any = written.get("state") if isinstance(written, dict) and set(written) == {"state"} else written
    problem = scenario_problem(place, name, state, "state")
    if problem is not None:
        raise Refusal(422, "The scenario was not moved", problems=[problem.as_json()])
    await place.set_scenario(name, state)
    return reply(await _scenario(place, name))


async def delete_scenario(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    _known_scenario(place, name)
    await place.store.delete(place.space, SCENARIOS, place.key(name))
    return reply(await _scenario(place, name))


async def _scenario(place: Place, name: str) -> dict[str, Any]:
    states = _known_scenario(place, name)
    return {"name": name, "state": (await place.view()).scenario(name), "states": states}


def _known_scenario(place: Place, name: str) -> list[str]:
    known = place.scenarios()
    if name not in known:
        raise Refusal(
            404, f"there is no scenario {name!r}", nearest=nearest_all(name, known), known=list(known)
        )
    return known[name]


async def show_collection(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    collection = await _collection(place, name)
    records = list((await place.store.rows(place.space, collection.table)).items.values())
    return reply(records[0] if collection.is_single and records else records)


async def put_collection(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    collection = await _collection(place, name)
    records = await read_json(request)
    if not isinstance(records, dict if collection.is_single else list):
        wanted = "one object" if collection.is_single else "a list of records"
        raise Refusal(422, f"the collection {name!r} is {wanted}")
    rows: dict[str, Any] = {}
    for number, record in enumerate([records] if collection.is_single else records, 1):
        try:
            key = collection.key(record, number)
        except ValueError as error:
            raise Refusal(422, f"record {number}: {error}") from None
        if key in rows:
            raise Refusal(422, f"two records have the id {key!r}")
        rows[key] = record
    snapshot = await place.store.snapshot(place.space)
    await place.store.restore(place.space, {**snapshot, collection.table: rows})
    await place.keep()
    return reply({"message": "Collection replaced", "name": name, "count": len(rows)})


async def _collection(place: Place, name: str) -> Collection:
    known = place.program.collections
    if name not in known:
        raise Refusal(
            404, f"there is no collection {name!r}", nearest=nearest_all(name, known), known=list(known)
        )
    await known[name].fill(place.world, place.space)
    return known[name]


async def delete_collection(server: Server, request: Request) -> Response:
    place, name = _named(server, request)
    collection = await _collection(place, name)
    count = await place.store.clear(place.space, collection.table)
    await place.keep()
    return reply({"message": "Collection reset", "name": name, "count": count})


def _place(server: Server, request: Request) -> Place:
    check_query(request, OWNER)
    owner = request.query_params.get("owner", "")
    if OWNER_END in owner or len(owner) > MAX_OWNER_CHARACTERS:
        raise Refusal(400, f"an owner is named by at most {MAX_OWNER_CHARACTERS} printable characters")
    return Place(server, space_of(server, request) or "", owner)


def _named(server: Server, request: Request) -> tuple[Place, str]:
    place = _place(server, request)
    name: str = request.path_params["name"]
    if not name or OWNER_END in name:
        raise Refusal(404, "the name is missing")
    return place, name
