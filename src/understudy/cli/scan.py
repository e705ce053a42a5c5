"""`understudy scan`: whether secrets stand in files that are to be shared, such as recordings."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from understudy.cli.printable import printable
from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.model.record import Redact
    from understudy.record.redact import Finding

EXAMPLE = """examples:
  understudy scan recordings                        exit code 1 if a secret is in any file below it
  understudy scan recordings understudy.yaml --json
  understudy scan recordings --record understudy.yaml   with the `redact` rules of this config's `record`
  understudy scan logs --rules redact.yaml          with the rules in a file: headers, fields, patterns, keep
"""
CLEAN, LEAKS, WRONG = 0, 1, 2
MAX_FILE = 256 * 1024 * 1024
"""Larger files are not read: it is told, and the exit code is 2."""
PASSED = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"))
"""Folders that are passed over, unless they are named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        default=["recordings"],
        help="a file, or a folder with all that is below it; default: recordings",
    )
    rules = parser.add_mutually_exclusive_group()
    rules.add_argument("--rules", metavar="FILE", help="more rules: a file with what `redact` may have")
    rules.add_argument("--record", metavar="CONFIG", help="the rules of a config's `record`")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print what was found, without telling it. 0, 1 if there is any, 2 if something cannot be read."""
    from understudy.record.redact import find

    problems: list[str] = []
    findings: list[Finding] = []
    files = 0
    try:
        rules = _rules(args.rules, args.record)
    except ConfigError as error:
        told = [one.as_json() for one in error.problems]
        if args.json:
            print(json.dumps({"ok": False, "problems": told}, indent=2), file=out)
        else:
            print("\n".join(f"understudy scan: {one}" for one in error.problems), file=err)
        return WRONG
    for path in args.paths:
        for file in _files(Path(path), problems):
            data = _read(file, problems)
            if data is not None:
                files += 1
                findings += find(data, str(file), rules)
    if args.json:
        content: dict[str, Any] = {
            "ok": not findings and not problems,
            "files": files,
            "findings": [one.as_json() for one in findings],
            "problems": problems,
        }
        print(json.dumps(content, indent=2, ensure_ascii=False), file=out)
    else:
        for problem in problems:
            print(f"understudy scan: {printable(problem)}", file=err)
        print(as_text(findings, files), file=out)
    return WRONG if problems else LEAKS if findings else CLEAN


def as_text(findings: list[Finding], files: int) -> str:
    """The findings for a terminal, one a line, and how many there are."""
    searched = f"{files:,} file{'s' * (files != 1)}"
    if not findings:
        return f"no secrets in {searched}"
    rows = [
        (printable(one.where) + (f":{one.line}" if one.line else ""), one.rule, printable(one.excerpt))
        for one in findings
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(2)]
    lines = [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]
    count = len(findings)
    where = len({one.where for one in findings})
    total = f"{count:,} secret{'s' * (count != 1)} in {where:,} of {searched}"
    return "\n".join([*lines, total])


def _files(path: Path, problems: list[str]) -> Iterator[Path]:
    """The files at a path, in the order of their names. Links to folders are not followed."""
    if not path.exists():
        problems.append(f"{path} is not there")
    elif not path.is_dir():
        yield path
    else:
        told = lambda error: problems.append(f"{error.filename} cannot be read: {error.strerror}")  # noqa: E731
        for folder, folders, names in os.walk(path, onerror=told):
            folders[:] = sorted(one for one in folders if one not in PASSED)
            yield from (Path(folder, name) for name in sorted(names))


def _read(file: Path, problems: list[str]) -> bytes | None:
    try:
        if not file.is_file():  # a socket or a pipe has no end
            return None
        if file.stat().st_size > MAX_FILE:
            problems.append(f"{file} has more than {MAX_FILE:,} bytes")
            return None
        return file.read_bytes()
    except OSError as error:
        problems.append(f"{file} cannot be read: {error.strerror}")
        return None


def _rules(rules: str | None, config: str | None) -> Redact | None:
    """The rules of a user; None for the usual ones. Raises ConfigError."""
    from understudy.record.redact import check

    found = (
        _read_rules(Path(rules)) if rules is not None else _rules_of(config) if config is not None else None
    )
    wrong = check(found) if found is not None else None
    if wrong is not None:
        raise ConfigError([Problem(wrong, file=rules or config, path="" if rules else "record.redact")])
    return found


def _rules_of(config: str) -> Redact | None:
    """What the first `record` of a config has, the top's before those of endpoints. Raises ConfigError."""
    from understudy.model.record import Record, Redact
    from understudy.net.builder import load_written

    loaded = load_written(Path(config)).config
    for written in (loaded.record, *(one.record for one in loaded.endpoints)):
        if isinstance(written, Record) and isinstance(written.redact, Redact):
            return written.redact
    return None


def _read_rules(file: Path) -> Redact:
    """The rules in a file of JSON, YAML or TOML. Raises ConfigError."""
    from understudy.load.diagnose import diagnose
    from understudy.load.fault import NotReadable
    from understudy.load.files import read_text
    from understudy.load.source import Source
    from understudy.load.syntax import parse
    from understudy.model.convert import convert
    from understudy.model.record import Redact

    source = Source(file=file)
    try:
        source.data, source.format = parse(read_text(file), file.suffix)
    except NotReadable as error:
        raise ConfigError([source.problem(one) for one in error.faults]) from None
    if faults := diagnose(source.data, Redact):
        raise ConfigError([source.problem(one) for one in faults])
    return convert(source.data, Redact)
