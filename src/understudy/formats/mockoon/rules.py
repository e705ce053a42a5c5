"""The rules of a response as a `match`: TARGETS has what they look at, OPERATORS how."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from understudy.formats.fragments import Fragment, together
from understudy.formats.mockoon.paths import parameter_name
from understudy.formats.spot import LeftOut, Spot

Count = Callable[[], str]
"""Gives the name of the variable that counts the requests of the route, this one too. Raises LeftOut."""


class Rules:
    """Reads the rules of one route. `schemas` are the data buckets by name and id."""

    def __init__(self, schemas: Mapping[str, Any], count: Count) -> None:
        self._schemas = schemas
        self._count = count

    def match(self, response: dict[str, Any], spot: Spot) -> Fragment:
        """The `match` of a response with rules. Raises LeftOut where it could be chosen wrongly."""
        rules = spot.at("rules")
        written = rules.sequence(response.get("rules"))
        if response.get("rulesOperator", "OR") == "AND":
            return together([self._rule(one, rules.at(number)) for number, one in enumerate(written)])
        found = []
        for number, one in enumerate(written):
            try:
                found.append(self._rule(one, rules.at(number)))
            except LeftOut as left:  # the others may still hold
                left.spot.warn(f"this rule is left out: {left.message}")
        if not found:
            rules.leave("none of its rules can be said by a `match`")
        return found[0] if len(found) == 1 else {"any": found}

    def _rule(self, written: Any, spot: Spot) -> Fragment:
        rule = spot.mapping(written)
        operator, value = str(rule.get("operator", "equals")), rule.get("value")
        for key in ("modifier", "value"):
            if "{{" in str(rule.get(key) or ""):
                spot.at(key).leave("a rule has no templates")
        if operator not in OPERATORS:
            spot.at("operator").leave(f"there is no operator {operator!r}")
        target = str(rule.get("target"))
        if target not in TARGETS:
            spot.at("target").leave(f"`{target}` cannot be looked at by a `match`")
        modifier = str(rule.get("modifier") or "")
        if target == "request_number":
            modifier = self._count()
        if operator == "valid_json_schema":
            fragment = self._schema(target, modifier, str(value or ""), spot)
        else:
            condition = OPERATORS[operator]("" if value is None else spot.at("value").text(value))
            fragment = TARGETS[target](modifier, operator, condition, spot)
        if rule.get("invert"):
            return fragment["not"] if fragment.keys() == {"not"} else {"not": fragment}
        return fragment

    def _schema(self, target: str, modifier: str, name: str, spot: Spot) -> Fragment:
        schema = self._schemas.get(name)
        if target != "body" or not isinstance(schema, dict):
            spot.leave("a JSON Schema is one in a data bucket, and for the body")
        for key in reversed([key for key in modifier.split(".") if key]):
            schema = {"type": "object", "properties": {key: schema}, "required": [key]}
        return {"body": {"json_schema": schema}}


# ---- how


def _found(value: str) -> dict[str, Any]:
    """A condition for an expression that may match anywhere."""
    if re.fullmatch(r"[\w\s/@:-]+", value):
        return {"contains": value}
    return {"matches": f"(?s).*(?:{value}).*"}


OPERATORS: dict[str, Callable[[str], Any]] = {
    "equals": lambda value: value,
    "regex": _found,
    "regex_i": lambda value: {**_found(value), "ignore_case": True},
    "null": lambda value: {"absent": True},
    "empty_array": lambda value: "[]",
    "array_includes": lambda value: {"includes": [value]},
    "valid_json_schema": lambda value: None,
}
"""By Mockoon's name: the condition for a value. Schemas are read elsewhere."""


# ---- what


def _named(part: str) -> Callable[[str, str, Any, Spot], Fragment]:
    def target(modifier: str, operator: str, condition: Any, spot: Spot) -> Fragment:
        if not modifier:
            spot.at("modifier").leave("the rule does not say which one it looks at")
        if operator == "empty_array":
            spot.at("operator").leave("only a body has lists that may be empty")
        name = parameter_name(modifier) if part == "params" else modifier
        if part == "query" and "." in modifier:  # as `qs` reads `a[b]=1`
            first, *rest = modifier.split(".")
            name = first + "".join(f"[{key}]" for key in rest if not key.isdigit())
        return {part: {name: condition}}

    return target


def _body(modifier: str, operator: str, condition: Any, spot: Spot) -> Fragment:
    if not modifier:
        if operator in {"null", "empty_array", "array_includes"}:
            spot.at("operator").leave("the rule does not say which value it looks at")
        return {"body": condition if isinstance(condition, str) else {"text": condition}}
    path = json_path(modifier)
    if operator == "null":  # also of a body that is no JSON
        return {"not": {"body": {"json_path": {path: {"present": True, "not": "null"}}}}}
    if operator == "array_includes":
        path, condition = f"{path}[*]", condition["includes"][0]
    return {"body": {"json_path": {path: condition}}}


def json_path(modifier: str) -> str:
    """An object path such as `a.b.0` as a JSONPath."""
    if modifier.startswith("$"):
        return modifier
    keys = [key.replace("\\.", ".") for key in re.split(r"(?<!\\)\.", modifier)]
    return "$" + "".join(map(_step, keys))


def _step(key: str) -> str:
    if key.isdigit():
        return f"[{key}]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f".{key}"
    quoted = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"


def _path(modifier: str, operator: str, condition: Any, spot: Spot) -> Fragment:
    if operator not in {"equals", "regex", "regex_i"}:
        spot.at("operator").leave("a path is compared as text alone")
    return {"url": condition}


TARGETS: dict[str, Callable[[str, str, Any, Spot], Fragment]] = {
    "body": _body,
    "query": _named("query"),
    "header": _named("headers"),
    "cookie": _named("cookies"),
    "params": _named("params"),
    "path": _path,
    "request_number": _named("state"),
    "global_var": _named("state"),
}
"""By Mockoon's name: a function of modifier, operator and condition."""
