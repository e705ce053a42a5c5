"""The report as one page that needs nothing else: no script, no file, no network.

All that came from a client is escaped where it is put into the page, by `timeline.safe`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from understudy.report.attempt import milliseconds
from understudy.report.finding import ERROR, INFO, SEVERITIES, WARNING, Finding
from understudy.report.operations import Operation
from understudy.report.timeline import MAX_DRAWN, safe, timeline
from understudy.report.verdict import FAIL, PASS, UNTESTED, WARN, Report

VERDICTS = {
    PASS: "The client copes.",
    WARN: "The client copes, with weaknesses.",
    FAIL: "The client does not cope as it should.",
    UNTESTED: "Nothing is known yet.",
}
_CODE = re.compile("`([^`]+)`")
HEADINGS = {ERROR: "Errors", WARNING: "Warnings", INFO: "What was seen"}
RESULTS = (  # class, what the legend calls it
    ("success", "success"),
    ("spoiled", "success, spoiled by a fault"),
    ("transient", "failure that may pass"),
    ("permanent", "failure that stays"),
    ("broken", "connection broken by a fault"),
    ("given-up", "given up by the client"),
)


def page(report: Report) -> str:
    """The whole document."""
    verdict = report.verdict
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{verdict}: report on the client</title><style>{STYLE}</style></head><body>",
        '<a class="skip" href="#findings">To the findings</a>',
        "<header><h1>Report on the client</h1>",
        f'<p class="verdict {verdict}"><strong>{verdict}</strong> {VERDICTS[verdict]}</p>',
        f"<p>{safe(report.summary)}</p>",
        _contents(report),
        "</header><main>",
        _findings(report.findings),
        _expectations(report),
        _clients(report),
        _timelines(report),
        "</main></body></html>",
    ]
    return "".join(parts)


def _contents(report: Report) -> str:
    counts = ", ".join(_many(report.count(severity), severity) for severity in (ERROR, WARNING))
    links = [f'<a href="#findings">Findings ({counts})</a>']
    if report.judgements:
        links.append('<a href="#expectations">Expectations</a>')
    links += ['<a href="#clients">Clients</a>', '<a href="#operations">Operations</a>']
    return f'<nav aria-label="Contents">{" ".join(links)}</nav>'


def _findings(findings: list[Finding]) -> str:
    parts = ['<section id="findings"><h2>Findings</h2>']
    if not findings:
        parts.append("<p>None.</p>")
    for severity in SEVERITIES:
        found = [one for one in findings if one.severity == severity]
        if found:
            parts.append(f"<h3>{HEADINGS[severity]}</h3>")
            parts += map(_finding, found)
    return "".join([*parts, "</section>"])


def _finding(found: Finding) -> str:
    about = f" <code>{safe(found.operation)}</code>" if found.operation else ""
    advice = f'<p class="advice">{_CODE.sub(_as_code, safe(found.advice))}</p>' if found.advice else ""
    ids = ", ".join(f"#{number}" for number in found.evidence[:12])
    more = len(found.evidence) - 12
    evidence = (
        f'<p class="evidence">Requests {ids}{f" and {more} more" if more > 0 else ""}</p>' if ids else ""
    )
    return (
        f'<article class="{found.severity}"><h4><span class="badge">{found.severity}</span>'
        f" {safe(found.check)}{about}</h4>"
        f"<p><b>{safe(found.client)}</b> {safe(found.message)}</p>{advice}{evidence}</article>"
    )


def _expectations(report: Report) -> str:
    if not report.judgements:
        return ""
    rows = (
        (one.key, one.expected, one.client, one.result, one.message.partition(": ")[2])
        for one in report.judgements
    )
    table = _table(("key", "expected", "client", "result", "why"), rows)
    return f'<section id="expectations"><h2>Expectations</h2>{table}</section>'


def _clients(report: Report) -> str:
    rows = []
    for client in report.clients.values():
        timeout = client.timeout.timeout_s
        rows.append(
            (
                client.label,
                len(client.operations),
                client.requests,
                client.max_attempts,
                f"{client.backoff.kind}: {client.backoff.reason}",
                _yes(client.honors_retry_after),
                "-" if timeout is None else milliseconds(timeout),
                _yes(client.breaker),
                client.connections.most_in_flight,
            )
        )
    head = (
        "client", "operations", "requests", "most attempts", "back-off", "honours Retry-After", "time-out",
        "breaker", "most in flight",
    )  # fmt: skip
    table = _table(head, rows) if rows else "<p>None.</p>"
    missed = "".join(
        f"<li><code>{safe(one.label)}</code> {one.count} × {one.status}</li>" for one in report.missed
    )
    missed = f"<h3>Asked for what is not there</h3><ul>{missed}</ul>" if missed else ""
    return f'<section id="clients"><h2>Clients</h2>{table}{missed}</section>'


def _timelines(report: Report) -> str:
    shown = report.shown_operations
    legend = "".join(f'<li><span class="key {kind}"></span>{name}</li>' for kind, name in RESULTS)
    legend += (
        '<li><span class="key fault-key">◆</span>injected fault</li>'
        '<li><span class="key asked-key"></span>wait that was asked for</li>'
    )
    more = len(report.operations) - len(shown)
    rest = f"<p>{more:,} more operations are not drawn: those without failures first.</p>" if more else ""
    fine = [operation for operation in shown if not operation.failed and len(operation.attempts) == 1]
    body = "".join(_operation(operation) for operation in shown if operation not in fine)
    if fine:
        drawn = "".join(map(_operation, fine))
        body += (
            f"<details><summary>{_many(len(fine), 'operation')} without failures</summary>{drawn}</details>"
        )
    body = body or "<p>None.</p>"
    return (
        '<section id="operations"><h2>Operations</h2>'
        f'<ul class="legend" aria-label="Colours">{legend}</ul>{body}{rest}</section>'
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _as_code(found: re.Match[str]) -> str:
    return f"<code>{found[1]}</code>"


def _operation(operation: Operation) -> str:
    start = operation.attempts[0].at
    rows = [
        (
            f"#{attempt.id}",
            milliseconds(attempt.at - start),
            milliseconds(attempt.entry.duration_s),
            attempt.shown,
            ", ".join(attempt.injected) or "-",
            "-" if attempt.hint is None else milliseconds(attempt.hint.wait_s),
            attempt.entry.connection,
        )
        for attempt in operation.attempts[:MAX_DRAWN]
    ]
    head = ("request", "began after", "took", "result", "injected", "asked to wait", "connection")
    notes = [f"{len(operation.attempts)} attempt{'' if len(operation.attempts) == 1 else 's'}", operation.end]
    if operation.hedges:
        notes.append(f"{operation.hedges} hedged")
    if operation.ambiguous:
        notes.append("which attempts belong to it is a guess")
    more = len(operation.attempts) - MAX_DRAWN
    if more > 0:
        notes.append(f"the last {more} are not drawn")
    return (
        f'<article class="operation"><h3>{operation.number}. <code>{safe(operation.label)}</code></h3>'
        f"<p>{safe(operation.client)}: {safe(', '.join(notes))}</p>{timeline(operation)}"
        f"<details><summary>Attempts as a table</summary>{_table(head, rows)}</details></article>"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = "".join(f'<th scope="col">{safe(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not seen"}[value]


STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--card:#f6f8fa;
--success:#1a7f37;--spoiled:#8a8f2a;--transient:#bc4c00;--permanent:#8250df;--broken:#cf222e;--given-up:#57606a;
--error:#cf222e;--warning:#9a6700;--info:#0969da}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;
--card:#151b23;--success:#3fb950;--spoiled:#c2c52f;--transient:#f0883e;--permanent:#ab7df8;--broken:#f85149;--given-up:#8b949e;
--error:#ff7b72;--warning:#d29922;--info:#58a6ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem;background:var(--bg);color:var(--fg);
font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0}h2{border-bottom:1px solid var(--line);margin-top:2.5rem}
h3,h4{margin:1.2rem 0 .3rem}h4{font-size:1rem;margin-top:0}p{margin:.3rem 0}
a{color:var(--info)}nav{display:flex;flex-wrap:wrap;gap:1rem;margin:.6rem 0}
:focus-visible{outline:3px solid var(--info);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
.verdict{font-size:1.15rem}.verdict strong{text-transform:uppercase;padding:.1rem .6rem;border-radius:.3rem;
border:2px solid currentColor}
.pass strong{color:var(--success)}.warn strong{color:var(--warning)}.fail strong{color:var(--error)}
.untested strong{color:var(--dim)}
article{background:var(--card);border:1px solid var(--line);border-left-width:.35rem;border-radius:.3rem;
padding:.7rem 1rem;margin:.7rem 0;break-inside:avoid}
article.error{border-left-color:var(--error)}article.warning{border-left-color:var(--warning)}
article.info{border-left-color:var(--info)}
.badge{font-size:.75rem;text-transform:uppercase;color:var(--dim)}
.error .badge{color:var(--error)}.warning .badge{color:var(--warning)}
.advice::before{content:"→ "}.evidence{color:var(--dim);font-size:.85rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th{overflow-wrap:normal!important}summary{cursor:pointer;margin:.6rem 0}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.25rem .6rem .25rem 0;
overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;font-size:.85rem}
.key{display:inline-block;width:.9rem;height:.9rem;margin-right:.4rem;vertical-align:-.1rem;border-radius:.15rem}
.key.success{background:var(--success)}.key.spoiled{background:var(--spoiled)}
.key.transient{background:var(--transient)}.key.permanent{background:var(--permanent)}
.key.broken{background:var(--broken)}.key.given-up{background:var(--given-up)}
.asked-key{border:1px dashed var(--info)}.fault-key{color:var(--broken)}
svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--fg)}
svg .tick,svg text.gap{fill:var(--dim)}svg .axis{stroke:var(--line)}
svg line.gap{stroke:var(--dim);stroke-dasharray:2 3}
svg .asked{fill:none;stroke:var(--info);stroke-dasharray:4 3}svg .fault{fill:var(--broken)}
svg .success{fill:var(--success)}svg .spoiled{fill:var(--spoiled)}svg .transient{fill:var(--transient)}
svg .permanent{fill:var(--permanent)}svg .broken{fill:var(--broken)}svg .given-up{fill:var(--given-up)}
@media print{body{max-width:none;padding:0}nav,.skip{display:none}.bar{print-color-adjust:exact}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
