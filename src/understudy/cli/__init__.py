"""The command `understudy`: one file per command, listed in COMMANDS and imported when it is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import NamedTuple, NoReturn


class Command(NamedTuple):
    """A command as `--help` lists it; the rest is in `understudy.cli.<module>`."""

    module: str
    help: str


COMMANDS: dict[str, Command] = {
    "serve": Command("serve", "Serve a config: the default, so that `understudy FILE` does it too."),
    "check": Command("check", "Say what is wrong with a config, without serving it."),
    "import": Command("import_", "Make a config of another tool's file, such as an OpenAPI document."),
    "export": Command("export", "Make another tool's file of a config, such as an OpenAPI document."),
    "diff": Command(
        "diff", "Say what changes from one OpenAPI document to another, and what breaks clients."
    ),
    "init": Command("init", "Write a commented config to start from."),
    "logs": Command("logs", "Show the requests that a running server has had."),
    "chaos": Command("chaos", "Switch faults of a running server on and off."),
    "report": Command("report", "Say how well a client has coped, and fail if it has not."),
    "token": Command("token", "Make a token that a config, or a running server, lets in."),
    "schema": Command("schema", "Print the JSON Schema of the config, for editors."),
}

USAGE_ERROR = 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors fit on two lines and say where help is."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split()[0].split("=")[0]
        options = [name for action in self._actions for name in action.option_strings]
        if unknown.startswith("-") and (near := _nearest(unknown, options)):
            message += f" (did you mean {near}?)"
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def _nearest(word: str, known: Sequence[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, 1)), None)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """The entry point: parses, runs one command and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that has no → gets \\u2192, and no crash
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:] if argv is None else list(argv)))


def run(argv: Sequence[str]) -> int:
    """Run one command; its exit code."""
    if argv[:1] in (["--version"], ["-V"]):
        from importlib.metadata import version

        print(f"understudy {version('understudy')}")
        return 0
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        print(overview())
        return 0
    name = argv[0] if argv and argv[0] in COMMANDS else "serve"
    rest = argv[1:] if argv and argv[0] in COMMANDS else argv
    module = import_module(f"understudy.cli.{COMMANDS[name].module}")
    parser = _Parser(
        prog=f"understudy {name}",
        description=COMMANDS[name].help,
        epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    try:
        # KEY=VALUE may stand behind options, where argparse would not look for it
        mixed = getattr(module, "MIXED", False)
        arguments = parser.parse_intermixed_args(rest) if mixed else parser.parse_args(rest)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else USAGE_ERROR
    try:
        code: int = module.run(arguments, sys.stdout, sys.stderr)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # as in `understudy logs | head`
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """What `understudy --help` prints."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items())
    return f"""Understudy stands in for any HTTP API: describe endpoints in a file, and it serves them.

usage: understudy [COMMAND] [FILE] [OPTIONS]

commands:
{commands}

examples:
  understudy init                   write understudy.yaml, which teaches each feature
  understudy                        serve config.* or understudy.* from this folder
  understudy api.yaml --port 9000   serve another file on another port
  understudy COMMAND --help         the options of a command, with an example
"""
