"""Answers to readers: lists, single records, and 304 for who has them already."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.simulate.resource.catalog import Catalog, Collection
from understudy.simulate.resource.etag import etag
from understudy.simulate.resource.query import Query, parse_query
from understudy.simulate.resource.relations import joins
from understudy.simulate.resource.select import Page, page_of
from understudy.simulate.resource.write import missing
from understudy.steps import Header

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_ENTRY_BYTES = 400
"""What remembering an answer costs beside its text."""


class Answer(NamedTuple):
    """What a reader gets: the JSON, its tag, and the headers of its own."""

    body: bytes
    tag: bytes
    headers: tuple[Header, ...] = ()


class _Remembered(NamedTuple):
    answer: Answer
    related: list[Collection]
    versions: tuple[int, ...]


async def read_list(
    collection: Collection,
    catalog: Catalog,
    dialect: str,
    exchange: Exchange,
    group: tuple[str, str] | None = None,
) -> Answer:
    """A list as the query wants it. `group`: only records whose field has a value. Raises Refused."""
    request = exchange.request
    snapshot = await collection.snapshot(exchange)
    key = (dialect, request.raw_target, request.header("host"), request.header("x-forwarded-proto"), group)
    known = snapshot.answer(key)
    if known is not None and await _are_current(known, exchange):
        answer: Answer = known.answer
        return answer
    query = parse_query(request.query, dialect)
    related, join, versions = await joins(query, collection, catalog, exchange)
    page = page_of(snapshot.select(query, group), query)
    records: list[Any] = page.records
    for one in join:
        records = [one(record) for record in records]
    body = msgspec.json.encode(_page_object(page, records) if query.as_page else records)
    headers = [(b"X-Total-Count", str(page.total).encode())]
    links = _links(page, query, request)
    if links:
        headers.append((b"Link", links))
    answer = Answer(body, etag(body), tuple(headers))
    size = len(body) + len(request.raw_target) + _ENTRY_BYTES
    snapshot.remember(key, _Remembered(answer, related, versions), size)
    return answer


async def _are_current(known: _Remembered, exchange: Exchange) -> bool:
    for collection, version in zip(known.related, known.versions, strict=True):
        if (await collection.rows(exchange)).version != version:
            return False
    return True


async def read_one(
    collection: Collection, key: str, catalog: Catalog, dialect: str, exchange: Exchange
) -> Answer:
    """One record, with the relations that the query wants. Raises Refused."""
    rows = await collection.rows(exchange)
    record = rows.items.get(key)
    if record is None:
        raise missing(collection, key)
    if exchange.request.query_string:
        parameters = {
            name: found
            for name, found in exchange.request.query.items()
            if name == "_embed" or (name == "_expand" and dialect != "v1")
        }
        _, join, _ = await joins(parse_query(parameters, dialect), collection, catalog, exchange)
        for one in join:
            record = one(record)
    body = msgspec.json.encode(record)
    return Answer(body, etag(body))


def _page_object(page: Page, records: list[Any]) -> dict[str, Any]:
    number, pages = page.number or 1, page.pages or 1
    return {
        "first": 1,
        "prev": number - 1 if number > 1 else None,
        "next": number + 1 if number < pages else None,
        "last": pages,
        "pages": pages,
        "items": page.total,
        "data": records,
    }


def _links(page: Page, query: Query, request: Request) -> bytes:
    """The value of `Link` (RFC 8288): the other pages, if there are any."""
    if page.number is None or page.pages is None or page.pages < 2 or query.as_page:
        return b""
    numbers = {"first": 1, "prev": page.number - 1, "next": page.number + 1, "last": page.pages}
    parts = [part for part in request.query_string.split("&") if part and not part.startswith("_page=")]
    base = origin(request) + quote(request.path, safe="/%!$&'()*+,;=:@")
    return ", ".join(
        f'<{base}?{"&".join([f"_page={number}", *parts])}>; rel="{name}"'
        for name, number in numbers.items()
        if 1 <= number <= page.pages
    ).encode("latin-1", "replace")


def origin(request: Request) -> str:
    """The scheme and host that the client used; "" if it did not say, then links are relative."""
    host = request.header("host") or ""
    if not _HOST.fullmatch(host):
        return ""
    return f"{'https' if request.header('x-forwarded-proto') == 'https' else 'http'}://{host}"
