"""The answers of one operation: documented status and headers, and the record or the list in its shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from understudy.formats.openapi.document import Node
from understudy.formats.openapi.operations import Header as DocumentedHeader
from understudy.formats.openapi.operations import Media
from understudy.formats.openapi.xml import xml_text
from understudy.match.accept import best
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.envelope import Envelope, Projection, Slice
from understudy.openapi.stateful.infer import CREATE, DELETE, Action
from understudy.openapi.stateful.records import Record
from understudy.openapi.stateful.served import Served
from understudy.openapi.stateful.shapes import answer_of, identity, media_of, success_of, words_of, xml_of
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.resource.catalog import ONLY_KEY
from understudy.simulate.resource.records import text_of
from understudy.steps import JSON_TYPE, Header, Reply

USUAL = {CREATE: 201, DELETE: 204}
"""Statuses of operations that document no success; the others are 200."""
PART_HEADERS: dict[str, Callable[[Slice], str]] = {
    **dict.fromkeys(("totalcount", "total", "count", "totalitems"), lambda part: str(part.total)),
    **dict.fromkeys(("totalpages", "pagecount", "pages"), lambda part: str(part.pages)),
    **dict.fromkeys(("page", "currentpage"), lambda part: str(part.page)),
    **dict.fromkeys(("perpage", "pagesize", "limit"), lambda part: str(part.size)),
    **dict.fromkeys(("next", "nextpage"), lambda part: part.next),
    **dict.fromkeys(("prev", "previous", "prevpage"), lambda part: part.previous),
    **dict.fromkeys(("nextcursor", "cursor"), lambda part: part.cursor),
}
"""Headers about the part of a list that is sent, by their names without `X-` and spelling."""


class Replies:
    """Makes the answers of one operation."""

    def __init__(self, served: Served, action: Action) -> None:
        self._served = served
        self._records = served.records
        self._action = action
        self._name = f"{action.operation.method} {action.operation.path}"
        response = success_of(self._action.operation)
        status = response.status if response is not None else ""
        usual = USUAL.get(self._action.kind, 200)
        self.status = int(status) if status.isdigit() else usual
        self.has_upsert = any(one.status == "201" for one in self._action.operation.responses)
        self._headers = response.headers if response is not None else ()
        # where no success is documented, records are answered as they may be sent
        told = response if response is not None else action.operation.body
        self._media: tuple[Media, ...] = told.media if told is not None else ()
        self._is_documented = response is not None
        json = media_of(self._media)
        self._json_type = json.type if json is not None and "*" not in json.type else "application/json"
        self._xml = xml_of(self._media)
        whole = answer_of(self._action.operation)
        self._whole = self._data(whole)
        answer = self._action.answer
        self._envelope = Envelope(self._whole, answer.keys if answer is not None else (), self._name)
        self._projection: Projection | None = None
        if answer is not None and identity(answer.schema) != identity(self._served.resource.record):
            data = self._data(answer.schema)
            assert data is not None
            self._projection = Projection(data, self._name)

    def _data(self, node: Node | None) -> Fitting | None:
        return None if node is None else Fitting(node, self._served.data, self._served.shown)

    def _shown(self, record: Record) -> Any:
        shown = self._records.visible(record)
        if self._projection is None:
            return shown
        key = ONLY_KEY if self._served.collection.is_single else self._served.collection.row(record)
        return self._projection.of(shown, key)

    def one(
        self, record: Record, key: str, request: Request, headers: tuple[Header, ...], status: int
    ) -> Reply:
        """The answer with a record, or what the document has in its place."""
        likes_xml = self.likes_xml(request)
        if self._action.answer is not None:
            body = self._encoded(self._envelope.around(self._shown(record)), likes_xml)
        elif self._whole is not None:
            body = self._encoded(self._otherwise(record, key), likes_xml)
        elif self._is_documented or status == 204:
            body = b""
        else:
            body = self._encoded(self._records.visible(record), likes_xml)
        return self.reply(body, likes_xml, headers, status)

    def _otherwise(self, record: Record, key: str) -> Any:
        """An answer that is no record, such as `{"id": 5}` or a message, with what it has of the record."""
        assert self._whole is not None
        made = self._whole.make(Draws(0, f"{self._name} {key}", 0), examples=True)
        if not isinstance(made, dict):
            return made
        shown = self._records.visible(record)
        told = made | {name: shown[name] for name in made if name in shown}
        return told if self._whole.fits(told) else made

    def likes_xml(self, request: Request) -> bool:
        """Whether the client wants XML rather than JSON, and the document has it, or has nothing else."""
        if self._xml is None:
            return False
        if media_of(self._media) is None:
            return True
        accept = request.header("accept")
        return accept is not None and best(accept, (self._json_type, self._xml.type)) == self._xml.type

    def _encoded(self, content: Any, likes_xml: bool) -> bytes:
        if likes_xml and self._xml is not None:
            return xml_text(content, self._xml.schema).encode()
        return msgspec.json.encode(content)

    def list_body(self, records: list[Record], part: Slice, likes_xml: bool) -> bytes:
        """The body for a part of a list."""
        content = self._envelope.around([self._shown(record) for record in records], part)
        return self._encoded(content, likes_xml)

    def reply(
        self,
        body: bytes,
        likes_xml: bool,
        headers: tuple[Header, ...],
        status: int,
        part: Slice | None = None,
    ) -> Reply:
        """The body as it is sent, with the headers that are documented behind these."""
        if body:
            kind = self._xml.type if likes_xml and self._xml is not None else self._json_type
            written = JSON_TYPE if kind == "application/json" else (b"Content-Type", kind.encode())
            headers = (written, *headers)
        return Reply(status, headers + self._documented(headers, part), body)

    def _documented(self, sent: tuple[Header, ...], part: Slice | None) -> tuple[Header, ...]:
        """The headers that the document names, beside those that are sent anyway."""
        known = {name.lower() for name, _ in sent} | {b"content-type"}
        found: list[Header] = []
        for header in self._headers:
            name = header.name.encode("latin-1", "replace")
            if name.lower() in known:
                continue
            text = self._header(header, part)
            if text:
                found.append((name, text.encode("latin-1", "replace")))
        return tuple(found)

    def _header(self, header: DocumentedHeader, part: Slice | None) -> str:
        word = words_of(header.name).removeprefix("x")
        if part is not None:
            if word in PART_HEADERS:
                return PART_HEADERS[word](part)
            if word == "link":
                links = {"next": part.next, "prev": part.previous}
                return ", ".join(f'<{link}>; rel="{name}"' for name, link in links.items() if link)
        if header.examples:
            value = header.examples[0].node.value
        else:
            data = self._data(header.schema)
            value = (
                None if data is None else data.make(Draws(0, f"{self._name} {header.name}", 0), examples=True)
            )
        if value is None or isinstance(value, dict | list):
            return ""
        return " ".join(text_of(value).split())
