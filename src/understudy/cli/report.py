"""`understudy report`: how well a client has coped, for people and for CI."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from msgspec.inspect import BoolType, Metadata, UnionType, type_info

from understudy.cli.client import FAILURES, add_server_arguments, ask, not_reached, reason, url_from
from understudy.cli.printable import printable
from understudy.model.report import Expect

if TYPE_CHECKING:
    from understudy.cli.contract import Summary

NAME = "report"
HELP = "Say how well a client has coped, and fail if it has not."
EXAMPLE = """examples:
  understudy report                                 what was found, worst first
  understudy report --html report.html              a page with a timeline of each operation
  understudy report --fail-on error --max-attempts 4 --backoff exponential --jitter
                                                    in CI: exit code 1 unless it is so
  understudy report --path /orders --since 2026-01-31T12:00:00Z --json
"""
FILTERS = ("client", "path", "endpoint", "since", "space")
FAILED = 1
WRONG = 2
SEVERITIES = ("error", "warning", "info")
SHOWN_FINDINGS = 50
_COLORS = {"error": "31", "warning": "33", "info": "36", "fail": "31", "warn": "33", "pass": "32"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_server_arguments(parser)
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning"),
        help="exit with 1 if there is a finding at least so severe",
    )
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page")
    parser.add_argument("--client", help="only clients whose name has this in it")
    parser.add_argument("--path", help="only this path")
    parser.add_argument("--endpoint", help="only the endpoint of this name")
    parser.add_argument("--since", help="only after this time, such as 2026-01-31T12:00:00Z")
    parser.add_argument("--space", help="only requests of this space")
    expected = parser.add_argument_group("what is expected of the client (instead of the config's `expect`)")
    for field in type_info(Expect).fields:  # type: ignore[attr-defined]
        option = f"--{field.name.replace('_', '-')}"
        help, is_flag = _about(field.type)
        more: dict[str, Any] = {"nargs": "?", "const": "true"} if is_flag else {}
        metavar = "true|false" if is_flag else "LOW,HIGH" if field.name == "timeout_s" else "VALUE"
        expected.add_argument(option, help=help, metavar=metavar, **more)


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print the report. 0, 1 if it fails, 2 if the server refuses what was asked or cannot be reached."""
    url = url_from(args)
    query = {name: value for name in FILTERS if (value := getattr(args, name)) is not None}
    names = Expect.__struct_encode_fields__
    query |= {name: value for name in names if (value := getattr(args, name)) is not None}
    try:
        status, body = ask(url, "/__report", {**query, "format": "json"}, args.token)
        if status != 200:
            print(f"understudy report: {reason(body, status)}", file=err)
            return WRONG
        report = json.loads(body)
        counts = report["counts"]
        contract = _contract(report)
        if args.html is not None:
            _, page = ask(url, "/__report", {**query, "format": "html"}, args.token)
            try:
                args.html.write_bytes(page)
            except OSError as error:
                print(f"understudy report: {args.html} cannot be written: {error.strerror}", file=err)
                return WRONG
        text = json.dumps(report, indent=2) if args.json else as_text(report, color=out.isatty())
        if contract is not None and not args.json:
            text += f"\n\n{contract.as_text(color=out.isatty())}"
    except FAILURES as error:
        print(not_reached("report", url, error), file=err)
        return WRONG
    print(text, file=out)
    if args.html is not None and not args.json:
        print(f"\nwrote {args.html}", file=out)
    given = [f"--{name} {printable(query[name])}" for name in FILTERS if name in query]
    if given and not report["requests"]:
        print(f"understudy report: no request fits {' '.join(given)}", file=err)
    if args.fail_on is None:
        return 0
    worst = SEVERITIES[: SEVERITIES.index(args.fail_on) + 1]
    is_violated = contract is not None and contract.fails_on(args.fail_on)
    return FAILED if is_violated or any(counts[severity] for severity in worst) else 0


def _contract(report: dict[str, Any]) -> Summary | None:
    """What was found beside an OpenAPI document; None if nothing is held against one, or if not all requests
    were asked for."""
    if "contract" not in report:
        return None
    from understudy.cli.contract import Summary

    return Summary(report["contract"])


def as_text(report: dict[str, Any], *, color: bool = False) -> str:
    """The report for a terminal: the verdict, a table of the clients, the findings."""
    lines = [f"{_paint(report['verdict'], color)}  {report['summary']}"]
    if report["clients"]:
        lines += ["", *_table(report["clients"])]
    for finding in report["findings"][:SHOWN_FINDINGS]:
        about = f"  {printable(finding['operation'], 80)}" if finding["operation"] else ""
        lines += ["", f"{_paint(finding['severity'], color)}  {finding['check']}{about}"]
        lines.append(f"  {printable(finding['client'], 80)} {printable(finding['message'], 500)}")
        if finding["advice"] and finding["severity"] != "info":
            lines.append(f"  → {printable(finding['advice'], 500)}")
    more = len(report["findings"]) - SHOWN_FINDINGS
    if more > 0:
        lines += ["", f"{more} more findings: --json or --html FILE has them"]
    met = [one for one in report["expectations"] if one["result"] == "met"]
    if met:
        lines += ["", "as expected:", *(f"  {printable(one['message'], 300)}" for one in met)]
    return "\n".join(lines)


def _table(clients: list[dict[str, Any]]) -> list[str]:
    head = ("client", "operations", "requests", "most attempts", "back-off", "Retry-After", "breaker")
    honors = {True: "honoured", False: "ignored", None: "-"}
    breaker = {True: "yes", False: "no", None: "-"}
    rows = [
        (
            printable(client["client"], 50),
            str(client["operations"]),
            str(client["requests"]),
            str(client["max_attempts"]),
            client["backoff"]["kind"] + (" + jitter" if client["backoff"]["jitter"] else ""),
            honors[client["honors_retry_after"]],
            breaker[client["breaker"]],
        )
        for client in clients
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, *rows)]


def _paint(word: str, color: bool) -> str:
    return f"\x1b[{_COLORS[word]}m{word}\x1b[0m" if color and word in _COLORS else word


def _about(kind: Any) -> tuple[str, bool]:
    """What an expectation is, in the words of the model, and whether it is a yes or no."""
    text = ""
    if isinstance(kind, Metadata):
        text = (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    parts = kind.types if isinstance(kind, UnionType) else (kind,)
    plain = text[:1].lower() + text[1:].rstrip(".")
    return plain.replace("`", ""), any(isinstance(part, BoolType) for part in parts)
