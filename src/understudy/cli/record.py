"""`understudy record`: stand between a client and a real server, and record what they say."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from understudy.cli.client import FAILURES, ask, not_reached, reason, url_from
from understudy.cli.printable import printable
from understudy.cli.serve import CANNOT_START, CONFIG_ERROR, Hooks, add_serving_arguments, serve
from understudy.errors import ConfigError, UnderstudyError
from understudy.model.proxy import check_target
from understudy.model.record import MODE_ALIASES, MODES, mode_of

if TYPE_CHECKING:
    from understudy.load.foreign import Adapted
    from understudy.model import Record
    from understudy.net.server import Server
    from understudy.record.exchange import RecordedExchange

NAME = "record"
HELP = "Stand between a client and a real server, and record what they say."
EXAMPLE = """examples:
  understudy record https://api.example.com                    ask http://127.0.0.1:8000 instead of it
  understudy record --target https://api.example.com --out recordings --mode once
  understudy record --forward --only api.example.com           for clients with HTTPS_PROXY=http://127.0.0.1:8000
  understudy record start --target https://api.example.com     a server that runs already records from now on
  understudy record stop                                       and answers from what was recorded
  understudy record status
"""
INSTEAD = {
    **dict.fromkeys(("--proxy-all", "--upstream", "--reverse"), "--target URL"),
    **dict.fromkeys(("--record-mappings", "--capture", "-capture"), "it records all: give only --target URL"),
    **dict.fromkeys(("--record-mode", "--record_mode"), "--mode, which knows the names of VCR's, too"),
    **dict.fromkeys(
        ("--dest", "-dest", "--destination", "--allow-hosts", "--hosts"), "with --forward: --only HOST"
    ),
    "--ignore-hosts": "with --forward: --only names the hosts that are recorded",
    **dict.fromkeys(
        ("-w", "--save-stream-file", "--hardump", "--root-dir", "-o", "--output", "--folder"), "--out FOLDER"
    ),
    **dict.fromkeys(("-p", "--listen-port"), "--port"),
    "--listen-host": "--host",
    **dict.fromkeys(("-k", "--ssl-insecure", "--trust-all-proxy-targets"), "--insecure"),
    "--preserve-host-header": "in a config: `proxy: {target: URL, keep_host: true}` beside `record: true`",
    **dict.fromkeys(("--enable-browser-proxying", "--proxy"), "--forward: clients set HTTPS_PROXY"),
    **dict.fromkeys(("--filter-headers", "--filter-query-parameters"), "secrets are taken out without it"),
}
"""What options of WireMock's, mitmproxy's, Hoverfly's and VCR's are here."""
ACTIONS = ("start", "stop", "status")
NOT_REACHED, WRONG = 1, 2
FOLDER = Path("recordings")
MAX_REASONS = 3
"""Different failures of the real server that are told at the end."""
MAX_HOSTS = 5
"""Hosts of links that are named."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "action",
        nargs="?",
        metavar="URL | start | stop | status",
        help="the real server, as --target; or what a server that runs already is to do",
    )
    parser.add_argument("--target", metavar="URL", help="the real server")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=f"where to; default: {FOLDER}")
    parser.add_argument(
        "--mode",
        choices=(*MODES, *MODE_ALIASES),
        metavar="MODE",
        default="record",
        help=f"what is done with requests: {', '.join(MODES)}; default: record",
    )
    parser.add_argument(
        "--forward", action="store_true", help="be the proxy of clients (HTTP_PROXY, HTTPS_PROXY): any server"
    )
    parser.add_argument(
        "--only", action="append", metavar="HOST", help="with --forward: hosts that are recorded; repeatable"
    )
    parser.add_argument(
        "--refuse-others", action="store_true", help="with --only: other hosts get 403; default: passed on"
    )
    parser.add_argument(
        "--no-redact",
        action="store_true",
        help="keep secrets in what is recorded; default: they are taken out",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="do not check the certificate of the real server"
    )
    parser.add_argument(
        "--rewrite-location", action="store_true", help="let redirects lead here, now and in a replay"
    )
    parser.add_argument("--http2", choices=("auto", "never", "always"), default="auto", help="default: auto")
    parser.add_argument("--url", help="for start, stop, status: address of the running server")
    parser.add_argument("--json", action="store_true", help="for status: print JSON")
    add_serving_arguments(parser)


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Record until SIGINT or SIGTERM: 0. No port: 1. A mistake: 2."""
    if args.action in ACTIONS:
        return _control(args, out, err)
    if args.action is not None and args.target is None and "://" in args.action:
        args.action, args.target = None, args.action
    if args.action is not None:
        print(
            f"understudy record: {args.action} is neither a server, such as https://api.example.com, nor one"
            f" of {', '.join(ACTIONS)}{_meant(args.action)}\nTry: understudy record --help",
            file=err,
        )
        return CONFIG_ERROR
    if (wrong := _wrong(args)) is not None:
        print(f"understudy record: {wrong}\nTry: understudy record --help", file=err)
        return CONFIG_ERROR
    folder = args.out or FOLDER
    from understudy.net.builder import build

    try:
        source = _source(args, folder)
        program = build(source)
    except ConfigError as error:
        print(f"understudy record: {error}", file=err)
        return CONFIG_ERROR
    except UnderstudyError as error:
        print(f"understudy record: {error}", file=err)
        return CANNOT_START

    def start() -> None:
        from understudy.model import Record
        from understudy.record.modes import WRITING

        if mode_of(args.mode) in WRITING:
            kept = Record(redact=not args.no_redact, rewrite_location=_led_here(args))
            keep_settings(folder, kept, args.target or "", err)

    def end(server: Server) -> str:
        led = partial(_away, args=args)
        return recorded_text(server, folder, led, ["--forward"] if args.forward else [])

    return serve(args, source, program, out, err, Hooks(start, end))


def keep_settings(folder: Path, kept: Record, target: str, err: TextIO) -> None:
    """Keep beside the recordings what was recorded, and how: `understudy diff` and others read it. What is
    there already stays. Raises UnderstudyError."""
    from understudy.record.folder import target_of, write_settings

    before = target_of(folder)
    if before is None:
        write_settings(folder, kept, target)
    elif before and target and before.rstrip("/") != target.rstrip("/"):
        print(
            f"understudy record: {folder}/recordings.yaml goes on to name {before}, which"
            " `understudy diff` asks: another folder keeps the two apart",
            file=err,
            flush=True,
        )


def recorded_text(
    server: Server,
    folder: Path,
    away: Callable[[Sequence[RecordedExchange]], Sequence[str]] = lambda fresh: (),
    options: Sequence[str] = (),
) -> str:
    """What was recorded, and what can be done with it: `options` are those of the replay.

    `away` gives lines on how clients may leave the recorder, and on what else may be mended.
    """
    from understudy.cli.tapes import exchanges_text

    tapes = server.program.tapes
    added = sum(tape.added for tape in tapes)
    if not added:
        return "nothing was recorded"
    fresh = [exchange for tape in tapes for exchange in tape.fresh.values()]
    secrets = sum(sum(exchange.secrets.values()) for exchange in fresh)
    taken = f", {secrets:,} secret{'s' * (secrets != 1)} taken out" if secrets else ""
    if older := sum(len(tape.shelf) - len(tape.fresh) for tape in tapes):
        taken += f", beside {older:,} older one{'s' * (older != 1)}"
    failed = [exchange.failed.message for exchange in fresh if exchange.failed is not None]
    if failed:
        taken += f", {len(failed):,} without a whole answer, which a replay will fail, too:"
        why = list(dict.fromkeys(map(printable, failed)))
        more = [f"and {len(why) - MAX_REASONS:,} more reasons"] if len(why) > MAX_REASONS else []
        taken += "".join(f"\n  {one}" for one in [*why[:MAX_REASONS], *more])
    taken += "".join(f"\n{led}" for led in away(fresh))
    following = shlex.join(["understudy", "replay", str(folder), *options])
    return f"{exchanges_text(added)} in {folder}{taken}\nNext: {following}"


def _away(fresh: Sequence[RecordedExchange], args: argparse.Namespace) -> list[str]:
    return [
        led for led in (_untrusted(fresh, args), _led_away(fresh, args), _linked_away(fresh, args)) if led
    ]


def _untrusted(fresh: Sequence[RecordedExchange], args: argparse.Namespace) -> str:
    """What may be done about a server whose certificate is refused."""
    failures = [exchange.failed for exchange in fresh if exchange.failed is not None]
    refused = any(one.kind == "tls" and "certificate" in one.message for one in failures)
    return "A certificate that is not trusted: --insecure takes any" if refused and not args.insecure else ""


def _led_away(fresh: Sequence[RecordedExchange], args: argparse.Namespace) -> str:
    """That redirects lead past the recorder, which nobody sees until a recording has a hole."""
    if args.target is None or args.rewrite_location:
        return ""
    ours = urlsplit(args.target)
    number = 0
    for exchange in fresh:
        for name, value in () if exchange.reply is None else exchange.reply.headers:
            if name.lower() == b"location" and value.startswith((b"http://", b"https://", b"//")):
                number += urlsplit(value.decode("latin-1")).netloc.lower() == ours.netloc.lower()
    if not number:
        return ""
    which = "redirect leads" if number == 1 else "redirects lead"
    return (
        f"{number:,} {which} clients past this recorder, to {args.target}: --rewrite-location leads them here"
    )


def _linked_away(fresh: Sequence[RecordedExchange], args: argparse.Namespace) -> str:
    """The same of links in replies, such as those of a package index to where the packages are."""
    if args.target is None:
        return ""
    from understudy.record.links import linked_hosts

    try:
        hosts = linked_hosts(fresh)
    except OSError:  # somebody has removed a recording: there is less to be told
        return ""
    if not hosts:
        return ""
    named = [host for host, _ in hosts.most_common(MAX_HOSTS)]
    more = f" and {len(hosts) - MAX_HOSTS:,} more" if len(hosts) > MAX_HOSTS else ""
    return (
        f"links in replies lead clients past this recorder, to {', '.join(map(printable, named))}{more}: "
        "with --forward in the place of --target that is recorded, too"
    )


def _meant(word: str) -> str:
    """What was meant by a word that is no action: one like it, or a server without its scheme."""
    if near := get_close_matches(word, ACTIONS, 1):
        return f" (did you mean {near[0]}?)"
    try:
        check_target(word)
    except ValueError as error:
        _, is_known, meant = str(error).rpartition("did you mean ")
        return f" (did you mean {meant})" if is_known else ""
    return ""


def _wrong(args: argparse.Namespace) -> str | None:
    """What is wrong with how the options stand together."""
    if (args.target is None) is not args.forward:
        given = "both were" if args.forward else "neither was"
        return f"what is recorded? --target URL, or --forward: {given} given"
    if args.target is not None:
        try:
            check_target(args.target)
        except ValueError as error:
            return f"--target: {error}"
    if args.forward and args.rewrite_location:
        return "--rewrite-location is for --target: clients of a proxy follow redirects as they are"
    if not args.forward and (args.only or args.refuse_others):
        return "--only and --refuse-others are for --forward"
    if args.refuse_others and not args.only:
        return "--refuse-others needs --only: all hosts are recorded"
    return None


def _source(args: argparse.Namespace, folder: Path) -> Adapted:
    """The config that the options stand for."""
    record: dict[str, Any] = {"mode": args.mode}
    if args.no_redact:
        record["redact"] = False
    if args.rewrite_location:
        record["rewrite_location"] = _led_here(args)
    tls = {"verify": not args.insecure}
    config: dict[str, Any] = {}
    if args.forward:
        config["forward_proxy"] = {"tls": tls}
        if args.http2 != "auto":
            config["forward_proxy"]["http2"] = args.http2
        if args.only:
            others = "refuse" if args.refuse_others else "tunnel"
            config["forward_proxy"] |= {"hosts": args.only, "others": others}
    else:
        config["proxy"] = {
            "target": args.target,
            "tls": tls,
            "http2": args.http2,
            "rewrite_location": args.rewrite_location,
        }
    return recorded(folder, record, config)


def _led_here(args: argparse.Namespace) -> bool | str:
    """What a replay leads here. A path of the target does not stand in recordings, so it is told then."""
    if not args.rewrite_location:
        return False
    target: str = args.target.rstrip("/")
    return target if urlsplit(target).path else True


def recorded(path: Path, record: dict[str, Any], more: dict[str, Any]) -> Adapted:
    """A config for recordings in a folder or a file."""
    from understudy.load.foreign import Adapted
    from understudy.load.source import Source

    whole = Path(os.path.abspath(path))
    config = {**more, "record": {**record, "folder": whole.name}}
    return Adapted(Source(None, config, label=str(path)), whole.parent)


# --- a server that runs already ---------------------------------------------------------------------------


def _control(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    if args.action == "start" and args.forward:
        print(
            "understudy record: a running server is a proxy if its config has `forward_proxy`: --forward"
            " starts one",
            file=err,
        )
        return WRONG
    args.port = args.port or 8000
    url = url_from(args)
    method, path, content = "GET", "/__record", None
    if args.action == "start":
        wanted = {"mode": args.mode, "target": args.target, "folder": args.out and str(args.out)}
        method, path = "POST", "/__record/start"
        content = {key: value for key, value in wanted.items() if value is not None}
    elif args.action == "stop":
        method, path = "POST", "/__record/stop"
    try:
        status, body = ask(url, path, {}, args.token, method, content)
        if status not in {200, 201}:
            print(f"understudy record: {reason(body, status)}", file=err)
            return WRONG
        told = json.loads(body)
        text = json.dumps(told, indent=2) if args.json else "\n".join(_lines(told))
    except FAILURES as error:
        print(not_reached("record", url, error), file=err)
        return NOT_REACHED
    print(text, file=out)
    return 0


def _lines(told: dict[str, Any]) -> list[str]:
    """What is recorded, a line for each folder."""
    if not told["folders"]:
        return ["nothing is recorded, and nothing answers from recordings"]
    return [
        f"{folder['folder']}: {folder['mode']}, "
        f"{folder['exchanges']:,} exchange{'s' * (folder['exchanges'] != 1)},"
        f" {folder['added']:,} of them new, {len(folder['unused']):,} not asked for"
        + (f", {folder['drift']:,} differences" if folder["drift"] else "")
        for folder in told["folders"]
    ]
