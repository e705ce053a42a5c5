"""WireMock's conditions on a body, as fragments of a `match`; BODIES has those that know a format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from understudy.formats.fragments import Fragment, together
from understudy.formats.spot import Spot
from understudy.formats.wiremock.conditions import OPTIONS, condition

_COMPARISON = re.compile(r"(@[^\s=&|()]*)\s*=~\s*/((?:\\.|[^/\\])*)/([a-zA-Z]*)")
_PLAIN_PATH = re.compile(r"\$((?:\.[A-Za-z_][A-Za-z0-9_]*)*)")
_JSON_OPTIONS = ("ignoreArrayOrder", "ignoreExtraElements")
_OPTIONS = frozenset(
    {
        *OPTIONS,
        *_JSON_OPTIONS,
        "schemaVersion",
        "enablePlaceholders",
        "placeholderOpeningDelimiterRegex",
        "placeholderClosingDelimiterRegex",
        "exemptedComparisons",
        "ignoreOrderOfSameNode",
        "namespaceAwareness",
    }
)
"""Keys that stand beside the conditions they belong to."""
SCHEMAS = {
    "V4": "http://json-schema.org/draft-04/schema#",
    "V6": "http://json-schema.org/draft-06/schema#",
    "V7": "http://json-schema.org/draft-07/schema#",
    "V201909": "https://json-schema.org/draft/2019-09/schema",
    "V202012": "https://json-schema.org/draft/2020-12/schema",
}
_PLACEHOLDERS = {
    "any-string": "#string",
    "any-number": "#number",
    "any-boolean": "#boolean",
    "ignore": "#present",
    "ignore-element": "#ignore",
}


def body_match(written: Any, spot: Spot) -> Fragment:
    """The fragment for one element of `bodyPatterns`; empty if anything will do. Raises LeftOut."""
    written = spot.mapping(written)
    found = []
    plain = {}
    for name, value in written.items():
        if name in BODIES:
            found.append(BODIES[name](written, spot))
        elif name == "absent":
            found.append({"body": ""} if value else {"not": {"body": ""}})
        elif name not in _OPTIONS or name == "caseInsensitive":
            plain[name] = value
    text = condition(plain, spot)
    if text is not None:
        found.append({"body": text if isinstance(text, str) else {"text": text}})
    return together([one for one in found if one])


# ---- JSON


def _json(value: Any, spot: Spot) -> Any:
    """A JSON value that may stand there as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        spot.leave("the text is not JSON")


def _equal_to_json(written: dict[str, Any], spot: Spot) -> Fragment:
    inner = spot.at("equalToJson")
    body: dict[str, Any] = {"json": pattern(_json(written["equalToJson"], inner), inner)}
    if written.get("ignoreExtraElements"):
        if _has_list(body["json"]):
            body["extra_items"] = True
    elif _has_object(body["json"]):
        body["exact"] = True
    if written.get("ignoreArrayOrder") and _has_list(body["json"]):
        body["ignore_order"] = True
    return {"body": body}


def pattern(value: Any, spot: Spot) -> Any:
    """A value with JsonUnit's placeholders as a pattern of ours."""
    if isinstance(value, dict):
        return {key: pattern(item, spot.at(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [pattern(item, spot.at(number)) for number, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if value.startswith("#"):  # it means itself, and so must not be taken for a placeholder of ours
        return f"#regex {re.escape(value)}"
    if found := re.fullmatch(r"[$#]\{json-unit\.regex\}(.*)", value, re.DOTALL):
        return f"#regex {found[1]}"
    if found := re.fullmatch(r"[$#]\{json-unit\.([a-z-]+)\}", value):
        if found[1] not in _PLACEHOLDERS:
            spot.leave(f"there is no placeholder for {value}")
        return _PLACEHOLDERS[found[1]]
    return value


def _has_list(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and any(map(_has_list, value.values())))


def _has_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_object, value)))


def json_path(expression: str, spot: Spot) -> str:
    """A JSONPath of Jayway's dialect in that of RFC 9535. Raises LeftOut."""
    if re.search(r"\.(size|length|min|max|avg|sum|keys|first|last)\(\)", expression):
        spot.leave("functions at the end of a JSONPath are not understood")
    expression = _COMPARISON.sub(lambda found: _regex_filter(found, spot), expression)
    return expression if expression.startswith("$") else f"$.{expression}"


def _regex_filter(found: re.Match[str], spot: Spot) -> str:
    """`@.name =~ /a.*/i` as the function of RFC 9535, whose expressions have no flags."""
    regex = found[2].replace(r"\/", "/")
    if "i" in found[3]:
        if re.search(r"\[[^]]*[A-Za-z]", regex):
            spot.leave("a class of letters in any case cannot be said in a JSONPath")
        regex = re.sub(r"(?<!\\)[A-Za-z]", lambda one: f"[{one[0].lower()}{one[0].upper()}]", regex)
    quoted = regex.replace("\\", "\\\\").replace("'", "\\'")
    return f"match({found[1]}, '{quoted}')"


def _matches_json_path(written: dict[str, Any], spot: Spot) -> Fragment:
    inner = spot.at("matchesJsonPath")
    value = written["matchesJsonPath"]
    if isinstance(value, str):
        return {"body": {"json_path": {json_path(value, inner): {}}}}
    matcher = inner.mapping(value)
    expression = inner.at("expression").text(matcher.get("expression"))
    if "equalToJson" in matcher:
        return _json_at(expression, matcher, inner)
    if "matchesJsonSchema" in matcher:
        return {"body": {"json_schema": _schema_at(expression, _schema(matcher, inner), inner)}}
    wanted = condition(matcher, inner)
    return {"body": {"json_path": {json_path(expression, inner): {} if wanted is None else wanted}}}


def _json_at(expression: str, matcher: dict[str, Any], spot: Spot) -> Fragment:
    """What `equalToJson` demands of the value at a plain path."""
    lenient = {"equalToJson": matcher["equalToJson"], **{key: matcher.get(key) for key in _JSON_OPTIONS}}
    body: dict[str, Any] = _equal_to_json(lenient, spot)["body"]
    if body.pop("exact", False):
        if "ignore_order" in body or _has_placeholder(body["json"]):
            spot.leave(
                "`equalToJson` below a JSONPath is carried over with plain values, or without further keys"
            )
        return {"body": {"json_schema": _schema_at(expression, {"const": body["json"]}, spot)}}
    for key in reversed(_steps(expression, spot)):
        body["json"] = {key: body["json"]}
    return {"body": body}


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_placeholder, value.values()))
    return any(map(_has_placeholder, value)) if isinstance(value, list) else str(value).startswith("#")


