"""The targets, one TABLE: what each asks for and how it is read from the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import openapi, proxying
from bench.contenders import PEER
from bench.stats import middle, round_ratio

Row = dict[str, Any]
Section = dict[str, Any]
OURS, PLAIN, YARDSTICK, WIREMOCK = "Understudy", "Understudy, memo off", "nginx", "WireMock"
ALLOWED_FASTER = "apimock-rs"


@dataclass(frozen=True)
class Reached:
    """What was measured for one target, and whether it is enough; None where it was not measured."""

    text: str
    ok: bool | None


@dataclass(frozen=True)
class Target:
    """One line of the summary."""

    section: str
    what: str
    asked: str
    read: Callable[[Section], Reached]


NOT_MEASURED = Reached("not measured", None)


def find(section: Section, server: str, variant: str = "") -> Row | None:
    """The row of a server that was measured."""
    for row in section["rows"]:
        if row["server"] == server and row.get("variant", "") == variant and "unavailable" not in row:
            return dict(row)
    return None


def ratio(section: Section, ours: tuple[str, str], theirs: tuple[str, str]) -> float | None:
    """The median of same-round ratios between two (server, variant)."""
    one, other = find(section, *ours), find(section, *theirs)
    return round_ratio(one["rates"], other["rates"]) if one and other else None


def _at_scale(measured: int, asked: int, reached: Reached) -> Reached:
    """A smaller trial than the target speaks of says nothing about it."""
    return reached if measured >= asked else Reached(f"{reached.text} (only {measured:,})", None)


def _times(server: str, other: str, least: float) -> Callable[[Section], Reached]:
    def read(section: Section) -> Reached:
        value = ratio(section, (server, ""), (other, ""))
        return NOT_MEASURED if value is None else Reached(f"{value:.2f} ×", value >= least)

    return read


def _feature(words: str, least: float) -> Callable[[Section], Reached]:
    """The feature whose name begins so, beside nginx."""

    def read(section: Section) -> Reached:
        variants = [row["variant"] for row in section["rows"] if row.get("variant", "").startswith(words)]
        value = ratio(section, (OURS, variants[0]), (YARDSTICK, "")) if variants else None
        return NOT_MEASURED if value is None else Reached(f"{value:.2f} ×", value >= least)

    return read


def _sqlite_rate(section: Section) -> Reached:
    row = find(section, OURS, "state and counter, SQLite")
    return Reached(f"{row['rate']:,.0f} req/s", row["rate"] >= 15_000) if row else NOT_MEASURED


def _list_times(section: Section) -> Reached:
    row = find(section, OURS)
    if not row:
        return NOT_MEASURED
    text = f"{row['first_ms']:.1f} ms, then {row['later_ms']:.2f} ms"
    return Reached(text, row["first_ms"] <= 60 and row["later_ms"] <= 1)


def _list_beside_json_server(section: Section) -> Reached:
    ours, theirs = find(section, OURS), find(section, "json-server")
    if not ours or not theirs:
        return NOT_MEASURED
    first, later = (theirs[key] / ours[key] for key in ("first_ms", "later_ms"))
    return Reached(f"{first:.1f} × first, {later:.0f} × later", first >= 5 and later >= 5)


def _flat_over_endpoints(server: str, kind: str = "") -> Callable[[Section], Reached]:
    def read(section: Section) -> Reached:
        value = ratio(section, (server, f"10000{kind}"), (server, f"1{kind}"))
        return NOT_MEASURED if value is None else Reached(f"{(value - 1) * 100:+.1f} %", value >= 0.9)

    return read


def _start_within(section: Section) -> Reached:
    row = find(section, OURS)
    return Reached(f"{row['ms']:.0f} ms", row["ms"] <= 250) if row else NOT_MEASURED


def _no_peer_starts_faster(section: Section) -> Reached:
    ours = find(section, OURS)
    peers = [row for row in section["rows"] if row["group"] == PEER and "unavailable" not in row]
    if not ours or not peers:
        return NOT_MEASURED
    faster = [row["server"] for row in peers if row["ms"] < ours["ms"]]
    others = [name for name in faster if not name.startswith(ALLOWED_FASTER)]
    return Reached(f"faster: {', '.join(faster) or 'none'}", not others)


def grows_mb(series: list[tuple[int, float]]) -> float:
    """Growth over the second half of a memory series."""
    return series[-1][1] - series[len(series) // 2][1]


def _small_and_flat(section: Section) -> Reached:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    if not rows:
        return NOT_MEASURED
    peak = max(row["peak_mb"] for row in rows)
    growth = max(grows_mb(row["series"]) for row in rows)
    whole = all(row["series"][-1][0] >= section["total"] for row in rows)
    text = f"peak {peak:.0f} MB, {growth:+.1f} MB over the second half"
    return _at_scale(section["total"], 1_000_000, Reached(text, peak <= 80 and growth <= 2 and whole))


def _all_answered(section: Section) -> Reached:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    if not rows:
        return NOT_MEASURED
    count = section["connections"]
    seconds = middle([row["all_s"] for row in rows])
    peak = max(row["peak_mb"] for row in rows)
    right = all(row["right"] == count and row["all_s"] is not None for row in rows)
    text = (
        f"{count:,} in {seconds:.2f} s, {peak:.0f} MB" if seconds else f"not all of {count:,} were answered"
    )
    enough = right and seconds is not None and seconds <= 1.5 and peak < 400
    return _at_scale(count, 10_000, Reached(text, enough))


def _exact(section: Section) -> Reached:
    row = next((one for one in section["rows"] if "median_ms" in one), None)
    if not row or row["what"].startswith("no latency"):
        return NOT_MEASURED
    text = f"median {row['median_ms']:.2f} ms, p99 {row['p99_ms']:.2f} ms"
    enough = row["median_ms"] <= 2 and row["p99_ms"] <= 10 and not row["wrong"]
    return _at_scale(section["in_flight"], 1_000, Reached(text, enough))


def _as_asked(section: Section) -> Reached:
    rows = [row for row in section["rows"] if "asked" in row]
    if not rows:
        return NOT_MEASURED
    off = max(abs(row["measured"] / row["asked"] - 1) for row in rows)
    return Reached(f"at most {off * 100:.1f} % off", off <= 0.05)


def _costs_nothing(with_faults: str, without: str) -> Callable[[Section], Reached]:
    def read(section: Section) -> Reached:
        value = ratio(section, (OURS, with_faults), (OURS, without))
        return NOT_MEASURED if value is None else Reached(f"{(value - 1) * 100:+.1f} %", value >= 0.98)

    return read


def _document_ratio(ours: str, theirs: str, least: float) -> Callable[[Section], Reached]:
    """What is answered of a document, beside Prism with the same kind of requests."""

    def read(section: Section) -> Reached:
        value = ratio(section, (OURS, ours), (openapi.PRISM, theirs))
        return NOT_MEASURED if value is None else Reached(f"{value:.1f} ×", value >= least)

    return read


def _large_start(form: str) -> Callable[[Section], Reached]:
    def read(section: Section) -> Reached:
        first, second = (find(section, OURS, f"{form}, {what}") for what in (openapi.FIRST, openapi.SECOND))
        if not first or not second:
            return NOT_MEASURED
        text = f"{first['seconds']:.2f} s, then {second['seconds']:.2f} s"
        return Reached(text, first["seconds"] <= 3 and second["seconds"] <= 0.5)

    return read


def _large_beside_prism(section: Section) -> Reached:
    ours, theirs = (find(section, one, f"JSON, {openapi.FIRST}") for one in (OURS, openapi.PRISM))
    if not ours or not theirs:
        return NOT_MEASURED
    value = theirs["seconds"] / ours["seconds"]
    return Reached(f"{value:.1f} ×", value >= 5)


def _passed_on(server: str, least: float) -> Callable[[Section], Reached]:
    """Requests that are sent on, beside another proxy."""

    def read(section: Section) -> Reached:
        value = ratio(section, (OURS, proxying.PASS), (server, proxying.PASS))
        if value is None:
            return NOT_MEASURED
        return Reached(f"{value:.2f} ×", value >= least if least else None)

    return read


def _replayed(section: Section) -> Reached:
    """Recorded answers beside ordinary static endpoints, with the memo and without."""
    with_memo = ratio(section, (OURS, proxying.REPLAY), (OURS, proxying.STATIC))
    without = ratio(section, (OURS, proxying.REPLAY_PLAIN), (PLAIN, proxying.STATIC_PLAIN))
    if with_memo is None or without is None:
        return NOT_MEASURED
    return Reached(f"{with_memo:.2f} ×, memo off {without:.2f} ×", with_memo >= 0.95)


def _large_memory(section: Section) -> Reached:
    rows = [row for row in section["rows"] if "above_idle_mb" in row]
    if not rows:
        return NOT_MEASURED
    text = ", ".join(f"{row['variant']}: {row['above_idle_mb']:.0f} MB" for row in rows)
    worst = max(row["above_idle_mb"] for row in rows)
    return _at_scale(min(row["passed"] for row in rows), proxying.LARGE_BYTES, Reached(text, worst < 100))


TARGETS: tuple[Target, ...] = (
    Target("static", "Static reply, beside nginx", "≥ 0.8 ×", _times(OURS, YARDSTICK, 0.8)),
    Target("static", "Static reply, beside WireMock", "≥ 10 ×", _times(OURS, WIREMOCK, 10)),
    Target(
        "static", "Static reply without the memo, beside nginx", "≥ 0.45 ×", _times(PLAIN, YARDSTICK, 0.45)
    ),
    Target("templated", "Templated reply, beside nginx (static)", "≥ 0.22 ×", _times(OURS, YARDSTICK, 0.22)),
    Target("templated", "Templated reply, beside WireMock (templated)", "≥ 7 ×", _times(OURS, WIREMOCK, 7)),
    Target("endpoints", "10,000 endpoints beside 1", "≥ −10 %", _flat_over_endpoints(OURS)),
    Target("endpoints", "10,000 endpoints beside 1, memo off", "≥ −10 %", _flat_over_endpoints(PLAIN)),
    Target(
        "endpoints",
        "10,000 parameterised endpoints beside 1, memo off",
        "≥ −10 %",
        _flat_over_endpoints(PLAIN, " parameterised"),
    ),
    Target(
        "features",
        "POST matched by partial JSON among 1,000, beside nginx (static)",
        "≥ 0.2 ×",
        _feature("partial JSON", 0.2),
    ),
    Target(
        "features",
        "State and counter in memory, beside nginx (static)",
        "≥ 0.35 ×",
        _feature("state and counter, in", 0.35),
    ),
    Target("features", "State and counter in SQLite", "≥ 15,000 req/s", _sqlite_rate),
    Target("features", "RS256 token, beside nginx (static)", "≥ 0.3 ×", _feature("RS256", 0.3)),
    Target("lists", "20 of 100,000 records, filtered and sorted", "≤ 60 ms, then ≤ 1 ms", _list_times),
    Target("lists", "The same beside json-server 0.17", "≥ 5 ×", _list_beside_json_server),
    Target("start", "Time to the first 200", "≤ 250 ms", _start_within),
    Target("start", "Peers that start faster", "none but apimock-rs", _no_peer_starts_faster),
    Target("memory", "Memory over a million requests", "≤ 80 MB, flat", _small_and_flat),
    Target("waiting", "10,000 requests waiting 1 s at once", "≤ 1.5 s, < 400 MB", _all_answered),
    Target("exact", "Error of 100 ms, 1,000 in flight", "median ≤ 2 ms, p99 ≤ 10 ms", _exact),
    Target("faults", "Rates and times of faults, at the client", "within 5 %", _as_asked),
    Target(
        "faults",
        "An endpoint beside one with faults",
        "≥ −2 %",
        _costs_nothing("faults of another endpoint", "no faults"),
    ),
    Target(
        "faults",
        "An endpoint beside one that a profile is on for, memo off",
        "≥ −2 %",
        _costs_nothing("a profile on another endpoint, memo off", "no faults, memo off"),
    ),
    Target(
        "openapi",
        "Example of a document, beside Prism",
        "≥ 20 ×",
        _document_ratio(openapi.EXAMPLE, openapi.EXAMPLE, 20),
    ),
    Target(
        "openapi",
        "The same, an id of its own in each request",
        "≥ 20 ×",
        _document_ratio(openapi.EXAMPLE_IDS, openapi.EXAMPLE_IDS, 20),
    ),
    Target(
        "openapi",
        "Data made from a schema, an id of its own in each request, beside Prism",
        "≥ 15 ×",
        _document_ratio(openapi.DYNAMIC_IDS, openapi.DYNAMIC_IDS, 15),
    ),
    Target(
        "openapi",
        "New data each time, beside Prism",
        "≥ 15 ×",
        _document_ratio(openapi.EACH_IDS, openapi.DYNAMIC_IDS, 15),
    ),
    Target(
        "openapi",
        "First 200 of GitHub's document, JSON, then again",
        "≤ 3 s, then ≤ 0.5 s",
        _large_start("JSON"),
    ),
    Target(
        "openapi",
        "First 200 of GitHub's document, YAML, then again",
        "≤ 3 s, then ≤ 0.5 s",
        _large_start("YAML"),
    ),
    Target("openapi", "First 200 of GitHub's document, beside Prism", "≥ 5 ×", _large_beside_prism),
    Target(
        "proxying", "Small replies passed on, beside mitmproxy", "≥ 8 ×", _passed_on(proxying.MITMPROXY, 8)
    ),
    Target("proxying", "The same, beside WireMock", "≥ 1 ×", _passed_on(WIREMOCK, 1)),
    Target("proxying", "The same, beside nginx's `proxy_pass`", "reported", _passed_on(YARDSTICK, 0)),
    Target("proxying", "Replay, beside ordinary static endpoints", "≥ 0.95 ×", _replayed),
    Target("proxying", "A body of 1 GB through the recorder, above idle", "< 100 MB", _large_memory),
)
