"""Which endpoint answers a request."""

from understudy.match.explain import explain_miss
from understudy.match.index import Index, Route, plain_scan, sort_key
from understudy.match.path import PARAMETER_TYPES, PathPattern, PathSyntaxError

__all__ = [
    "PARAMETER_TYPES",
    "Index",
    "PathPattern",
    "PathSyntaxError",
    "Route",
    "explain_miss",
    "plain_scan",
    "sort_key",
]
