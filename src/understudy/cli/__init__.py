"""The command `understudy`: one file per command, listed in COMMANDS and imported when it is called."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from types import MappingProxyType, ModuleType
from typing import NamedTuple, NoReturn


class Command(NamedTuple):
    """A command as `--help` lists it; the rest is in `understudy.cli.<module>`."""

    module: str
    help: str


COMMANDS: dict[str, Command] = {
    "serve": Command(
        "serve", "Serve a config or another tool's file: the default, so that `understudy FILE` does it too."
    ),
    "check": Command("check", "Say what is wrong with a config, without serving it."),
    "record": Command("record", "Stand between a client and a real server, and record what they say."),
    "replay": Command("replay", "Answer from what was recorded: a folder of recordings, or a HAR file."),
    "recordings": Command(
        "recordings", "List, import, export, refresh, prune and remove recorded exchanges."
    ),
    "scan": Command("scan", "Say whether secrets stand in recordings or other files."),
    "import": Command("import_", "Make a config of another tool's file: OpenAPI, Postman, HAR and others."),
    "export": Command("export", "Make another tool's file of a config: OpenAPI, Postman, HAR, WireMock."),
    "diff": Command(
        "diff", "Say what changes between two OpenAPI documents, or from recordings to the real server."
    ),
    "init": Command("init", "Write a commented config to start from."),
    "logs": Command("logs", "Show the requests that a running server has had."),
    "chaos": Command("chaos", "Switch faults of a running server on and off."),
    "report": Command("report", "Say how well a client has coped, and fail if it has not."),
    "token": Command("token", "Make a token that a config, or a running server, lets in."),
    "ca": Command("ca", "Show the certificate authority of the proxy, and how programs trust it."),
    "schema": Command("schema", "Print the JSON Schema of the config, for editors."),
    "completion": Command("completion", "Print what completes commands and options in bash, zsh or fish."),
}

ELSEWHERE = {
    **dict.fromkeys(("proxy", "capture", "spy", "intercept"), "record"),
    "mock": "serve",
    **dict.fromkeys(("simulate", "playback", "play"), "replay"),
    **dict.fromkeys(("validate", "lint"), "check"),
}
"""What other tools call commands, and what they are here."""
USAGE_ERROR = 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors fit on two lines and say where help is."""

    instead: Mapping[str, str] = MappingProxyType({})
    """What to do in the place of arguments that people expect, by their names; "" is a file too many."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split()[0].split("=")[0]
        options = [name for action in self._actions for name in action.option_strings]
        if message.startswith("unrecognized arguments: "):
            hint = self.instead.get(unknown if unknown.startswith("-") else "")
            if hint is None and (near := _near_option(unknown, options)):
                hint = f"did you mean {near}?"
            message += f" ({hint})" if hint else ""
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\nTry: {self.prog} --help\n")


def _near_option(unknown: str, options: Sequence[str]) -> str | None:
    """The option that is meant; the dashes, which all have, make none alike."""
    by_word = {option.lstrip("-"): option for option in options if option.startswith("--")}
    return by_word.get(_nearest(unknown.lstrip("-"), list(by_word)) or "") if unknown[:2] == "--" else None


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
    if misspelt := _no_command(argv):
        print(misspelt, file=sys.stderr)
        return USAGE_ERROR
    parser, module = parser_of(name)
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
    except OSError as error:
        if error.errno not in _FULL:
            raise
        with suppress(OSError):
            sys.stdout.close()  # else what could not be written would be tried again at the end
        print(f"understudy {name}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
"""What is said of a file that what is printed goes to, and which can take no more."""


def parser_of(name: str) -> tuple[argparse.ArgumentParser, ModuleType]:
    """The parser of a command, and the module that runs it."""
    module = import_module(f"understudy.cli.{COMMANDS[name].module}")
    parser = _Parser(
        prog=f"understudy {name}",
        description=COMMANDS[name].help,
        epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.instead = getattr(module, "INSTEAD", parser.instead)
    module.add_arguments(parser)
    return parser, module


def _no_command(argv: Sequence[str]) -> str:
    """What is said if the first argument is a word that is no command and no file; else "".

    A word alone may be a file that is not there: only one that is nearly a command is taken for that.
    """
    if not argv or argv[0] in COMMANDS or not argv[0].isalpha() or os.path.lexists(argv[0]):
        return ""
    near = ELSEWHERE.get(argv[0]) or _nearest(argv[0], list(COMMANDS))
    if argv[0] == "proxy" and len(argv) > 2 and any("://" in word for word in argv[2:]):
        near = "serve FILE --target URL"  # Prism's: a document before a real server
    if near is None and (len(argv) < 2 or argv[1].startswith("-")):
        return ""
    hint = f" (did you mean {near}?)" if near else ""
    return f"understudy: there is no command {argv[0]}{hint}\nTry: understudy --help"


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
  understudy openapi.yaml           serve an OpenAPI document, or another tool's file, as it is
  understudy record https://api.example.com     record a real server; understudy replay answers in its place
  understudy COMMAND --help         the options of a command, with an example
"""
