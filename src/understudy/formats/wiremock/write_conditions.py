"""Conditions as WireMock's matchers: the way back from `conditions.py` and `bodies.py`."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec import UNSET

from understudy.formats.outgoing import CannotSay
from understudy.formats.wiremock.bodies import SCHEMAS
from understudy.match.kinds.text import as_text
from understudy.model import BodyConditions, Condition, Operators

Matcher = dict[str, Any]

PRESENT: Matcher = {"matches": ".*"}
ABSENT: Matcher = {"absent": True}
_PLACEHOLDERS = {
    "#string": "${json-unit.any-string}",
    "#number": "${json-unit.any-number}",
    "#boolean": "${json-unit.any-boolean}",
    "#present": "${json-unit.ignore}",
    "#ignore": "${json-unit.ignore-element}",
    "#notnull": "${json-unit.regex}.*",
    "#uuid": "${json-unit.regex}[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "#null": None,
}
_DIALECTS = {uri: version for version, uri in SCHEMAS.items()}
_PLAIN_PATH = re.compile(r"(\$(?:\.[A-Za-z_]\w*|\[\d+\])*)\.([A-Za-z_]\w*)", re.ASCII)
_COMPARED = (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<="))


def matcher(condition: Condition) -> Matcher:
    """One matcher for a condition. Raises CannotSay."""
    if not isinstance(condition, Operators):
        return {"equalTo": as_text(condition)}
    found = _matchers(condition)
    if not found:
        return PRESENT
    return found[0] if len(found) == 1 else {"and": found}


def java_pattern(pattern: str) -> str:
    """A regular expression of ours as Java has it: named groups and the end of the text differ."""
    return pattern.replace("(?P<", "(?<").replace(r"\z", r"\Z")


def _matchers(condition: Operators) -> list[Matcher]:
    found: list[Matcher] = []
    fold = condition.ignore_case
    if condition.every and len(_written(condition)) > 1:
        raise CannotSay("`every` has no counterpart")
    for name, _ in _COMPARED:
        if getattr(condition, name) is not UNSET:
            raise CannotSay(f"`{name}` has no counterpart but on values of JSON")
    if condition.equals is not UNSET:
        one: Matcher = {"equalTo": as_text(condition.equals)}
        found.append({**one, "caseInsensitive": True} if fold else one)
    if condition.one_of is not UNSET:
        choices: list[Matcher] = [{"equalTo": as_text(item)} for item in condition.one_of]
        found.append({"or": [{**one, "caseInsensitive": True} if fold else one for one in choices]})
    if condition.contains is not UNSET:
        text = as_text(condition.contains)
        found.append({"matches": f"(?is).*{re.escape(text)}.*"} if fold else {"contains": text})
    flags = "(?is)" if fold else "(?s)"
    if condition.starts_with is not UNSET:
        found.append({"matches": f"{flags}{re.escape(as_text(condition.starts_with))}.*"})
    if condition.ends_with is not UNSET:
        found.append({"matches": f"{flags}.*{re.escape(as_text(condition.ends_with))}"})
    if condition.matches is not UNSET:
        found.append({"matches": ("(?i)" if fold else "") + java_pattern(condition.matches)})
    for name in ("before", "after"):
        if getattr(condition, name) is not UNSET:
            found.append({name: getattr(condition, name)})
    found += _on_all(condition)
    return found


def _on_all(condition: Operators) -> list[Matcher]:
    """What is asked of all values of a name, and conditions put together."""
    found: list[Matcher] = []
    if condition.present is not UNSET:
        found.append(PRESENT if condition.present else ABSENT)
    if condition.absent is not UNSET:
        found.append(ABSENT if condition.absent else PRESENT)
    for name, theirs in (("includes", "includes"), ("exactly", "hasExactly")):
        values = getattr(condition, name)
        if values is not UNSET:
            found.append({theirs: [{"equalTo": as_text(value)} for value in values]})
    if condition.not_ is not UNSET:
        found.append(_not(condition.not_))
    if condition.all is not UNSET:
        found.append({"and": [matcher(one) for one in condition.all]})
    if condition.any is not UNSET:
        found.append({"or": [matcher(one) for one in condition.any]})
    return found


def _not(refused: Condition) -> Matcher:
    if isinstance(refused, Operators) and not refused.ignore_case:
        written = _written(refused)
        if written == {"contains"}:
            return {"doesNotContain": as_text(refused.contains)}
        if written == {"matches"}:
            return {"doesNotMatch": java_pattern(str(refused.matches))}
    inner = matcher(refused)
    return ABSENT if inner == PRESENT else {"not": inner}


def _written(condition: Operators) -> set[str]:
    names = Operators.__struct_fields__
    return {
        name for name in names if getattr(condition, name) not in (UNSET, False) and name != "ignore_case"
    }


# ---- bodies


def body_patterns(written: str | BodyConditions) -> list[Matcher]:
    """The elements of `bodyPatterns` for conditions on a body. Raises CannotSay."""
    if isinstance(written, str):
        return [ABSENT if written == "" else {"equalTo": written}]
    found: list[Matcher] = []
    if written.text is not UNSET:
        found += (
            [matcher(written.text)] if not isinstance(written.text, Operators) else _matchers(written.text)
        )
    if written.json is not UNSET:
        found.append(_equal_to_json(written))
    for path, condition in ({} if written.json_path is UNSET else written.json_path).items():
        found += _at_json_path(path, condition)
    if written.json_schema is not UNSET:
        found.append(_json_schema(written.json_schema))
    if written.xml is not UNSET:
        found.append({"equalToXml": written.xml})
    for path, condition in ({} if written.xpath is UNSET else written.xpath).items():
        found.append(_at_xpath(path, condition, written.namespaces))
    if written.base64 is not UNSET:
        found.append({"binaryEqualTo": written.base64})
    return found


def _equal_to_json(written: BodyConditions) -> Matcher:
    made: Matcher = {"equalToJson": _pattern(written.json)}
    if isinstance(made["equalToJson"], str):  # text would be read as JSON
        made["equalToJson"] = json.dumps(made["equalToJson"], ensure_ascii=False)
    has_list, has_object = _has(written.json, list), _has(written.json, dict)
    if has_list and has_object and written.exact == written.extra_items:
        raise CannotSay(
            "further keys and further elements of lists are ignored together, or not: write `exact`, or"
            " `extra_items`"
        )
    if (has_list and written.extra_items) or (has_object and not written.exact):
        made["ignoreExtraElements"] = True
    if written.ignore_order:
        made["ignoreArrayOrder"] = True
    return made


def _pattern(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pattern(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_pattern(item) for item in value]
    if not isinstance(value, str) or not value.startswith("#"):
        return value
    if value.startswith("#regex "):
        return "${json-unit.regex}" + java_pattern(value.removeprefix("#regex "))
    if value in _PLACEHOLDERS:
        return _PLACEHOLDERS[value]
    if value in {"#array", "#object", "#notpresent"}:
        raise CannotSay(f"the placeholder {value} has no counterpart")
    return value


def _has(value: Any, kind: type) -> bool:
    if isinstance(value, kind):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has(item, kind) for item in inner)


def _at_json_path(path: str, condition: Condition) -> list[Matcher]:
    expression = jayway(path)
    if not isinstance(condition, Operators):
        return [{"matchesJsonPath": {"expression": expression, "equalTo": as_text(condition)}}]
    found: list[Matcher] = []
    rest = condition
    for name, sign in _COMPARED:
        bound = getattr(condition, name)
        if bound is UNSET:
            continue
        plain = _PLAIN_PATH.fullmatch(path)
        if plain is None:
            raise CannotSay(f"`{name}` is carried over below plain JSONPaths such as $.a.b alone")
        found.append({"matchesJsonPath": f"{plain[1]}[?(@.{plain[2]} {sign} {bound})]"})
        rest = msgspec.structs.replace(rest, **{name: UNSET})
    written = _written(rest)
    if written <= {"present"} and rest.present in (UNSET, True):
        return found or [{"matchesJsonPath": expression}]
    one = matcher(rest)
    if set(one) & {"and", "or", "not"}:
        return [*found, {"matchesJsonPath": {"expression": expression, **one}}]
    return [*found, {"matchesJsonPath": {"expression": expression, **one}}]


_MATCH = re.compile(r"match\((@[^\s,]*),\s*'((?:\\.|[^'\\])*)'\)")
_BARE_FILTER = re.compile(r"\[\?\s*(?!\()([^\]]+)\]")


def jayway(path: str) -> str:
    """A JSONPath of RFC 9535 in Jayway's dialect, which has parentheses in filters, and `=~` for `match`."""

    def compared(found: re.Match[str]) -> str:
        regex = found[2].replace("\\'", "'").replace("\\\\", "\\").replace("/", "\\/")
        return f"{found[1]} =~ /{regex}/"

    return _BARE_FILTER.sub(r"[?(\1)]", _MATCH.sub(compared, path))


def _json_schema(schema: dict[str, Any] | bool) -> Matcher:
    if isinstance(schema, bool):
        return {"matchesJsonSchema": "true" if schema else "false"}
    version = _DIALECTS.get(str(schema.get("$schema")))
    rest = {key: value for key, value in schema.items() if key != "$schema" or version is None}
    return {"matchesJsonSchema": rest, "schemaVersion": version or "V202012"}


def _at_xpath(path: str, condition: Condition, namespaces: dict[str, str]) -> Matcher:
    made: Matcher = {"matchesXPath": path}
    if (
        not isinstance(condition, Operators)
        or _written(condition) - {"present"}
        or condition.present is False
    ):
        made = {"matchesXPath": {"expression": path, **matcher(condition)}}
    return {**made, "xPathNamespaces": namespaces} if namespaces else made
