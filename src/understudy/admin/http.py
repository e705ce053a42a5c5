"""What all control endpoints share: how a route is described, how a request is read, how it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from understudy.errors import UnderstudyError

if TYPE_CHECKING:
    from understudy.net.server import Server

MAX_DIGITS = 18
"""Of a whole number in a query."""
MAX_SPACE_CHARACTERS = 200


class Parameter(NamedTuple):
    """A query or path parameter: its OpenAPI type and what it does."""

    type: str
    help: str


class Body(NamedTuple):
    """A request body: what it is, and its JSON Schema or the model that it is read as."""

    help: str
    schema: Any = MappingProxyType({})


NOTHING: Mapping[str, Parameter] = MappingProxyType({})


Handler = Callable[["Server", Request], Awaitable[Response]]


class ControlRoute(NamedTuple):
    """One control endpoint, as it is served and as it is described.

    A `{name}` in the path takes all that follows, slashes included. `statuses` are those beside 200.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    parameters: Mapping[str, Parameter] = NOTHING
    body: Body | None = None
    statuses: Mapping[int, str] = MappingProxyType({})


class Refusal(UnderstudyError):
    """A control request that cannot be served: its status, and the JSON that says why."""

    def __init__(self, status: int, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.content = {"error": error, **more}


class BadFilter(Refusal):
    """A query parameter that cannot be read."""

    def __init__(self, error: str) -> None:
        super().__init__(400, error)


SPACE = {
    "space": Parameter("string", "The space it is about, if the request has no header that names one."),
}


def reply(content: Any, status: int = 200) -> Response:
    """A JSON reply."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def read_json(request: Request) -> Any:
    """The request's body as JSON. Raises Refusal."""
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, f"the body is not JSON: {error}") from None
    except RecursionError:
        raise Refusal(400, "the body is nested too deeply") from None


def space_of(server: Server, request: Request) -> str | None:
    """The space that a request names in its query, else in the header; None if it names none."""
    named = request.query_params.get("space")
    if named is None:
        named = request.headers.get(server.program.space_header.decode())
    return None if named is None else check_space(named)


def check_space(name: str) -> str:
    """A space's name, if a header can carry it. Raises Refusal."""
    is_plain = name.isprintable() and name == name.strip()
    if not is_plain or len(name) > MAX_SPACE_CHARACTERS or not _is_latin(name):
        raise Refusal(
            400,
            f"a space is named by at most {MAX_SPACE_CHARACTERS} characters that a header can carry",
        )
    return name


def _is_latin(name: str) -> bool:
    try:
        name.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def flag(request: Request, name: str) -> bool:
    """A boolean in the query; false if it is not there. Raises Refusal."""
    written = request.query_params.get(name, "false")
    if written not in {"true", "false"}:
        raise BadFilter(f"{name} is true or false")
    return written == "true"


def whole_number(text: str, name: str) -> int:
    """A number from 0 in a query. Raises Refusal."""
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise BadFilter(f"{name} is a whole number")
    return int(text)


def check_query(request: Request, known: Mapping[str, Parameter]) -> None:
    """Refuse a query parameter that is misspelled. Raises Refusal."""
    unknown = [name for name in request.query_params if name not in known and name != "token"]
    if unknown:
        there = f"there are {', '.join(known)}" if known else "there is none"
        raise BadFilter(f"unknown parameter {unknown[0]!r}; {there}")
