"""`understudy check`: is this config all right?"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any, TextIO

from understudy.cli.against import against
from understudy.cli.tapes import of_tape
from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.program import Program

NAME = "check"
HELP = "Say what is wrong with a config, without serving it."
EXAMPLE = """examples:
  understudy check                  the config in this folder
  understudy check *.yaml --json    several files, the result as JSON
  understudy check recordings       a folder of recordings: is each file right?
  understudy check --against api.yaml
                                    is every answer as this OpenAPI document says?
  understudy check --against https://example.org/openapi.json --complete
                                    and is there an endpoint for each of its operations?
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
    parser.add_argument(
        "--against", metavar="SPEC", help="an OpenAPI document, a file or web address, that answers must fit"
    )
    parser.add_argument(
        "--complete", action="store_true", help="with --against: each of its operations needs an endpoint"
    )
    parser.add_argument(
        "--remote", action="store_true", help="with --against: follow its references to web addresses"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Check each file; exit code 0 if all are right, 2 if not."""
    ok = True
    problems: list[Problem] = []
    warnings: list[Problem] = []
    compared: list[dict[str, Any]] = []
    if args.complete and args.against is None:
        print("understudy check: --complete goes with --against SPEC", file=err)
        return WRONG
    for name in args.files:
        found, warned, summary, program = _check(name)
        problems += found
        warnings += warned
        ok = ok and not found
        if not args.json:
            _print(found, warned, summary, out, err)
        if args.against is not None and program is not None:
            try:
                result = against(program, args.against, complete=args.complete, remote=args.remote)
            except ConfigError as error:
                problems += error.problems
                ok = False
                if not args.json:
                    print(error, file=err)
                continue
            ok = ok and result.ok
            compared.append(result.as_json())
            if not args.json:
                for warning in result.warnings:
                    print(f"warning: {warning}", file=err)
                print(result.as_text(color=out.isatty()), file=out)
    if args.json:
        report: dict[str, Any] = {
            "ok": ok,
            "problems": [problem.as_json() for problem in problems],
            "warnings": [warning.as_json() for warning in warnings],
            **({"against": compared} if args.against is not None else {}),
        }
        print(json.dumps(report, indent=2, ensure_ascii=False), file=out)
    return OK if ok else WRONG


def _check(name: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...], str, Program | None]:
    """The problems, the warnings, one line that says what is there, and the config compiled."""
    from understudy.cli.serve import opened
    from understudy.net.builder import build

    try:
        program = build(opened(name))
    except ConfigError as error:
        return error.problems, (), "", None
    count = len(program.loaded.config.endpoints)
    file = program.loaded.locate(())[0] or name
    warnings = tuple(program.warnings)
    if program.loaded.config.openapi:
        from understudy.openapi.thorough import read_all

        warnings += read_all(program.loaded)
    told = [] if program.tapes and not count else [f"{count} endpoint{'' if count == 1 else 's'}"]
    told += [of_tape(tape) for tape in program.tapes]
    return (), warnings, f"{file}: ok, {', '.join(told)}", program


def _print(
    problems: tuple[Problem, ...], warnings: tuple[Problem, ...], summary: str, out: TextIO, err: TextIO
) -> None:
    if problems:
        print(ConfigError(problems), file=err)
        return
    for warning in warnings:
        print(f"warning: {warning}", file=err)
    print(summary, file=out)
