"""Which endpoint answers a request."""

from understudy.match.conditions import Conditions, compile_match
from understudy.match.explain import explain_miss
from understudy.match.index import Index, Route, plain_scan, sort_key
from understudy.match.kinds.error import ConditionError
from understudy.match.path import PARAMETER_TYPES, PathPattern, PathSyntaxError

__all__ = [
    "PARAMETER_TYPES",
    "ConditionError",
    "Conditions",
    "Index",
    "PathPattern",
    "PathSyntaxError",
    "Route",
    "compile_match",
    "explain_miss",
    "plain_scan",
    "sort_key",
]
