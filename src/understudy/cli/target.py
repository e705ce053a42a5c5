"""Options of commands that send recorded requests to a real server: which one, with what, how fast."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import NamedTuple

from understudy.model.parts import TOKEN
from understudy.model.proxy import Tls, check_target
from understudy.record.drift.prepare import Given

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(r"[a-z0-9_]+")
MAX_CONCURRENCY = 256


class Wrong(Exception):
    """An option that cannot be used. Says why."""


class Sending(NamedTuple):
    """How requests are sent. `rate` is a number in a second, None for no bound."""

    target: str
    given: Given
    tls: Tls
    timeout_s: float
    rate: float | None


def add_sending_arguments(parser: argparse._ActionsContainer) -> None:
    """The options."""
    parser.add_argument(
        "--target",
        metavar="URL",
        help="the real server; a path in it stands before that of each request; default: that in the"
        " recordings.yaml of the folder",
    )
    parser.add_argument(
        "--header",
        metavar="'NAME: VALUE'",
        action="append",
        default=[],
        help="put it on each request, in the place of a recorded one; ${NAME} is read from the environment",
    )
    parser.add_argument(
        "--headers-from", metavar="FILE", type=Path, help="more of them, one a line; # begins a comment"
    )
    parser.add_argument(
        "--secret",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what REDACTED-NAME stands for in recorded paths, queries, headers and bodies",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=30.0, help="for a whole answer; default: 30"
    )
    parser.add_argument("--rate", metavar="N", type=float, help="send at most so many requests in a second")
    parser.add_argument("--ca-file", metavar="FILE", help="PEM file with more authorities to trust")
    parser.add_argument("--insecure", action="store_true", help="take any certificate")


def sending_from(args: argparse.Namespace, usual: str = "") -> Sending:
    """What the options say; `usual` is the target if they name none. Raises Wrong."""
    target = args.target or usual
    if not target:
        raise Wrong("which server is asked? --target URL, or `target:` in the recordings.yaml of the folder")
    try:
        check_target(target)
    except ValueError as error:
        raise Wrong(str(error)) from None
    if not 0 < args.timeout <= 86_400:
        raise Wrong("--timeout is a number of seconds above 0")
    if args.rate is not None and not 0 < args.rate <= 1e6:
        raise Wrong("--rate is a number of requests in a second, above 0")
    lines = [("--header", one) for one in args.header]
    if args.headers_from is not None:
        lines += _lines_of(args.headers_from)
    headers = {}
    for place, line in lines:
        name, colon, value = line.partition(":")
        name, value = name.strip(), _with_environment(value.strip(), place)
        if not colon or not TOKEN.fullmatch(name) or not value.isprintable():
            raise Wrong(f"{place}: write it as 'Name: value'")
        headers[name.lower()] = (name.encode(), value.encode())
    secrets = {}
    for one in args.secret:
        name, equals, value = one.partition("=")
        name = name.removeprefix("REDACTED-")
        if not equals or not _SECRET.fullmatch(name):
            raise Wrong("--secret: write it as name=value, with the name that stands behind REDACTED-")
        secrets[name] = _with_environment(value, "--secret")
    tls = Tls(verify=not args.insecure, ca_file=args.ca_file)
    return Sending(target.rstrip("/"), Given(headers, secrets), tls, args.timeout, args.rate)


def _lines_of(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Wrong(f"{path} is not UTF-8") from None
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from None
    return [
        (f"{path}:{number}", line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


def _with_environment(value: str, place: str) -> str:
    """The value with `${NAME}` from the environment. Never shows it."""

    def looked_up(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise Wrong(f"{place}: the environment has no {found[1]}")
        return os.environ[found[1]]

    return _VARIABLE.sub(looked_up, value)
