"""Recorded replies whose headers and text bodies are templates (`render: true`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from understudy.record.exchange import RecordedExchange, RecordedReply
from understudy.record.replies.replies import media_type_of
from understudy.simulate.content import header_bytes
from understudy.simulate.kit import Kit, Place
from understudy.views.codings import codings_in, decoded

MAX_TEMPLATE_BYTES = 8 * 1024 * 1024
"""Larger bodies are no templates."""

FRAMES = frozenset((b"content-length", b"transfer-encoding", b"content-encoding"))
"""Headers that say how to read the body, and are none of a template's business."""

Rendered = Callable[[RecordedExchange], RecordedExchange]
"""Renders for the request that the templates' scope has now: the exchange with the finished reply. Raises
RenderError."""


def compile_rendered(exchange: RecordedExchange, kit: Kit, place: Place) -> Rendered | None:
    """What renders an exchange's reply; None if there is no template in it.

    JSON bodies are templates in their leaves, so that they stay JSON; other text is one template. A body that
    has templates is sent without its content coding, and with the length that it has then. Mistakes are
    problems of the kit at `place`.
    """
    reply = exchange.reply
    if reply is None or exchange.failed is not None:
        return None
    headers: list[tuple[bytes, bytes | Callable[[], str]]] = []
    for name, value in reply.headers:
        if name.lower() in FRAMES or b"{" not in value:
            headers.append((name, value))
            continue
        text = kit.text(value.decode("latin-1"), f"headers.{name.decode('latin-1')}", place)
        headers.append((name, value if isinstance(text, str) else text))
    body = _compile_body(reply, kit, place)
    if body is None and all(isinstance(value, bytes) for _, value in headers):
        return None
    if body is not None:
        headers = [header for header in headers if header[0].lower() != b"content-encoding"]

    def render(original: RecordedExchange) -> RecordedExchange:
        assert original.reply is not None, "only replies are compiled"
        finished = tuple(
            (name, value if isinstance(value, bytes) else header_bytes(value())) for name, value in headers
        )
        made = replace(original.reply, headers=finished)
        if body is not None:
            made = replace(made, body=body(), chunks=())
        return replace(original, reply=made)

    return render


def _compile_body(reply: RecordedReply, kit: Kit, place: Place) -> Callable[[], bytes] | None:
    """What renders the body; None if it has no template."""
    body = reply.body
    if not isinstance(body, bytes) or not body:
        return None
    kind = media_type_of(reply)
    is_json = kind == "application/json" or kind.endswith("+json")
    if not is_json and not kind.startswith("text/") and not kind.endswith(("/xml", "+xml", "/javascript")):
        return None
    codings = codings_in(reply.headers)
    try:
        text = (decoded(body, codings, MAX_TEMPLATE_BYTES) if codings else body).decode()
    except ValueError:  # UnicodeDecodeError is one, too
        return None
    if "{" not in text or len(text) > MAX_TEMPLATE_BYTES:
        return None
    if is_json:
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return None
        compiled = kit.json(value, "body", place)
        return None if isinstance(compiled, bytes) else compiled
    rendered = kit.text(text, "body", place)
    if isinstance(rendered, str):
        return None
    return lambda: rendered().encode()
