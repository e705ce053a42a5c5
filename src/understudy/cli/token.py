"""`understudy token`: a token to send to a mock API that asks for one."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from time import time
from typing import Any, TextIO

from understudy.errors import ConfigError

NAME = "token"
HELP = "Make a token that a config, or a running server, lets in."
EXAMPLE = """examples:
  understudy token                                   for the only jwt scheme of the config here
  understudy token api.yaml --scheme main --claim sub=ada --claim admin=true --scope "read write"
  understudy token --expires-in=-1m                  one that expired a minute ago
  understudy token --url http://127.0.0.1:8000       where the running server has the key
  curl -H "Authorization: Bearer $(understudy token)" localhost:8000/users
"""
OK, NOT_REACHED, WRONG = 0, 1, 2
TIMEOUT_S = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", nargs="?", help="the config; default: config.* or understudy.* here")
    parser.add_argument("--scheme", help="name of the scheme; default: the only one for signed tokens")
    parser.add_argument(
        "--claim",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_claim,
        help="a claim; a value that is JSON is taken as such, except for sub and jti",
    )
    parser.add_argument(
        "--scope", action="append", default=[], help="a scope, or several with spaces between"
    )
    parser.add_argument(
        "--expires-in", type=_duration, default=3600.0, metavar="TIME", help="such as 90s, 1h or -1m"
    )
    parser.add_argument("--alg", help="signature algorithm; default: the first that the scheme takes")
    signing = parser.add_mutually_exclusive_group()
    signing.add_argument("--secret", help="sign with this secret, without any config")
    signing.add_argument("--key", type=Path, metavar="FILE", help="sign with this private key (PEM or JWK)")
    signing.add_argument("--url", help="have the server at this address make it, with its key")
    parser.add_argument("--token", help="token for that server's control endpoints (or UNDERSTUDY_TOKEN)")


def run(args: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Print the token and nothing else. 0; 1 if the server is not reached; 2 if there can be no token."""
    from understudy.simulate.auth.jose import KeyProblem
    from understudy.simulate.auth.jwt import CannotSign

    wanted = {
        "scheme": args.scheme,
        "claims": dict(args.claim),
        "scopes": " ".join(args.scope).split(),
        "expires_in_s": args.expires_in,
        "algorithm": args.alg,
    }
    try:
        token = _from_server(args, wanted) if args.url else asyncio.run(_made_here(args, wanted))
    except (ConfigError, CannotSign, KeyProblem) as error:
        print(f"understudy token: {error}", file=err)
        return WRONG
    except ConnectionError as error:
        print(f"understudy token: no Understudy answers at {args.url}: {error}", file=err)
        return NOT_REACHED
    print(token, file=out)
    return OK


async def _made_here(args: argparse.Namespace, wanted: dict[str, Any]) -> str:
    from understudy.simulate.auth.jwt import CannotSign
    from understudy.simulate.auth.keyring import Keyring
    from understudy.simulate.auth.minting import TokenRequest, make_token, minting_scheme

    if args.secret is not None or args.key is not None:
        return await _without_config(args, wanted)
    from understudy.build import build

    setup = build(args.file or Path()).auth
    if minting_scheme(setup, args.scheme).needs_server:
        raise CannotSign(
            "the key of this scheme is made when the server starts, so only the server can sign with it.\n"
            "Try: understudy token --url http://127.0.0.1:8000"
        )
    return await make_token(setup, TokenRequest(**wanted), Keyring(), time())


async def _without_config(args: argparse.Namespace, wanted: dict[str, Any]) -> str:
    """A token for a secret or a key that was given, whatever server it is for."""
    from understudy.model import Jwt
    from understudy.simulate.auth.jose import KeyProblem, read_keys, secret_key
    from understudy.simulate.auth.jwt import JwtScheme
    from understudy.simulate.auth.keyring import Keyring

    if args.secret is not None:
        keys = [secret_key(args.secret)]
    else:
        try:
            keys = read_keys(args.key.read_bytes())
        except OSError as error:
            raise KeyProblem(f"{args.key} cannot be read: {error.strerror}") from None
    allowed = [name for key in keys for name in key.algorithms]
    scheme = JwtScheme("given", "", keys, [], allowed, Jwt(), [])
    return await scheme.mint(
        Keyring(), time(), wanted["claims"], wanted["scopes"], wanted["expires_in_s"], wanted["algorithm"]
    )


def _from_server(args: argparse.Namespace, wanted: dict[str, Any]) -> str:
    import os
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    from understudy.simulate.auth.jwt import CannotSign

    if not args.url.startswith("http://"):
        raise ConnectionError("an address looks like http://127.0.0.1:8000")
    control_token = args.token or os.environ.get("UNDERSTUDY_TOKEN")
    headers = {"Content-Type": "application/json"}
    if control_token:
        headers["Authorization"] = f"Bearer {control_token}"
    request = Request(  # noqa: S310 - http only, as checked above
        f"{args.url.rstrip('/')}/__token", json.dumps(wanted).encode(), headers, method="POST"
    )
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as response:
            return str(json.load(response)["token"])
    except HTTPError as error:
        raise CannotSign(_reason(error.read(), error.code)) from None
    except (URLError, OSError, ValueError, KeyError, TypeError) as error:
        raise ConnectionError(getattr(error, "reason", None) or error) from None


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {status}"


def _claim(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    if name in {"sub", "jti"}:  # are texts (RFC 7519 sections 4.1.2 and 4.1.7)
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _duration(text: str) -> float:
    import re

    from understudy.model.duration import DURATION, duration_s

    if not re.fullmatch(DURATION, text.removeprefix("-")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s, 15m, 1h or -1m")
    return -duration_s(text[1:]) if text.startswith("-") else duration_s(text)
