"""`understudy recordings refresh`: ask the real server again, and keep what it answers now."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TextIO

from understudy.cli.printable import printable, printable_lines
from understudy.cli.target import Sending, Wrong, add_sending_arguments, sending_from
from understudy.errors import ConfigError, UnderstudyError
from understudy.record.drift import compare
from understudy.record.drift.messages import CUT_SHORT
from understudy.record.drift.prepare import SAFE, Prepared, ToSend, prepare_exchange
from understudy.record.drift.talk import DATA, is_tunnel, speaks
from understudy.record.exchange import RecordedExchange, SocketMessage

NAME = "refresh"
HELP = "Ask the real server again, and put what it answers in the place of what was recorded."
EXAMPLE = """examples:
  understudy recordings refresh recordings api.example.com/get-users
  understudy recordings refresh recordings 'api.example.com/get-*' --target https://api.example.com \\
      --header 'Authorization: Bearer ${TOKEN}'
"""
OK, FAILED, WRONG = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder of recordings")
    parser.add_argument("ids", metavar="ID", nargs="*", help="which ones; * is a wildcard, '*' alone is all")
    add_sending_arguments(parser)
    parser.add_argument(
        "--unsafe",
        action="store_true",
        help="also if it may change something: POST and the like, messages of a WebSocket",
    )
    parser.add_argument(
        "--failures",
        action="store_true",
        help="also take that there was no reply, an error (5xx), or a refusal for want of a secret",
    )


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Ask, redact, replace. 0, 1 if some were left as they were, 2 if it cannot be done."""
    from understudy.record.folder import (
        FolderWriter,
        read_folder,
    )

    def wrong(message: str) -> int:
        print(f"understudy recordings refresh: {printable_lines(message)}", file=err)
        return WRONG

    if not args.ids:
        return wrong("which ones? IDs as `understudy recordings list` shows them, or '*' for all")
    try:
        folder = read_folder(args.folder)
        sending = sending_from(args, folder.target)
        recorded = wanted(folder.exchanges, args.ids)
        ready = [(one, prepared(one, sending, unsafe=args.unsafe)) for one in recorded]
        redact = folder.settings.redact if folder.settings is not None else True
        with FolderWriter(args.folder) as writer:
            kept = asyncio.run(_refresh(ready, sending, writer, redact, args.failures, out, err))
    except Wrong as error:
        return wrong(str(error))
    except ConfigError as error:
        return wrong("\n".join(map(str, error.problems)))
    except UnderstudyError as error:
        return wrong(str(error))
    except OSError as error:
        return wrong(f"{error.filename or 'a file'} cannot be used: {error.strerror}")
    print(f"{kept} of {len(recorded)} recording{'s' * (len(recorded) != 1)} refreshed", file=out)
    return OK if kept == len(recorded) else FAILED


def wanted(exchanges: Sequence[RecordedExchange], ids: Sequence[str]) -> list[RecordedExchange]:
    """The exchanges that the ids, which may have wildcards, name. Raises Wrong for one that names none."""
    found: dict[str, RecordedExchange] = {}
    for id in ids:
        fitting = [one for one in exchanges if one.id == id] or [
            one for one in exchanges if fnmatchcase(one.id, id)
        ]
        if not fitting:
            raise Wrong(f"there is no recording {id}")
        found |= {one.id: one for one in fitting}
    return [one for one in exchanges if one.id in found]


def prepared(one: RecordedExchange, sending: Sending, *, unsafe: bool) -> Prepared:
    """The request as it is sent, or why it is not."""
    method = one.request.method
    if is_tunnel(one):
        return Prepared(None, why="a tunnel cannot be asked for again")
    if method not in SAFE and not unsafe:
        return Prepared(None, why=f"{method} changes something, and needs --unsafe")
    if speaks(one) and not unsafe:
        return Prepared(None, why="what is said in a WebSocket may change something, and needs --unsafe")
    ready = prepare_exchange(one, sending.given)
    if ready.request is None:
        return ready._replace(why=f"{ready.why} (--secret)")
    return ready


async def _refresh(
    ready: Sequence[tuple[RecordedExchange, Prepared]],
    sending: Sending,
    writer: Any,
    redact: Any,
    failures: bool,
    out: TextIO,
    err: TextIO,
) -> int:
    """How many were replaced. Says of each what became of it."""
    from understudy.net.asking import CannotAsk, ask_all
    from understudy.record.redact import Redactor

    for one, how in ready:
        if how.request is None:
            print(f"left as it was: {printable(one.id)}: {printable(how.why)}", file=err)
        for name in how.left_out:
            text = f"{printable(name)} was redacted (give it with --header)"
            print(f"sent without a header: {printable(one.id)}: {text}", file=err)
    asked = [
        (one, ToSend(how.request, how.turns), how.left_out) for one, how in ready if how.request is not None
    ]
    redactor = Redactor(redact)
    kept = 0
    answers = ask_all(
        [request for _, request, _ in asked],
        sending.target,
        rate=sending.rate,
        timeout_s=sending.timeout_s,
        tls=sending.tls,
        spool=writer.spool,
    )
    try:
        async with aclosing(answers):
            for one, _, left_out in asked:
                now = await anext(answers)
                if not failures and (why := _failure(now) or _refusal(one, now, left_out)):
                    told = f"{printable(one.id)}: {printable(why)} (--failures takes it all the same)"
                    print(f"left as it was: {told}", file=err)
                    continue
                made = redactor.exchange(refreshed(one, now))
                drifts = compare(one, made)  # before the files of its bodies are gone
                writer.replace(made)
                kept += 1
                kinds = ", ".join(dict.fromkeys(f"{drift.kind} {drift.where}" for drift in drifts))
                print(f"{printable(one.id)}: {printable(kinds) or 'no drift'}", file=out)
    except CannotAsk as error:
        raise UnderstudyError(str(error)) from None
    return kept


def refreshed(recorded: RecordedExchange, now: RecordedExchange) -> RecordedExchange:
    """What came now, for the request as it was recorded: secrets that were given are not kept."""
    note = now.note if recorded.note.startswith(CUT_SHORT) else recorded.note
    messages = _as_recorded(recorded.messages, now.messages)
    return replace(now, request=recorded.request, id=recorded.id, note=note, messages=messages)


def _as_recorded(
    recorded: Sequence[SocketMessage], now: Sequence[SocketMessage]
) -> tuple[SocketMessage, ...]:
    """The messages that were heard now, those of the client as they were recorded: it has said the same."""
    said = iter([one for one in recorded if one.sender == "client" and one.kind in DATA])
    return tuple(
        one._replace(data=next(said).data) if one.sender == "client" and one.kind in DATA else one
        for one in now
    )


def _failure(now: RecordedExchange) -> str:
    if now.failed is not None:
        return f"{now.failed.kind}: {now.failed.message}"
    if now.note.startswith(CUT_SHORT):
        return now.note
    status = 0 if now.reply is None else now.reply.status
    return f"the server answered {status}" if status >= 500 else ""


def _refusal(recorded: RecordedExchange, now: RecordedExchange, left_out: Sequence[str]) -> str:
    """Another status where secrets were not sent says nothing of what was recorded."""
    if (
        not left_out
        or recorded.reply is None
        or now.reply is None
        or recorded.reply.status == now.reply.status
    ):
        return ""
    names = ", ".join(left_out)
    return f"the server answered {now.reply.status} without {names}, which --header gives"
