"""`understudy import`: another tool's file as a config."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from understudy.cli.files import write_files
from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.formats.asked import Answer, Asked
    from understudy.formats.imported import Imported, Rule, Send
    from understudy.formats.write import Written

NAME = "import"
HELP = "Make a config of another tool's file: OpenAPI, Postman, HAR and others."
EXAMPLE = """examples:
  understudy import petstore.yaml                 writes understudy.yaml
  understudy import petstore.yaml -o mocks/pets.yaml
  understudy import shop.postman_collection.json -o -
  understudy import session.har --host api.example.org --no-assets
  understudy import https://example.org/openapi.json -o -        prints the config
  understudy import --curl 'curl -X POST https://example.org/users -d "{}"' -o -
  understudy import recordings/ --preview         shows by which rules recordings become endpoints
  understudy import recordings/ --without volatile,3 --rules rules.yaml
  understudy petstore.yaml                        serves the file itself, without a config
"""
DEFAULT_FILE = "understudy.yaml"
OK, CANNOT_WRITE, WRONG = 0, 1, 2
SUFFIXES = (".yaml", ".yml", ".json")
STDOUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    from understudy.formats import FORMATS

    parser.add_argument("source", metavar="FILE", nargs="?", help="file, folder or web address to read")
    parser.add_argument(
        "--curl",
        metavar="COMMAND",
        action="append",
        help="read a curl command in the place of a file; repeatable",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="CONFIG",
        default=DEFAULT_FILE,
        help=f"config to write: .yaml or .json; - prints it (default: {DEFAULT_FILE})",
    )
    parser.add_argument(
        "--format", choices=tuple(FORMATS), help="format of FILE; default: what it looks like"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that are there")
    parser.add_argument(
        "--servers",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="begin paths with that of the document's server; default: yes",
    )
    parser.add_argument(
        "--validate",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="hold requests against the document's schemas; default: yes",
    )
    parser.add_argument(
        "--auth",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="ask for credentials where the document does; default: yes",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="of a HAR, keep requests to this host, as *.example.org too; may be repeated; default: all",
    )
    parser.add_argument(
        "--imposter",
        metavar="NAME",
        help="of mountebank's imposters, take the one of this name or port alone",
    )
    parser.add_argument(
        "--assets",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="of a HAR, keep pages, styles, scripts, images and fonts too; default: yes",
    )
    parser.add_argument(
        "--latency", action="store_true", help="of a HAR, be as slow as it was when it was recorded"
    )
    parser.add_argument(
        "--preview",
        "--dry-run",
        action="store_true",
        help="of recordings, show the rules by which they become endpoints, and write nothing",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="RULES",
        help="of recordings, rules that are not followed: kinds, or numbers in the preview, with commas",
    )
    parser.add_argument(
        "--rules", metavar="FILE", help="of recordings, keep the rules in this file, and follow those in it"
    )
    parser.add_argument(
        "--remote", action="store_true", help="follow references from a file to web addresses"
    )
    parser.add_argument(
        "--send",
        action="store_true",
        help="send the requests of curl commands and .http files for their answers",
    )
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Write the config: 0. A file is there already or cannot be written: 1. What is read is wrong: 2."""
    from understudy.formats.write import written

    target = None if args.output == STDOUT else Path(args.output)
    suffix = ".yaml" if target is None else target.suffix.lower()
    if suffix not in SUFFIXES:
        print(f"understudy: {target} must end in {', '.join(SUFFIXES)}, or be -", file=err)
        return WRONG
    if (args.source is None) == (args.curl is None):
        print(
            "understudy: name one thing to import: a FILE, or --curl\nTry: understudy import --help", file=err
        )
        return WRONG
    try:
        imported = _read(args)
    except ConfigError as error:
        if args.json:
            print(_report(False, problems=error.problems), file=out)
        else:
            print(_told(error), file=err)
        return WRONG
    if args.preview:
        return _preview(args, imported, out, err)
    result = written(imported, suffix, _title(args.source), split=target is not None)
    if target is None:
        for warning in imported.warnings:
            print(f"warning: {warning}", file=err)
        print(result.text, end="", file=out)
        return OK
    refusal = _write(target, result, args.force) or _keep_rules(args, imported)
    if refusal is not None:
        message, hint = refusal
        if args.json:
            print(_report(False, problems=[Problem(message)]), file=out)
        else:
            print(f"understudy: {message}{hint}", file=err)
        return CANNOT_WRITE
    _tell(args, target, imported, result, out, err)
    return OK


