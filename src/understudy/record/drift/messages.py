"""What a server says in a WebSocket, beside what it said when it was recorded.

Messages of one sort are compared together, each kind of difference once: a sort is what a JSON message says
its type is (`{"type": "price"}`, `["price", …]`), or else JSON, text, or binary. How many there are of a
sort is data, and so is how they mix; that a sort has gone, or comes before another one, is the API. Pings
and pongs are not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from understudy.record.drift.checks import Drift, drift
from understudy.record.drift.shape import Shape, compare_shapes
from understudy.record.drift.values import Same, compare_values
from understudy.record.exchange import RecordedExchange, SocketMessage
from understudy.record.looks import is_id

MAX_COMPARED = 5_000
"""Messages of each side that are looked at."""
MAX_BYTES = 32 * 1024 * 1024
"""Bytes of them."""
MAX_SORTS = 200
"""Sorts that are told apart; what is of more sorts is compared as one."""
MAX_PAIRS = 500
"""Messages of one sort whose values are compared."""
TYPE_NAMES = ("type", "event", "op", "action", "kind", "method", "command", "cmd", "topic", "channel")
"""Members in which messages of JSON say of what sort they are, the first that is there."""
CUT_SHORT = "recording ended after "
"""How the note of a recording begins that was given up before the WebSocket ended."""

WHERE = "messages"
_NAME = re.compile(r"[A-Za-z_][\w.:/-]{0,63}", re.ASCII)
_OTHERS = "others"


@dataclass(slots=True)
class _Sort:
    """Messages of one sort, in their order: JSON values, or texts, or bytes."""

    values: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Said:
    """What one side has said. `sorts` are in the order in which they first came."""

    sorts: dict[tuple[str, str], _Sort] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    close: int | None = None
    is_cut: bool = False


def compare_messages(recorded: RecordedExchange, now: RecordedExchange, same: Same) -> Iterator[Drift]:
    """What differs in what the server said, each kind of difference once for a sort and a place.

    What the server does not say any more is told only if the client has said what it did when it was
    recorded: else it may have gone before.
    """
    asked = [_said(one.messages, "client") for one in (recorded, now)]
    old, new = (_said(one.messages, "server") for one in (recorded, now))
    is_cut = old.is_cut or new.is_cut or any(one.note.startswith(CUT_SHORT) for one in (recorded, now))
    if is_cut:
        yield drift("not-compared", WHERE, message="not all of the messages are compared")
    is_same_talk = _counts(asked[0]) == _counts(asked[1])
    if not is_same_talk and not is_cut:
        yield drift("messages-client", WHERE, _listed(asked[0]), _listed(asked[1]))
    if len(old.kinds) == len(new.kinds) == 1 and old.kinds != new.kinds:
        yield drift("message-kind", WHERE, *old.kinds, *new.kinds)
        return
    if is_same_talk and not is_cut:
        yield from _presence(old, new)
    found: dict[tuple[str, str], Drift] = {}
    was_redacted = bool(recorded.secrets)
    for sort in (sort for sort in old.sorts if sort in new.sorts):
        for one in _of_sort(sort[0], old.sorts[sort].values, new.sorts[sort].values, same, was_redacted):
            found.setdefault((one.kind, one.where), one)
    yield from sorted(found.values(), key=lambda one: one.where)
    if old.close is not None and new.close is not None and old.close != new.close:
        yield drift("close-code", WHERE, old.close, new.close)


def _presence(old: _Said, new: _Said) -> Iterator[Drift]:
    """Sorts that have come or gone, their order, and how many there are of each."""
    gone = [sort for sort in old.sorts if sort not in new.sorts]
    more = [sort for sort in new.sorts if sort not in old.sorts]
    if gone:
        yield drift("message-removed", WHERE, _names(gone), _names(more))
    elif more:
        yield drift("message-added", WHERE, now=_names(more))
    order = [sort for sort in old.sorts if sort in new.sorts]
    order_now = [sort for sort in new.sorts if sort in old.sorts]
    if order != order_now:
        yield drift("message-order", WHERE, _names(order), _names(order_now))
    counts = [(sort, len(old.sorts[sort].values), len(new.sorts[sort].values)) for sort in order]
    other = [one for one in counts if one[1] != one[2]]
    if other:
        was, is_ = (", ".join(f"{one[n]} × {_name(one[0])}" for one in other) for n in (1, 2))
        yield drift("message-count", WHERE, was, is_)


def _of_sort(kind: str, old: list[Any], new: list[Any], same: Same, was_redacted: bool) -> Iterator[Drift]:
    pairs = list(zip(old, new, strict=False))[:MAX_PAIRS]
    if kind == "json":
        shapes = []
        for values in (old, new):
            shape = Shape()
            for value in values:
                shape.add(value)
            shapes.append(shape)
        yield from compare_shapes(*shapes)
        for one, other in pairs:
            yield from compare_values(one, other, same, zero_is_any=was_redacted)
    elif kind == "text":
        for one, other in pairs:
            if not same(one, other):
                yield drift("text", WHERE, one, other)
                return
    elif any(one != other for one, other in pairs):
        yield next(drift("binary", WHERE, *map(_sized, pair)) for pair in pairs if pair[0] != pair[1])


def _said(messages: Sequence[SocketMessage], sender: str) -> _Said:
    said = _Said()
    number = size = 0
    for _, who, kind, data in messages:
        if who != sender:
            continue
        if kind == "close":
            said.close = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005  # RFC 6455 section 7.1.5
        if kind not in ("text", "binary"):
            continue
        number += 1
        size += len(data)
        if number > MAX_COMPARED or size > MAX_BYTES:
            said.is_cut = True
            break
        said.kinds.add(kind)
        sort, value = _read(kind, data)
        if sort not in said.sorts and len(said.sorts) >= MAX_SORTS:
            sort = (sort[0], _OTHERS)
        said.sorts.setdefault(sort, _Sort()).values.append(value)
    return said


def _read(kind: str, data: bytes) -> tuple[tuple[str, str], Any]:
    """The sort of a message, and what is compared of it."""
    if kind == "binary":
        return ("binary", ""), data
    text = data.decode("utf-8", "replace")
    if text.lstrip()[:1] not in {"{", "["}:
        return ("text", ""), text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ("text", ""), text
    return ("json", _type_of(value)), value


def _type_of(value: Any) -> str:
    """What a message says that it is; "" if it does not."""
    said: Any = None
    if isinstance(value, dict):
        said = next((value[name] for name in TYPE_NAMES if name in value), None)
    elif isinstance(value, list) and value:
        said = value[0]
    return said if isinstance(said, str) and _NAME.fullmatch(said) and not is_id(said) else ""


def _counts(said: _Said) -> dict[tuple[str, str], int]:
    return {sort: len(found.values) for sort, found in said.sorts.items()}


def _listed(said: _Said) -> str:
    counts = _counts(said).items()
    return ", ".join(f"{count} × {_name(sort)}" for sort, count in counts) or "nothing"


def _names(sorts: Sequence[tuple[str, str]]) -> str:
    return ", ".join(map(_name, sorts)) or "nothing"


def _name(sort: tuple[str, str]) -> str:
    return sort[1] or {"json": "JSON"}.get(sort[0], sort[0])


def _sized(data: bytes) -> str:
    return f"{len(data)} bytes, sha256 {sha256(data).hexdigest()[:12]}"


__all__ = ["compare_messages"]
