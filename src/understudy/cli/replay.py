"""`understudy replay`: answer from what was recorded, and from nothing else."""

from __future__ import annotations

import argparse
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from understudy.cli.record import FOLDER, recorded
from understudy.cli.serve import CONFIG_ERROR, Hooks, add_serving_arguments, serve
from understudy.errors import ConfigError

if TYPE_CHECKING:
    from understudy.net.server import Server

NAME = "replay"
HELP = "Answer from what was recorded: a folder of recordings, or a HAR file."
EXAMPLE = """examples:
  understudy replay recordings                                  at once, and the same each time
  understudy replay recordings --latency recorded --speed 10    as fast as it was, times ten
  understudy replay recordings --forward                        for clients with HTTPS_PROXY, as recorded
  understudy replay recordings --shift-dates --failure-rate 0.1
  understudy replay capture.har --ignore-query _ --then error
  understudy replay cassette.yaml                               VCR's, or a simulation of Hoverfly's
"""


RECORDS = "`replay` only answers: `understudy record --target URL --mode once` records what is missing"
INSTEAD = {
    **dict.fromkeys(("--mode", "--record-mode", "--record_mode", "--target", "--proxy-all"), RECORDS),
    **dict.fromkeys(
        ("-S", "--server-replay", "--import", "-import", "--folder"), "the recording stands without an option"
    ),
    **dict.fromkeys(("--server-replay-reuse", "--server-replay-nopop"), "--then repeat, as without it"),
    "--server-replay-ignore-params": "--ignore-query NAME",
    "--server-replay-ignore-payload-params": "--ignore-body FIELD",
    "--server-replay-use-headers": "--match-header NAME",
    "--server-replay-extra": "what was not recorded is 404",
    **dict.fromkeys(("--match-on", "--match_on"), "--match-header, --ignore-query and --ignore-body"),
    **dict.fromkeys(("-p", "--listen-port"), "--port"),
    "--listen-host": "--host",
    "--delay": "--delay-ms",
    "--allow-playback-repeats": "--then repeat, as without it",
}
"""What options of mitmproxy's, Hoverfly's, VCR's and WireMock's are here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "path",
        type=Path,
        nargs="?",
        default=FOLDER,
        help="a folder of recordings, a HAR, or another tool's: VCR, Hoverfly; default: recordings",
    )
    parser.add_argument(
        "--latency", choices=("none", "recorded", "fitted"), help="when answers come; default: at once"
    )
    parser.add_argument("--speed", type=float, help="how many times faster than recorded; default: 1")
    parser.add_argument(
        "--shift-dates", action="store_true", help="move dates in headers by the time since the recording"
    )
    parser.add_argument("--shift-bodies", action="store_true", help="move dates in bodies, too")
    parser.add_argument(
        "--then",
        choices=("repeat", "cycle", "error"),
        help="when a request was answered as often as it was recorded; default: repeat",
    )
    parser.add_argument(
        "--match-header", action="append", metavar="NAME", help="a request header that counts; repeatable"
    )
    parser.add_argument(
        "--ignore-query", action="append", metavar="NAME", help="a query parameter that does not; repeatable"
    )
    parser.add_argument(
        "--ignore-body",
        action="append",
        metavar="FIELD",
        help="a field of bodies that does not: a name, or JSONPath; repeatable",
    )
    parser.add_argument(
        "--forward",
        action="store_true",
        help="be the proxy of clients (HTTP_PROXY, HTTPS_PROXY), and answer for the servers they ask",
    )
    parser.add_argument(
        "--failure-rate", type=_share, metavar="SHARE", help="share of requests that fail, from 0 to 1"
    )
    parser.add_argument("--delay-ms", type=float, help="latency on top of all else")
    parser.add_argument(
        "--rewrite-location", action="store_true", help="let recorded redirects to the real server lead here"
    )
    parser.add_argument("--cors", action="store_true", help="let pages of all origins ask")
    add_serving_arguments(parser)


def _share(text: str) -> float:
    """A number from 0 to 1. Raises ArgumentTypeError."""
    try:
        share = float(text.removesuffix("%"))
    except ValueError:
        share = nan
    if text.endswith("%") or not 0 <= share <= 1:
        meant = f" (did you mean {share / 100:g}?)" if 0 < share <= 100 else ""
        raise argparse.ArgumentTypeError(f"{text!r} is no share: a number from 0 to 1{meant}")
    return share


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Serve until SIGINT or SIGTERM: 0. No port: 1. A mistake: 2."""
    from understudy.net.builder import build

    if args.speed is not None and args.latency in (None, "none"):
        print(
            "understudy replay: --speed needs --latency recorded (or fitted): else answers come at once",
            file=err,
        )
        return CONFIG_ERROR
    if not args.path.exists():
        print(
            f"understudy replay: {args.path}: there is no such file or folder\n"
            "Try: understudy record --target URL, which makes the folder recordings",
            file=err,
        )
        return CONFIG_ERROR
    try:
        source = recorded(args.path, _record(args), _more(args))
        program = build(source)
    except ConfigError as error:
        print(f"understudy replay: {error}", file=err)
        return CONFIG_ERROR

    def ended(server: Server) -> str:
        """What was asked for in vain."""
        from understudy.cli.tapes import missed_text

        return missed_text(server.program.tapes)

    return serve(args, source, program, out, err, Hooks(lambda: None, ended))


def _record(args: argparse.Namespace) -> dict[str, Any]:
    """What the options say of the recording."""
    match = {
        "headers": args.match_header,
        "ignore_query": args.ignore_query,
        "ignore_body": args.ignore_body,
        "host": args.forward or None,
    }
    written = {
        "latency": args.latency,
        "speed": args.speed,
        "shift_dates": "all" if args.shift_bodies else args.shift_dates or None,
        "then": args.then,
        "rewrite_location": args.rewrite_location or None,
        "match": {key: value for key, value in match.items() if value is not None} or None,
    }
    return {"mode": "replay", **{key: value for key, value in written.items() if value is not None}}


def _more(args: argparse.Namespace) -> dict[str, Any]:
    """What they say of all answers."""
    defaults = {"failure_rate": args.failure_rate, "latency_ms": args.delay_ms}
    config: dict[str, Any] = {
        "defaults": {key: value for key, value in defaults.items() if value is not None}
    }
    if args.cors:
        config["cors"] = True
    if args.forward:
        config["forward_proxy"] = True
    return config
