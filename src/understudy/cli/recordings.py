"""`understudy recordings`: what is in a folder of recordings, and how it gets in and out."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from understudy.cli import recordings_prune, recordings_refresh
from understudy.errors import ConfigError, UnderstudyError

if TYPE_CHECKING:
    from understudy.record.exchange import Payload, RecordedExchange

NAME = "recordings"
USUAL = "recordings"
"""The folder that is meant where none is named, as by `record` and `replay`."""
HELP = "List, import, export, refresh, prune and remove recorded exchanges."
EXAMPLE = """examples:
  understudy recordings list recordings                     what was recorded
  understudy recordings list recordings --older-than 30d --json
  understudy recordings import session.har --out recordings  without the secrets in it
  understudy recordings export recordings --to har --out session.har
  understudy recordings import cassette.yaml --out recordings  of VCR's; so are simulations of Hoverfly's
  understudy recordings refresh recordings 'api.example.com/get-*' --target https://api.example.com
  understudy recordings prune recordings --duplicates       what would go; --yes removes it
  understudy recordings remove recordings api.example.com/get-users-42
"""
OK, FAILED, WRONG = 0, 1, 2
STDOUT = "-"
_AGE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Action(NamedTuple):
    """A sub-command: what it does, its arguments, the function that runs it and gives the exit code, and its
    examples, if they are not among those of the command."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, TextIO, TextIO], int]
    example: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, action in ACTIONS.items():
        inner = actions.add_parser(
            name,
            help=action.help,
            description=action.help,
            epilog=action.example or _examples(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        action.add_arguments(inner)


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Run a sub-command, or list them: 0. It could not be done: 1. What was given is wrong: 2."""
    if args.action is None:
        print(overview(), file=out)
        return OK
    try:
        return ACTIONS[args.action].run(args, out, err)
    except ConfigError as error:
        print("\n".join(f"understudy: {problem}" for problem in error.problems), file=err)
        return WRONG
    except UnderstudyError as error:
        print(f"understudy recordings {args.action}: {error}", file=err)
        return FAILED


def overview() -> str:
    """The sub-commands, and how they are called."""
    width = max(map(len, ACTIONS))
    actions = "\n".join(f"  {name:<{width}}  {action.help}" for name, action in ACTIONS.items())
    return (
        f"usage: understudy recordings ACTION FOLDER [OPTIONS]\n\nactions:\n{actions}\n\n{EXAMPLE.rstrip()}"
    )


def _examples(name: str) -> str:
    head, *lines = EXAMPLE.splitlines()
    return "\n".join([head, *(line for line in lines if f"recordings {name} " in line)])


def seconds_of_age(text: str) -> float:
    """An age as seconds: `30d`, `12h`, `1.5h`. Raises ArgumentTypeError."""
    found = _AGE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no age, such as 30d, 12h, 90m, 10s or 2w")
    return float(found[1]) * _SECONDS[found[2]]


def _add_folder(parser: argparse.ArgumentParser) -> None:
    """What is looked at, which need not be named."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        default=USUAL,
        help=f"a folder of recordings, or a file of them; default: {USUAL}",
    )


# --- list ---------------------------------------------------------------------------------------------------


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    _add_folder(parser)
    parser.add_argument(
        "--older-than", type=seconds_of_age, metavar="AGE", help="only those, such as 30d, 12h or 90m"
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines")


def _list(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from understudy.record.folder import read_folder, read_recording

    path = Path(args.folder)
    folder = read_folder(path, strict=False) if path.is_dir() else read_recording(path)
    now = time.time()
    chosen = [
        one for one in folder.exchanges if args.older_than is None or now - one.recorded_at > args.older_than
    ]
    if args.json:
        for one in chosen:
            print(json.dumps(_described(one), ensure_ascii=False), file=out)
    else:
        for line in _table([_row(one, now) for one in chosen]):
            print(line, file=out)
    for problem in folder.problems:
        print(f"understudy: {problem}", file=err)
    return WRONG if folder.problems else OK


def _described(one: RecordedExchange) -> dict[str, object]:
    reply = one.reply
    return {
        "id": one.id,
        "recorded_at": datetime.fromtimestamp(one.recorded_at, UTC).isoformat(),
        "method": one.request.method,
        "url": one.request.url,
        "status": reply.status if reply else None,
        "failed": one.failed.kind if one.failed else None,
        "size": _size(reply.body) if reply else 0,
        "total_ms": one.total_ms,
        "messages": len(one.messages),
        "secrets": one.secrets,
        "note": one.note,
    }


def _size(body: Payload) -> int:
    return len(body) if isinstance(body, bytes) else body.size


def _row(one: RecordedExchange, now: float) -> tuple[str, ...]:
    outcome = " ".join(
        filter(None, (str(one.reply.status) if one.reply else "", one.failed.kind if one.failed else ""))
    )
    size = f"{_size(one.reply.body):,}" if one.reply else ""
    target = one.request.target if len(one.request.target) <= 60 else f"{one.request.target[:59]}…"
    age = _age(now - one.recorded_at) if one.recorded_at else ""
    return one.id or "-", one.request.method, _printable(target), outcome, size, age


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _age(seconds: float) -> str:
    """An age in its largest unit: `3d`."""
    for unit in ("d", "h", "m"):
        if seconds >= _SECONDS[unit]:
            return f"{seconds // _SECONDS[unit]:.0f}{unit}"
    return f"{max(0.0, seconds):.0f}s"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows in columns, with a head; numbers stand to the right."""
    if not rows:
        return ["no recordings"]
    all_ = [("ID", "METHOD", "PATH", "STATUS", "SIZE", "AGE"), *rows]
    widths = [max(map(len, column)) for column in zip(*all_, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place >= 4 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in all_
    ]


# --- import -------------------------------------------------------------------------------------------------


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a HAR, a cassette of VCR's, a simulation of Hoverfly's, the original's recordings.json",
    )
    parser.add_argument("--out", metavar="FOLDER", required=True, help="the folder that they are added to")
    parser.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take secrets out before anything is kept; default: yes",
    )


def _import(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from understudy.record.folder import FolderWriter, read_recording

    folder = read_recording(Path(args.file))
    for warning in folder.warnings:
        print(f"warning: {warning}", file=err)
    redacted = _redactor() if args.redact else None
    secrets = 0
    with FolderWriter(Path(args.out)) as writer:
        for one in folder.exchanges:
            # what takes secrets out changes files where they are: never those of the source
            kept = redacted(writer.own(one)) if redacted else one
            secrets += sum(kept.secrets.values())
            writer.write(kept)
    count = len(folder.exchanges)
    taken = f", {secrets} secret{'s' * (secrets != 1)} taken out" if redacted else ", with their secrets"
    print(f"wrote {count} exchange{'s' * (count != 1)} to {args.out}{taken}", file=out)
    return OK


def _redactor() -> Callable[[RecordedExchange], RecordedExchange]:
    """What takes secrets out of exchanges."""
    redactor = import_module("understudy.record.redact").Redactor(True)
    redact: Callable[[RecordedExchange], RecordedExchange] = redactor.exchange
    return redact


# --- export -------------------------------------------------------------------------------------------------


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    _add_folder(parser)
    parser.add_argument("--to", required=True, metavar="har", help="format to write")
    parser.add_argument(
        "--out", metavar="FILE", default=STDOUT, help="where to write it; default: it is printed"
    )
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


def _export(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from importlib.metadata import version

    from understudy.record.folder import read_recording

    if args.to != "har":
        shown = shlex.join(["understudy", "export", args.folder, "--to", args.to])
        raise UnderstudyError(
            f"exchanges are written as har, and not as {args.to}\n"
            f"Try: {shown}    (endpoints that answer as was recorded)"
        )
    from understudy.record.har import har_of_exchanges

    folder = read_recording(Path(args.folder))
    for warning in folder.warnings:
        print(f"warning: {warning}", file=err)
    try:
        archive = har_of_exchanges(folder.exchanges, version("understudy"))
    except OSError as error:
        raise UnderstudyError(f"{error.filename} cannot be read: {(error.strerror or '').lower()}") from None
    text = json.dumps(archive, indent=2, ensure_ascii=False) + "\n"
    if args.out == STDOUT:
        print(text, end="", file=out)
        return OK
    target = Path(args.out)
    try:
        with target.open("wb" if args.force else "xb") as file:
            file.write(text.encode("utf-8", "replace"))
    except FileExistsError:
        raise UnderstudyError(f"{target} is there already\nTry: --force, or another --out") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnderstudyError(f"{target} cannot be written: {reason}") from None
    count = len(folder.exchanges)
    print(f"wrote {target}: {count} exchange{'s' * (count != 1)}", file=out)
    return OK


# --- remove -------------------------------------------------------------------------------------------------


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a folder of recordings")
    parser.add_argument("ids", metavar="ID", nargs="+", help="what `list` shows as ID")


def _meant(folder: Path, id_: str) -> str:
    """The one recording whose ID ends so, for those who leave out its server."""
    name = id_.rpartition("/")[2].removesuffix(".json")
    known = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.json")}
    fitting = [one for one in known if one.endswith(f"/{name}")]
    return f" (did you mean {_printable(fitting[0])}?)" if len(fitting) == 1 else ""


def _remove(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    from understudy.record.folder import FolderWriter

    folder = Path(args.folder)
    if not folder.is_dir():
        raise UnderstudyError(f"there is no folder {folder}")
    missing = 0
    with FolderWriter(folder) as writer:
        for id_ in args.ids:
            try:
                writer.remove(id_.removesuffix(".json"))
            except UnderstudyError as error:
                missing += 1
                print(f"understudy recordings remove: {error}{_meant(folder, id_)}", file=err)
    removed = len(args.ids) - missing
    print(f"removed {removed} exchange{'s' * (removed != 1)}", file=out)
    return FAILED if missing else OK


ACTIONS: dict[str, Action] = {
    "list": Action("Show what was recorded.", _list_arguments, _list),
    "import": Action("Add another tool's recordings to a folder.", _import_arguments, _import),
    "export": Action("Write recordings as another tool's file.", _export_arguments, _export),
    "refresh": Action(
        recordings_refresh.HELP,
        recordings_refresh.add_arguments,
        recordings_refresh.run,
        recordings_refresh.EXAMPLE,
    ),
    "prune": Action(
        recordings_prune.HELP, recordings_prune.add_arguments, recordings_prune.run, recordings_prune.EXAMPLE
    ),
    "remove": Action("Remove exchanges from a folder.", _remove_arguments, _remove),
}
