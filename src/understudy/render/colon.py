"""The original server's colon forms, rewritten as function calls.

`{{database_filter:genre:{{query.genre}}}}` becomes `{{ database_filter("genre", query.genre) }}`.
"""

from __future__ import annotations

import json
import re

_VALUE = r"(?:\{\{[^{}]*\}\}|[^{}])*"
_FORM = re.compile(r"\{\{\s*(database_(?:filter|find|filter_genre))\s*:(" + _VALUE + r")\}\}")
_NESTED = re.compile(r"\{\{([^{}]*)\}\}")


def rewrite_colon_forms(text: str) -> str:
    """The template with each colon form as a call. A form without its VALUE is left for the syntax check."""
    return _FORM.sub(_call, text) if "database_f" in text else text


def _call(match: re.Match[str]) -> str:
    name, rest = match[1], match[2]
    if name == "database_filter_genre":
        return "{{ " + f"{name}({_value(rest)})" + " }}"
    field, colon, value = rest.partition(":")
    if not colon:
        return match[0]
    return "{{ " + f"{name}({_literal(field.strip())}, {_value(value)})" + " }}"


def _value(text: str) -> str:
    """An expression for VALUE: literal text, a nested `{{ expression }}`, or both joined."""
    parts = _NESTED.split(text.strip())
    terms = [
        f"({part.strip()})" if index % 2 else _literal(part)
        for index, part in enumerate(parts)
        if index % 2 or part
    ]
    return " ~ ".join(terms) or '""'


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
