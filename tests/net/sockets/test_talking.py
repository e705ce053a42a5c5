"""Recorded conversations, had again with real servers."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Frame, Opcode

from tests.record.kit import exchange
from understudy.net.asking import ask_all
from understudy.net.sockets import talking
from understudy.record.drift.messages import CUT_SHORT
from understudy.record.drift.prepare import ToSend, prepare_exchange
from understudy.record.exchange import SocketMessage

KEY = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
DEFLATE = ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(talking, "PATIENCE_S", 0.2)
    monkeypatch.setattr(talking, "CLOSE_S", 20.0)


def patient(monkeypatch):
    monkeypatch.setattr(talking, "PATIENCE_S", 20.0)


def talk(*said, headers=(KEY,)):
    """What was recorded: `>a` is said by the client, `<b` by the server, `>!1001` closes."""
    messages = []
    for one in said:
        who, text = one[0], one[1:]
        data = Close(int(text[1:]), "").serialize() if text[:1] == "!" else text.encode()
        kind = "close" if text[:1] == "!" else "text"
        messages.append(SocketMessage(0.0, "client" if who == ">" else "server", kind, data))
    return replace(
        exchange(status=101, kind=None, request_headers=headers, target="/ws"), messages=tuple(messages)
    )


def have(recorded, answer, tmp_path, timeout_s=20.0, **options):
    """Have it with a server that does `answer`."""

    async def main():
        async with serve(answer, "127.0.0.1", 0, **options) as server:
            target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready = prepare_exchange(recorded)
            asked = [ToSend(ready.request, ready.turns)]
            spool = lambda: tmp_path / "body"  # noqa: E731
            return [one async for one in ask_all(asked, target, timeout_s=timeout_s, spool=spool)]

    (found,) = asyncio.run(main())
    return found


def said(exchange):
    """All but pings and pongs, as `talk` has it."""
    found = []
    for _, sender, kind, data in exchange.messages:
        who = "<" if sender == "server" else ">"
        if kind == "close":
            found.append(f"{who}!{int.from_bytes(data[:2])}")
        elif kind in ("text", "binary"):
            found.append(who + data.decode())
    return found


async def echo(socket):
    async for message in socket:
        await socket.send(f"{message}?")


@pytest.mark.parametrize("headers", [(), (KEY,), (KEY, DEFLATE)])
def test_each_speaks_in_turn(tmp_path, monkeypatch, headers):
    patient(monkeypatch)
    recorded = talk(">a", "<a?", ">" + "b" * 70_000, "<" + "b" * 70_000 + "?", ">!1001", headers=headers)

    now = have(recorded, echo, tmp_path)

    assert (now.failed, now.note, now.reply.status) == (None, "", 101)
    assert said(now) == [*said(recorded), "<!1001"]
    agreed = any(name == b"Sec-WebSocket-Extensions" for name, _ in now.reply.headers)
    assert agreed is (DEFLATE in headers)


def test_the_server_that_ends_it_is_answered(tmp_path, monkeypatch):
    patient(monkeypatch)
    heard = []

    async def hello(socket):
        await socket.send("hello")
        await socket.close(4000)
        heard.append(socket.close_code)

    now = have(talk("<hello", "<!4000", ">!4000"), hello, tmp_path)

    assert said(now) == ["<hello", "<!4000", ">!4000"]
    assert heard == [4000]


def test_who_says_less_is_waited_for_but_not_for_long(tmp_path):
    async def silent(socket):
        async for _ in socket:
            pass

    now = have(talk(">a", "<a?", ">b", "<b?", ">!1000"), silent, tmp_path)

    assert (now.failed, now.note) == (None, "")
    assert said(now) == [">a", ">b", ">!1000", "<!1000"]


def test_who_does_not_end_is_left(tmp_path):
    async def stays(socket):
        await socket.wait_closed()

    assert said(have(talk("<!1000"), stays, tmp_path)) == [">!1000", "<!1000"]


def test_who_goes_early_ends_it(tmp_path, monkeypatch):
    patient(monkeypatch)

    async def goes(socket):
        await socket.recv()
        socket.transport.abort()

    now = have(talk(">a", "<a?", ">b", "<b?", ">!1000"), goes, tmp_path)

    assert said(now)[0] == ">a"
    assert "<b?" not in said(now)


def test_pings_are_answered(tmp_path, monkeypatch):
    patient(monkeypatch)
    heard = []

    async def pings(socket):
        await (await socket.ping(b"there?"))
        heard.append(True)
        await socket.send("yes")
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    now = have(talk("<yes", ">!1000"), pings, tmp_path)

    assert heard == [True]
    assert [one.data for one in now.messages if one.kind == "pong"] == [b"there?"]


def test_a_long_conversation_is_cut(tmp_path, monkeypatch):
    patient(monkeypatch)

    async def stays(socket):
        await socket.send("hello")
        await socket.wait_closed()

    now = have(talk("<hello", "<more", ">!1000"), stays, tmp_path, timeout_s=2.0)

    assert (now.failed, now.reply.status) == (None, 101)
    assert now.note == f"{CUT_SHORT}1 message: it took more than 2 s"


def test_nonsense_ends_it(tmp_path, monkeypatch):
    patient(monkeypatch)

    async def nonsense(socket):
        socket.transport.write(b"\xff" * 100)
        await socket.wait_closed()

    now = have(talk("<hello", ">!1000"), nonsense, tmp_path)

    assert now.note.startswith(CUT_SHORT)


def test_a_refusal_is_a_reply(tmp_path):
    def refuse(connection, request):
        return connection.respond(403, "no")

    now = have(talk(">a", "<b"), echo, tmp_path, process_request=refuse)

    assert (now.reply.status, now.reply.body, now.messages, now.failed) == (403, b"no", (), None)


frames = st.builds(
    lambda opcode, data, fin: Frame(opcode, data, fin or opcode >= Opcode.CLOSE).serialize(mask=False),
    st.sampled_from(Opcode),
    st.binary(max_size=20),
    st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(frames | st.binary(max_size=20), max_size=6))
def test_whatever_a_server_says_the_conversation_ends(tmp_path_factory, pieces):
    recorded = talk(">a", "<b", ">c", "<!1000")
    ready = prepare_exchange(recorded)

    async def main():
        gone = asyncio.Event()

        async def answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            writer.write(head + b"".join(pieces))
            writer.write_eof()
            await reader.read()
            writer.close()
            gone.set()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        asked = [ToSend(ready.request, ready.turns)]
        spool = tmp_path_factory.getbasetemp
        found = [one async for one in ask_all(asked, target, timeout_s=20.0, spool=spool)]
        await gone.wait()
        server.close()
        return found

    (now,) = asyncio.run(main())
    assert now.reply.status == 101
    assert now.failed is None or now.failed.kind in ("reset", "closed")
