"""The results as Markdown. Pure functions from the stored results to text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bench.openapi import DYNAMIC_IDS, EACH_IDS, PRISM
from bench.targets import NOT_MEASURED, OURS, TARGETS, YARDSTICK, Row, Section, find, grows_mb, ratio

Results = dict[str, Any]
MARKS = {True: "yes", False: "**no**", None: "—"}
INTRODUCTION = """# Benchmarks

Understudy beside nginx and the common mock servers, measured by `make bench`. This page and its picture are
written by `bench/run.py`; nothing here is edited by hand.

![Requests per second of each server](benchmarks.svg)
"""
HOW = """## How it is measured

- `wrk -t1 -c32` drives one server after another, in interleaved rounds (A, B, C, A, B, C, …). A number is the
  median of the rounds. A ratio is the median of the ratios to the other server *in the same round*, so that
  a noisy minute touches both sides of it.
- nginx (`return 200` with a fixed body, one worker, no access log) is the yardstick: about what the machine
  and the load generator can do at all.
- With two cores or more, Understudy and nginx are held to the first and wrk to the second. **The peers are
  not held to a core: they may use all of them, which favours them.**
- Every server is first checked to answer rightly (status, JSON body, fresh templated values) and warmed up.
- Peers run as they come, with logging as quiet as each allows; what was set is in the table above.
- All servers of a scenario are up while one of them is driven. Before each turn the benchmark waits until
  all are idle, since some work off their queue for seconds after the load has gone.
- What other programs on the machine used meanwhile is said below a table where it is over a tenth of a core.
- In the templated and the POST scenario every request differs, by a Lua script that drives nginx as well.

### Reproduce

