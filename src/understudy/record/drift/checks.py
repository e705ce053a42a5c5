"""What may differ between a recording and what the real server answers now: the TABLE of checks.

`breaking`: a client that was written against the recording may fail. `changed`: it may act otherwise.
`info`: it should not notice, or the difference is in the data and not in the API.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Level = Literal["breaking", "changed", "info"]
LEVELS: tuple[Level, ...] = ("breaking", "changed", "info")


class Check(NamedTuple):
    """A check: how bad what it finds is, and what that is, in a sentence."""

    level: Level
    sentence: str


CHECKS: dict[str, Check] = {
    "unrecorded": Check("info", "there is no recording of this request"),
    "failure": Check("breaking", "there is no (whole) reply any more"),
    "failure-gone": Check("changed", "there is a reply where the recording has a failure"),
    "failure-other": Check("info", "there is another failure than recorded"),
    "status-class": Check("breaking", "the status is of another class, such as 4xx after 2xx"),
    "status": Check("changed", "the status is another one of the same class"),
    "content-type": Check("breaking", "the body is of another media type"),
    "content-type-parameter": Check("changed", "a parameter of the media type, such as its charset, differs"),
    "encoding": Check("info", "the body is encoded (compressed) in another way"),
    "framing": Check("info", "the end of the body is told in another way"),
    "header-removed": Check("changed", "a header is no longer sent"),
    "header-added": Check("info", "a header is new"),
    "header-changed": Check("changed", "a header has another value"),
    "header-volatile": Check(
        "info", "a header that differs from reply to reply has come, gone or another form"
    ),
    "cookie-removed": Check("changed", "a cookie is no longer set"),
    "cookie-added": Check("info", "one more cookie is set"),
    "cookie-changed": Check("changed", "a cookie has other attributes"),
    "trailer-removed": Check("changed", "a trailer is no longer sent"),
    "trailer-added": Check("info", "a trailer is new"),
    "trailer-changed": Check("changed", "a trailer has another value"),
    "body-removed": Check("breaking", "there is no body any more"),
    "body-added": Check("info", "there is a body where there was none"),
    "body-unreadable": Check("breaking", "the body cannot be read as what its headers say it is"),
    "field-removed": Check("breaking", "a field is gone that was always there"),
    "field-optional": Check("breaking", "a field is sometimes missing that was always there"),
    "optional-field-removed": Check("changed", "a field is gone that was there sometimes"),
    "field-added": Check("info", "a field is new"),
    "field-required": Check("info", "a field is always there that was sometimes missing"),
    "type-changed": Check("breaking", "a value has another type"),
    "number-widened": Check("changed", "there are fractions where all numbers were whole"),
    "items-changed": Check("breaking", "the items of an array have another type"),
    "array-empty": Check("info", "an array is empty that was not"),
    "became-null": Check("breaking", "a value is null that never was"),
    "no-longer-null": Check("info", "a value is no longer null"),
    "format-changed": Check("changed", "a text no longer has the format that it always had"),
    "enum-value-new": Check("changed", "a value is new where the same few were used before"),
    "values": Check("info", "a value is another one"),
    "array-length": Check("info", "an array has another number of items"),
    "text": Check("changed", "a text body differs"),
    "binary": Check("changed", "a body that is neither JSON nor text differs"),
    "message-removed": Check("breaking", "a sort of message of a WebSocket is no longer sent"),
    "message-kind": Check("breaking", "messages of a WebSocket are binary instead of text, or text instead"),
    "message-order": Check("changed", "messages of a WebSocket come in another order"),
    "close-code": Check("changed", "a WebSocket is closed with another code"),
    "message-added": Check("info", "a sort of message of a WebSocket is new"),
    "message-count": Check("info", "there are more messages of a sort in a WebSocket, or fewer"),
    "messages-client": Check("info", "the client of a WebSocket said something else than was recorded"),
    "not-compared": Check("info", "there is more than is compared"),
}
"""Everything that may be found, by name."""


class Drift(NamedTuple):
    """One difference. `kind` is its name in CHECKS.

    `where` is `status`, `body`, `header Content-Type`, `cookie sid`, `trailer Digest`, `messages`, or, in a
    JSON body or message, a JSONPath in which `[*]` stands for every item (`$.items[*].price`) and `.*` for
    every key that is an id.
    `message` says in a sentence what was found. `recorded` and `now` are short texts; "" for nothing.
    """

    kind: str
    where: str
    message: str
    recorded: str = ""
    now: str = ""

    @property
    def level(self) -> Level:
        """How bad it is."""
        return CHECKS[self.kind].level

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {"level": self.level, **self._asdict()}


MAX_SHOWN = 80
"""Characters of a value that a report shows."""


def drift(kind: str, where: str, recorded: object = "", now: object = "", message: str = "") -> Drift:
    """A difference, with the sentence of its check unless there is a better one."""
    return Drift(kind, _plain(where), message or CHECKS[kind].sentence, cut(recorded), cut(now))


def cut(value: object) -> str:
    """A value as a short text."""
    text = _plain(str(value))
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def _plain(text: str) -> str:
    """Text that any encoding of Unicode has: JSON may have half a surrogate pair (RFC 8259 section 8.2)."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
