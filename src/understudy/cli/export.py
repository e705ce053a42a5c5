"""`understudy export`: a config as another tool's file."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from understudy.cli.files import write_files
from understudy.errors import ConfigError, Problem

if TYPE_CHECKING:
    from understudy.formats.exported import Exported, Outgoing

NAME = "export"
HELP = "Make another tool's file of a config: OpenAPI, Postman, HAR, WireMock."
EXAMPLE = """examples:
  understudy export --to openapi                  writes openapi.yaml from the config here
  understudy export api.yaml --to openapi -o docs/api.json
  understudy export --to postman                  writes collection.json
  understudy export --to har -o mock.har
  understudy export --to wiremock -o stubs        a folder with mappings/ and __files/
  understudy export --to wiremock -o stubs.json   all stubs in one file
  understudy export --to openapi -o -             prints the document
  understudy export recordings/ --to openapi      describes what was recorded
"""
OK, CANNOT_WRITE, WRONG = 0, 1, 2
STDOUT = "-"
ANYWHERE = frozenset({"127.0.0.1", "0.0.0.0", "::", "::1"})  # noqa: S104 - compared, not bound
"""Hosts that are reached as `localhost`."""


class Target(NamedTuple):
    """What a format is written to: the usual name, and how names may end; "" is a folder."""

    usual: str
    suffixes: tuple[str, ...]


TARGETS = {
    "openapi": Target("openapi.yaml", (".yaml", ".yml", ".json")),
    "wiremock": Target("wiremock", ("", ".json")),
    "har": Target("api.har", (".har", ".json")),
    "postman": Target("collection.json", (".json",)),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    from understudy.formats import FORMATS

    offered = [name for name, row in FORMATS.items() if row.writer is not None]
    parser.add_argument(
        "file", metavar="CONFIG", nargs="?", help="the config; default: the one in this folder"
    )
    parser.add_argument("--to", required=True, choices=offered, help="format to write")
    usual = ", ".join(f"{_target(name).usual} for {name}" for name in offered)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help=f"where to write it; - prints it; default: {usual}"
    )
    parser.add_argument("--title", help="name of the whole; default: that of the config's folder or file")
    parser.add_argument(
        "--url", metavar="URL", help="where the API is reached; default: host and port of the config"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that are there")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Write the files: 0. One is there already or cannot be written: 1. The config is wrong: 2."""
    from understudy.formats import FORMATS

    to_stdout = args.output == STDOUT
    usual, suffixes = _target(args.to)
    target = Path(usual if args.output is None or to_stdout else args.output)
    suffix = _suffix(target, suffixes, to_stdout=to_stdout)
    if suffix is None:
        accepted = ", ".join(one or "no suffix, for a folder" for one in suffixes)
        print(f"understudy: {target} must end in {accepted}, or be -", file=err)
        return WRONG
    try:
        outgoing, warnings = _outgoing(args, suffix)
    except ConfigError as error:
        if args.json:
            print(_report(False, problems=error.problems), file=out)
        else:
            print("\n".join(f"understudy: {problem}" for problem in error.problems), file=err)
        return WRONG
    exported = FORMATS[args.to].write(outgoing)
    told = _distinct([*warnings, *exported.warnings])
    if to_stdout:
        for warning in told:
            print(f"warning: {warning}", file=err)
        print(exported.files[""].decode("utf-8", "replace"), end="", file=out)
        return OK
    files = {target / name if name else target: data for name, data in exported.files.items()}
    refusal = write_files(files, force=args.force, command=NAME)
    if refusal is not None:
        message, hint = refusal
        if args.json:
            print(_report(False, problems=[Problem(message)]), file=out)
        else:
            print(f"understudy: {message}{hint}", file=err)
        return CANNOT_WRITE
    _tell(args, target, outgoing, exported, told, out, err)
    return OK


def _target(name: str) -> Target:
    return TARGETS.get(name, Target(f"{name}.json", (".json",)))


def _suffix(target: Path, suffixes: tuple[str, ...], *, to_stdout: bool) -> str | None:
    """How the file ends, in lower case and "" for a folder; None if it may not end like that."""
    if to_stdout:  # what is printed is one file
        return next(one for one in suffixes if one)
    written = target.suffix.lower()
    if written in suffixes:
        return written
    return "" if "" in suffixes and (target.is_dir() or not written) else None


def _outgoing(args: argparse.Namespace, suffix: str) -> tuple[Outgoing, list[Problem]]:
    """What is to be written, and what has to be said of it. Raises ConfigError."""
    from understudy.formats.exported import Outgoing
    from understudy.net.builder import load_written
    from understudy.samples import take_samples

    environ = dict(os.environ)
    path = Path(args.file or ".")
    generalised, told = _generalised(path)
    loaded = load_written(path if generalised is None else generalised)
    samples, warnings = take_samples(loaded, environ)
    config = loaded.config
    host = f"[{config.host}]" if ":" in config.host else config.host
    host = "localhost" if config.host in ANYWHERE else host
    url = args.url or f"http://{host}:{config.port}"
    outgoing = Outgoing(loaded, samples, args.title or _title(args.file), url.rstrip("/"), suffix)
    return outgoing, [*told, *loaded.warnings, *warnings]


def _generalised(path: Path) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """The config of what is served otherwise than by its config, as a folder of recordings is; and its
    warnings.

    Raises ConfigError.
    """
    if not path.is_dir():
        return None, ()
    from understudy.formats import FORMATS
    from understudy.formats.read import open_source, read, recognise
    from understudy.formats.write import escaped

    source = open_source(path)
    name = recognise(source)
    if name is None or FORMATS[name].is_served:
        return None, ()
    imported = read(source, name)
    return escaped(imported.config), imported.warnings


def _title(file: str | None) -> str:
    """A name for the whole: that of the file, or of its folder where the file has a usual name."""
    path = Path(os.path.abspath(file or "."))
    stem = path.name if path.is_dir() else path.name.partition(".")[0]
    name = path.parent.name if stem in {"config", "understudy"} and path.parent.name else stem
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown or "API"


def _distinct(warnings: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(warnings))


def _tell(
    args: argparse.Namespace,
    target: Path,
    outgoing: Outgoing,
    exported: Exported,
    warnings: list[Problem],
    out: TextIO,
    err: TextIO,
) -> None:
    endpoints = len(outgoing.loaded.config.endpoints)
    if args.json:
        print(
            _report(
                True,
                file=str(target),
                endpoints=endpoints,
                samples=len(outgoing.samples),
                files=[str(target / name) for name in exported.files if name],
                warnings=[warning.as_json() for warning in warnings],
            ),
            file=out,
        )
        return
    for warning in warnings:
        print(f"warning: {warning}", file=err)
    files = len(exported.files)
    what = "" if "" in exported.files else f" in {files} file{'s' * (files != 1)}"
    print(f"wrote {target}: {endpoints} endpoint{'s' * (endpoints != 1)}{what}", file=out)


def _report(ok: bool, problems: Any = (), **more: Any) -> str:
    report = {"ok": ok, **more, "problems": [problem.as_json() for problem in problems]}
    return json.dumps(report, indent=2, ensure_ascii=False)
