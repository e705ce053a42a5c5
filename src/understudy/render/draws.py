"""Reproducible randomness: each draw is a pure function of (seed, endpoint, n-th request, purpose).

No stream is shared, so a draw does not depend on which other draws happened, in which order, or in which
process: the same seed gives the same reply whatever the interleaving of endpoints and workers.
"""

from __future__ import annotations

from hashlib import blake2b

_BLOCK_BYTES = 64  # of one blake2b digest
_UNIT = 2.0**-53
_VARIANT = {digit: "89ab"[index % 4] for index, digit in enumerate("0123456789abcdef")}


class Draws:
    """The lots of one request: the `n`-th (from 0) of the endpoint under the seed."""

    __slots__ = ("_counts", "_prefix")

    def __init__(self, seed: int, endpoint: str, n: int) -> None:
        self._prefix = _key(seed, endpoint) + n.to_bytes(8, "big")
        self._counts: dict[str, int] = {}

    def unit(self, purpose: str) -> float:
        """A number uniform in [0, 1), with 53 random bits."""
        digest = blake2b(self._prefix + purpose.encode()).digest()
        return (int.from_bytes(digest[:8], "big") >> 11) * _UNIT

    def integer(self, purpose: str, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included. Raises ValueError if `high` is below `low`."""
        span = high - low + 1
        if span < 1:
            raise ValueError(f"there is no integer from {low} to {high}")
        # 64 bits more than the span needs, so that no value is likelier than another by more than 2**-64
        count = span.bit_length() + 64
        if count > _BLOCK_BYTES * 8:
            return low + (self.bits(purpose, count) * span >> count)
        # the same without two more calls: data from a schema is made of many draws
        digest = blake2b(self._prefix + purpose.encode()).digest()
        bits = int.from_bytes(digest, "big") >> (_BLOCK_BYTES * 8 - count)
        return low + (bits * span >> count)

    def bits(self, purpose: str, count: int) -> int:
        """An integer of `count` random bits."""
        size = (count + 7) // 8
        return int.from_bytes(self.raw(purpose, size), "big") >> (size * 8 - count)

    def raw(self, purpose: str, size: int) -> bytes:
        """`size` random bytes. The first 64 do not depend on `size`."""
        start = self._prefix + purpose.encode()
        if size <= _BLOCK_BYTES:
            return blake2b(start).digest()[:size]
        blocks = [blake2b(start).digest()]
        blocks += (
            blake2b(start + b"\0" + block.to_bytes(8, "big")).digest()
            for block in range(1, -(-size // _BLOCK_BYTES))
        )
        return b"".join(blocks)[:size]

    def uuid(self, purpose: str) -> str:
        """A UUID of version 4 (RFC 9562 section 5.4)."""
        digits = blake2b(self._prefix + purpose.encode()).hexdigest()
        variant = _VARIANT[digits[16]]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    def numbered(self, purpose: str) -> str:
        """`purpose#0` at the first call in this request, then `purpose#1`, …: names for repeated draws."""
        count = self._counts.get(purpose, 0)
        self._counts[purpose] = count + 1
        return f"{purpose}#{count}"


class DrawSource:
    """The lots of one endpoint under one seed; `at(n)` costs little, as the key is hashed once."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, endpoint: str) -> None:
        self._key = _key(seed, endpoint)

    def at(self, n: int) -> Draws:
        """The lots of the endpoint's `n`-th request, counted from 0; equal to `Draws(seed, endpoint, n)`."""
        draws = Draws.__new__(Draws)
        draws._prefix = self._key + n.to_bytes(8, "big")
        draws._counts = {}
        return draws


def _key(seed: int, endpoint: str) -> bytes:
    # 32 bytes of key, 8 of n and a short purpose fill one 128-byte block: one compression per draw
    return blake2b(f"{seed}\0{endpoint}".encode("utf-8", "backslashreplace"), digest_size=32).digest()
