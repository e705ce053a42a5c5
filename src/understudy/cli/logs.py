"""`understudy logs`: what a running server has been asked."""

from __future__ import annotations

import argparse
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TextIO
from urllib.parse import urlencode, urlsplit

from understudy.cli.console import printable

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
    parser.add_argument("--url", help="address of the server; default: http://127.0.0.1:PORT")
    parser.add_argument("--port", type=int, default=8000, help="its port on this machine; default: 8000")
    parser.add_argument(
        "--token", default=os.environ.get("UNDERSTUDY_TOKEN"), help="its token (or UNDERSTUDY_TOKEN)"
    )
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
    url = args.url or f"http://127.0.0.1:{args.port}"
    filters = {name: value for name in FILTERS if (value := getattr(args, name)) is not None}
    try:
        status, body = _ask(url, "/__logs", filters, args.token)
        if status != 200:
            print(f"understudy logs: {_reason(body, status)}", file=err)
            return 2
        for entry in json.loads(body)["logs"]:
            print(_line(entry, as_json=args.json), file=out)
        out.flush()
        if args.follow:
            filters.pop("limit", None)
            for entry in _follow(url, filters, args.token):
                print(_line(entry, as_json=args.json), file=out, flush=True)
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        what = getattr(error, "strerror", None) or str(error) or "it closed the connection"
        print(
            f"understudy logs: no Understudy answers at {url}: {what}\n"
            "Try: --port or --url of the running server",
            file=err,
        )
        return NOT_REACHED
    return 0


@contextmanager
def _open(
    url: str, path: str, filters: dict[str, str], token: str | None, timeout_s: float | None
) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("an address looks like http://127.0.0.1:8000")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with closing(connection):
        connection.request("GET", f"{path}?{urlencode(filters)}" if filters else path, headers=headers)
        with connection.getresponse() as response:
            yield response


def _ask(url: str, path: str, filters: dict[str, str], token: str | None) -> tuple[int, bytes]:
    with _open(url, path, filters, token, 30) as response:
        return response.status, response.read()


def _follow(url: str, filters: dict[str, str], token: str | None) -> Iterator[dict[str, Any]]:
    """The entries that the event stream brings."""
    with _open(url, "/__logs/stream", filters, token, None) as response:
        for line in response:
            if line.startswith(b"data: ") and b'"timestamp"' in line:
                yield json.loads(line[6:])


def _line(entry: dict[str, Any], *, as_json: bool) -> str:
    if as_json:
        return json.dumps(entry)
    query = "&".join(f"{name}={value}" for name, value in entry["query"].items())
    target = printable(entry["path"] + (f"?{query}" if query else ""))
    notes = [f"{entry['duration_ms']:.1f} ms"]
    if entry["latency_ms"]:
        notes.append(f"{entry['latency_ms']:g} ms simulated")
    notes += [f"{fault} injected" for fault in entry["faults"]]
    if not entry["matched"]:
        notes.append("no endpoint")
    if entry["outcome"] != "sent":
        notes.append(entry["outcome"])
    status = entry["status"] or "---"
    return f"{entry['timestamp'][11:19]}  {status}  {entry['method']:<6} {target}  {', '.join(notes)}"


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {status}"