def _steps(expression: str, spot: Spot) -> list[str]:
    found = _PLAIN_PATH.fullmatch(expression)
    if found is None:
        spot.leave("`equalToJson` is carried over below plain JSONPaths such as $.a.b alone")
    return [key for key in found[1].split(".") if key]


def _schema_at(expression: str, schema: Any, spot: Spot) -> Any:
    for key in reversed(_steps(expression, spot)):
        schema = {"type": "object", "properties": {key: schema}, "required": [key]}
    return schema


def _schema(written: dict[str, Any], spot: Spot) -> Any:
    schema = _json(written["matchesJsonSchema"], spot.at("matchesJsonSchema"))
    version = str(written.get("schemaVersion"))
    if isinstance(schema, dict) and version in SCHEMAS and version != "V202012":
        return {"$schema": SCHEMAS[version], **schema}
    return schema


def _matches_json_schema(written: dict[str, Any], spot: Spot) -> Fragment:
    return {"body": {"json_schema": _schema(written, spot)}}


# ---- XML, bytes


def _equal_to_xml(written: dict[str, Any], spot: Spot) -> Fragment:
    text = spot.at("equalToXml").text(written["equalToXml"])
    for option in ("exemptedComparisons", "ignoreOrderOfSameNode"):
        if written.get(option):
            spot.at(option).leave("XML is compared as a whole, in order")
    if written.get("enablePlaceholders") and "xmlunit" in text:
        spot.at("enablePlaceholders").leave("XML has no placeholders")
    return {"body": {"xml": text}}


def _matches_xpath(written: dict[str, Any], spot: Spot) -> Fragment:
    inner = spot.at("matchesXPath")
    value = written["matchesXPath"]
    matcher = {"expression": value} if isinstance(value, str) else inner.mapping(value)
    expression = inner.at("expression").text(matcher.get("expression"))
    if "equalToXml" in matcher:
        inner.at("equalToXml").leave("what an XPath selects is compared as text only")
    wanted = condition(matcher, inner)
    body: dict[str, Any] = {"xpath": {expression: {} if wanted is None else wanted}}
    namespaces = written.get("xPathNamespaces") or matcher.get("xPathNamespaces")
    if namespaces:
        body["namespaces"] = inner.mapping(namespaces)
    return {"body": body}


def _binary(written: dict[str, Any], spot: Spot) -> Fragment:
    return {"body": {"base64": spot.at("binaryEqualTo").text(written["binaryEqualTo"])}}


# ---- several


def _fragments(name: str, written: dict[str, Any], spot: Spot) -> list[Fragment]:
    inner = spot.at(name)
    return [body_match(one, inner.at(at)) for at, one in enumerate(inner.sequence(written[name]))]


def _all(written: dict[str, Any], spot: Spot) -> Fragment:
    return together([one for one in _fragments("and", written, spot) if one])


def _any(written: dict[str, Any], spot: Spot) -> Fragment:
    found = _fragments("or", written, spot)
    return {"any": found} if found and all(found) else {}


def _not(written: dict[str, Any], spot: Spot) -> Fragment:
    return {"not": body_match(written["not"], spot.at("not"))}


BODIES: dict[str, Callable[[dict[str, Any], Spot], Fragment]] = {
    "equalToJson": _equal_to_json,
    "matchesJsonPath": _matches_json_path,
    "matchesJsonSchema": _matches_json_schema,
    "equalToXml": _equal_to_xml,
    "matchesXPath": _matches_xpath,
    "binaryEqualTo": _binary,
    "and": _all,
    "or": _any,
    "not": _not,
}
"""By WireMock's name; what is not here is a condition on the body as text."""
