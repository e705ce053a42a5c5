"""`api_key`: a key in a header, the query or a cookie."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from understudy.model import ApiKey
from understudy.request import Request
from understudy.simulate.auth.identity import ANYBODY, Identity, Refusal, Scheme, known
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit, Place

DEFAULT_HEADER = "X-API-Key"


class ApiKeyScheme(Scheme):
    """Knows keys, or takes any if `keys` is None. `source` is header, query or cookie; `field` is the name
    there."""

    type = "ApiKey"

    def __init__(
        self, name: str, realm: str, source: str, field: str, keys: dict[str, Identity] | None
    ) -> None:
        super().__init__(name, realm)
        self.source = source
        self.field = field
        self._keys = keys
        self._read = _READERS[source](field)

    async def identify(self, exchange: Exchange) -> Identity | Refusal:
        key = self._read(exchange.request)
        if key is None:
            return self.missing(f"an API key is needed in the {self._place}")
        if self._keys is None:
            return ANYBODY if key else self.invalid(f"the API key in the {self._place} is empty")
        return self._keys.get(key) or self.invalid(f"the API key in the {self._place} is not a known one")

    def challenge(self, **parameters: str) -> str:
        return super().challenge(**{"in": self.source, "name": self.field}, **parameters)

    @property
    def _place(self) -> str:
        return f"{'query parameter' if self.source == 'query' else self.source} {self.field}"


def compile_api_key(
    written: str | list[str] | ApiKey, name: str, realm: str, kit: Kit, place: Place
) -> Scheme | None:
    """Compile the scheme."""
    if isinstance(written, str):
        written = [written]
    full = ApiKey(keys=written) if isinstance(written, list) else written
    source, field = next(
        ((kind, value) for kind in _READERS if (value := getattr(full, kind)) is not UNSET),
        ("header", DEFAULT_HEADER),
    )
    return ApiKeyScheme(name, realm, source, field, known(full.keys, "key"))


def _header(field: str) -> Callable[[Request], str | None]:
    wanted = field.lower().encode()
    size = len(wanted)

    def read(request: Request) -> str | None:
        for name, value in request.raw_headers:
            if len(name) == size and name.lower() == wanted:
                return value.decode("utf-8", "replace")
        return None

    return read


def _query(field: str) -> Callable[[Request], str | None]:
    def read(request: Request) -> str | None:
        values = request.query.get(field)
        return values[0] if values else None

    return read


def _cookie(field: str) -> Callable[[Request], str | None]:
    return lambda request: request.cookies.get(field)


_READERS = {"header": _header, "query": _query, "cookie": _cookie}
