"""`understudy serve`: serve a config until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from understudy.errors import ConfigError, UnderstudyError

if TYPE_CHECKING:
    from understudy.contract.ledger import Ledger
    from understudy.load.foreign import Adapted, Document
    from understudy.model import Config
    from understudy.net.server import Server
    from understudy.program import Program

    Served = Path | Document | Adapted

NAME = "serve"
HELP = "Serve a config or another tool's file: the default, so that `understudy FILE` does it too."
EXAMPLE = """examples:
  understudy serve                          config.* or understudy.* from this folder
  understudy serve api.yaml --port 9000
  understudy serve openapi.yaml             an OpenAPI document as it is, with a page at /docs
  understudy serve api.yaml --port 0 --port-file /tmp/port     a free port, for scripts
  understudy serve https://example.org/openapi.json            fetched once, at the start
  understudy serve api.yaml --seed 42       the same random decisions each time
  understudy serve openapi.yaml --target http://localhost:9000 --fail-on error
                                            before a real server: are requests and replies as documented?
"""
INSTEAD = {
    "": "one file is served; a config may name several documents, as in `openapi: [a.yaml, b.yaml]`",
    **dict.fromkeys(("-d", "--dynamic"), "in a config: `openapi: {spec: FILE, dynamic: true}`"),
    "--validate-request": "in a config: `openapi: {spec: FILE, proxy: URL, validate: off}`",
    "--stateful": "in a config: `openapi: {spec: FILE, stateful: true}`",
    **dict.fromkeys(("--delay", "--latency"), "in a config: `defaults: {latency_ms: 300}`"),
    "--cors": "in a config: `cors: true`",
    "--record-mappings": "`understudy record --target URL`",
    **dict.fromkeys(
        ("--proxy-all", "--proxy", "--upstream"),
        "`--target URL` beside an OpenAPI document; in a config: `proxy: URL`; `understudy record --target"
        " URL` records what comes back",
    ),
}
"""What options of other tools are here; `FILE` is that of an OpenAPI document."""
CONFIG_ERROR = 2
CANNOT_START = 1
VIOLATED = 1
_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)], "?")
"""What text from clients may do to a terminal; tracebacks keep their lines."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "file",
        nargs="?",
        help="config to serve, or another tool's file or web address; default: config.* or understudy.* here",
    )
    add_serving_arguments(parser)
    parser.add_argument(
        "--watch",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="reload when a file changes; default: yes",
    )
    parser.add_argument(
        "--target",
        metavar="URL",
        help="for an OpenAPI document: send requests on to this server, and hold them and its replies against"
        " the document; a path in it stands in the place of that of the document's server",
    )
    parser.add_argument(
        "--errors",
        action="store_true",
        help="for an OpenAPI document: refuse what is not as documented; default: tell of it",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FOLDER", help="with --target: record there what the server is asked"
    )
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning"),
        help="before a real server: exit with 1 if something was found at least so bad",
    )


def add_serving_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of all commands that serve something."""
    parser.add_argument("--host", help="address to listen on; default: the config's, or 127.0.0.1")
    parser.add_argument("--port", type=_port, help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=_seed, help="seed of all random decisions")
    parser.add_argument("--quiet", "-q", action="store_true", help="print no line per request")
    parser.add_argument(
        "--log-format", choices=("pretty", "json"), default="pretty", help="how requests are printed"
    )
    parser.add_argument("--port-file", type=Path, metavar="PATH", help="write the port to this file")
    parser.add_argument(
        "--token",
        default=os.environ.get("UNDERSTUDY_TOKEN"),
        help="token for the control endpoints (or UNDERSTUDY_TOKEN); needed beyond this machine",
    )
    parser.add_argument(
        "--memo",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="answer repeated identical requests from memory; default: yes",
    )


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Serve until SIGINT or SIGTERM: 0. No port: 1. A bad config: 2."""
    from understudy.load import find_config
    from understudy.net.builder import build

    source: Served | None
    try:
        if args.target is not None or args.errors or args.record is not None:
            from understudy.cli.contract import WrongOption, document_before

            try:
                source = document_before(args.file, args.target, errors=args.errors, record=args.record)
            except WrongOption as wrong:
                print(f"understudy: {wrong}", file=err)
                return CONFIG_ERROR
        else:
            source = opened(args.file) if args.file else find_config(Path())
    except ConfigError as error:
        print(f"understudy: {error}", file=err)
        return CONFIG_ERROR
    if source is None:
        print(
            "understudy: there is no config.json, config.yaml or understudy.yaml in this folder.\n"
            "Try: understudy init    (writes one to start from)\n"
            "     understudy FILE    (serves another file)",
            file=err,
        )
        return CONFIG_ERROR
    try:
        program = build(source if args.file else Path())  # a folder says so if it has two configs
    except ConfigError as error:
        print(f"understudy: {error}", file=err)
        return CONFIG_ERROR
    if args.fail_on is not None and not is_documented(program.loaded.config):
        print(
            "understudy: --fail-on: nothing is held against a document: give --target URL with an OpenAPI"
            " document, or `proxy` with `openapi` in the config",
            file=err,
        )
        return CONFIG_ERROR
    return serve(args, source, program, out, err, None if args.record is None else _recording(args, err))


