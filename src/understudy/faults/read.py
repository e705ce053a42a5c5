"""temporary"""

from typing import Any

import msgspec

from understudy.load.fault import Fault as Mistake
from understudy.model.faults import KINDS, Fault, fault_of


def read_fault(written: Any, keys: tuple[str | int, ...] = ()) -> Fault | list[Mistake]:
    try:
        if isinstance(written, str):
            return fault_of(written)
        return msgspec.convert(written, KINDS[written["kind"]])
    except (ValueError, KeyError) as e:
        return [Mistake(str(e), keys)]
