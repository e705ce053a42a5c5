"""`understudy logs`: what a running server has been asked."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any, TextIO

from understudy.cli.client import (
    FAILURES,
    add_server_arguments,
    ask,
    not_reached,
    open_url,
    reason,
    url_from,
)
from understudy.cli.printable import SHOWN_SOURCES, injected_notes, printable

NAME = "logs"
HELP = "Show the requests that a running server has had."
EXAMPLE = """examples:
  understudy logs                          the requests so far
  understudy logs -f                       and those to come, until Ctrl-C
  understudy logs -f --status 5xx --path /api/users
  understudy logs --port 9000 --json       one JSON object per line
"""
FILTERS = ("method", "path", "status", "endpoint", "matched", "since", "space", "limit")
NOT_REACHED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("-f", "--follow", action="store_true", help="go on with new requests until Ctrl-C")
    add_server_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    parser.add_argument("--method", help="only this method")
    parser.add_argument("--path", help="only this path")
    parser.add_argument("--status", help="only this status, such as 404, or 4xx")
    parser.add_argument("--endpoint", help="only the endpoint of this name")
    parser.add_argument("--matched", choices=("true", "false"), help="whether an endpoint took the request")
    parser.add_argument(
        "--unmatched",
        dest="matched",
        action="store_const",
        const="false",
        help="only requests that no endpoint took: as --matched false",
    )
    parser.add_argument("--since", help="only after this time, such as 2026-01-31T12:00:00Z")
    parser.add_argument("--space", help="only requests of this space")
    parser.add_argument("--limit", help="only the newest so many")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print the log. 0, or 1 if the server cannot be reached, 2 if it refuses what was asked."""
    url = url_from(args)
    filters = {name: value for name in FILTERS if (value := getattr(args, name)) is not None}
    try:
        status, body = ask(url, "/__logs", filters, args.token)
        if status != 200:
            print(f"understudy logs: {reason(body, status)}", file=err)
            return 2
        for entry in json.loads(body)["logs"]:
            print(_line(entry, as_json=args.json), file=out)
        out.flush()
        if args.follow:
            filters.pop("limit", None)
            for entry in _follow(url, filters, args.token):
                print(_line(entry, as_json=args.json), file=out, flush=True)
    except BrokenPipeError:  # who reads what is printed has gone
        raise
    except FAILURES as error:
        print(not_reached("logs", url, error), file=err)
        return NOT_REACHED
    return 0


def _follow(url: str, filters: dict[str, str], token: str | None) -> Iterator[dict[str, Any]]:
    """The entries that the event stream brings."""
    with open_url(url, "/__logs/stream", filters, token, None) as response:
        for line in response:
            if line.startswith(b"data: ") and b'"timestamp"' in line:
                yield json.loads(line[6:])


def _line(entry: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(entry)
    query = "&".join(f"{name}={value}" for name, value in entry["query"].items())
    target = printable(entry.get("url") or entry["path"] + (f"?{query}" if query else ""))
    notes = [f"{entry['duration_ms']:.1f} ms"]
    if entry["latency_ms"]:
        notes.append(f"{entry['latency_ms']:g} ms simulated")
    if entry["source"] in SHOWN_SOURCES:
        notes.append(entry["source"])
    notes += injected_notes(entry["faults"], entry["injected"])
    if not entry["matched"]:
        notes.append("no endpoint")
    if entry["outcome"] != "sent":
        notes.append(entry["outcome"])
    if entry["error"]:
        notes.append(printable(entry["error"]))
    status = entry["status"] or "---"
    return f"{entry['timestamp'][11:19]}  {status}  {entry['method']:<6} {target}  {', '.join(notes)}"
