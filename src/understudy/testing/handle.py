"""What a test does with a running server, or with one space of it: add, verify, look, reset."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.admin.state import Place
    from understudy.admin.verify import Outcome
    from understudy.net.server import Server
    from understudy.net.steering import Given
    from understudy.report import Report
    from understudy.testing.server import MockServer

T = TypeVar("T")


class VerificationError(UnderstudyError, AssertionError):
    """The requests were not those that were expected. `outcome` has the numbers and the near misses."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class ResilienceError(UnderstudyError, AssertionError):
    """The client did not cope as it should. `report` has all that was found."""

    def __init__(self, report: Report, severity: str) -> None:
        self.report = report
        super().__init__(report.as_text(severity))


class Handle(ABC):
    """A server, or a space of it. `_space` is None for the whole server."""

    def __init__(self, space: str | None) -> None:
        self._space = space

    @abstractmethod
    def _running(self) -> Server: ...

    @abstractmethod
    def _call(self, work: Coroutine[Any, Any, T]) -> T: ...

    def logs(self, **filters: Any) -> list[dict[str, Any]]:
        """The requests so far, oldest first, as `/__logs` shows them.

        Filters: `method`, `path`, `status`, `endpoint`, `matched`, `since` (seconds since 1970), `space`,
        `limit`.
        """
        if "status" in filters:
            filters["statuses"] = (filters.pop("status"),)
        if self._space is not None:
            filters["space"] = self._space
        server = self._running()

        async def read() -> list[dict[str, Any]]:
            return [server.journal.as_json(entry) for entry in server.journal.select(**filters)]

        return self._call(read())

    def clear_logs(self) -> None:
        """Forget the requests so far."""
        server = self._running()
        filters = {} if self._space is None else {"space": self._space}

        async def clear() -> None:
            server.journal.clear(**filters)

        self._call(clear())

    def verify(
        self, method: str | list[str] | None = None, path: str | None = None, **expected: Any
    ) -> list[int]:
        """The ids of the requests that are as expected. Raises VerificationError if they are too few or many.

        `expected` has the other keys of `/__verify`: `match`, `status`, `endpoint`, `exactly`, `at_least`,
        `at_most`, `in_order`, `since`, `within_s`. Raises ConfigError for a mistake in them.
        """
        from understudy.admin.verify import verify

        written = {"method": method, "path": path, **expected}
        data = {name: value for name, value in written.items() if value is not None}
        outcome = self._call(verify(self._running(), data, self._space))
        if not outcome.verified:
            raise VerificationError(outcome)
        return outcome.ids

    def report(
        self,
        *,
        client: str | None = None,
        path: str | None = None,
        endpoint: str | None = None,
        since: float | None = None,
        **expectations: Any,
    ) -> Report:
        """How well the clients have coped so far, as `/__report` says it.

        `expectations` has keys of the config's `expect`. Raises ConfigError for a mistake in them.
        """
        from understudy.admin.report import make_report

        filters: dict[str, Any] = {
            "client": client,
            "path": path,
            "endpoint": endpoint,
            "since": since,
            "space": self._space,
        }
        return self._call(make_report(self._running(), expectations, **filters))

    def check_resilience(self, *, fail_on: str = "error", **expectations: Any) -> Report:
        """The same report; raises ResilienceError if it has an error (`fail_on="warning"`: or a warning).

        An expectation that nothing has put to the test fails as well.
        """
        report = self.report(**expectations)
        if report.fails_on(fail_on) or report.not_judged:
            raise ResilienceError(report, fail_on)
        return report

    def add(self, *endpoints: Mapping[str, Any]) -> list[str]:
        """Add endpoints, which answer before those of the config; their names. Raises ConfigError."""
        from understudy.admin.endpoints import add_live

        return self._call(add_live(self._running(), list(endpoints), space=self._space or ""))

    def remove(self, name: str) -> None:
        """Take an endpoint away. Raises UnderstudyError if there is none of this name."""
        from understudy.admin.endpoints import delete_live

        self._call(delete_live(self._running(), name, space=self._space or ""))

    def inject(
        self,
        kind: str,
        *,
        endpoint: str | list[str] | None = None,
        group: str | list[str] | None = None,
        ttl: float | str | None = None,
        **keys: Any,
    ) -> Injection:
        """Let something go wrong from now on: `server.inject("error", status=503, probability=0.2)`.

        `kind` and `keys` are those of a fault in the config; `endpoint` and `group` say where (default:
        everywhere), `ttl` how long. Raises ConfigError.
        """
        return self._switch_on({"faults": [{"kind": kind, **keys}]}, endpoint, group, ttl)

    def chaos_on(
        self,
        profile: str,
        *,
        endpoint: str | list[str] | None = None,
        group: str | list[str] | None = None,
        ttl: float | str | None = None,
    ) -> Injection:
        """Switch a profile of the config on, for its own endpoints or for others. Raises ConfigError."""
        return self._switch_on({"profile": profile}, endpoint, group, ttl)

    def chaos_off(self) -> None:
        """Switch off all that was switched on; profiles are on as the config says."""
        from understudy.admin.chaos import switch_all_off

        server = self._running()

        async def off() -> None:
            switch_all_off(server, space=self._space)

        self._call(off())

    def _switch_on(self, rule: dict[str, Any], endpoint: Any, group: Any, ttl: Any) -> Injection:
        from understudy.admin.chaos import switch_on

        given = {"endpoints": endpoint, "groups": group, "ttl": ttl}
        written = rule | {key: value for key, value in given.items() if value is not None}
        server = self._running()

        async def on() -> Given:
            (key,) = switch_on(server, written, space=self._space)
            return server.steering.live[key].given

        return Injection(self, self._call(on()))

    def recordings(self) -> dict[str, Any]:
        """What is recorded, and how, as `/__record` says it.

        `recording`, and `folders`, each with `folder`, `mode`, `exchanges`, `added`, `unused`, `drift`.
        """
        from understudy.admin.record import describe, tapes_of

        server = self._running()

        async def read() -> dict[str, Any]:
            return describe(server, tapes_of(server))

        return self._call(read())

    def switch_recording(self, mode: str, folder: str | None = None) -> dict[str, Any]:
        """Do something else with requests from now on: `replay`, `record`, `once`, and so on.

        `folder` is one that the config has in a `record`; None for all. It holds in all spaces. Returns what
        `recordings` does. Raises UnderstudyError if that cannot be, and then nothing has changed.
        """
        from understudy.admin.http import Refusal
        from understudy.admin.record import change_mode

        server = self._running()

        async def switch() -> dict[str, Any]:
            return change_mode(server, mode, folder)

        try:
            return self._call(switch())
        except Refusal as error:
            raise UnderstudyError(str(error)) from None

    def unused_recordings(self, folder: str | None = None) -> list[dict[str, Any]]:
        """The recorded exchanges that no request has got so far: each with `folder`, `id`, `method`, `url`,
        `status`, `failure`, `recorded_at`. Raises UnderstudyError for a folder that the config does not have.
        """
        from understudy.admin.http import Refusal
        from understudy.admin.record import exchanges_of

        server = self._running()

        async def read() -> list[dict[str, Any]]:
            return exchanges_of(server, folder, only_unused=True)

        try:
            return self._call(read())
        except Refusal as error:
            raise UnderstudyError(str(error)) from None

    def rewind_recordings(self) -> None:
        """Let recorded answers begin anew with the first of each request; of a space, for its requests."""
        from understudy.admin.record import tapes_of

        server = self._running()

        async def rewind() -> None:
            for tape in tapes_of(server):
                tape.shelf.rewind(self._space)

        self._call(rewind())

    @property
    def state(self) -> State:
        """What is remembered: variables, scenarios, collections."""
        return State(self)

    def reset(self) -> None:
        """Forget the state, the requests, the endpoints that were added, and the faults switched on; recorded
        answers begin anew."""
        from understudy.admin.endpoints import drop_live

        self._call(drop_live(self._running(), space=self._space or ""))
        self.chaos_off()
        self.state.reset()
        self.rewind_recordings()
        self.clear_logs()


