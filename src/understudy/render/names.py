"""What templates may name besides data and helpers: minijinja's own filters, tests, functions and methods."""

from __future__ import annotations

from collections.abc import Iterable

# fmt: off
FILTERS = frozenset((
    "abs", "attr", "batch", "bool", "capitalize", "chain", "count", "d", "default", "dictsort", "e",
    "escape", "filesizeformat", "first", "float", "format", "groupby", "indent", "int", "items", "join",
    "last", "length", "lines", "list", "lower", "map", "max", "min", "pluralize", "pprint", "reject",
    "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "slice", "sort",
    "split", "string", "striptags", "sum", "title", "tojson", "trim", "truncate", "unique", "upper",
    "urlencode", "wordwrap", "zip",
))

TESTS = frozenset((
    "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "escaped", "even", "false",
    "filter", "float", "ge", "greaterthan", "gt", "in", "int", "integer", "iterable", "le", "lessthan",
    "lower", "lt", "mapping", "ne", "none", "number", "odd", "safe", "sameas", "sequence",
    "startingwith", "string", "test", "true", "undefined", "upper",
))

FUNCTIONS = frozenset(["cycler", "dict", "namespace", "range"])

METHODS = frozenset((
    "capitalize", "changed", "count", "cycle", "endswith", "find", "format", "get", "isalnum",
    "isalpha", "isascii", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "items",
    "join", "keys", "lower", "lstrip", "next", "replace", "reset", "rfind", "rstrip", "split",
    "splitlines", "startswith", "strip", "title", "upper", "values",
))
"""Methods that read. Anything else could change the data that later requests see (`database.clear()`)."""

KEYWORDS = frozenset((
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "recursive", "true", "false", "none",
    "True", "False", "None", "endif", "endfor", "set", "endset", "with", "endwith", "macro", "endmacro",
    "call", "endcall", "filter", "endfilter", "do", "break", "continue",
))

TAGS = frozenset((
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith", "macro",
    "endmacro", "call", "endcall", "filter", "endfilter", "do", "break", "continue",
))
# fmt: on


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like this one, if any is close."""
    import difflib

    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.65)
    return found[0] if found else None
