"""`understudy check`: is this config all right?"""

from __future__ import annotations

import argparse
import json
from typing import Any, TextIO

from understudy.errors import ConfigError, Problem

NAME = "check"
HELP = "Say what is wrong with a config, without serving it."
EXAMPLE = """examples:
  understudy check                  the config in this folder
  understudy check *.yaml --json    several files, the result as JSON
"""

OK, WRONG = 0, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        default=["."],
        help="config files, or folders with one (default: the working directory)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Check each file; exit code 0 if all are right, 2 if not."""
    ok = True
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name in args.files:
        found, warned, summary = _check(name)
        problems += found
        warnings += warned
        ok = ok and not found
        if not args.json:
            _print(found, warned, summary, out, err)
    if args.json:
        report: dict[str, Any] = {
            "ok": ok,
            "problems": [problem.as_json() for problem in problems],
            "warnings": [warning.as_json() for warning in warnings],
        }
        print(json.dumps(report, indent=2, ensure_ascii=False), file=out)
    return OK if ok else WRONG


def _check(name: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...], str]:
    """The problems, the warnings, and one line that says what is there."""
    from understudy.build import build
    from understudy.cli.serve import opened

    try:
        program = build(opened(name))
    except ConfigError as error:
        return error.problems, (), ""
    count = len(program.loaded.config.endpoints)
    file = program.loaded.locate(())[0] or name
    warnings = tuple(program.warnings)
    if program.loaded.config.openapi:
        from understudy.openapi.thorough import read_all

        warnings += read_all(program.loaded)
    return (), warnings, f"{file}: ok, {count} endpoint{'' if count == 1 else 's'}"


def _print(
    problems: tuple[Problem, ...], warnings: tuple[Problem, ...], summary: str, out: TextIO, err: TextIO
) -> None:
    if problems:
        print(ConfigError(problems), file=err)
        return
    for warning in warnings:
        print(f"warning: {warning}", file=err)
    print(summary, file=out)
