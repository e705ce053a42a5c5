"""What a user writes to have Python called: `module:function`."""

import re
from typing import Annotated

from msgspec import Meta, UnsetType

# Checked in Python, as msgspec may crash at exit where fields share a Meta with a pattern (its issue 717).
_FUNCTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")

Function = Annotated[
    str,
    Meta(description="A Python object as `module:name`; the module is looked for in the config's folder."),
]


def functions(written: str | list[str] | UnsetType) -> tuple[str, ...]:
    """The functions of a key that takes one or several."""
    if isinstance(written, str):
        return (written,)
    return tuple(written) if isinstance(written, list) else ()


def check_functions(written: str | list[str] | UnsetType) -> None:
    """Refuse what does not name a function."""
    for function in functions(written):
        is_file = function.partition(":")[0].endswith(".py")
        if is_file or not _FUNCTION.fullmatch(function):
            raise ValueError(
                f"{function!r} does not name a function: write module:function, such as handlers:cart"
            )
