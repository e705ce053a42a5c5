"""Conditions on a body as XML: what XPath 1.0 expressions find in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

from understudy.match.check import Check, Unreadable, values_check
from understudy.match.kinds.error import ConditionError
from understudy.model import BodyConditions
from understudy.views.content import Content

MAX_RESULTS = 10_000
MAX_RESULT_CHARACTERS = 2_000_000

MAX_ELEMENTS = (100_000, 10_000, 5_000, 1_000, 300, 100)
"""Elements that a body may have for an expression of such a weight (more counts as the last).

libxml2 has no bound on the time of an expression, and there are short ones whose time grows with the cube of
what a client sends: `//a/preceding-sibling::a` takes 3 s for 3,000 elements.
"""
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_WEIGHED = re.compile(
    r"(?P<sideways>(?:preceding|following|ancestor)[\w-]*\s*::)|(?P<down>//|descendant[\w-]*\s*::)"
    r"|(?P<compare>[=<>])|(?P<open>\[)|(?P<close>\])"
)


def compile_xpath(written: BodyConditions) -> list[Check[Content]]:
    """One of the results of each expression meets its condition."""
    assert isinstance(written.xpath, dict), "only called where it is written"
    return [
        values_check(f"xpath.{text}", condition, _reader(text, written.namespaces), "xpath", text)
        for text, condition in written.xpath.items()
    ]


def _reader(text: str, namespaces: dict[str, str]) -> Callable[[Content], list[str]]:
    from lxml import etree

    keys = ("xpath", text)
    for prefix in namespaces:
        if not prefix:
            raise ConditionError(
                "a prefix has a name: XPath 1.0 has no default namespace", ("namespaces", "")
            )
    try:
        expression = etree.XPath(text, namespaces=namespaces or None, regexp=False, smart_strings=False)
        expression(etree.Element("x"))  # unknown functions, prefixes and variables are found only here
    except (etree.XPathError, ValueError) as error:
        raise ConditionError(f"this is not an XPath: {str(error) or 'invalid expression'}", keys) from None
    most = MAX_ELEMENTS[min(weight(text), len(MAX_ELEMENTS) - 1)]

    def read(content: Content) -> list[str]:
        try:
            root = content.xml()
        except ValueError as error:
            raise Unreadable(str(error)) from None
        if any(number >= most for number, _ in enumerate(root.iter())):
            raise Unreadable(f"not looked at: this expression is given at most {most} elements")
        try:
            results = expression(root)
        except etree.XPathError as error:
            raise Unreadable(f"the expression failed: {error}") from None
        return list(_texts(results))

    return read


def weight(expression: str) -> int:
    """How steeply the time of an expression can grow with the document: 0 and 1 about linear, then worse."""
    depth = total = 0
    for found in _WEIGHED.finditer(_TEXT.sub("''", expression)):
        match found.lastgroup:
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "compare":
                total = max(total, 1)
            case "sideways":
                total += 2 + (depth > 0)
            case _:
                total += 1 + (depth > 0)
    return total


def _texts(results: Any) -> Iterator[str]:
    """Results as text: the string-value of a node, `true`, `3` (XPath 1.0, section 4.2)."""
    if not isinstance(results, list):
        yield _scalar(results)
        return
    if len(results) > MAX_RESULTS:
        raise Unreadable(f"not looked at: the expression has more than {MAX_RESULTS} results")
    characters = 0
    for result in results:
        text = result if isinstance(result, str) else _node(result)
        characters += len(text)
        if characters > MAX_RESULT_CHARACTERS:
            raise Unreadable("not looked at: the results of the expression are too long")
        yield text


def _node(result: Any) -> str:
    if isinstance(result, tuple):  # a node of the namespace axis
        return str(result[1])
    return "".join(result.itertext())


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not isfinite(value):
            return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
