"""What was made of a foreign file, as a config would take it: what is of no use is known while it is read."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.match import ConditionError, compile_match
from understudy.match.path import PathPattern, PathSyntaxError
from understudy.model import Endpoint
from understudy.model.convert import convert


class Unfit(ValueError):
    """Why a config would not take an endpoint, in one line. `of_request`: its path or its conditions."""

    def __init__(self, message: str, *, of_request: bool) -> None:
        super().__init__(message)
        self.of_request = of_request


def checked(written: dict[str, Any]) -> Endpoint:
    """The endpoint as a model, its path and conditions compiled once. Raises Unfit."""
    try:
        endpoint = convert(written, Endpoint)
        pattern = PathPattern(endpoint.path)
        if isinstance(endpoint.match, msgspec.Struct):
            compile_match(endpoint.match, pattern)
    except PathSyntaxError as error:
        raise Unfit(str(error), of_request=True) from None
    except ConditionError as error:
        raise Unfit(error.message.partition("\n")[0], of_request=True) from None
    except (msgspec.ValidationError, RecursionError) as error:
        raise Unfit(str(error), of_request=False) from None
    return endpoint
