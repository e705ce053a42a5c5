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
    from understudy.load.foreign import Adapted, Document
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
"""
INSTEAD = {
    "": "one file is served; a config may name several documents, as in `openapi: [a.yaml, b.yaml]`",
    **dict.fromkeys(("-d", "--dynamic"), "in a config: `openapi: {spec: FILE, dynamic: true}`"),
    "--errors": "in a config: `openapi: {spec: FILE, validate_responses: strict}`",
    "--stateful": "in a config: `openapi: {spec: FILE, stateful: true}`",
    **dict.fromkeys(("--delay", "--latency"), "in a config: `defaults: {latency_ms: 300}`"),
    "--cors": "in a config: `cors: true`",
    **dict.fromkeys(("--record-mappings", "--record"), "`understudy record --target URL`"),
    **dict.fromkeys(
        ("--proxy-all", "--proxy", "--upstream"),
        "in a config: `proxy: URL`; `understudy record --target URL` records what comes back",
    ),
}
"""What options of other tools are here; `FILE` is that of an OpenAPI document."""
CONFIG_ERROR = 2
CANNOT_START = 1
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

    try:
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
    return serve(args, source, program, out, err)


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
    """Serve a program, and what is made of its source again when that changes: 0, or 1 without a port."""
    try:
        _run(_serve(args, source, program, out, err, hooks))
    except UnderstudyError as error:
        print(f"understudy: {error}", file=err)
        return CANNOT_START
    return 0


def opened(name: str) -> Path | Document:
    """What a user has named: a file, or a document that is fetched. Raises ConfigError."""
    if "://" not in name:
        return Path(name)
    from understudy.net.fetch import open_document

    return open_document(name)


def _run(main: Coroutine[Any, Any, None]) -> None:
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


async def _serve(
    args: argparse.Namespace,
    source: Served,
    program: Program,
    out: TextIO,
    err: TextIO,
    hooks: Hooks | None,
) -> None:
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