class Injection:
    """Something that was switched on to go wrong. In a `with` block it is on as long as the block runs."""

    def __init__(self, handle: Handle, given: Given) -> None:
        self._handle = handle
        self._given = given

    @property
    def name(self) -> str:
        """What it is called in the log: its source is `live NAME`, or `profile NAME`."""
        return self._given.name

    def remove(self) -> None:
        """Switch it off. Does nothing if it is off already."""
        steering, given = self._handle._running().steering, self._given

        async def off() -> None:
            live = steering.live.get(given.key)
            if live is not None and live.given is given:  # and not another one of its name
                steering.drop([given.key])

        self._handle._call(off())

    def __enter__(self) -> Injection:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class State:
    """The state of a server or of a space. `of` gives that of one owner, where the config has `per`."""

    def __init__(self, handle: Handle, owner: str = "") -> None:
        self._handle = handle
        self._owner = owner

    def of(self, owner: str) -> State:
        """The state of one owner, such as the value of the cookie that `per` names."""
        return State(self._handle, owner)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables by name."""
        variables: dict[str, Any] = self._read()["variables"]
        return variables

    @property
    def scenarios(self) -> dict[str, str]:
        """The states of the scenarios by name."""
        scenarios: dict[str, str] = self._read()["scenarios"]
        return scenarios

    def set(
        self, variables: Mapping[str, Any] | None = None, scenarios: Mapping[str, str] | None = None
    ) -> None:
        """Set some variables and scenarios. Raises UnderstudyError, and then nothing has changed."""
        from understudy.admin.http import Refusal
        from understudy.admin.state import set_state

        change = {"variables": dict(variables or {}), "scenarios": dict(scenarios or {})}
        try:
            self._handle._call(set_state(self._place(), change))
        except Refusal as error:
            problems = error.content.get("problems", [])
            reasons = [f"{one['message']} (accepted: {one.get('accepted', 'none')})" for one in problems]
            raise UnderstudyError("; ".join([str(error), *reasons])) from None

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """All that is remembered, for `restore`."""
        from understudy.admin.state import save

        return self._handle._call(save(self._place()))

    def restore(self, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        """Bring a snapshot back."""
        from understudy.admin.state import bring_back

        self._handle._call(bring_back(self._place(), {"tables": dict(snapshot)}))

    def reset(self) -> None:
        """Back to what the config says."""
        from understudy.admin.state import clear_state

        self._handle._call(clear_state(self._place()))

    def _read(self) -> dict[str, Any]:
        from understudy.admin.state import read_state

        return self._handle._call(read_state(self._place()))

    def _place(self) -> Place:
        from understudy.admin.state import Place

        return Place(self._handle._running(), self._handle._space or "", self._owner)


class Space(Handle):
    """A space of a server: give `headers` to the client under test, and its requests belong here."""

    def __init__(self, server: MockServer, name: str) -> None:
        from understudy.admin.http import Refusal, check_space

        super().__init__(name)
        try:
            if not check_space(name):
                raise UnderstudyError("a space has a name")
        except Refusal as error:
            raise UnderstudyError(str(error)) from None
        self.name = name
        self._server = server

    @property
    def headers(self) -> dict[str, str]:
        """The header that makes a request one of this space."""
        return {self._running().program.loaded.config.space_header: self.name}

    @property
    def url(self) -> str:
        """The address of the server."""
        return self._server.url

    def _running(self) -> Server:
        return self._server._running()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return self._server._call(work)
