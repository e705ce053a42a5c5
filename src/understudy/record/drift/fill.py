"""Real secrets in the place of what redaction has left."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.record.looks import PLACEHOLDERS


def filled_text(text: str, secrets: Mapping[str, str]) -> str:
    """A text with each `REDACTED-name` replaced by the secret of that name, if it is given."""
    for name in sorted(secrets, key=len, reverse=True):  # `token` stands at the beginning of `token_id`
        text = text.replace(f"REDACTED-{name}", secrets[name])
    return text


def filled(data: bytes, secrets: Mapping[str, str]) -> bytes | None:
    """The same for bytes; None if something is still redacted."""
    if not _has_placeholder(data):
        return data
    text = filled_text(data.decode("utf-8", "surrogateescape"), secrets)
    data = text.encode("utf-8", "surrogateescape")
    return None if _has_placeholder(data) else data


def _has_placeholder(data: bytes) -> bool:
    return any(one.encode() in data for one in PLACEHOLDERS)


__all__ = ["filled", "filled_text"]
