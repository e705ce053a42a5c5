"""What a running server prints: the banner, and a line per request.

Requests are noted raw and printed together a few times a second, so that printing never holds a reply up.
Under a load that nobody could read, the middle of each batch is counted instead of printed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from understudy.cli.printable import SHOWN_SOURCES, injected_notes, printable
from understudy.journal import SENT, Entry, shown_of, status_of
from understudy.match import PathPattern
from understudy.model import Endpoint, RegexPath, each_openapi
from understudy.net.server import is_loopback, url_of
from understudy.record.fallback import ALL

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.openapi.site import Site

FLUSH_S = 0.1
MAX_LINES_PER_FLUSH = 200
MAX_LISTED_ENDPOINTS = 40
PLAUSIBLE = {
    "int": "1",
    "float": "1.5",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "path": "some/path",
    "slug": "a-slug",
    "date": "2026-01-31",
}
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?\}")
_COLORS = {2: "32", 3: "36", 4: "33", 5: "31"}


class ConsoleLog:
    """Prints each request, pretty or as JSON lines."""

    def __init__(self, server: Server, out: TextIO, log_format: str) -> None:
        self._server = server
        self._out = out
        self._as_json = log_format == "json"
        self._color = not self._as_json and out.isatty()
        self._waiting: deque[Entry] = deque(maxlen=MAX_LINES_PER_FLUSH)
        self._skipped = 0
        self._scheduled = False
        server.journal.listen(self._note)

    def _note(self, entry: Entry) -> None:
        if len(self._waiting) == MAX_LINES_PER_FLUSH:
            self._skipped += 1
        self._waiting.append(entry)
        if not self._scheduled:
            self._scheduled = True
            self._server.loop.call_later(FLUSH_S, self.flush)

    def flush(self) -> None:
        """Print what is waiting."""
        self._scheduled = False
        lines = [self._line(entry) for entry in self._waiting]
        self._waiting.clear()
        if self._skipped:
            skipped, self._skipped = self._skipped, 0
            lines.insert(
                0,
                _json_line({"skipped": skipped})
                if self._as_json
                else f"... {skipped:,} more requests, all of them in /__logs",
            )
        if lines:
            try:
                print("\n".join(lines), file=self._out, flush=True)
            except BrokenPipeError:
                self._server.stop_soon()

    def _line(self, entry: Entry) -> str:
        if self._as_json:
            return _json_line(self._server.journal.as_json(entry))
        return pretty_line(entry, color=self._color)


def pretty_line(entry: Entry, *, color: bool = False) -> str:
    """One request for people: time, method, target, status, what took how long, and why."""
    request, plan = shown_of(entry)
    status = status_of(entry)
    shown = "---" if status is None else str(status)
    if color and status is not None:
        shown = f"\x1b[{_COLORS.get(status // 100, '0')}m{shown}\x1b[0m"
    at = datetime.fromtimestamp(entry.at).strftime("%H:%M:%S")
    target = printable(request.target)
    notes = [f"{entry.duration_s * 1000:.1f} ms"]
    if plan.latency_s:
        notes.append(f"{plan.latency_s * 1000:g} ms simulated")
    if plan.source in SHOWN_SOURCES:
        notes.append(plan.source)
    notes += injected_notes(plan.faults, [one.as_json() for one in plan.injected])
    if plan.violations:
        first = plan.violations[0]
        more = f" and {len(plan.violations) - 1} more" if len(plan.violations) > 1 else ""
        notes.append(printable(f"invalid {first['location']}{first['pointer']}: {first['message']}") + more)
    if entry.outcome != SENT:
        notes.append(entry.outcome)
    if plan.error:
        notes.append(printable(plan.error))
    elif plan.endpoint is None and status in {404, 405}:
        notes.append("no endpoint")
    return f"{at}  {shown}  {request.method:<6} {target}  {', '.join(notes)}"


def banner(server: Server, source: object, *, generated_token: bool) -> str:
    """What people see at start: the address first, then the seed and every endpoint as a link."""
    url = url_of(server.host, server.port)
    loaded = server.program.loaded
    lines = [f"Understudy serves {source} at {url}  (seed {server.world.seed})"]
    lines += [f"warning: {warning}" for warning in server.program.warnings]
    if server.token is not None and generated_token and not is_loopback(server.host):
        lines.append(f"control endpoints need this token: {server.token}")
    rows = [
        (_methods(endpoint), url + _linked(plausible_path(endpoint.path)))
        for endpoint in loaded.config.endpoints[:MAX_LISTED_ENDPOINTS]
    ]
    pages = list(_pages(server))
    of_pages = {path for page in pages for path in (page.page, page.address)}
    relayed = _relayed(server)
    rows += [
        (", ".join(sorted(added.methods)), url + added.pattern.source)
        for added in server.program.generated
        # what belongs to a page, or takes all the rest, has lines below; files of pages nobody opens by hand
        if "{" not in added.pattern.source
        and added.pattern.source not in of_pages
        and not (relayed and added.pattern.source == ALL)
    ]
    rows += [("static", url + static.path) for static in loaded.config.statics]
    width = max((len(methods) for methods, _ in rows), default=0)
    lines += [f"  {methods:<{width}}  {link}" for methods, link in rows]
    more = len(loaded.config.endpoints) - MAX_LISTED_ENDPOINTS
    if more > 0:
        lines.append(f"  ... and {more:,} more")
    if not rows and not relayed:
        lines.append("  no endpoints yet: add one to the file, it is reloaded when you save it")
    lines += relayed
    lines += [
        f"  docs     {url}{one.page}   of {printable(one.name)}, {one.kind}: {url}{one.address}"
        for one in pages
    ]
    lines.append(f"  log      {url}/__logs   reload: POST {url}/__reload   stop: Ctrl-C")
    return "\n".join(lines)


def _relayed(server: Server) -> list[str]:
    """What is sent on, or answered from recordings."""
    config = server.program.loaded.config
    is_documented = any(one.real for _, one in each_openapi(config.openapi))
    if not (server.program.tapes or config.proxy is not UNSET or config.forward_proxy or is_documented):
        return []
    from understudy.cli.tapes import relayed

    return relayed(server)


def _pages(server: Server) -> Iterable[Site]:
    if not server.program.loaded.config.openapi:
        return ()
    from understudy.openapi.site import sites

    return sites(server.program.loaded)


def _methods(endpoint: Endpoint) -> str:
    return ", ".join(endpoint.methods) if endpoint.resource is UNSET else "resource"


def json_banner(server: Server) -> str:
    """The same for programs, on one line."""
    return _json_line(
        {
            "event": "started",
            "url": url_of(server.host, server.port),
            "port": server.port,
            "seed": server.world.seed,
            "endpoints": len(server.program.loaded.names),
            "warnings": [warning.as_json() for warning in server.program.warnings],
            **({"token": server.token} if server.token else {}),
        }
    )


def plausible_path(path: str | RegexPath) -> str:
    """A path that an endpoint takes, to be clicked; the pattern itself where no example is sure to fit."""
    if isinstance(path, RegexPath):
        return f"/  (regex {path.regex})"

    def example(found: re.Match[str]) -> str:
        name, kind = found.groups()
        return PLAUSIBLE.get(kind or "", "1" if name.lower().endswith("id") else name)

    filled = _PARAMETER.sub(example, "/**" if path in {"*", "**"} else path)
    filled = filled.replace("**", "any/path").replace("*", "any")
    return filled if PathPattern(path).match(filled) is not None else path


def _linked(path: str) -> str:
    """A path as a terminal can open it."""
    return path if path.startswith("/  (") else quote(path, safe="/:@!$&'()*+,;=~-._")


def _json_line(content: Any) -> str:
    return msgspec.json.encode(content).decode()
