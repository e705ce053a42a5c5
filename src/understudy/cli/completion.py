"""`understudy completion`: what a shell completes when Tab is pressed.

All of it is made from the parsers of the commands. bash and zsh get one function, which zsh runs through its
own `bashcompinit`; fish gets a line for each word.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TextIO

NAME = "completion"
HELP = "Print what completes commands and options in bash, zsh or fish."
EXAMPLE = """examples:
  eval "$(understudy completion bash)"                        in ~/.bashrc
  eval "$(understudy completion zsh)"                         in ~/.zshrc, behind compinit
  understudy completion fish > ~/.config/fish/completions/understudy.fish
"""

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Words that need no quotes in any shell; others are not offered."""
FILES = frozenset({"CONFIG", "FILE", "FOLDER", "PATH", "SPEC"})
"""Placeholders of values that are files."""


class Option(NamedTuple):
    """An option: its names, its first sentence of help, whether a value follows, and which there are."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]
    is_file: bool


class Part(NamedTuple):
    """What may stand behind a command, such as `record`, or `recordings list`: options, words, and
    files."""

    path: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    takes_files: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("shell", choices=tuple(SHELLS), help="the shell")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print the script."""
    out.write(SHELLS[args.shell](list(parts())))
    return 0


# --- what there is ------------------------------------------------------------------------------------------


def parts() -> Iterator[Part]:
    """All commands, and their actions behind them."""
    from understudy.cli import COMMANDS, parser_of

    for name, command in COMMANDS.items():
        yield from _parts(name, command.help, parser_of(name)[0])


def _parts(path: str, help: str, parser: argparse.ArgumentParser) -> Iterator[Part]:
    options: list[Option] = []
    words: list[str] = []
    inner: list[Part] = []
    takes_files = False
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            for name, below in action.choices.items():
                words.append(name)
                inner += _parts(f"{path} {name}", helps.get(name, ""), below)
        elif action.help is argparse.SUPPRESS:
            continue
        elif action.option_strings:
            options.append(_option(action))
        else:
            words += _choices(action)
            takes_files = takes_files or not action.choices
    yield Part(path, help, tuple(options), tuple(words), takes_files)
    yield from inner


def _option(action: argparse.Action) -> Option:
    takes_value = action.nargs != 0
    choices = _choices(action)
    placeholder = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    is_file = takes_value and not choices and placeholder in FILES
    return Option(tuple(action.option_strings), action.help or "", takes_value, choices, is_file)


def _choices(action: argparse.Action) -> tuple[str, ...]:
    return tuple(one for one in map(str, action.choices or ()) if PLAIN.fullmatch(one))


# --- scripts ------------------------------------------------------------------------------------------------


def bash(parts: list[Part]) -> str:
    """A function for bash from 3.2 on, and zsh. Where it offers nothing, the shell offers files."""
    commands = [part.path for part in parts if " " not in part.path]
    below = [part.path for part in parts if " " in part.path]
    valued = [(part.path, option) for part in parts for option in part.options if option.takes_value]
    values = [
        f"    {_cases(path, option)}) offered={_quoted(' '.join(option.choices))} ;;"
        for path, option in valued
        if option.choices
    ]
    free = "|".join(_cases(path, option) for path, option in valued if not option.choices)
    words = []
    for part in parts:
        named = " ".join(name for option in part.options for name in option.names)
        offered = f" offered={_quoted(' '.join(part.words))}" if part.words else ""
        words.append(f"        {_quoted(part.path)}) named={_quoted(named)}{offered} ;;")
    lines = [
        "# understudy completion bash",
        "_understudy() {",  # zsh has other uses for $words and $options
        '    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
        "    local command= named= offered= i",
        "    COMPREPLY=()",
        "    for ((i = 1; i < COMP_CWORD; i++)); do",
        '        case "$i $command ${COMP_WORDS[i]}" in',
        f"        {'|'.join(_quoted(f'1  {name}') for name in commands)}) command=${{COMP_WORDS[i]}} ;;",
        *(f"        *{_quoted(f' {path}')}) command={_quoted(path)} ;;" for path in below),
        "        esac",
        "    done",
        '    [ -n "$command" ] || command=serve',
        '    case "$command $before" in',
        *values,
        f"    {free}) ;;",
        "    *)",
        '        case "$command" in',
        *words,
        "        esac",
        '        if [ "$COMP_CWORD" = 1 ]; then',
        f'            offered="$offered {" ".join(commands)}"',
        "        fi",
        '        case "$current" in -*) offered=$named ;; esac ;;',
        "    esac",
        '    COMPREPLY=($(compgen -W "$offered" -- "$current"))',
        "}",
        "complete -o default -F _understudy understudy",
    ]
    return "\n".join(lines) + "\n"


def _cases(path: str, option: Option) -> str:
    """A pattern that is fitted by an option behind its command."""
    return "|".join(_quoted(f"{path} {name}") for name in option.names)


def zsh(parts: list[Part]) -> str:
    """The same for zsh, whose `bashcompinit` runs it."""
    return "# understudy completion zsh\nautoload -U +X bashcompinit && bashcompinit\n" + bash(parts)


def fish(parts: list[Part]) -> str:
    """A line for each word, with its help."""
    lines = ["# understudy completion fish"]
    for part in parts:
        command, _, action = part.path.partition(" ")
        if action:
            behind = f"__fish_seen_subcommand_from {command}; and __fish_seen_subcommand_from {action}"
            lines.append(_fish(f"__fish_seen_subcommand_from {command}", f"-a {action}", part.help))
        else:
            behind = f"__fish_seen_subcommand_from {command}"
            lines.append(_fish("__fish_use_subcommand", f"-a {command}", part.help))
        if command == "serve":
            behind = f"__fish_use_subcommand; or {behind}"
        for option in part.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
            )
            if option.choices:
                names += f" -x -a {_quoted(' '.join(option.choices))}"
            elif option.takes_value:
                names += " -r -F" if option.is_file else " -x"
            lines.append(_fish(behind, names, option.help))
        has_actions = any(one.path.startswith(f"{part.path} ") for one in parts)
        if has_actions:
            lines.append(
                _fish(f"{behind}; and not __fish_seen_subcommand_from {' '.join(part.words)}", "-f", "")
            )
        elif part.words:
            lines.append(_fish(behind, f"-a {_quoted(' '.join(part.words))}", ""))
        if not (has_actions or part.takes_files):
            lines.append(_fish(behind, "-f", ""))
    return "\n".join(lines) + "\n"


def _fish(condition: str, what: str, help: str) -> str:
    said = f" -d {_fish_quoted(_first(help))}" if help else ""
    return f"complete -c understudy -n {_fish_quoted(condition)} {what}{said}"


def _first(help: str) -> str:
    """The first sentence of a help text, on one line."""
    return re.split(r"(?<=\w)[.;] ", " ".join(help.replace("%%", "%").split()), maxsplit=1)[0].rstrip(".")


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quoted(text: str) -> str:
    """For bash and zsh; nothing in it has a quote."""
    return f"'{text}'"


SHELLS: dict[str, Callable[[list[Part]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
"""The TABLE of shells."""