def _recording(args: argparse.Namespace, err: TextIO) -> Hooks:
    """What is done for `--record` at the start and at the end."""
    from understudy.cli.record import keep_settings, recorded_text
    from understudy.model import Record

    folder: Path = args.record
    return Hooks(
        lambda: keep_settings(folder, Record(), args.target, err),
        lambda server: recorded_text(server, folder),
    )


def is_documented(config: Config) -> bool:
    """Whether operations of a document are sent on to a real server."""
    from understudy.model import each_openapi

    return any(one.real for _, one in each_openapi(config.openapi))


class Hooks(NamedTuple):
    """What a command does once its server listens, and what it prints when that has ended.

    `started` raises UnderstudyError.
    """

    started: Callable[[], None]
    ended: Callable[[Server], str]


def serve(
    args: argparse.Namespace,
    source: Served,
    program: Program,
    out: TextIO,
    err: TextIO,
    hooks: Hooks | None = None,
) -> int:
    """Serve a program, and what is made of its source again when that changes: 0, or 1 without a port, or
    if more was found than `--fail-on` allows."""
    try:
        return _run(_serve(args, source, program, out, err, hooks))
    except UnderstudyError as error:
        print(f"understudy: {error}", file=err)
        return CANNOT_START


def opened(name: str) -> Path | Document:
    """What a user has named: a file, or a document that is fetched. Raises ConfigError."""
    if "://" not in name:
        return Path(name)
    from understudy.net.fetch import open_document

    return open_document(name)


def _run(main: Coroutine[Any, Any, int]) -> int:
    if sys.platform == "win32":
        return asyncio.run(main)
    import uvloop

    return uvloop.run(main)


async def _serve(
    args: argparse.Namespace,
    source: Served,
    program: Program,
    out: TextIO,
    err: TextIO,
    hooks: Hooks | None,
) -> int:
    from understudy.admin import equip
    from understudy.net.server import Server, is_loopback

    config = program.loaded.config
    seed = next(seed for seed in (args.seed, config.seed, secrets.randbits(32)) if seed is not None)

    def complain(text: str) -> None:
        print(f"understudy: {text.translate(_CONTROLS)}", file=err, flush=True)

    server = Server(program, seed=seed, memo=args.memo, complain=complain)
    host = args.host or config.host
    port = config.port if args.port is None else args.port
    server.token = args.token or (None if is_loopback(host) else secrets.token_urlsafe(24))
    equip(server, source)
    await server.start(host, port)
    if hooks is not None:
        hooks.started()
    # From here on requests are answered; all that follows may take its time.
    if args.port_file is not None:
        _write_port_file(args.port_file, server.port)
    _stop_on_signals(server)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    from understudy.cli.console import ConsoleLog, banner, json_banner

    console = None
    if args.log_format == "json":
        print(json_banner(server), file=out, flush=True)
    else:
        print(banner(server, source, generated_token=not args.token), file=out, flush=True)
    if not args.quiet:
        console = ConsoleLog(server, out, args.log_format)
    watches = getattr(args, "watch", None)
    if watches if watches is not None else config.watch:
        assert server.reloader is not None

        def tell(outcome: object) -> None:
            more = "\nThe old config goes on serving." if isinstance(outcome, ConfigError) else ""
            print(f"understudy: {outcome}{more}", file=err, flush=True)

        server.spawn(server.reloader.watch(tell), "file watcher")
    await server.stopped.wait()
    if console is not None:
        console.flush()
    if hooks is not None and args.log_format != "json" and (said := hooks.ended(server)):
        print(said, file=out, flush=True)
    return 0 if server.ledger is None else _contract(args, server.ledger, out)


def _contract(args: argparse.Namespace, ledger: Ledger, out: TextIO) -> int:
    """Say what was found beside a document; the exit code."""
    from understudy.cli.contract import Summary

    summary = Summary(ledger.as_json())
    is_json = args.log_format == "json"
    print(summary.as_json() if is_json else summary.as_text(color=out.isatty()), file=out, flush=True)
    level = getattr(args, "fail_on", None)
    return VIOLATED if level is not None and summary.fails_on(level) else 0


def _stop_on_signals(server: Server) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            server.loop.add_signal_handler(number, server.interrupt)


def _write_port_file(path: Path, port: int) -> None:
    """Whole or not at all: a reader never sees half a number."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(f"{port}\n")
        temporary.replace(path)
    except OSError as error:
        raise UnderstudyError(f"the port file {path} cannot be written: {error.strerror}") from None


def _port(text: str) -> int:
    if is_whole_number(text) and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")


def is_whole_number(text: str) -> bool:
    """Whether `int` may read it: digits of other scripts, and thousands of them, are no number here."""
    return text.isascii() and text.isdigit() and len(text) <= 19


def _seed(text: str) -> int:
    if is_whole_number(text) and int(text) < 2**63:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a seed: a whole number from 0")
