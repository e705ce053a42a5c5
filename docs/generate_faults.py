"""The pages of faults, made from their TABLE: one for each kind, and one of all that can go wrong.

What goes over the wire is what the compiled faults do to an example's reply. What clients make of it is in
`faults/seen.json`, which is made by running them: {kind: {client: what it says}}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from understudy.faults import ALIASES, FAULTS, compile_fault
from understudy.faults.pieces import head_bytes, opened
from understudy.faults.read import plain_kinds
from understudy.faults.strike import Lots, Moment
from understudy.load import load
from understudy.model.faults import FOREVER_S, KINDS, Fault
from understudy.render.draws import Draws
from understudy.request import Request
from understudy.simulate.content import Constant, compile_content
from understudy.simulate.kit import Kit
from understudy.steps import (
    Abandon,
    Body,
    Close,
    HangUp,
    Head,
    Paced,
    Reset,
    Step,
    Wait,
    Write,
)

Table = Callable[[type[Struct], list[str], str], str]
"""A table of some keys of a model, with links that begin with the path to `docs/`."""

SEEN = Path(__file__).parent / "faults" / "seen.json"
NOTE = "<!-- made by `make docs` from src/understudy/faults and its models: edit the texts there -->\n"
NOW_S = 784111777.0  # the example of RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT
LONGEST = 160
"""Characters of a line in an exchange that is shown."""

ORDERS = "path: /orders\n    response: { orders: [{ id: 1, paid: true }] }\n"
UPLOAD = "path: /upload\n    method: POST\n    status: 201\n    response: { stored: true }\n"
ENDPOINTS = {  # kinds that make no sense with `ORDERS` → an endpoint for them
    "event_stream": "path: /events\n    headers: { Content-Type: text/event-stream }\n"
    '    body: "data: 1\\n\\ndata: 2\\n\\ndata: 3\\n\\n"\n',
    "graphql_errors": "path: /graphql\n    method: POST\n"
    "    response: { data: { user: { name: Ada, orders: [{ id: 1 }] } } }\n",
    **dict.fromkeys(("early_reply", "slow_read", "unread"), UPLOAD),
}
EXAMPLES: dict[str, dict[str, Any]] = {  # kind → its keys in the example
    "latency": {"ms": 300, "at": "body"},
    "dribble": {"chunks": 3, "over_ms": 1000},
    "bandwidth": {"bytes_per_s": 1000},
    "stall": {"after_bytes": 10, "for_ms": 5000},
    "hang": {"for_ms": 30_000},
    "slow_read": {"bytes_per_s": 50_000},
    "unread": {"for_ms": 5000},
    "error": {"mix": {"500": 1, "503": 3}, "retry_after_s": 2},
    "content_type": {"type": "text/html"},
    "charset": {"charset": "utf-16"},
    "invalid_json": {"how": "comma"},
    "graphql_errors": {"keep_data": True, "path": ["user", "orders"]},
    "event_stream": {"gap_ms": 500, "cut_after": 1},
    "truncate": {"after_bytes": 10},
    "content_length": {"add_bytes": 5},
    "malformed_chunk": {"how": "short"},
    "garbage": {"bytes": 24},
    "corrupt": {"bytes": 3},
    "bad_gzip": {"how": "plain"},
    "oversized_header": {"bytes": 100_000},
    "duplicate_header": {"name": "Content-Length"},
    "invalid_header": {"how": "no_colon"},
    "bad_status_line": {"line": "HTTP/1.1 OK"},
    "reset": {"after_bytes": 10},
    "slow_close": {"for_ms": 2000},
    "stale_connection": {"after_ms": 100},
    "fragment": {"chunk_bytes": 8, "gap_ms": 5},
    "early_reply": {"status": 413},
}
OTHER_TOOLS = {  # alias → whose name it is
    **dict.fromkeys(("timeout", "limit_data", "reset_peer", "slicer"), "Toxiproxy"),
    **dict.fromkeys(
        (
            "EMPTY_RESPONSE",
            "MALFORMED_RESPONSE_CHUNK",
            "RANDOM_DATA_THEN_CLOSE",
            "CONNECTION_RESET_BY_PEER",
        ),
        "WireMock",
    ),
}
EARLY = {  # kinds that change no reply → what happens on the wire
    "slow_read": "The body of the request is read no faster than the rate. When the buffers on the way are"
    " full, the client cannot send more. Then the request is processed, and the reply is the usual one.",
    "unread": "Once the head has come, nothing more is read, and nothing is sent. A client with a large body"
    " can send as much as the buffers on the way take. After a time the connection is closed. The request is"
    " not processed.",
    "early_reply": "The reply is sent and says `Connection: close` while the client may still be sending its"
    " body, which is thrown away. The request is not processed.",
}
FAMILIES = {
    "time": ("Late, slow, stuck", "The reply is right, but its time is not."),
    "http": ("Wrong answers", "Well-formed HTTP that says the wrong thing."),
    "integrity": ("Broken messages", "Messages that break the rules of HTTP, or of what they carry."),
    "connection": ("Connections", "What happens to the connection below HTTP."),
}

# --- all that can go wrong -----------------------------------------------------------------------------

WHEN = "../when-faults-strike.md"
LATENCY = "[`latency_ms`](../latency-and-failure.md)"
RATE_LIMIT = "[`rate_limit`](../rate-limits.md)"
CONNECTIONS = "[`connections`](../connections.md): "
TAXONOMY: tuple[tuple[str, tuple[tuple[int, str, str], ...]], ...] = (
    # group, rows: number, what goes wrong, the key that serves it (beside the kinds, which name their rows)
    (
        "Latency",
        (
            (1, "a fixed delay before the reply", LATENCY),
            (2, "a delay that is drawn between two bounds", LATENCY),
            (3, "a delay with a normal distribution", LATENCY),
            (4, "a delay with a log-normal distribution", LATENCY),
            (5, "a delay from percentiles: p50, p95, p99", LATENCY),
            (6, "delays as they were recorded", LATENCY),
            (7, "a delay for a share of the requests", "`probability`"),
            (8, "headers at once, the body late", ""),
            (9, "a connection that is accepted late", CONNECTIONS + "`slow_accept`"),
        ),
    ),
    (
        "Throughput, and the body's timing",
        (
            (10, "a body in pieces, with gaps between them", ""),
            (11, "a limited bandwidth", ""),
            (12, "a body that stops, and goes on or not", ""),
            (13, "a stream of events with gaps, a cut or a malformed event", ""),
        ),
    ),
    (
        "HTTP errors",
        (
            (14, "an error status for certain requests", "an endpoint with `match` and `status`"),
            (15, "an error rate", "`failure_rate`"),
            (16, "a weighted mix of errors", ""),
            (17, "429 or 503 with `Retry-After`", ""),
            (18, "a rate limiter that counts", RATE_LIMIT),
            (19, "`RateLimit` headers, early warning, limits for each key", RATE_LIMIT),
            (20, "redirect loops, wrong types, empty or invalid JSON", ""),
            (21, "GraphQL errors, also partial ones", ""),
        ),
    ),
    (
        "Sequences in time",
        (
            (22, "fail n times, then succeed", f"`responses`, or [`when: {{first: 2}}`]({WHEN})"),
            (23, "succeed n times, then fail", f"`responses`, or [`when: {{from_n: 3}}`]({WHEN})"),
            (24, "a count for each client, session or key", f"[`when: {{per: …}}`]({WHEN})"),
            (25, "bursts: good and bad times by chance", f"[`when: {{burst: …}}`]({WHEN}#in-bursts)"),
            (26, "an outage at a time", f"[`when: {{window: …}}`, `cron`]({WHEN}#by-time)"),
            (27, "a service that gets worse by and by", f"[`when: {{ramp: …}}`]({WHEN}#by-time)"),
            (28, "a scenario of several stages", "[`chaos: {stages: …}`](../chaos.md#stages)"),
            (29, "latency and refusals that grow with the load", "[`capacity`](../capacity.md)"),
            (30, "faults that hit several endpoints together", f"[`outages`]({WHEN}#together)"),
        ),
    ),
    (
        "Integrity of messages",
        (
            (31, "a body that is shorter than its Content-Length", ""),
            (32, "a wrong Content-Length, or none", ""),
            (33, "malformed chunks", ""),
            (34, "garbage instead of HTTP", ""),
            (35, "a corrupt body in valid HTTP", ""),
            (36, "a bad gzip, a wrong character set", ""),
            (37, "oversized, duplicate or invalid headers, a bad status line", ""),
        ),
    ),
    (
        "Connections",
        (
            (38, "connections that are refused", CONNECTIONS + "`refuse`"),
            (39, "connecting times out", CONNECTIONS + "`black_hole`"),
            (40, "accepted, then closed without a byte", ""),
            (41, "reset before any byte", ""),
            (42, "reset in the middle of the reply", ""),
            (43, "the request is read and never answered", ""),
            (44, "closed late, or only half", ""),
            (45, "an idle connection is closed as the next request comes", CONNECTIONS + "`max_requests`"),
            (46, "a reply in very small writes", ""),
            (47, "HTTP/2 GOAWAY and RST_STREAM", "out of reach: only HTTP/1.1 is spoken so far"),
            (48, "the request is read slowly or not at all, or refused before it is read", ""),
        ),
    ),
    (
        "TLS and DNS",
        (
            (49, "a handshake that fails, certificates that are wrong", "out of reach: there is no TLS yet"),
            (
                50,
                "names that do not resolve, or late",
                "out of reach: a server is asked only after its name was resolved",
            ),
        ),
    ),
    (
        "Control and evidence",
        (
            (51, "the same faults again", "[`seed`](../latency-and-failure.md#the-same-again)"),
            (
                52,
                "faults that the client asks for",
                "[`chaos: {request_headers: …}`](../chaos.md#by-request-headers)",
            ),
            (53, "a bound on how many are hit, and an end", f"[`max_active`, `ttl`]({WHEN})"),
            (54, "faults that are switched while the server runs", "[`/__chaos`](../chaos.md)"),
            (
                55,
                "injected faults told apart from real ones",
                "`injected` in the log, and [metrics](../metrics.md)",
            ),
            (56, "how well the client coped", "[`/__report`](../report.md)"),
        ),
    ),
)
"""The faults that matter to clients of HTTP, whoever can inject them."""


def pages(table: Table) -> tuple[tuple[str, Callable[[], str]], ...]:
    """Path below docs/ and generator of each page."""
    return (
        ("faults/index.md", index),
        *((f"faults/{kind}.md", partial(page, kind, table)) for kind in KINDS if kind not in ALIASES),
    )


def index() -> str:
    """The page of all faults."""
    return "\n".join(
        [
            "# Faults\n",
            "What can go wrong with a request, by kind. [When faults strike](../when-faults-strike.md) says"
            " how often and when, and how several of them act together.\n",
            "```yaml\nendpoints:\n  - path: /orders\n    response: { orders: [] }\n    faults:\n"
            "      - { kind: reset, after_bytes: 5, probability: 0.1 }\n"
            "      - { kind: latency, ms: 300 }\n```\n",
            "A kind that needs no more is written by its name alone: `faults: [reset]`. Some faults stand in"
            " the place of the reply: then the request is not processed, unless they say `phase: after`."
            " Others act on the reply, so the request is processed first.\n",
            NOTE,
            *(part for family in FAMILIES for part in _family(family)),
            "## Names of other tools\n",
            "Kinds that Toxiproxy and WireMock have can be written as they call them, with the same keys.\n",
            *_aliases(),
            "\n## All that can go wrong\n",
            "Which faults matter to a client of HTTP, and what serves them here. Three are out of reach.\n",
            "| | what goes wrong | served by |",
            "| --- | --- | --- |",
            *_taxonomy(),
            "",
        ]
    )


def _family(family: str) -> Iterator[str]:
    title, about = FAMILIES[family]
    yield f"## {title}\n"
    yield f"{about}\n"
    yield "| kind | what happens |"
    yield "| --- | --- |"
    for kind, row in FAULTS.items():
        if row.family == family and kind not in ALIASES:
            yield f"| [`{kind}`]({kind}.md) | {_sentence(KINDS[kind])} |"
    yield ""


def _aliases() -> Iterator[str]:
    yield "| name | of | here |"
    yield "| --- | --- | --- |"
    for alias, kind in ALIASES.items():
        yield f"| `{alias}` | {OTHER_TOOLS[alias]} | [`{kind}`]({kind}.md#other-names) |"
    yield "| `latency`, `bandwidth`, `slow_close` | Toxiproxy | the kinds of this name take its keys too |"


def _taxonomy() -> Iterator[str]:
    for group, rows in TAXONOMY:
        yield f"| | **{group}** | |"
        for number, about, key in rows:
            kinds = [kind for kind, row in FAULTS.items() if number in row.rows and kind not in ALIASES]
            links = ", ".join(f"[`{kind}`]({kind}.md)" for kind in kinds)
            yield f"| {number} | {about} | {'; '.join(filter(None, [links, key]))} |"


# --- one kind ------------------------------------------------------------------------------------------


def page(kind: str, table: Table) -> str:
    """The page of one kind of fault."""
    model = KINDS[kind]
    parts = [f"# `{kind}`\n", f"{_text(model.__doc__)}\n", f"{_phase(kind)}{_in_short(kind)}\n", NOTE]
    own = _own(model, kind)
    if own:
        parts += ["## Keys\n", table(model, own, "../")]
        parts += ["And the keys that [every fault has](../when-faults-strike.md).\n"]
    else:
        parts += ["It has only the keys that [every fault has](../when-faults-strike.md).\n"]
    parts += ["## Example\n", f"```yaml\n{_config(kind)}```\n", "## On the wire\n", f"{_wire_text(kind)}\n"]
    parts += _exchange(kind)
    aliases = [alias for alias, ours in ALIASES.items() if ours == kind]
    if aliases or kind in {"latency", "bandwidth", "slow_close"}:
        parts += ["## Other names\n"]
    for alias in aliases:
        parts.append(f"`{alias}`: {_sentence(KINDS[alias])}\n")
        new = [name for name in _own(KINDS[alias], alias) if name not in model.__struct_encode_fields__]
        if new:
            parts.append(table(KINDS[alias], new, "../"))
    if kind in {"latency", "bandwidth", "slow_close"}:
        parts.append("Toxiproxy has this kind under the same name. Its keys are in the table above.\n")
    return "\n".join([*parts, *_seen(kind)])


def _own(model: type[Fault], kind: str) -> list[str]:
    common = Fault.__struct_encode_fields__
    return [name for name in model.__struct_encode_fields__ if name not in common]


def _text(doc: str | None) -> str:
    """A docstring as text of a page."""
    return re.sub(r"\n +", "\n", (doc or "").strip())


def _sentence(model: type[Fault]) -> str:
    return _text(model.__doc__).split("\n")[0]


def _phase(kind: str) -> str:
    row = FAULTS[kind]
    if row.early:
        return "It acts when the head of a request has come that has a body."
    if row.spoils(_fault(kind)) and not row.spoils(_fault(kind, bare=True)):
        return (
            "The request is not processed, unless you say `phase: after`, or `after_bytes` lets a part of its"
            " reply come."
        )
    if row.spoils(_fault(kind)):
        return "It acts on the reply, so the request is processed first (`phase: after`)."
    return "It stands in the place of the reply: the request is not processed, unless you say `phase: after`."


def _in_short(kind: str) -> str:
    return f" In short: `faults: [{kind}]`." if kind in plain_kinds() else ""


def _fault(kind: str, *, bare: bool = False) -> Fault:
    keys = {} if bare and kind in plain_kinds() else EXAMPLES.get(kind, {})
    return msgspec.convert(keys, KINDS[kind])


def _config(kind: str) -> str:
    keys = "".join(f", {name}: {_value(value)}" for name, value in EXAMPLES.get(kind, {}).items())
    fault = f"[{{ kind: {kind}{keys} }}]" if keys else f"[{kind}]"
    return f"endpoints:\n  - {ENDPOINTS.get(kind, ORDERS)}    faults: {fault}\n"


def _value(value: Any) -> str:
    """A value as people write it in YAML."""
    if isinstance(value, str) and re.fullmatch("[A-Za-z][A-Za-z_-]*", value):
        return value
    return json.dumps(value)


def _wire_text(kind: str) -> str:
    if FAULTS[kind].early:
        return EARLY[kind]
    module, _, name = FAULTS[kind].home.partition(":")
    return _text(getattr(import_module(f"understudy.faults.{module}"), name).__doc__)


def _exchange(kind: str) -> Iterator[str]:
    """What the example's fault makes of the example's reply, step by step."""
    if FAULTS[kind].early:
        return
    from understudy.load.syntax import parse

    data, _ = parse(_config(kind), ".yaml")
    kit = Kit(load(data), {})
    content = compile_content(kit.config.endpoints[0], kit, ())
    assert isinstance(content, Constant), "the examples have no templates"
    request = Request(kit.config.endpoints[0].methods[0], kit.config.endpoints[0].path.encode())  # type: ignore[union-attr]
    moment = Moment(request, Lots(Draws(1, "example", 0), kind), NOW_S)
    steps = compile_fault(_fault(kind), kit, ())(content.steps, moment)
    lines = "\n".join(_lines(opened(steps, request)))
    yield f"The example's reply; `---` begins what is not sent but happens:\n\n```text\n{lines}\n```\n"


def _lines(steps: tuple[Step, ...]) -> Iterator[str]:
    """Steps as text: what is sent as it is, and on lines of their own what else happens."""
    text = ""
    for position, step in enumerate(steps):
        sent, about = _shown(step, closes=Close() in steps[position:])
        if sent and not about:
            text += sent
            continue
        if text:
            yield from _cut(text)
        text = sent
        if about:
            yield f"--- {about}"
    if text:
        yield from _cut(text)


def _shown(step: Step, *, closes: bool) -> tuple[str, str]:
    """What a step sends, and what else is to be said about it."""
    match step:
        case Paced(inner, chunk_bytes, gap_s):
            many = f"{chunk_bytes} bytes" if chunk_bytes > 1 else "a byte"
            return _shown(inner, closes=closes)[0], f"{many} at a time, every {_ms(gap_s)}"
        case Head():
            raw = head_bytes(step, NOW_S)
            if closes or step.framing == b"":
                raw = raw[:-2] + b"Connection: close\r\n\r\n"
            return _readable(raw), ""
        case Body(data) | Write(data):
            return _readable(data), ""
        case Wait(seconds):
            return "", "nothing more" if seconds == FOREVER_S else f"a pause of {_ms(seconds)}"
        case HangUp(half):
            return "", "our side of the connection is closed" if half else "the connection is closed"
        case Reset():
            return "", "the connection is reset"
        case Abandon(after_s):
            return "", f"the connection is closed {_ms(after_s)} later"
    return "", ""


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:g} s"


def _readable(data: bytes) -> str:
    """Bytes as text, and as escapes where they are none."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(one if one.isprintable() or one == "\n" else f"\\x{ord(one):02x}" for one in text)


def _cut(text: str) -> Iterator[str]:
    for line in text.removesuffix("\n").split("\n"):
        yield line if len(line) <= LONGEST else f"{line[:40]}… ({len(line)} characters)"


def _seen(kind: str) -> Iterator[str]:
    """What clients make of it, as far as that is known."""
    seen = json.loads(SEEN.read_text(encoding="utf-8")) if SEEN.exists() else {}
    if not seen.get(kind):
        return
    yield "## What your client sees\n"
    yield "| client | what it says |"
    yield "| --- | --- |"
    for client, text in seen[kind].items():
        cell = text.replace("|", "\\|").replace("\n", " ")
        yield f"| {client} | {cell} |"
    yield ""


__all__ = ["TAXONOMY", "pages"]