```console
sh bench/setup.sh    # nginx, wrk, Node.js and Java on Debian or Ubuntu; peers come from npm by themselves
make bench
.venv/bin/python bench/run.py --only static,templated --rounds 9    # some scenarios
.venv/bin/python bench/run.py --quick                               # a short trial, kept out of this page
```
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]], align: str = "---:") -> str:
    """A Markdown table; the columns after the first are numbers, so right-aligned unless told otherwise."""
    names = list(head)
    lines = [names, ["---", *[align] * (len(names) - 1)], *[list(row) for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(value: float | None, places: int = 0, unit: str = "") -> str:
    return "—" if value is None else f"{value:,.{places}f}{unit}"


def factor(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.2f} ×" if value >= 0.095 else f"{value:.3f} ×"


def strong(row: Row) -> str:
    """The server's name, ours in bold."""
    return f"**{row['server']}**" if row["server"].startswith(OURS) else str(row["server"])


def by_speed(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -(row.get("rate") or 0))


def absent(rows: list[Row]) -> str:
    """One line for each server that could not be measured."""
    reasons = dict.fromkeys((row["server"], row["unavailable"]) for row in rows if "unavailable" in row)
    return (
        "".join(f"\n- {server}: not available: {reason}" for server, reason in reasons) + "\n"
        if reasons
        else ""
    )


# --- one function per section ------------------------------------------------------------------------------


def rates(section: Section) -> str:
    head = ["server", "req/s", "beside nginx", "median", "p99", "memory after", "errors"]
    rows = [
        [
            strong(row),
            number(row["rate"]),
            factor(ratio(section, (row["server"], ""), (YARDSTICK, ""))),
            number(row["p50_ms"], 2, " ms"),
            number(row["p99_ms"], 2, " ms"),
            number(row["memory_mb"], 0, " MB"),
            number(row["errors"]),
        ]
        for row in by_speed(section["rows"])
        if "unavailable" not in row
    ]
    return table(head, rows) + absent(section["rows"])


def endpoints(section: Section) -> str:
    sizes = [str(size) for size in section["sizes"]]
    largest, smallest = sizes[-1], sizes[0]
    head = ["server", *[f"{int(size):,}" for size in sizes], f"{int(largest):,} beside {smallest}"]
    rows, seen = [], set()
    for row in section["rows"]:
        kind = " parameterised" if "parameterised" in row.get("variant", "") else ""
        key = (row["server"], kind)
        if key in seen or row["server"] == YARDSTICK or "variant" not in row:
            continue
        seen.add(key)
        cells = [_size_cell(section, row["server"], f"{size}{kind}") for size in sizes]
        whole = ratio(section, (row["server"], f"{largest}{kind}"), (row["server"], f"{smallest}{kind}"))
        change = "—" if whole is None else f"{(whole - 1) * 100:+.0f} %"
        rows.append([strong(row) + (", `/svc…/users/{id}`" if kind else ""), *cells, change])
    yardstick = find(section, YARDSTICK, "1")
    note = (
        f"\nnginx with one location in the same rounds: {number(yardstick['rate'])} req/s.\n"
        if yardstick
        else ""
    )
    return table(head, rows) + note + absent(section["rows"])


def _size_cell(section: Section, server: str, variant: str) -> str:
    for row in section["rows"]:
        if row["server"] == server and row.get("variant") == variant:
            return "not available" if "unavailable" in row else number(row["rate"])
    return "—"


def rich(section: Section) -> str:
    head = ["feature", "req/s", "beside nginx", "median", "p99", "memory after", "errors"]
    rows = [
        [
            f"**{row['variant']}**" if row.get("variant") else f"{row['server']}, static reply",
            number(row["rate"]),
            factor(ratio(section, (row["server"], row.get("variant", "")), (YARDSTICK, ""))),
            number(row["p50_ms"], 2, " ms"),
            number(row["p99_ms"], 2, " ms"),
            number(row["memory_mb"], 0, " MB"),
            number(row["errors"]),
        ]
        for row in section["rows"]
        if "unavailable" not in row
    ]
    reasons = [{**row, "server": row.get("variant") or row["server"]} for row in section["rows"]]
    return table(head, rows) + absent(reasons)


def lists(section: Section) -> str:
    rows = [
        [strong(row), number(row["first_ms"], 1, " ms"), number(row["later_ms"], 2, " ms")]
        for row in section["rows"]
        if "unavailable" not in row
    ]
    return table(["server", "first", "later"], rows) + absent(section["rows"])


def start(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    lines = [
        [
            strong(row),
            number(row["ms"], 0, " ms"),
            f"{min(row['starts_ms']):.0f}–{max(row['starts_ms']):.0f} ms",
        ]
        for row in sorted(rows, key=lambda row: float(row["ms"]))
    ]
    return table(["server", "median", "range"], lines) + absent(section["rows"])


def memory(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    none: list[tuple[int, float]] = []
    counts = max((row["series"] for row in rows), key=len, default=none)
    head = ["server, requests", *[_short(count) for count, _ in counts], "peak", "second half"]
    lines = []
    for row in rows:
        cells = [f"{megabytes:.0f}" for _, megabytes in row["series"]]
        cells += ["—"] * (len(counts) - len(cells))
        growth = f"{grows_mb(row['series']):+.1f} MB"
        lines.append([f"{strong(row)}, {row['requests']}", *cells, number(row["peak_mb"], 0, " MB"), growth])
    return (table(head, lines) if rows else "") + absent(section["rows"])


def _short(count: int) -> str:
    return f"{count // 1000:,}k" if count < 1_000_000 else f"{count / 1_000_000:g}M"


def waiting(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    lines = [
        [
            f"{strong(row)}, try {place}",
            f"{row['right']:,} of {section['connections']:,}",
            number(row["send_s"], 2, " s"),
            number(row["first_s"], 2, " s"),
            number(row["all_s"], 2, " s"),
            number(row["peak_mb"], 0, " MB"),
        ]
        for place, row in enumerate(rows, 1)
    ]
    head = ["server", "answered", "sending took", "first answer", "all answered", "peak memory"]
    return table(head, lines) + absent(section["rows"])


def exact(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    lines = [
        [
            f"{strong(row)}, {row['what']}",
            number(row["requests"]),
            number(row["median_ms"], 2, " ms"),
            number(row["p99_ms"], 2, " ms"),
            number(row["worst_ms"], 2, " ms"),
            f"{row['earliest_ms']:+.2f} ms",
            number(row["wrong"]),
        ]
        for row in rows
    ]
    head = ["server", "requests", "median error", "p99 error", "worst", "earliest", "wrong"]
    return table(head, lines) + absent(section["rows"])


def broken(section: Section) -> str:
    timed = [
        [
            f"**{row['what']}**",
            number(row["asked"], 0),
            number(row["measured"], 1),
            f"{(row['measured'] / row['asked'] - 1) * 100:+.1f} %",
        ]
        for row in section["rows"]
        if "asked" in row
    ]
    driven = [row for row in section["rows"] if row.get("variant") and "unavailable" not in row]
    rates = [[f"**{row['variant']}**", number(row["rate"]), number(row["errors"])] for row in driven]
    parts = [table(["fault", "asked", "measured", "off"], timed)] if timed else []
    parts += [table(["endpoint beside", "req/s", "errors"], rates)] if rates else []
    return "\n".join(parts) + absent(section["rows"])


def documents(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    head = ["answer", "server", "req/s", "beside Prism", "median", "p99", "memory after", "errors"]
    lines = [
        [
            row["variant"],
            strong(row),
            number(row["rate"]),
            factor(ratio(section, (row["server"], row["variant"]), (PRISM, _of_prism(row["variant"])))),
            number(row["p50_ms"], 2, " ms"),
            number(row["p99_ms"], 2, " ms"),
            number(row["memory_mb"], 0, " MB"),
            number(row["errors"]),
        ]
        for row in rows
        if "rates" in row
    ]
    parts = [table(head, lines)] if lines else []
    starts = [
        [
            row["variant"],
            strong(row),
            number(row["seconds"], 2, " s"),
            f"{min(row['starts_s']):.2f}–{max(row['starts_s']):.2f} s",
            number(row["memory_mb"], 0, " MB"),
        ]
        for row in rows
        if "seconds" in row
    ]
    if starts:
        parts.append(table(["large document", "server", "first 200", "range", "memory"], starts))
    reasons = [
        {**row, "server": ", ".join(filter(None, (row["server"], row.get("variant"))))}
        for row in section["rows"]
    ]
    return "\n".join(parts) + absent(reasons)


def proxied(section: Section) -> str:
    rows = [row for row in section["rows"] if "unavailable" not in row]
    lines = [
        [
            row["variant"],
            strong(row),
            number(row["rate"]),
            number(row["p50_ms"], 2, " ms"),
            number(row["p99_ms"], 2, " ms"),
            number(row["memory_mb"], 0, " MB"),
            number(row["errors"]),
        ]
        for row in rows
        if "rates" in row
    ]
    head = ["request", "server", "req/s", "median", "p99", "memory after", "errors"]
    parts = [table(head, lines)] if lines else []
    large = [
        [f"**{row['variant']}**", number(row["above_idle_mb"], 0, " MB"), number(row["recorded"])]
        for row in rows
        if "above_idle_mb" in row
    ]
    if large:
        parts.append(table(["body through the recorder", "memory above idle", "bytes recorded"], large))
    reasons = [
        {**row, "server": ", ".join(filter(None, (row["server"], row.get("variant"))))}
        for row in section["rows"]
    ]
    return "\n".join(parts) + absent(reasons)


def _of_prism(variant: str) -> str:
    """What of Prism an answer is beside: it knows no difference between the same data and new data."""
    return DYNAMIC_IDS if variant == EACH_IDS else variant


Body = Callable[[Section], str]
SECTIONS: dict[str, tuple[str, str, Body]] = {  # name: title, words, body
    "static": (
        "Static reply",
        """One endpoint, `GET`, the same JSON each time. With the *memo off* Understudy parses and matches
every request; the memo recognises the bytes of a request it has answered before.""",
        rates,
    ),
    "templated": (
        "Templated reply",
        """A JSON reply with a new uuid, the present time and one query value; each request has a query value
of its own. nginx answers the same requests with a fixed text.""",
        rates,
    ),
    "post": (
        "POST with a JSON body",
        """A JSON body that differs each time; the reply (201) has a new uuid and one field of the body. nginx
answers the same requests with a fixed text.""",
        rates,
    ),
    "endpoints": (
        "Many endpoints",
        """Requests per second with 1, 1,000 and 10,000 endpoints, always asking for the one that a plain scan
would try last. In the parameterised rows the memo is off and each request has an id of its own.""",
        endpoints,
    ),
    "features": (
        "Matching bodies, state, tokens",
        """Richer endpoints of Understudy beside nginx's static reply, in the same rounds. *Partial JSON
match*: a thousand endpoints of one path that differ in a field of the body, the last one asked. *State and
counter*: a reply with a variable and a counter. *RS256 token*: the same signed token in each request.""",
        rich,
    ),
    "lists": (
        "A list of 20 of 100,000 records",
        """Filtered by one field and sorted by another: the first such request after the start (one record was
asked for before), and the median of the same request again, each on a new connection. Three starts each.""",
        lists,
    ),
    "start": (
        "Time to the first 200",
        """From starting the process to the first `200`, polled with a raw socket every millisecond. One start
before is not counted, so that files are in the page cache. No server is held to a core. WireMock and
apimock-rs are started directly, without their Node.js wrappers, which favours them.""",
        start,
    ),
    "memory": (
        "Memory over many requests",
        """Resident memory of Understudy in megabytes while it answers requests: all the same, or each with a
query of its own, so that the journal and the memo hold distinct requests. What the peers hold after their
rounds is in the table of the static reply.""",
        memory,
    ),
    "waiting": (
        "Many requests waiting at once",
        """All connections are opened first; then a request with a simulated latency of one second is sent on
each. The clock runs from the first send to the last whole answer. Memory is the server's peak.""",
        waiting,
    ),
    "exact": (
        "How exactly a latency is kept",
        """The distance between the simulated latency and the time from just before `send` to just after the
last `recv`, by a client of its own on the other core. Sends are spread evenly (each connection once per
120 ms), so that the client does not queue its own readings; what it is late still counts against the server.
The floor is the same traffic without a latency: loopback, client and server without the timer.""",
        exact,
    ),
    "faults": (
        "Faults",
        """Whether a rate, a time and percentiles arrive at the client as they were asked for: a body of
100 kB at 200 kB/s, one in 11 pieces over half a second, and latencies drawn from percentiles, over 50
connections. Then what it costs an endpoint that another one has faults, or that a profile is switched on
for another one.""",
        broken,
    ),
    "openapi": (
        "OpenAPI documents",
        """A small store for pets, served as it is, and beside it Prism (`mock`, and `mock -d` for made
data). Requests are held against the document. *Example*: the one in the document. *Made data*: from the
schema; the same request gets the same data, so that where it has the same bytes too, the memo answers. With
*an id of its own in each request* (`/pets/1`, `/pets/2`, …) the memo is of no use. *Records*: what is sent
is remembered; Prism has nothing like it. Then the time from starting the process to the first `200` with
GitHub's own document (13 MB of JSON, or the same as YAML; 1,223 operations): the first start, with an empty
folder of caches, and the second. Of JSON nothing is kept, so that both starts do the same.""",
        documents,
    ),
    "proxying": (
        "Passing on, recording and replaying",
        """A small JSON reply of another server (nginx, on the core of the load), asked through a proxy on one
core: nginx's own `proxy_pass` with kept connections, Understudy (`proxy`), mitmproxy in reverse mode, and
WireMock, which may use all cores. *Recorded*: each exchange is redacted and written to a file of its own
before the client has its reply. *Replayed*: the same request answered from the recording, beside an ordinary
static endpoint. Then 1 GB through the recorder to the disk, down and up.""",
        proxied,
    ),
}


def summary(sections: dict[str, Section]) -> str:
    """The targets and what was reached."""
    rows = []
    for target in TARGETS:
        section = sections.get(target.section)
        reached = target.read(section) if section else NOT_MEASURED
        rows.append([target.what, target.asked, reached.text, MARKS[reached.ok]])
    return table(["", "target", "reached", "met"], rows, "---")


def render(results: Results) -> str:
    """The whole page."""
    sections: dict[str, Section] = results["sections"]
    shown = [name for name in SECTIONS if name in sections]
    if not shown:
        return INTRODUCTION
    latest = max((sections[name] for name in shown), key=lambda section: str(section["date"]))
    parts = [INTRODUCTION, "## Targets\n", summary(sections)]
    parts += [_section(name, sections[name]) for name in shown]
    parts += [
        "## Machine and versions\n",
        table(["", ""], [[k, v] for k, v in latest["machine"].items()], "---"),
    ]
    parts += [table(["program", "version", "set-up"], _versions(sections), "---"), HOW]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _section(name: str, section: Section) -> str:
    title, words, body = SECTIONS[name]
    stamp = f"*Measured {section['date'][:10]}{section['options']}.{_doubts(section)}*"
    return f"## {title}\n\n{words}\n\n{body(section)}\n{stamp}\n"


def _doubts(section: Section) -> str:
    """What keeps these numbers from being quoted."""
    cores = section.get("foreign_cores") or 0.0
    words = " A quick trial, not to be quoted." if section.get("quick") else ""
    if cores > 0.1:
        words += f" Other programs used {cores:.1f} cores meanwhile, so the numbers are rough."
    return words


def _versions(sections: dict[str, Section]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for section in sorted(sections.values(), key=lambda section: str(section["date"])):
        for name, (version, note) in section["versions"].items():
            found[name] = [name, version, note]
    return list(found.values())
