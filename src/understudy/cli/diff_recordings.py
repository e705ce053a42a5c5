"""`understudy diff RECORDINGS --target URL`: does the real server still answer as it was recorded?"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from xml.sax.saxutils import escape, quoteattr

from understudy.cli.printable import printable, printable_lines
from understudy.cli.target import MAX_CONCURRENCY, Sending, Wrong, add_sending_arguments, sending_from
from understudy.errors import ConfigError, UnderstudyError
from understudy.record.drift import LEVELS, DriftReport, check_ignored
from understudy.record.drift.prepare import SAFE, ToSend, prepare_exchange
from understudy.record.drift.talk import is_tunnel, speaks
from understudy.record.exchange import RecordedExchange

OK, FAILED, WRONG = 0, 1, 2
CONCURRENCY = 4
FAILS_ON = {"breaking": LEVELS[:1], "changed": LEVELS[:2], "any": LEVELS, "nothing": ()}
"""Levels of drift that make the exit code 1."""


class Left(NamedTuple):
    """What is not sent, and why: reasons, and headers whose secret is not known, with how often."""

    requests: Counter[str]
    headers: Counter[str]


class Unreachable(UnderstudyError):
    """The server cannot be reached at all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that go with a recording."""
    group = parser.add_argument_group("a recording beside the real server")
    add_sending_arguments(group)
    group.add_argument(
        "--unsafe",
        action="store_true",
        help="send POST, PUT, PATCH, DELETE and messages of WebSockets, too, in the recorded order",
    )
    group.add_argument("--method", action="append", default=[], help="only requests with this method")
    group.add_argument(
        "--only", metavar="GLOB", action="append", default=[], help="only paths such as '/users/*'"
    )
    group.add_argument(
        "--concurrency",
        metavar="N",
        type=int,
        help=f"requests at the same time; default: {CONCURRENCY}, with --unsafe 1",
    )
    group.add_argument("--junit", metavar="FILE", type=Path, help="write the result for CI as JUnit XML")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Send, compare, print. 0 without drift, 1 with such that it fails on, 2 if it cannot be done."""
    from understudy.record.folder import read_recording

    def wrong(message: str) -> int:
        if args.json:
            print(_report({"ok": False, "problems": [{"message": message}]}), file=out)
        else:
            print(f"understudy diff: {printable_lines(message)}", file=err)
        return WRONG

    if args.new is not None:
        return wrong("with --target, one recording is compared with the server\nTry: without a second file")
    try:
        folder = read_recording(Path(args.old))
        sending = sending_from(args, folder.target)
        concurrency = _concurrency(args)
        if mistake := next(filter(None, map(check_ignored, args.ignore)), None):
            return wrong(f"--ignore: {mistake}")
    except Wrong as error:
        return wrong(str(error))
    except ConfigError as error:
        return wrong("\n".join(map(str, error.problems)))
    ignore = [*args.ignore, *(folder.settings.ignore if folder.settings is not None else ())]
    redact = folder.settings.redact if folder.settings is not None else True
    recorded, requests, left = chosen(folder.exchanges, args, sending)
    if not requests:
        reasons = "; ".join(f"{why}: {number}" for why, number in left.requests.items())
        return wrong(f"there is nothing to send ({reasons or 'nothing was recorded'})")
    try:
        report = asyncio.run(
            compare_all(
                recorded, requests, sending, concurrency, ignore, redact, progress(err, len(requests))
            )
        )
        if args.junit is not None:
            args.junit.write_text(junit(report, FAILS_ON[args.fail_on]), "utf-8")
    except UnderstudyError as error:
        return wrong(str(error))
    except OSError as error:
        return wrong(f"{error.filename or 'a file'} cannot be used: {error.strerror}")
    counts = report.counts()
    failed = any(counts[level] for level in FAILS_ON[args.fail_on])
    if args.json:
        content = {"ok": not failed, **report.as_json(), "left_out": dict(left.requests)}
        print(_report({**content, "headers_left_out": dict(left.headers)}), file=out)
    else:
        tell(left, err)
        print(report.as_text(color=out.isatty()), file=out)
    return FAILED if failed else OK


