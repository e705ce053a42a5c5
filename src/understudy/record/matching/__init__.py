"""Which recorded answer a request gets.

`Keys` makes one hashable key of what counts of a request; `Shelf` keeps exchanges under their keys and hands
them out in the order of recording; `Miss` says why there is none.
"""

from understudy.record.matching.keys import Keys
from understudy.record.matching.miss import Miss
from understudy.record.matching.shelf import Found, Shelf

__all__ = ["Found", "Keys", "Miss", "Shelf"]
