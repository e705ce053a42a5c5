"""Who a connection is handed to, once it speaks another protocol than HTTP (RFC 9110 section 7.8).

They write to `Performer.transport`, and look at `Performer.is_paused` before. All is told in the event loop's
thread, and nothing more once they have handed the connection back, or were told `on_lost`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Taken(NamedTuple):
    """What they are told of.

    `on_data`: bytes have come. `on_eof`: the client sends no more; whether the connection stays half open.
    `on_lost`: the connection is gone, and why if it was not closed. `on_writable`: the client reads again.
    `on_stop`: the server stops; who does not hand back is cut off after `limits.drain_timeout_s`.
    """

    on_data: Callable[[bytes], None]
    on_eof: Callable[[], bool]
    on_lost: Callable[[Exception | None], None]
    on_writable: Callable[[], None]
    on_stop: Callable[[], None]
