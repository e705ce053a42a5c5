"""Endpoints with what `defaults` say filled in."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from understudy.load.loaded import BEHAVIOUR_KEYS
from understudy.model import Behaviour, Endpoint
from understudy.model.parts import merge_headers


def merge_behaviours(chain: list[Behaviour]) -> dict[str, Any]:
    """The keys that some defaults set, the nearest file's first."""
    merged: dict[str, Any] = {}
    for behaviour in chain:
        for key in BEHAVIOUR_KEYS:
            value = getattr(behaviour, key)
            if value is UNSET:
                continue
            if key == "headers" and key in merged:
                merged[key] = merge_headers(value, merged[key])
            else:
                merged.setdefault(key, value)
    return merged


def fill_defaults(endpoint: Endpoint, chain: list[Behaviour]) -> Endpoint:
    """The endpoint with what some defaults set for it, the nearest file's first."""
    return fill(endpoint, merge_behaviours(chain))


def fill(endpoint: Endpoint, defaults: dict[str, Any]) -> Endpoint:
    """The same, with what `merge_behaviours` gave."""
    if not defaults:
        return endpoint
    changes = {key: value for key, value in defaults.items() if getattr(endpoint, key) is UNSET}
    if "headers" in defaults and endpoint.headers is not UNSET:
        changes["headers"] = merge_headers(defaults["headers"], endpoint.headers)
    return msgspec.structs.replace(endpoint, **changes) if changes else endpoint
