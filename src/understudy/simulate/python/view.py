"""The request as a user's Python sees it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

from understudy.model.parts import check_headers
from understudy.request import Request as RawRequest
from understudy.simulate.exchange import Exchange
from understudy.simulate.python.headers import Headers
from understudy.simulate.variables import CHANGES, changed
from understudy.state.view import MISSING, VARIABLES, key_of


class State:
    """The variables of the request's owner, shared with `state` in the config and in templates."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def get(self, name: str, default: Any = None) -> Any:
        """A variable's value (a copy); else its initial value from the config, else the default."""
        exchange = self._exchange
        value = await exchange.store.get(exchange.space, VARIABLES, self._key(name), MISSING)
        return deepcopy(exchange.state.settings.variables.get(name, default) if value is MISSING else value)

    async def set(self, name: str, value: Any) -> None:
        """Give a variable a value, which is any JSON."""
        await self._change("set", name, deepcopy(value))

    async def add(self, name: str, amount: float = 1) -> Any:
        """Add to a number, to 0 where there is none; the sum."""
        return await self._change("add", name, amount)

    async def push(self, name: str, value: Any) -> list[Any]:
        """Put something at the end of a list, of a new one where there is none; the list (a copy)."""
        pushed: list[Any] = deepcopy(await self._change("push", name, deepcopy(value)))
        return pushed

    async def delete(self, name: str) -> bool:
        """Let a variable go back to its initial value; whether it had another."""
        exchange = self._exchange
        return await exchange.store.delete(exchange.space, VARIABLES, self._key(name))

    def _key(self, name: str) -> str:
        return key_of(self._exchange.owner, name)

    async def _change(self, kind: str, name: str, operand: Any) -> Any:
        exchange = self._exchange
        how = changed(name, CHANGES[kind], operand, exchange.state.settings.variables)
        return await exchange.store.change(exchange.space, VARIABLES, self._key(name), how)


class BlockingState:
    """`State` for a plain `def`, which runs in a thread of its own: the same methods without `await`."""

    __slots__ = ("_state", "_wait")

    def __init__(self, exchange: Exchange) -> None:
        self._state = State(exchange)
        self._wait = exchange.runner.wait

    def get(self, name: str, default: Any = None) -> Any:
        """See `State.get`."""
        return self._wait(self._state.get(name, default))

    def set(self, name: str, value: Any) -> None:
        """See `State.set`."""
        self._wait(self._state.set(name, value))

    def add(self, name: str, amount: float = 1) -> Any:
        """See `State.add`."""
        return self._wait(self._state.add(name, amount))

    def push(self, name: str, value: Any) -> list[Any]:
        """See `State.push`."""
        return self._wait(self._state.push(name, value))

    def delete(self, name: str) -> bool:
        """See `State.delete`."""
        return self._wait(self._state.delete(name))


class Request:
    """A request, to be read. `with_` makes a changed one for `call_next` in middleware.

    `path` and `params` are what the endpoint's path was compared with; `url` is the path and query as sent.
    `query` and `form` have the first value of each name, `query_all` has all. `claims` are those of a
    verified token. `state` has the variables; its methods are awaited in an `async def`, called in a `def`.
    """

    __slots__ = ("_exchange", "_raw", "state")

    state: Any

    def __init__(self, exchange: Exchange, *, blocking: bool = False, raw: RawRequest | None = None) -> None:
        self._exchange = exchange
        self._raw = exchange.request if raw is None else raw
        self.state = BlockingState(exchange) if blocking else State(exchange)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"

    def be_async(self) -> None:
        """Let `state` be awaited: the function turned out to run on the event loop."""
        self.state = State(self._exchange)

    @property
    def method(self) -> str:
        """The method, in upper case."""
        return self._raw.method

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return self._raw.path

    @property
    def url(self) -> str:
        """Path and query as they were sent."""
        return self._raw.target

    @property
    def query(self) -> dict[str, str]:
        """The first value of each query parameter."""
        return {name: values[0] for name, values in self._raw.query.items()}

    @property
    def query_all(self) -> dict[str, list[str]]:
        """All values of each query parameter."""
        return {name: list(values) for name, values in self._raw.query.items()}

    @property
    def headers(self) -> Headers:
        """The headers, looked up in any case."""
        return Headers(self._raw.headers)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        return dict(self._raw.cookies)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters in the path, in their types."""
        return dict(self._raw.params)

    @property
    def body(self) -> bytes:
        """The body."""
        return self._raw.body

    @property
    def text(self) -> str:
        """The body as text."""
        return self._raw.text

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError when it is not JSON."""
        return deepcopy(self._raw.json())

    @property
    def form(self) -> dict[str, str]:
        """The first value of each field of an urlencoded body."""
        return {name: values[0] for name, values in self._raw.form.items()}

    @property
    def client(self) -> str:
        """The client's address."""
        return self._raw.client

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of a verified token; empty without one."""
        return dict(self._exchange.claims or {})

    @property
    def endpoint(self) -> str:
        """The endpoint's name."""
        return self._exchange.endpoint

    @property
    def space(self) -> str:
        """The space that the request named, or ""."""
        return self._exchange.space

    def with_(
        self,
        *,
        headers: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: bytes | str | None = None,
    ) -> Request:
        """The same request with some headers and query parameters replaced, or with another body.

        None as a value removes a name, a list repeats it.
        """
        raw = self._raw
        raw_headers = list(raw.raw_headers)
        for name, values in (headers or {}).items():
            check_headers({name: [str(value) for value in _each(values)]})
            wanted = name.lower().encode()
            raw_headers = [pair for pair in raw_headers if pair[0].lower() != wanted]
            raw_headers += [(name.encode(), str(value).encode("utf-8", "replace")) for value in _each(values)]
        target = raw.raw_target
        if query:
            fields = {name: values for name, values in raw.query.items() if name not in query}
            fields |= {name: [str(value) for value in _each(values)] for name, values in query.items()}
            path = target.partition(b"?")[0]
            encoded = urlencode(fields, doseq=True).encode()
            target = path + b"?" + encoded if encoded else path
        content = raw.body if body is None else body.encode() if isinstance(body, str) else body
        changed = RawRequest(raw.method, target, raw_headers, content, raw.client, raw.version)
        changed.path, changed.params, changed.state = raw.path, raw.params, raw.state
        return Request(self._exchange, raw=changed)


def _each(values: Any) -> list[Any]:
    if values is None:
        return []
    return list(values) if isinstance(values, list | tuple) else [values]
