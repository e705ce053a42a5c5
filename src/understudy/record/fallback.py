"""What no endpoint of a config takes: `proxy`, `record` and `forward_proxy` at its top.

It is compiled like an endpoint for all paths and methods that stands behind all others, so that `defaults`
hold for it and faults can be switched on for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from understudy.load.defaults import fill_defaults
from understudy.match import Conditions, PathPattern
from understudy.match.check import Check
from understudy.match.path import pattern_of
from understudy.model import Config, Endpoint, ForwardProxy, Proxy, Record
from understudy.record.hosts import host_list, host_of
from understudy.record.relay import add_relay_of, file_of
from understudy.record.target import Origins
from understudy.request import Request, canonical_path, origin_form, origin_of
from understudy.steps import Forward, Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from understudy.simulate.feature import Parts
    from understudy.simulate.kit import Kit, Place

ALL = "/**"
LOWEST = -1_000_001
"""A priority below those that a config can have."""
PROXY, FORWARD, RECORDING = "proxy", "forward proxy", "recording"
"""What it is called in logs, by what it does."""


class Fallback(NamedTuple):
    """What the compiler makes an endpoint of; `add` gives it its answer."""

    endpoint: Endpoint
    name: str
    pattern: PathPattern
    conditions: Conditions | None

    def add(self, endpoint: Endpoint, name: str, parts: Parts, kit: Kit, place: Place) -> None:
        """Send on what nobody takes, or answer it from recordings."""
        config = kit.config
        record = None if config.record is UNSET or config.record is False else Record.of(config.record)
        proxy = None if config.proxy is UNSET else Proxy.of(config.proxy)
        add_relay_of(proxy, _origins(config, kit), record, endpoint, name, parts, kit, ())


def fallback_of(kit: Kit) -> Fallback:
    """That of a config that asks for it."""
    config = kit.config
    name = PROXY if config.proxy is not UNSET else FORWARD if config.forward_proxy else RECORDING
    taken = set(kit.loaded.names)
    name = next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)
    endpoint = Endpoint(path=ALL, method="ANY", priority=LOWEST, name=name)
    conditions = None
    if config.static:
        conditions = Conditions([_not_static(tuple(one.path.rstrip("/") for one in config.statics))])
    return Fallback(fill_defaults(endpoint, [config.defaults]), name, pattern_of(ALL), conditions)


def outside_of(kit: Kit) -> Callable[[Request], Plan | None] | None:
    """What passes on requests to hosts that a forward proxy does not look into: endpoints do not answer them,
    nothing is recorded, and no fault strikes. None if there are no such hosts, or they are refused.

    Those of HTTPS go through a tunnel; these are the plain ones (RFC 9112 section 3.2.2).
    """
    settings, origins = _forward_proxy(kit.config), _origins(kit.config, kit)
    if settings is None or origins is None or settings.others == "refuse" or "*" in settings.hosts:
        return None
    from understudy.record.redact import Redactor

    wants = host_list(settings.hosts)
    redactor = Redactor()

    def outside(request: Request) -> Plan | None:
        target = origins.of(origin_of(request.raw_target))
        if target is None or wants(host_of(target.host) or target.host):
            return None
        request.path = canonical_path(origin_form(request.raw_target).partition(b"?")[0])
        return Plan((Forward(target, request),), None, FORWARD, redactor=redactor)

    return outside


def _forward_proxy(config: Config) -> ForwardProxy | None:
    written = config.forward_proxy
    return (ForwardProxy() if written is True else written) or None


def _origins(config: Config, kit: Kit) -> Origins | None:
    settings = _forward_proxy(config)
    if settings is None:
        return None

    def resolve(written: str, key: str) -> Path | None:
        return file_of(written, kit, ("forward_proxy", "tls", key))

    return Origins(settings, resolve)


def _not_static(prefixes: tuple[str, ...]) -> Check[Any]:
    """Paths of static folders are theirs: whether a file is there, only the net can see."""

    def test(request: Request) -> bool:
        if request.method not in ("GET", "HEAD"):
            return True
        path = request.path
        return not any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)

    return Check("path", "no static folder", test, lambda request: request.path)
