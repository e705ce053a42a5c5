"""`understudy recordings prune`: remove exchanges that nobody needs."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import Any, NamedTuple, TextIO

import msgspec

from understudy.cli.client import FAILURES, ask, not_reached, reason
from understudy.cli.printable import printable, printable_lines
from understudy.errors import ConfigError, UnderstudyError
from understudy.model.duration import DURATION, duration_s
from understudy.record.drift.compare import digest_of
from understudy.record.exchange import RecordedExchange
from understudy.record.modes import READING

NAME = "prune"
HELP = "Remove recordings that are old, are there twice, or were not used; shows first what would go."
EXAMPLE = """examples:
  understudy recordings prune recordings --duplicates            what would go
  understudy recordings prune recordings --older-than 90d --yes
  understudy recordings prune recordings --unused-in http://127.0.0.1:8000 --yes
                                                    what a running server has not replayed, after your tests
"""
OK, WRONG = 0, 2


class Going(NamedTuple):
    """A recording that goes, and why."""

    exchange: RecordedExchange
    why: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        type=Path,
        nargs="?",
        default=Path("recordings"),
        help="the folder of recordings; default: recordings",
    )
    parser.add_argument("--older-than", metavar="AGE", help="recorded longer ago, such as 90d or 12h")
    parser.add_argument(
        "--duplicates", action="store_true", help="same request and same answer: the first one stays"
    )
    parser.add_argument(
        "--unused-in", metavar="URL", help="what the server at this address has not replayed since it started"
    )
    parser.add_argument("--token", help="the token of that server")
    parser.add_argument("--yes", action="store_true", help="do remove them")
    parser.add_argument("--json", action="store_true", help="print what goes as JSON")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Show what goes, and with --yes remove it. 0, or 2 if it cannot be done."""
    from understudy.record.folder import (
        FolderWriter,
        read_folder,
    )

    def wrong(message: str) -> int:
        print(f"understudy recordings prune: {printable_lines(message)}", file=err)
        return WRONG

    if args.older_than is not None and not re.fullmatch(DURATION, args.older_than):
        return wrong(f"--older-than {args.older_than} is no age, such as 90d or 12h")
    if args.older_than is None and args.unused_in is None and not args.duplicates:
        return wrong("which ones? Say --older-than AGE, --duplicates or --unused-in URL")
    unused: frozenset[str] = frozenset()
    if args.unused_in is not None:
        try:
            unused = unused_in(args.unused_in.rstrip("/"), args.token, args.folder)
        except UnderstudyError as error:
            return wrong(str(error))
        except FAILURES as error:
            print(not_reached("recordings prune", args.unused_in, error), file=err)
            return WRONG
    oldest = None if args.older_than is None else time() - duration_s(args.older_than)
    try:
        exchanges = read_folder(args.folder).exchanges
        going = to_go(exchanges, oldest=oldest, duplicates=args.duplicates, unused=unused)
        if args.yes and going:
            with FolderWriter(args.folder) as writer:
                for one in going:
                    writer.remove(one.exchange.id)
    except ConfigError as error:
        return wrong("\n".join(map(str, error.problems)))
    except UnderstudyError as error:
        return wrong(str(error))
    except OSError as error:
        return wrong(f"{error.filename or 'a file'} cannot be used: {error.strerror}")
    if args.json:
        found = [{"id": one.exchange.id, "why": one.why} for one in going]
        content = {"removed" if args.yes else "would_remove": found, "of": len(exchanges)}
        print(json.dumps(content, indent=2, ensure_ascii=False), file=out)
        return OK
    width = max((len(printable(one.exchange.id)) for one in going), default=0)
    for one in going:
        print(f"{printable(one.exchange.id):<{width}}  {printable(one.why)}", file=out)
    all = f"{len(going)} of {len(exchanges)} recording{'s' * (len(exchanges) != 1)}"
    print(f"{all} removed" if args.yes else f"{all} would go (--yes removes them)", file=out)
    return OK


def to_go(
    exchanges: Sequence[RecordedExchange],
    *,
    oldest: float | None = None,
    duplicates: bool = False,
    unused: frozenset[str] = frozenset(),
) -> list[Going]:
    """What goes, in the order of the recording. `oldest` is in unix seconds."""
    first: dict[tuple[Any, ...], str] = {}
    going: list[Going] = []
    for one in exchanges:
        if oldest is not None and one.recorded_at < oldest:
            going.append(Going(one, "it is older"))
        elif one.id in unused:
            going.append(Going(one, "it was not used"))
        elif duplicates:
            known = first.setdefault(_content_of(one), one.id)
            if known != one.id:
                going.append(Going(one, f"the same as {known}"))
    return going


class _Used(msgspec.Struct):
    """What a server says of a folder of recordings."""

    folder: str
    mode: str
    unused: list[str]


class _Told(msgspec.Struct):
    """What it says of all of them."""

    folders: list[_Used]


def unused_in(url: str, token: str | None, folder: Path) -> frozenset[str]:
    """The ids of recordings in `folder` that a running server has not replayed.

    Raises UnderstudyError, or FAILURES.
    """
    status, body = ask(url, "/__record", {}, token)
    if status != 200:
        raise UnderstudyError(f"{url}/__record: {reason(body, status)}")
    name = Path(os.path.abspath(folder)).name
    try:
        told = msgspec.json.decode(body, type=_Told).folders
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    same = [one for one in told if Path(one.folder).name == name]
    if not same:
        has = ", ".join(one.folder for one in told) or "none"
        raise UnderstudyError(f"the server at {url} has no folder of recordings {name!r}: it has {has}")
    for one in same:
        if one.mode not in READING:
            raise UnderstudyError(f"the server at {url} does not replay {name}: its mode is {one.mode}")
    # several endpoints may use it, each with its own settings
    return frozenset.intersection(*(frozenset(one.unused) for one in same))


_OF_THE_MOMENT = frozenset({b"date", b"age", b"expires"})
"""Headers that differ between answers that are the same."""


def _content_of(one: RecordedExchange) -> tuple[Any, ...]:
    """What two exchanges have in common that are the same."""
    request, reply = one.request, one.reply
    body = digest_of(request.body) if request.is_whole else None
    asked = (request.method, request.origin, request.target, request.headers, body)
    failed = None if one.failed is None else one.failed.kind
    messages = tuple((message.sender, message.kind, message.data) for message in one.messages)
    if reply is None:
        return (*asked, failed, messages)
    headers = tuple(pair for pair in reply.headers if pair[0].lower() not in _OF_THE_MOMENT)
    answered = (reply.status, headers, digest_of(reply.body), reply.framing, reply.trailers)
    return (*asked, failed, messages, *answered)
