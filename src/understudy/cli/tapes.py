"""What commands print of recordings that a server uses: how many there are, of which servers, how old."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import UNSET

from understudy.cli.printable import printable
from understudy.model import Proxy, each_openapi
from understudy.model.record import Mode

if TYPE_CHECKING:
    from understudy.net.server import Server
    from understudy.record.exchange import RecordedExchange
    from understudy.record.tape import Tape

MAX_HOSTS = 3
"""Servers that are named."""
MAX_MISSED_SHOWN = 10
"""Requests without a recording that are named."""
DONE: dict[Mode, str] = {
    "replay": "only what was recorded is answered",
    "record": "all is sent on, and each exchange is added",
    "once": "what was not recorded is sent on, and added",
    "refresh": "all is sent on, and takes the place of what was recorded",
    "spy": "what was not recorded is sent on, and not added",
    "diff": "all is sent on, and what differs from the recording is in /__record/drift",
    "passthrough": "all is sent on, and nothing is added",
}
"""What each mode does with requests."""
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def relayed(server: Server) -> list[str]:
    """Lines for the start of a server: where requests are sent on to, and what is done with recordings."""
    from understudy.net.intercept.hosts import is_this_machine
    from understudy.net.server import url_of  # which `check` does without

    config = server.program.loaded.config
    url = url_of(server.host, server.port)
    lines = []
    if config.proxy is not UNSET:
        lines.append(f"  proxy    {printable(Proxy.of(config.proxy).target)}")
    for _, one in each_openapi(config.openapi):
        if one.real is not None:
            lines.append(f"  held     against {printable(one.spec)}: {printable(one.real.target)}")
    if config.forward_proxy:
        # who else gets in is asked for the token, and so are all
        proxy = url.replace("://", "://TOKEN@") if server.token and not is_this_machine(server.host) else url
        lines.append(f"  proxy    of clients: export HTTP_PROXY={proxy} HTTPS_PROXY={proxy}")
        lines.append("           for https they must trust this authority: understudy ca")
    for tape in server.program.tapes:
        kept = tape.is_recording and tape.settings.redact is False
        lines.append(f"  mode     {tape.mode}: {DONE[tape.mode]}" + (", with its secrets" if kept else ""))
        lines.append(f"  folder   {of_tape(tape)}")
    return lines


def of_tape(tape: Tape) -> str:
    """`12 recorded exchanges of api.example.com in recordings, 3 days old`."""
    return of_exchanges(tape.shelf.exchanges, tape.name, time.time())


def of_exchanges(exchanges: Iterable[RecordedExchange], name: str, now: float) -> str:
    """The same, at a time in unix seconds. The age is that of the newest; older ones are told of, too."""
    listed = list(exchanges)
    if not listed:
        return f"no recorded exchanges in {printable(name)} yet"
    hosts = list(dict.fromkeys(one.request.origin.partition("://")[2] for one in listed))
    of = ", ".join(map(printable, hosts[:MAX_HOSTS]))
    if len(hosts) > MAX_HOSTS:
        more = len(hosts) - MAX_HOSTS
        of += f" and {more} more server{'s' * (more != 1)}"
    return f"{exchanges_text(len(listed))} of {of} in {printable(name)}{_age_text(listed, now)}"


def missed_text(tapes: Iterable[Tape]) -> str:
    """Which requests found no recording: a line for each of the first; "" if there was none."""
    missed: Counter[str] = Counter()
    for tape in tapes:
        missed.update(tape.missed)
    if not missed:
        return ""
    number = missed.total()
    lines = [f"{number:,} request{'s' * (number != 1)} found no recording, and got 404:"]
    named = [one for one in missed if one]
    for name in named[:MAX_MISSED_SHOWN]:
        lines.append(f"  {printable(name)}" + (f"  ({missed[name]:,} times)" if missed[name] > 1 else ""))
    if rest := number - sum(missed[name] for name in named[:MAX_MISSED_SHOWN]):
        lines.append(f"  and {rest:,} more")
    return "\n".join(lines)


def exchanges_text(number: int) -> str:
    """`1 recorded exchange`, `1,200 recorded exchanges`."""
    return f"{number:,} recorded exchange{'s' * (number != 1)}"


def age_text(seconds: float) -> str:
    """An age for people: `3 days`; below a minute it is `less than a minute`."""
    for size, unit in _UNITS:
        if (number := int(seconds // size)) > 0:
            return f"{number} {unit}{'s' * (number != 1)}"
    return "less than a minute"


def _age_text(exchanges: list[RecordedExchange], now: float) -> str:
    times = [one.recorded_at for one in exchanges if one.recorded_at > 0]
    if not times:  # nobody has said when
        return ""
    newest, oldest = age_text(now - max(times)), age_text(now - min(times))
    return f", {newest} old" if newest == oldest else f", {newest} to {oldest} old"
