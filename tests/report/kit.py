"""Synthetic journals: entries on a clock that the tests move."""

from __future__ import annotations

from understudy.journal import CLIENT_CLOSED, CUT, RESET, SENT, Entry
from understudy.request import Request
from understudy.steps import Injected, Plan, Reply

START = 1_700_000_000.0


class Log:
    """A journal that a test writes: `log.add(status=503)`, `log.wait(0.1)`, `log.add(status=200)`."""

    def __init__(self) -> None:
        self.now = START
        self.entries: list[Entry] = []

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def add(
        self,
        status: int | None = 200,
        *,
        method: str = "GET",
        target: str = "/x",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        reply: dict[str, str] | None = None,
        at: float | None = None,
        took: float = 0.002,
        outcome: str = SENT,
        connection: int = 1,
        agent: str = "tester/1",
        address: str = "127.0.0.1",
        endpoint: str | None = "GET /x",
        latency_s: float = 0.0,
        injected: tuple[str, ...] = (),
        moves: bool = True,
    ) -> Entry:
        """One request that begins now (or `at`, in seconds from the start) and takes `took` seconds."""
        begin = self.now if at is None else START + at
        raw = [(b"User-Agent", agent.encode())] if agent else []
        raw += [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        request = Request(method, target.encode("latin-1"), raw, body, address)
        request.path = target.partition("?")[0]
        pairs = tuple((name.encode(), value.encode()) for name, value in (reply or {}).items())
        answer = None if status is None else Reply(status, pairs, b"")
        plan = Plan(
            (), answer, endpoint, latency_s=latency_s, faults=injected,
            injected=tuple(Injected(kind, "endpoint") for kind in injected),
        )  # fmt: skip
        entry = Entry(len(self.entries) + 1, begin, request, plan, connection, address, took, outcome, 100)
        self.entries.append(entry)
        if moves and at is None:
            self.now += took
        return entry

    def gave_up(self, took: float, **more) -> Entry:
        """A request that the client gave up after `took` seconds."""
        return self.add(200, took=took, outcome=CLIENT_CLOSED, **more)

    def reset(self, **more) -> Entry:
        return self.add(200, outcome=RESET, injected=("reset",), **more)

    def cut(self, **more) -> Entry:
        return self.add(200, outcome=CUT, injected=("cut",), **more)

    def operation(self, gaps, *, last: int = 200, status: int = 503, **more) -> list[Entry]:
        """Attempts with these gaps between them: all fail but the last, which gets `last`."""
        made = []
        for gap in gaps:
            made.append(self.add(status, **more))
            self.wait(gap)
        made.append(self.add(last, **more))
        return made


def findings(log: Log, check: str | None = None, **settings):
    """What is found, or what one check finds."""
    from understudy.model import ReportSettings
    from understudy.report import judge

    report = judge(log.entries, settings=ReportSettings(**settings))
    return [found for found in report.findings if check in (None, found.check)]
