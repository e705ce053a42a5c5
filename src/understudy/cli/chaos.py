"""`understudy chaos`: what goes wrong with a running server, switched on and off."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any, TextIO
from urllib.parse import quote

from understudy.cli.client import FAILURES, add_server_arguments, ask, not_reached, reason, url_from
from understudy.cli.printable import printable

NAME = "chaos"
HELP = "Switch faults of a running server on and off."
EXAMPLE = """examples:
  understudy chaos                                  what is on, and what can be
  understudy chaos on slow-database --ttl 60s       a profile of the config, for a minute
  understudy chaos add error --status 503 --probability 0.2 --endpoint 'GET /orders'
  understudy chaos add stall after_bytes=100 for_ms=2000 --group payments --name stuck
  understudy chaos off stuck                        this one off, or a profile that the config has on
  understudy chaos off                              all live faults off: as the config says
"""
MIXED = True
"""KEY=VALUE may stand between options."""
NOT_REACHED, WRONG = 1, 2
ACTIONS = ("show", "on", "add", "off")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="show", help="default: show")
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="on: a profile. add: a kind of fault, then KEY=VALUE for each of its keys. off: a name",
    )
    parser.add_argument("--status", type=int, help="for add error: the status")
    parser.add_argument("--probability", type=float, help="for add: the share of requests, from 0 to 1")
    parser.add_argument(
        "--endpoint", action="append", help="only this endpoint, by name or path; `*` is any text; repeatable"
    )
    parser.add_argument("--group", action="append", help="only this group of endpoints; repeatable")
    parser.add_argument("--ttl", help="how long, such as 30s; default: until it is switched off")
    parser.add_argument("--name", help="for add: what it is called; default: a number")
    parser.add_argument("--space", help="only requests of this space")
    add_server_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print what the server says, as JSON")


class _Misused(Exception):
    """The words do not fit the action."""


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Do what was asked. 0, or 1 if the server cannot be reached, 2 if it refuses what was asked."""
    url = url_from(args)
    query = {} if args.space is None else {"space": args.space}
    try:
        method, path, content = _request(args)
    except _Misused as error:
        print(f"understudy chaos: {error}\nTry: understudy chaos --help", file=err)
        return WRONG
    try:
        status, body = ask(url, path, query, args.token, method, content)
        if status not in {200, 201}:
            print(f"understudy chaos: {reason(body, status)}{_nearest(body)}", file=err)
            return WRONG
        reply = json.loads(body)
        text = json.dumps(reply, indent=2) if args.json else "\n".join(_lines(args.action, reply))
    except FAILURES as error:
        print(not_reached("chaos", url, error), file=err)
        return NOT_REACHED
    print(text, file=out)
    return 0


def _request(args: argparse.Namespace) -> tuple[str, str, Any]:
    """Method, path and content. Raises _Misused."""
    words: list[str] = args.words
    if args.action not in {"on", "add"}:
        for option in ("status", "probability", "endpoint", "group", "ttl", "name"):
            if getattr(args, option) is not None:
                raise _Misused(f"{args.action} takes no --{option}")
    if args.action == "show":
        if words:
            raise _Misused(f"what is to be done with {words[0]!r}? There are {', '.join(ACTIONS)}")
        return "GET", "/__chaos", None
    if args.action == "off":
        if len(words) > 1:
            raise _Misused("off takes one name, or none: then all live faults go off")
        return "DELETE", f"/__chaos/{quote(words[0], safe='')}" if words else "/__chaos", None
    rule: dict[str, Any] = {}
    for key, value in (("endpoints", args.endpoint), ("groups", args.group), ("ttl", args.ttl)):
        if value is not None:
            rule[key] = value
    if args.action == "on":
        if len(words) != 1:
            raise _Misused("on takes the name of a profile")
        for option in ("status", "probability", "name"):
            if getattr(args, option) is not None:
                raise _Misused(f"a profile says itself what goes wrong: --{option} is for add")
        return "PUT", f"/__chaos/{quote(words[0], safe='')}", {"profile": words[0], **rule}
    rule["faults"] = [_fault(args, words)]
    if args.name is not None:
        return "PUT", f"/__chaos/{quote(args.name, safe='')}", rule
    return "POST", "/__chaos", rule


