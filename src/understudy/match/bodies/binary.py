"""Conditions on a body as bytes."""

from __future__ import annotations

import base64
import binascii

from understudy.match.check import Check
from understudy.match.kinds.error import ConditionError
from understudy.model import BodyConditions
from understudy.views.content import Content

MAX_SHOWN_BYTES = 200


def compile_base64(written: BodyConditions) -> list[Check[Content]]:
    """The bytes are exactly these."""
    text = str(written.base64)
    try:
        wanted = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ConditionError(f"this is not base64: {error}", ("base64",)) from None
    return [
        Check(
            "base64",
            text,
            lambda content: content.body == wanted,
            lambda content: base64.b64encode(content.body[:MAX_SHOWN_BYTES]).decode(),
        )
    ]
