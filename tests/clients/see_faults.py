"""What real clients see of each kind of fault, written to `docs/faults/seen.json`: {kind: {client: text}}.

Run it with `make seen`, then `make docs` for the pages. Each client asks for the example of the kind's page,
and reads the reply as an application would: the status, then the body as JSON. It waits for two seconds.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import httpx
import requests
import urllib3

from understudy import MockServer
from understudy.faults import ALIASES, FAULTS
from understudy.load.syntax import parse

HERE = Path(__file__).parent
PAGES = HERE.parent.parent / "docs" / "faults"
SEEN = PAGES / "seen.json"
KINDS = [kind for kind in FAULTS if kind not in ALIASES]
WAIT_S = 2
PAUSE_S = 0.3
"""Between two requests, where what is seen is seen by the second."""
AT_A_TIME = 8
MAX_TRIES = 8
LONGEST = 160


class Question(NamedTuple):
    """What a client asks for, and what it would get if nothing was wrong. `times`: how often it asks."""

    method: str
    url: str
    body: str
    wanted: str
    times: int

    @property
    def arguments(self) -> list[str]:
        """The same for a command line; the times are marks."""
        return [self.method, self.url, self.body, self.wanted, "x" * self.times]


def example(kind: str) -> dict[str, Any]:
    """The config on the kind's page."""
    found = re.search(r"```yaml\n(.*?)```", (PAGES / f"{kind}.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"the page of {kind} has an example"
    data: dict[str, Any] = parse(found[1], ".yaml")[0]
    return data


def question(kind: str, server: MockServer) -> Question:
    """What to ask a server of this example."""
    (endpoint,) = example(kind)["endpoints"]
    wanted = endpoint["body"] if "body" in endpoint else json.dumps(endpoint["response"])
    method = endpoint.get("method", "GET")
    body = "" if method == "GET" else json.dumps({"upload": "x" * 10_000})
    times = 2 if kind == "stale_connection" else 1
    return Question(method, server.url + endpoint["path"], body, wanted, times)


Client = Callable[[Question], list[str]]
"""Asks, and says what it sees each time."""

# --- the clients --------------------------------------------------------------------------------------------


def _compared(status: int, text: str, read: Callable[[], Any], wanted: str) -> str:
    try:
        expected = json.loads(wanted)
    except ValueError:
        same = text == wanted
    else:
        same = read() == expected
    return f"{status} and {'the right' if same else 'another'} body"


def _seen(times: int, ask: Callable[[], Iterable[Any]]) -> list[str]:
    """What is seen each time; `ask` gives the status, then the text."""
    seen = []
    for number in range(times):
        if number:
            time.sleep(PAUSE_S)
        before = ""
        try:
            for step in ask():
                before, text = f"{step}, then ", str(step)
        except Exception as error:
            text = f"{before}{type(error).__name__}: {error}"
        seen.append(text)
    return seen


def with_requests(asked: Question) -> list[str]:
    """requests, with a session, as its documentation has it."""
    with requests.Session() as client:

        def ask() -> Iterable[Any]:
            reply = client.request(
                asked.method, asked.url, data=asked.body or None, timeout=WAIT_S, stream=True
            )
            yield reply.status_code
            yield _compared(
                reply.status_code, reply.content.decode("utf-8", "replace"), reply.json, asked.wanted
            )

        return _seen(asked.times, ask)


def with_urllib3(asked: Question) -> list[str]:
    """urllib3, without retries."""
    with urllib3.PoolManager(retries=urllib3.Retry(0, redirect=10)) as client:

        def ask() -> Iterable[Any]:
            reply = client.request(
                asked.method,
                asked.url,
                body=asked.body or None,
                timeout=float(WAIT_S),
                preload_content=False,
            )
            yield reply.status
            text = reply.data.decode("utf-8", "replace")
            yield _compared(reply.status, text, reply.json, asked.wanted)

        return _seen(asked.times, ask)


def with_httpx(asked: Question) -> list[str]:
    """httpx, which follows redirects if it is told to."""
    with httpx.Client(timeout=WAIT_S, follow_redirects=True) as client:

        def ask() -> Iterable[Any]:
            with client.stream(asked.method, asked.url, content=asked.body or None) as reply:
                yield reply.status_code
                reply.read()
                yield _compared(reply.status_code, reply.text, reply.json, asked.wanted)

        return _seen(asked.times, ask)


def with_aiohttp(asked: Question) -> list[str]:
    """aiohttp, whose `json()` looks at the Content-Type."""

    async def ask(client: aiohttp.ClientSession) -> str:
        before = ""
        try:
            async with client.request(asked.method, asked.url, data=asked.body or None) as reply:
                before = f"{reply.status}, then "
                text = await reply.text(errors="replace")
                value = await reply.json() if _is_json(asked.wanted) else None
                return _compared(reply.status, text, lambda: value, asked.wanted)
        except Exception as error:
            return f"{before}{type(error).__name__}: {error}"

    async def work() -> list[str]:
        seen = []
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=WAIT_S)) as client:
            for number in range(asked.times):
                await asyncio.sleep(PAUSE_S if number else 0)
                seen.append(await ask(client))
        return seen

    return asyncio.run(work())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _command(*command: str) -> Client:
    def run(asked: Question) -> list[str]:
        done = subprocess.run([*command, *asked.arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def with_curl(asked: Question) -> list[str]:
    """curl, which follows redirects and unpacks if it is told to."""
    data = ["--data", asked.body] if asked.body else []
    options = ["--silent", "--show-error", "--max-time", str(WAIT_S), "--location", "--max-redirs", "10"]
    command = ["curl", *options, "--compressed", *data, "--request", asked.method, "--write-out"]
    done = subprocess.run(
        [*command, "\n%{http_code}", asked.url], capture_output=True, text=True, timeout=60, errors="replace"
    )
    text, _, status = done.stdout.rpartition("\n")
    if done.returncode:
        before = "" if status == "000" else f"{int(status)}, then "
        return [before + done.stderr.strip()]
    if text == asked.wanted or (
        _is_json(text) and _is_json(asked.wanted) and json.loads(text) == json.loads(asked.wanted)
    ):
        return [f"{status} and the right body"]
    return [f"{status} and another body"]


def clients() -> dict[str, Client]:
    """The clients that are there, by name."""
    found: dict[str, Client] = {
        "requests": with_requests,
        "urllib3": with_urllib3,
        "httpx": with_httpx,
        "aiohttp": with_aiohttp,
    }
    node = shutil.which("node")
    if node:
        found["Node fetch"] = _command(node, str(HERE / "see_faults.mjs"))
    go = shutil.which("go")
    if go:
        program = Path(tempfile.mkdtemp()) / "see"
        subprocess.run([go, "build", "-o", str(program), str(HERE / "go" / "see.go")], check=True)
        found["Go net/http"] = _command(str(program))
    if shutil.which("curl"):
        found["curl"] = with_curl
    return found


# --- all of it ----------------------------------------------------------------------------------------------

_NOISE = (  # what differs from run to run, or from machine to machine
    (r"HTTPConnectionPool\(host='127.0.0.1', port=\d+\): ", ""),
    (r"<(?:[\w.]+\.)?(\w+)(?: object)? at 0x[0-9a-f]+>", r"<\1>"),
    (r"<(?:[\w.]+\.)?(\w+)\(host='127.0.0.1', port=\d+\)[^>]*>", r"<\1>"),
    (r"127\.0\.0\.1:\d+", "server"),
    (r"after \d+ (?:milliseconds|ms)", "in time"),
    (r"tcp server->server: ", ""),
)


def plain(text: str) -> str:
    """A text without ports, addresses and times, and not too long."""
    for noise, instead in _NOISE:
        text = re.sub(noise, instead, text)
    text = " ".join(text.split())
    text = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def see(kind: str, client: Client) -> str:
    """What one client sees of one kind."""
    with MockServer(example(kind), seed=1) as server:
        asked = question(kind, server)
        return ", then ".join(plain(text) for text in client(asked))


def see_surely(kind: str, client: Client) -> str:
    """What is seen twice running: on a busy machine a client may give up too soon."""
    before = see(kind, client)
    for _ in range(MAX_TRIES):
        text = see(kind, client)
        if text == before:
            return text
        before = text
    raise AssertionError(f"{kind} is never seen the same way twice: {before}")


def see_all(
    using: dict[str, Client], ask: Callable[[str, Client], str] = see, at_a_time: int = AT_A_TIME
) -> dict[str, dict[str, str]]:
    """What all of these clients see of all kinds; some at a time, as much of it is waiting."""
    with ThreadPoolExecutor(at_a_time) as pool:
        pending = {kind: {name: pool.submit(ask, kind, one) for name, one in using.items()} for kind in KINDS}
        return {kind: {name: one.result() for name, one in each.items()} for kind, each in pending.items()}


def main(names: list[str]) -> None:
    """Write what the clients see, or only those that are named."""
    known = json.loads(SEEN.read_text(encoding="utf-8")) if SEEN.exists() else {}
    found = {name: ask for name, ask in clients().items() if not names or name in names}
    seen = see_all(found, see_surely, 2)
    merged = {kind: {**known.get(kind, {}), **seen[kind]} for kind in KINDS}
    SEEN.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(merged)} kinds, seen by {', '.join(found)}: {SEEN}")


if __name__ == "__main__":
    main(sys.argv[1:])
