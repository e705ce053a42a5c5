"""How commands ask a running server: one request, or an event stream, and what to say if nobody answers."""

from __future__ import annotations

import argparse
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

ASK_TIMEOUT_S = 30
FAILURES = (OSError, http.client.HTTPException, ValueError, KeyError)
"""What is raised if it cannot be reached, or something else than Understudy answers."""


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say which server is asked."""
    parser.add_argument("--url", help="address of the server; default: http://127.0.0.1:PORT")
    parser.add_argument("--port", type=int, default=8000, help="its port on this machine; default: 8000")
    parser.add_argument(
        "--token", default=os.environ.get("UNDERSTUDY_TOKEN"), help="its token (or UNDERSTUDY_TOKEN)"
    )


def url_from(args: argparse.Namespace) -> str:
    """The address that the options name."""
    return args.url or f"http://127.0.0.1:{args.port}"


@contextmanager
def open_url(
    url: str,
    path: str,
    query: dict[str, str],
    token: str | None,
    timeout_s: float | None,
    method: str = "GET",
    content: Any = None,
) -> Iterator[http.client.HTTPResponse]:
    """A reply that is still to be read; `content` is sent as JSON. Raises one of FAILURES."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("an address looks like http://127.0.0.1:8000")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with closing(connection):
        target = f"{path}?{urlencode(query)}" if query else path
        connection.request(method, target, None if content is None else json.dumps(content), headers)
        with connection.getresponse() as response:
            yield response


def ask(
    url: str,
    path: str,
    query: dict[str, str],
    token: str | None,
    method: str = "GET",
    content: Any = None,
) -> tuple[int, bytes]:
    """Status and body of a reply; `content` is sent as JSON. Raises one of FAILURES."""
    with open_url(url, path, query, token, ASK_TIMEOUT_S, method, content) as response:
        return response.status, response.read()


def not_reached(command: str, url: str, error: Exception) -> str:
    """What to print if a server could not be asked."""
    what = getattr(error, "strerror", None) or str(error) or "it closed the connection"
    return (
        f"understudy {command}: no Understudy answers at {url}: {what}\n"
        "Try: --port or --url of the running server"
    )


def reason(body: bytes, status: int) -> str:
    """Why a server has refused what was asked: its error, and each problem."""
    try:
        content = json.loads(body)
        problems = [f"\n  {_problem(one)}" for one in content.get("problems", [])]
        return str(content["error"]) + "".join(problems)
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"the server answered {status}"


def _problem(problem: dict[str, Any]) -> str:
    where = f"{problem['path']}: " if problem.get("path") else ""
    more = ""
    if problem.get("suggestion"):
        more = f" (did you mean {problem['suggestion']}?)"
    elif problem.get("accepted"):
        more = f" (accepted: {problem['accepted']})"
    return f"{where}{problem['message']}{more}"
