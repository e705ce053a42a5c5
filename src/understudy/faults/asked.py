"""Faults that a client asks for itself, in headers of its request, as far as the config lets it.

    X-Understudy-Fault: error; status=503; probability=0.5, latency; ms=200

It is a structured field (RFC 9651): kinds, with their keys as parameters. Envoy's headers are understood
too, if the config says so. What is too much is cut; what is not allowed or cannot be read is left out, and
the log says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from understudy.faults import kind_of
from understudy.faults.armed import Armed, Struck
from understudy.faults.read import read_fault
from understudy.load.hints import nearest
from understudy.model.chaos import RequestHeaders
from understudy.model.faults import KINDS, Fault, Latency
from understudy.simulate.kit import Kit
from understudy.views.structured import Item, Token, read_list

if TYPE_CHECKING:
    from understudy.request import Request
    from understudy.simulate.exchange import Exchange, Menace
    from understudy.simulate.kit import Place

SOURCE = "request header"
HEADER = b"x-understudy-fault"
ENVOY = b"x-envoy-fault-"
MAX_KNOWN = 256
"""Different headers whose faults are kept compiled."""
KIB = 1024

_ENVOY_FAULTS = {  # Envoy's header, the kind, the key that its value is for, and what a value of 1 is there
    "abort-request": ("error", "status", 1),
    "delay-request": ("latency", "ms", 1),
    "throughput-response": ("bandwidth", "bytes_per_s", KIB),
}
_ENVOY_UNKNOWN = {"abort-grpc-request": "gRPC is not spoken here"}
_PERCENTAGE = "-percentage"


class Refused:
    """What was asked for and is not done: the log says why."""

    is_early = False

    def __init__(self, why: str) -> None:
        self.why = why

    async def ask(self, exchange: Exchange) -> tuple[Struck, ...]:
        """Nothing strikes."""
        exchange.plan.failed(self.why)
        return ()


class HeaderFaults:
    """What clients may ask for. A fault that is asked for draws its lot once, like any other."""

    def __init__(self, written: RequestHeaders, kit: Kit, place: Place) -> None:
        for number, kind in enumerate(written.kinds):
            if kind not in KINDS:
                near = nearest(kind, KINDS)
                kit.problem(
                    (*place, "kinds", number),
                    f"there is no fault {kind!r}",
                    suggestion=f'"{near}"' if near else None,
                )
        self._kinds = frozenset(written.kinds)
        self._most = written.max_probability
        self._max_ms = written.max_latency_ms
        self._prefixes = (HEADER, ENVOY) if written.envoy else (HEADER,)
        self._loaded = kit.loaded
        self._known: dict[tuple[tuple[bytes, bytes], ...], tuple[Menace, ...]] = {}

    def menaces(self, request: Request) -> tuple[Menace, ...]:
        """What the request asks for."""
        headers = tuple(
            (name.lower(), value)
            for name, value in request.raw_headers
            if name.lower().startswith(self._prefixes)
        )
        if not headers:
            return ()
        known = self._known.get(headers)
        if known is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            known = self._known[headers] = self._compiled(headers)
        return known

    def _compiled(self, headers: tuple[tuple[bytes, bytes], ...]) -> tuple[Menace, ...]:
        own = b", ".join(value for name, value in headers if name == HEADER)
        envoy = {
            name.decode("latin-1").removeprefix(ENVOY.decode()): value.decode("latin-1").strip()
            for name, value in headers
            if name.startswith(ENVOY)
        }
        menaces: list[Menace] = []
        asked: list[tuple[str, Any]] = []
        if own:
            try:
                items = read_list(own.decode("latin-1"))
            except ValueError as error:
                menaces.append(Refused(f"X-Understudy-Fault cannot be read: {error}"))
            else:
                asked += [("X-Understudy-Fault", _written(item)) for item in items]
        asked += self._of_envoy(envoy, menaces)
        for number, (header, written) in enumerate(asked):
            menaces.append(self._armed(header, written, number))
        return tuple(menaces)

    def _of_envoy(self, headers: dict[str, str], menaces: list[Menace]) -> list[tuple[str, Any]]:
        """Envoy's headers as faults. Percentages are whole numbers, and only lower what the config allows."""
        asked: list[tuple[str, Any]] = []
        for name, value in headers.items():
            header = f"x-envoy-fault-{name}"
            if name.endswith(_PERCENTAGE) and name.removesuffix(_PERCENTAGE) in _ENVOY_FAULTS:
                if name.removesuffix(_PERCENTAGE) not in headers:
                    menaces.append(Refused(f"{header} says how often, and no header says what"))
                continue
            if name not in _ENVOY_FAULTS:
                menaces.append(Refused(f"{header}: {_ENVOY_UNKNOWN.get(name, 'there is no such header')}"))
                continue
            kind, key, unit = _ENVOY_FAULTS[name]
            percentage = headers.get(name + _PERCENTAGE, "100")
            if not (_is_whole(value) and _is_whole(percentage)):
                menaces.append(Refused(f"{header} and its percentage are whole numbers"))
            else:
                probability = min(int(percentage), 100) / 100
                asked.append((header, {"kind": kind, key: int(value) * unit, "probability": probability}))
        return asked

    def _armed(self, header: str, written: dict[str, Any], number: int) -> Menace:
        kind = written["kind"]
        if isinstance(kind, str) and kind in KINDS and kind not in self._kinds:
            there = ", ".join(sorted(self._kinds)) or "none"
            return Refused(f"{header}: {kind} may not be asked for; there are {there}")
        if "ttl" in written:
            return Refused(f"{header} is about one request: it has no ttl")
        fault = read_fault(written)
        if not isinstance(fault, Fault):
            return Refused(f"{header}: " + "; ".join(_told(mistake) for mistake in fault))
        kit = Kit(self._loaded, {})
        armed = Armed(self._within_bounds(fault), SOURCE, SOURCE, number, kit, ())
        if kit.problems:
            return Refused(f"{header}: {kind_of(fault)}: {kit.problems[0].message}")
        return armed

    def _within_bounds(self, fault: Fault) -> Fault:
        fault = msgspec.structs.replace(fault, probability=min(fault.probability, self._most))
        if not isinstance(fault, Latency):
            return fault
        if isinstance(fault.ms, int | float):
            return msgspec.structs.replace(fault, ms=min(fault.ms, self._max_ms))
        if fault.latency is not UNSET:
            latency = min(fault.latency, self._max_ms)
            jitter = min(fault.jitter, self._max_ms - latency)
            return msgspec.structs.replace(fault, latency=latency, jitter=jitter)
        return fault


def _written(item: Item) -> dict[str, Any]:
    """A fault as it would stand in a config."""
    values = {"kind": item.value, **item.parameters}
    return {name: str(value) if isinstance(value, Token) else value for name, value in values.items()}


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _told(mistake: Any) -> str:
    where = f"{mistake.keys[-1]}: " if mistake.keys else ""
    meant = f" (did you mean {mistake.suggestion}?)" if mistake.suggestion else ""
    return f"{where}{mistake.message}{meant}"


__all__ = ["SOURCE", "HeaderFaults", "Refused"]
