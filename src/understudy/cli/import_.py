"""`understudy import`: another tool's file as a config."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.formats.asked import Answer, Asked
    from understudy.formats.imported import Imported, Send
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
        "--assets",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="of a HAR, keep pages, styles, scripts, images and fonts too; default: yes",
    )
    parser.add_argument(
        "--latency", action="store_true", help="of a HAR, be as slow as it was when it was recorded"
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
    result = written(imported, suffix, _title(args.source), split=target is not None)
    if target is None:
        for warning in imported.warnings:
            print(f"warning: {warning}", file=err)
        print(result.text, end="", file=out)
        return OK
    refusal = _write(target, result, args.force)
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
        hosts=tuple(args.host),
        fetch=fetch if url or args.remote else None,
        source_url=url,
        send=_sender(args),
    )
    if url is None:
        return read(open_source(Path(args.source), args.format), args.format, options)
    suffix = PurePosixPath(urlsplit(url).path).suffix
    return read(text_source(text_of(url, fetch(url)), url, suffix, args.format), args.format, options)


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
    """Write the config and the files beside it; what went wrong, and what helps."""
    paths = [target, *(target.parent / name for name in result.files)]
    if target in paths[1:]:
        return f"{target} would be overwritten by the config that reads it", "\nTry: another -o"
    data_of = dict(zip(paths[1:], result.files.values(), strict=True))
    there = [path for path in paths if path.exists() and not _is_same(path, data_of.get(path))]
    if there and not force:
        names = ", ".join(map(str, there[:3])) + (" and more" if len(there) > 3 else "")
        return (
            f"{names} {'is' if len(there) == 1 else 'are'} there already",
            "\nTry: understudy import … --force, or another -o",
        )
    path = target
    try:
        for path, data in data_of.items():
            if _is_same(path, data):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        path = target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(result.text, encoding="utf-8")
    except OSError as error:
        return f"{path} cannot be written: {(error.strerror or str(error)).lower()}", ""
    return None


def _is_same(path: Path, data: bytes | None) -> bool:
    """Whether a file already is what is to be written, as the data of a config beside its source."""
    try:
        return data is not None and path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


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
