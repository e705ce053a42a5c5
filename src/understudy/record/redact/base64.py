"""Base64 in both alphabets (RFC 4648), with or without padding."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode

_TO_STANDARD = str.maketrans("-_", "+/")


def decode_url(text: str) -> bytes:
    """The bytes in a text of either alphabet. Raises binascii.Error, ValueError."""
    bare = text.rstrip("=").translate(_TO_STANDARD)
    return b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def encode_url(data: bytes) -> str:
    """Bytes as base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
