"""What a fault is when it is compiled: a function from steps to steps.

It gets the steps that would answer the request (none, if it strikes before the request is processed) and
gives those that are performed instead. It does no I/O and draws its lots from the moment it is given, so it
is tested as data. Steps that come after the reply, such as callbacks, are not shown to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from understudy.render.draws import Draws
from understudy.request import Request
from understudy.steps import Step


class Lots(Draws):
    """The draws of one fault in one request: those of the request, under the fault's own name.

    The lots of lots are named once more, such as for each of many pieces.
    """

    __slots__ = ()

    def __init__(self, draws: Draws, label: str) -> None:
        self._prefix = draws._prefix + f"fault {label} ".encode("utf-8", "backslashreplace")
        self._counts = {}

    def unit(self, purpose: str = "strike") -> float:
        """A number uniform in [0, 1)."""
        return super().unit(purpose)


class Moment(NamedTuple):
    """What a fault sees when it strikes. `now_s` is in unix seconds."""

    request: Request
    lots: Lots
    now_s: float


Strike = Callable[[tuple[Step, ...], Moment], tuple[Step, ...]]
"""(the steps that would answer, the moment) → the steps that do."""

__all__ = ["Lots", "Moment", "Strike"]