def chosen(
    exchanges: Sequence[RecordedExchange], args: argparse.Namespace, sending: Sending
) -> tuple[list[RecordedExchange], list[ToSend], Left]:
    """The recordings to compare, the requests as they are sent, and what is not sent."""
    recorded: list[RecordedExchange] = []
    requests: list[ToSend] = []
    left = Left(Counter(), Counter())
    methods = {method.upper() for method in args.method}
    for one in exchanges:
        method, path = one.request.method, one.request.target.partition("?")[0]
        if methods and method not in methods:
            left.requests["another method than --method"] += 1
        elif args.only and not any(fnmatchcase(path, glob) for glob in args.only):
            left.requests["another path than --only"] += 1
        elif method not in SAFE and not args.unsafe:
            left.requests[f"{method}, which needs --unsafe"] += 1
        elif is_tunnel(one):
            left.requests["a tunnel, which cannot be compared"] += 1
        elif speaks(one) and not args.unsafe:
            left.requests["a WebSocket in which the client speaks, which needs --unsafe"] += 1
        else:
            prepared = prepare_exchange(one, sending.given)
            if prepared.request is None:
                left.requests[f"{prepared.why} (--secret)"] += 1
                continue
            left.headers.update(prepared.left_out)
            recorded.append(one)
            requests.append(ToSend(prepared.request, prepared.turns))
    return recorded, requests, left


async def compare_all(
    recorded: Sequence[RecordedExchange],
    requests: Sequence[ToSend],
    sending: Sending,
    concurrency: int,
    ignore: Sequence[str],
    redact: Any,
    progressed: Callable[[int], None] = lambda number: None,
) -> DriftReport:
    """Send all, and report. Raises Unreachable, and OSError of files."""
    from understudy.net.asking import NO_CONNECTION, CannotAsk, ask_all
    from understudy.record.redact import Redactor

    redactor = Redactor(redact)
    report = DriftReport(ignore)
    was_reached = False
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        answers = ask_all(
            requests,
            sending.target,
            concurrency=concurrency,
            rate=sending.rate,
            timeout_s=sending.timeout_s,
            tls=sending.tls,
            spool=lambda: Path(tempfile.mkstemp(dir=folder)[1]),
        )
        try:
            number = 0
            async for now in answers:
                one = recorded[number]
                number += 1
                was_reached |= now.reply is not None
                failed = now.failed
                if not (was_reached or one.failed) and failed is not None and failed.kind in NO_CONNECTION:
                    why = f"{failed.kind}: {failed.message}"
                    raise Unreachable(f"{sending.target} cannot be reached: {why}")
                report.add(one, redactor.exchange(now))  # secrets would get into the report
                progressed(number)
        except CannotAsk as error:
            raise Unreachable(str(error)) from None
        finally:
            await answers.aclose()
            progressed(0)
    return report


def tell(left: Left, err: TextIO) -> None:
    """Say what was not sent."""
    for why, number in left.requests.items():
        print(f"not sent: {number} request{'s' * (number != 1)}: {printable(why)}", file=err)
    for name, number in left.headers.items():
        times = f"{number} request{'s' * (number != 1)}"
        hint = f"give it with --header '{printable(name)}: ...'"
        print(f"sent without: {printable(name)} in {times}, as it was redacted ({hint})", file=err)


def progress(err: TextIO, total: int) -> Callable[[int], None]:
    """Shows on a terminal how many were compared; 0 takes the line away."""
    if not err.isatty():
        return lambda number: None

    def show(number: int) -> None:
        text = f"\r{number} of {total} requests" if number else "\r\x1b[K"
        print(text, end="", file=err, flush=True)

    return show


def junit(report: DriftReport, fails: Sequence[str]) -> str:
    """The report as JUnit XML: a test case for each endpoint, with what differs."""
    cases: list[str] = []
    failures = 0
    for endpoint, all in report.endpoints:
        name = quoteattr(printable(endpoint.name, 500))
        lines = [
            printable(f"{one.drift.level} {one.drift.kind} {one.drift.where}: {one.drift.message}", 500)
            + printable(f" ({one.drift.recorded or 'nothing'} → {one.drift.now or 'nothing'})", 300)
            for one in all
        ]
        failing = [one for one in all if one.drift.level in fails]
        failures += bool(failing)
        text = escape("\n".join(lines))
        if failing:
            message = quoteattr(f"{len(failing)} kind{'s' * (len(failing) != 1)} of drift")
            inner = f'<failure message={message} type="drift">{text}</failure>'
        else:
            inner = f"<system-out>{text}</system-out>" if text else ""
        cases.append(f'    <testcase classname="understudy.diff" name={name}>{inner}</testcase>')
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites tests="{len(cases)}" failures="{failures}">',
            f'  <testsuite name="understudy diff" tests="{len(cases)}" failures="{failures}" errors="0">',
            *cases,
            "  </testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _concurrency(args: argparse.Namespace) -> int:
    """How many requests at the same time. Raises Wrong."""
    if args.concurrency is None:
        return 1 if args.unsafe else CONCURRENCY
    if not 1 <= args.concurrency <= MAX_CONCURRENCY:
        raise Wrong(f"--concurrency is a number from 1 to {MAX_CONCURRENCY}")
    return int(args.concurrency)


def _report(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)
