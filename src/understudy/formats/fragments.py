"""Parts of a `match`, put together as one."""

from __future__ import annotations

from typing import Any

Fragment = dict[str, Any]
"""A part of a `match`: `{"body": …}`, `{"query": …}`, or `all`, `any` and `not` of such."""


def together(fragments: list[Fragment]) -> Fragment:
    """One fragment that holds where all of these do."""
    merged: Fragment = {}
    rest: list[Fragment] = []
    for fragment in fragments:
        if merged.keys().isdisjoint(fragment):
            merged |= fragment
        elif len(fragment) == 1 and (named := _both_named(merged, fragment)):
            merged |= named
        elif fragment.keys() == {"body"} and (both := _both_bodies(merged["body"], fragment["body"])):
            merged["body"] = both
        else:
            rest.append(fragment)
    return {**merged, "all": rest} if rest else merged


def _both_bodies(one: Any, other: Any) -> dict[str, Any] | None:
    """Two conditions on a body as one; None if it has no place for both."""
    one, other = ({"text": body} if isinstance(body, str) else body for body in (one, other))
    if one.keys().isdisjoint(other):
        return {**one, **other}
    if one.keys() == other.keys() == {"json_path"} and one["json_path"].keys().isdisjoint(other["json_path"]):
        return {"json_path": one["json_path"] | other["json_path"]}
    if one.keys() == other.keys() == {"xpath"} and one["xpath"].keys().isdisjoint(other["xpath"]):
        return {"xpath": one["xpath"] | other["xpath"]}
    return None


def _both_named(one: Fragment, other: Fragment) -> Fragment | None:
    """Conditions by name, such as those on headers, with further names; None if names are the same."""
    ((part, conditions),) = other.items()
    if part not in {"query", "headers", "cookies", "form", "params", "state"}:
        return None
    return {part: one[part] | conditions} if one[part].keys().isdisjoint(conditions) else None
