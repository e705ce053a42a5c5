"""`understudy diff`: what changes from one OpenAPI document to the next, and whether it breaks clients.

For a folder of recordings, or with `--target`, it is what changes from a recording to the real server (see
`diff_recordings`).
"""

from __future__ import annotations

import argparse
import json
from os.path import exists, isdir
from typing import TYPE_CHECKING, Any, TextIO

from understudy.cli import diff_recordings
from understudy.cli.documents import read_spec
from understudy.cli.places import Row, lines_of
from understudy.cli.printable import printable
from understudy.errors import ConfigError

if TYPE_CHECKING:
    from understudy.contract.diff.change import Change

NAME = "diff"
HELP = "Say what changes between two OpenAPI documents, or from recordings to the real server."
EXAMPLE = """examples:
  understudy diff old.yaml new.yaml                 exit code 1 if clients of the old one may break
  understudy diff https://example.org/openapi.json openapi.yaml --fail-on any
  understudy diff old.yaml new.yaml --ignore operation-id-changed --json
  understudy diff --checks                          everything that may be found
  understudy diff recordings/                       does the server still answer as it was recorded?
  understudy diff recordings/ --target https://api.example.com --header 'Authorization: Bearer ${TOKEN}'
  understudy diff recordings/ --target https://api.example.com --ignore '$.items[*].stock' --junit drift.xml
"""
INSTEAD = {"--url": "--target URL"}
OK, FAILED, WRONG = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "old",
        metavar="OLD",
        nargs="?",
        help="document: a file or a web address; or a recording: a folder, with --target also a file",
    )
    parser.add_argument("new", metavar="NEW", nargs="?", help="the document that comes after it")
    parser.add_argument(
        "--fail-on",
        choices=("breaking", "changed", "any", "nothing"),
        help="which changes make the exit code 1 (default: breaking; with --target: changed)",
    )
    parser.add_argument(
        "--ignore",
        metavar="CHECK",
        action="append",
        default=[],
        help="leave out what this check finds; with --target also a header, or a JSONPath in bodies",
    )
    parser.add_argument("--breaking", action="store_true", help="show breaking changes only")
    parser.add_argument("--checks", action="store_true", help="list the checks, and end")
    parser.add_argument(
        "--remote", action="store_true", help="follow references from a file to web addresses"
    )
    parser.add_argument("--json", action="store_true", help="print the changes as JSON")
    diff_recordings.add_arguments(parser)


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print the changes. 0, 1 if there are such that it fails on, 2 if a document cannot be read."""
    from understudy.contract.diff.checks import CHECKS
    from understudy.contract.diff.operations import compare
    from understudy.record.drift import CHECKS as DRIFT

    if args.checks:
        for head, checks in (("in documents:", CHECKS), ("\nin answers, with --target:", DRIFT)):
            print(head, file=out)
            levels, names = (max(map(len, column)) for column in ((c.level for c in checks.values()), checks))
            for name, check in checks.items():
                print(f"{check.level:<{levels}}  {name:<{names}}  {check.sentence}", file=out)
        return OK
    is_recording = args.target is not None or (args.new is None and args.old is not None and isdir(args.old))
    if is_recording and args.old is not None:
        args.fail_on = args.fail_on or "changed"
        return diff_recordings.run(args, out, err)
    if args.new is None and args.old is not None and not exists(args.old) and "://" not in args.old:
        print(f"understudy diff: there is no {printable(args.old)}", file=err)
        return WRONG
    if args.old is None or args.new is None:
        print(
            "understudy diff: two documents are needed, or a recording and --target URL\n"
            "Try: understudy diff OLD NEW",
            file=err,
        )
        return WRONG
    unknown = next((name for name in args.ignore if name not in CHECKS), None)
    if unknown is not None:
        print(
            f"understudy diff: there is no check {printable(unknown)}\nTry: understudy diff --checks",
            file=err,
        )
        return WRONG
    try:
        old, new = read_spec(args.old, args.remote), read_spec(args.new, args.remote)
    except ConfigError as error:
        if args.json:
            print(_report({"ok": False, "problems": [one.as_json() for one in error.problems]}), file=out)
        else:
            print("\n".join(f"understudy diff: {one}" for one in error.problems), file=err)
        return WRONG
    found = compare(old, new)
    changes = [one for one in found if one.check not in args.ignore]
    breaking = [one for one in changes if one.is_breaking]
    shown = breaking if args.breaking else changes
    warnings = [*old.warnings(), *new.warnings()]
    changed = [one for one in changes if one.level != "info"]
    fails_on = {"breaking": breaking, "changed": changed, "any": changes, "nothing": []}
    failed = bool(fails_on[args.fail_on or "breaking"])
    if args.json:
        report = {
            "ok": not failed,
            "counts": counts(changes),
            "changes": [one.as_json() for one in shown],
            "warnings": [one.as_json() for one in warnings],
        }
        print(_report(report), file=out)
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=err)
        print(as_text(shown, counts(changes), color=out.isatty()), file=out)
    return FAILED if failed else OK


def counts(changes: list[Change]) -> dict[str, int]:
    """How many changes there are of each level."""
    from understudy.contract.diff.checks import LEVELS

    return {level: sum(one.level == level for one in changes) for level in LEVELS}


def as_text(changes: list[Change], numbers: dict[str, int], *, color: bool = False) -> str:
    """The changes for a terminal, one a line, and how many there are."""
    rows = [Row(one.level, one.check, one.place, one.detail, (one.old, one.new)) for one in changes]
    lines = lines_of(rows, color=color)
    total = sum(numbers.values())
    if not total:
        return "nothing has changed that concerns clients"
    breaking = numbers["error"]
    told = f"{total} change{'s' * (total != 1)}: {breaking} breaking"
    told += f", {numbers['warning']} that may break" if numbers["warning"] else ""
    return "\n".join([*lines, told])


def _report(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)