def _read(args: argparse.Namespace) -> Imported:
    """What was asked for. Raises ConfigError."""
    from understudy.formats.imported import Options
    from understudy.formats.read import open_source, read, text_source
    from understudy.net.fetch import fetch, is_url, text_of

    if args.curl is not None:
        source = text_source("\n".join(args.curl), "--curl", "", "curl")
        return read(source, "curl", Options(send=_sender(args)))
    url = args.source if is_url(args.source) else None
    options = Options(
        servers=args.servers,
        validate=args.validate,
        auth=args.auth,
        latency=args.latency,
        assets=args.assets,
        imposter=args.imposter,
        hosts=tuple(args.host),
        fetch=fetch if url or args.remote else None,
        source_url=url,
        send=_sender(args),
        without=frozenset(word.strip() for words in args.without for word in words.split(",")),
        rules=_rules(args),
    )
    if url is None:
        return read(open_source(Path(args.source), args.format), args.format, options)
    suffix = PurePosixPath(urlsplit(url).path).suffix
    return read(text_source(text_of(url, fetch(url)), url, suffix, args.format), args.format, options)


def _rules(args: argparse.Namespace) -> tuple[Rule, ...]:
    """The rules of before. Raises ConfigError."""
    if args.rules is None:
        return ()
    from understudy.record.general.rules_file import read_rules

    return read_rules(Path(args.rules))


def _keep_rules(args: argparse.Namespace, imported: Imported) -> tuple[str, str] | None:
    """Write the file of rules, which was made for being written again; what went wrong, and what helps."""
    if args.rules is None:
        return None
    from understudy.record.general.rules_file import rules_text

    path = Path(args.rules)
    return write_files({path: rules_text(imported.rules).encode()}, force=True, command=NAME)


def _preview(args: argparse.Namespace, imported: Imported, out: TextIO, err: TextIO) -> int:
    """Print the rules, and what would be written."""
    count = len(imported.config.get("endpoints", ()))
    rules = imported.rules
    if args.json:
        listed = [{"number": number, **asdict(rule)} for number, rule in enumerate(rules, 1)]
        warnings = [warning.as_json() for warning in imported.warnings]
        print(_report(True, endpoints=count, rules=listed, warnings=warnings), file=out)
        return OK
    for warning in imported.warnings:
        print(f"warning: {warning}", file=err)
    rows = [
        (str(number), rule.kind, rule.where, rule.what, str(rule.count), rule.why if rule.on else "(off)")
        for number, rule in enumerate(rules, 1)
    ]
    rows = [("#", "rule", "where", "what", "seen", "why"), *rows] if rows else []
    widths = [min(60, max(len(row[column]) for row in rows)) for column in range(5)] if rows else []
    for row in rows:
        cells = [_cell(text, width) for text, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[5]]).rstrip(), file=out)
    print(f"{count} endpoint{'s' * (count != 1)} by {len(rules)} rule{'s' * (len(rules) != 1)}", file=out)
    return OK


def _cell(text: str, width: int) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return (shown if len(shown) <= width else f"{shown[: width - 1]}…").ljust(width)


def _sender(args: argparse.Namespace) -> Send | None:
    if not args.send:
        return None
    from understudy.net.send import NotSent, send

    def sent(asked: Asked) -> Answer | str:
        try:
            return send(asked)
        except NotSent as error:
            return str(error)

    return sent


def _title(source: str | None) -> str:
    if source is None:
        name = "a curl command"
    else:
        name = source if "://" in source else os.path.basename(os.path.abspath(source))
        name = "".join(character if character.isprintable() else "?" for character in name)
    return f"Made of {name} by `understudy import`.\nEvery key is explained by `understudy schema`."


def _write(target: Path, result: Written, force: bool) -> tuple[str, str] | None:
    """Write the files beside the config, and then the config; what went wrong, and what helps."""
    beside = {target.parent / name: data for name, data in result.files.items()}
    if target in beside:
        return f"{target} would be overwritten by the config that reads it", "\nTry: another -o"
    return write_files(
        {**beside, target: result.text.encode()}, force=force, command=NAME, same=beside.keys()
    )


def _tell(
    args: argparse.Namespace, target: Path, imported: Imported, result: Written, out: TextIO, err: TextIO
) -> None:
    count = len(imported.config.get("endpoints", ()))
    if args.json:
        print(
            _report(
                True,
                file=str(target),
                endpoints=count,
                files=[str(target.parent / name) for name in result.files],
                warnings=[warning.as_json() for warning in imported.warnings],
            ),
            file=out,
        )
        return
    for warning in imported.warnings:
        print(f"warning: {warning}", file=err)
    beside = (
        f", and {len(result.files)} file{'s' * (len(result.files) != 1)} beside it" if result.files else ""
    )
    print(f"wrote {target}: {count} endpoint{'s' * (count != 1)}{beside}", file=out)
    print(f"Try: understudy {target}", file=out)


def _report(ok: bool, problems: Any = (), **more: Any) -> str:
    report = {"ok": ok, **more, "problems": [problem.as_json() for problem in problems]}
    return json.dumps(report, indent=2, ensure_ascii=False)


def _told(error: ConfigError) -> str:
    return "\n".join(f"understudy: {problem}" for problem in error.problems)