def _fault(args: argparse.Namespace, words: list[str]) -> dict[str, Any]:
    if not words or "=" in words[0]:
        raise _Misused("add takes a kind of fault, such as error, latency or reset, and then its keys")
    fault: dict[str, Any] = {"kind": words[0]}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise _Misused(f"{word!r} is no KEY=VALUE, such as status=503 or ms=200")
        fault[key] = _value(value)
    for key in ("status", "probability"):
        if getattr(args, key) is not None:
            fault[key] = getattr(args, key)
    return fault


def _value(text: str) -> Any:
    """JSON as what it says, a list or an object also in YAML, anything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return _from_yaml(text) if text[:1] in {"{", "["} else text


def _from_yaml(text: str) -> Any:
    from understudy.load.fault import NotReadable
    from understudy.load.syntax import parse

    try:
        return parse(text, ".yaml")[0]
    except NotReadable as error:
        raise _Misused(f"{text!r} is neither JSON nor YAML: {error.faults[0].message}") from None


def _lines(action: str, reply: dict[str, Any]) -> Iterator[str]:
    if action == "off":
        yield printable(reply["message"]) + (f": {reply['count']}" if "count" in reply else "")
        if reply.get("still_on"):
            yield f"on, as the config says: {printable(', '.join(reply['still_on']))}"
    elif action == "show":
        yield from _shown(reply)
    else:
        for rule in reply.get("live", [reply]):
            yield f"{printable(rule['name'])} is on{_until(rule)}"


def _shown(reply: dict[str, Any]) -> Iterator[str]:
    """What is on, a line for each."""
    rows = [
        ("live", rule["name"], _what(rule["definition"]), _where(rule["definition"], rule["space"]), rule)
        for rule in reply["live"]
    ]
    for profile in reply["profiles"]:
        by = f"on by {', '.join(profile['on_by'])}" if profile["on_by"] else "off"
        rows.append(("profile", profile["name"], by, _where(profile), profile))
    if reply["stage"] is not None:
        stage = reply["stage"]
        rows.append(("stage", stage["name"], ", ".join(stage["profiles"]) or "nothing", "", stage))
    if not rows:
        yield "nothing is on, and the config has no profiles"
    elif not reply["on"]:
        yield "nothing is on"
    widths = [max((len(printable(row[column])) for row in rows), default=0) for column in range(4)]
    for *cells, about in rows:
        line = "  ".join(f"{printable(cell):<{width}}" for cell, width in zip(cells, widths, strict=True))
        counts = f"  {about['injected']:,} injected, {about['hits_now']:,} now" if "injected" in about else ""
        yield f"{line}{counts}{_until(about)}".rstrip()
    if reply["request_headers"]:
        yield "clients may ask for faults in request headers"


def _what(definition: dict[str, Any]) -> str:
    """What a live rule does, in a few words."""
    if "profile" in definition:
        return f"profile {definition['profile']}"
    faults = [fault if isinstance(fault, str) else fault["kind"] for fault in definition.get("faults", [])]
    late = ["latency"] if "latency_ms" in definition else []
    return ", ".join([*late, *(["failure"] if "failure_rate" in definition else []), *faults])


def _where(about: dict[str, Any], space: str = "") -> str:
    """The endpoints and groups that it is for."""
    parts: list[str] = []
    for key in ("endpoints", "groups"):
        named = about.get(key) or []
        parts += [named] if isinstance(named, str) else named
    return (", ".join(parts) or "all") + (f" in {space}" if space else "")


def _until(about: dict[str, Any]) -> str:
    ends_in_s = about.get("ends_in_s")
    return "" if ends_in_s is None else f"  for {ends_in_s:.0f} s"


def _nearest(body: bytes) -> str:
    """Names that may be meant, where there is none of that name."""
    try:
        nearest = json.loads(body).get("nearest")
    except (ValueError, AttributeError):
        return ""
    return f" (did you mean {printable(' or '.join(nearest))}?)" if nearest else ""
