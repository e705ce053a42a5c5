"""The ways into a body: as text, as JSON by its keys, by JSONPath, by XPath."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from understudy.formats.fragments import Fragment
from understudy.formats.har.notes import Notes
from understudy.formats.mountebank.texts import How, as_text, condition, has_case
from understudy.formats.spot import Spot

MAX_DEPTH = 32
"""Objects within objects of an expected body."""
LETTERS = "keys of JSON and names in XML are compared with upper and lower case, which mountebank does not"
LISTS = "keys of JSON are looked for in objects, not in the elements of lists as well"
KINDS = "in JSON that is compared as a whole a number is no text, which it may be in mountebank"
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def body(expected: Any, how: How, notes: Notes, spot: Spot) -> Fragment:
    """A condition on the body: as text, or on the values in it. Raises LeftOut."""
    if isinstance(expected, dict | list):
        return _json(expected, how, notes, spot)
    if how.operator == "exists":
        return {"not": {"body": ""}} if expected else {"body": ""}
    return _text(condition(expected, how, spot, may_miss=False))


def _text(found: Any) -> Fragment:
    if found is None:
        return {}
    return {"body": found if isinstance(found, str) else {"text": found}}


# ---- JSON


def _json(expected: Any, how: How, notes: Notes, spot: Spot) -> Fragment:
    if how.operator == "deepEquals" or isinstance(expected, list):
        if how.operator not in {"deepEquals", "equals"} or how.without:
            spot.leave("lists in a body are compared with `equals` or `deepEquals`, and without `except`")
        if _has_number(expected):
            notes.add(KINDS, spot)
        return _whole(expected, how, notes, spot)
    found: dict[str, Any] = {}
    missing: list[Fragment] = []
    lists: dict[str, Any] = {}
    there = False  # whether any body will do, but none at all
    for keys, value in _leaves(expected, spot):
        inner = spot.at(*keys)
        path = "$" + "".join(map(_step, keys))
        if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            if how.operator != "equals" or how.without:
                inner.leave(
                    "objects in lists are compared with `equals` or `deepEquals`, and without `except`"
                )
            _put(lists, keys, value)
            continue
        if how.operator == "exists" and not value:
            there = True
            missing.append({"not": {"body": {"json_path": {path: {"present": True, "not": ""}}}}})
            continue
        made = condition(value, how, inner)
        if made is None:
            there = True
        else:
            found[f"{path}[*]" if isinstance(value, list) else path] = made
    notes.add(LISTS, spot)
    if not how.keys_count and _keys_have_case(expected):
        notes.add(LETTERS, spot)
    fragments: list[Fragment] = []
    if found:
        fragments.append({"body": {"json_path": found}})
    if lists:
        fragments.append(_whole(lists, how, notes, spot))
    fragments += missing
    if there and not found and not lists:
        fragments.append({"not": {"body": ""}})
    if not fragments:
        return {}
    return fragments[0] if len(fragments) == 1 else {"all": fragments}


def _leaves(value: Any, spot: Spot, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if len(keys) > MAX_DEPTH:
        spot.leave(f"objects within objects, more than {MAX_DEPTH} levels of them")
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _leaves(item, spot, (*keys, key))
        else:
            yield (*keys, key), item


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value


def _whole(expected: Any, how: How, notes: Notes, spot: Spot) -> Fragment:
    """A body that is this JSON, or for `equals` has it."""
    if how.without:
        spot.leave("`except` has no counterpart where JSON is compared as a whole")
    if not how.keys_count and _keys_have_case(expected):
        notes.add(LETTERS, spot)
    made: dict[str, Any] = {"json": _loose(expected, how, spot, 0), "ignore_order": True}
    made["exact" if how.operator == "deepEquals" else "extra_items"] = True
    return {"body": made}


def _loose(value: Any, how: How, spot: Spot, depth: int) -> Any:
    """A JSON pattern whose texts may be in any case, and are no placeholders."""
    if depth > MAX_DEPTH:
        spot.leave(f"JSON within JSON, more than {MAX_DEPTH} levels of it")
    if isinstance(value, dict):
        return {key: _loose(item, how, spot, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_loose(item, how, spot, depth + 1) for item in value]
    if isinstance(value, str):
        if not how.case_counts and has_case(value):
            return f"#regex (?i){re.escape(value)}"
        return f"#regex {re.escape(value)}" if value.startswith("#") else value
    return value


def _keys_have_case(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_case(key) or _keys_have_case(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_keys_have_case, value))


def _has_number(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_number, value.values() if isinstance(value, dict) else value))
    return value is not None and not isinstance(value, str)


def _step(key: str) -> str:
    return f".{key}" if _KEY.fullmatch(key) else f"[{json.dumps(key)}]"


# ---- selectors


def _json_path(selector: dict[str, Any], expected: Any, how: How, notes: Notes, spot: Spot) -> Fragment:
    path = json_path(spot.at("jsonpath", "selector").text(selector.get("selector", "")))
    if not how.keys_count and has_case(path):
        notes.add(LETTERS, spot.at("jsonpath"))
    found = _selected(expected, how, spot)
    return {} if found is None else {"body": {"json_path": {path: found}}}


def json_path(selector: str) -> str:
    """A selector of jsonpath-plus as one of RFC 9535: the same, but it may begin without a `$`."""
    selector = re.sub(r"\[\(@\.length ?- ?([0-9]+)\)\]", r"[-\1]", selector.strip())
    selector = selector.replace("===", "==").replace("!==", "!=")
    if not selector.startswith("$"):
        selector = f"$.{selector}" if not selector.startswith((".", "[")) else f"${selector}"
    return selector


def _xpath(selector: dict[str, Any], expected: Any, how: How, notes: Notes, spot: Spot) -> Fragment:
    inner = spot.at("xpath")
    path = inner.at("selector").text(selector.get("selector", ""))
    namespaces = inner.at("ns").mapping(selector.get("ns"))
    if not how.case_counts and has_case(path):
        notes.add(LETTERS, inner)
    found = _selected(expected, how, spot)
    if found is None:
        return {}
    made: dict[str, Any] = {"xpath": {path: found}}
    if namespaces:
        made["namespaces"] = {name: inner.at("ns", name).text(value) for name, value in namespaces.items()}
    return {"body": made}


def _selected(expected: Any, how: How, spot: Spot) -> Any:
    """A condition on what was selected."""
    if isinstance(expected, dict) or (
        isinstance(expected, list) and any(isinstance(one, dict | list) for one in expected)
    ):
        spot.leave("what a selector finds is compared as text alone")
    if how.operator != "deepEquals":
        return condition(expected, how, spot)
    texts = [as_text(one, spot) for one in (expected if isinstance(expected, list) else [expected])]
    if how.without:
        spot.leave("`except` beside `deepEquals` has no counterpart behind a selector")
    if how.case_counts or not any(map(has_case, texts)):
        return {"any": [{"absent": True}, ""]} if texts == [""] else {"exactly": texts}
    one_of = {"one_of": texts, "ignore_case": True, "every": True}
    several = [{"equals": one, "ignore_case": True} for one in texts]
    return {"all": [one_of, *several]} if len(texts) > 1 else {**several[0], "every": True}


SELECTORS: dict[str, Callable[[dict[str, Any], Any, How, Notes, Spot], Fragment]] = {
    "jsonpath": _json_path,
    "xpath": _xpath,
}
"""By mountebank's name: parameters of a predicate that look into a body."""
