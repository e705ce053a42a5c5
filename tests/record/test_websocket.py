"""What passes between real WebSocket clients and servers is heard, however it is cut into reads."""

import asyncio
import itertools

import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode

from tests.record.exchanges import exchange
from understudy.record.exchange import SocketMessage
from understudy.record.folder.document import MAX_MESSAGES, written
from understudy.record.folder.reader import MAX_FILE_BYTES
from understudy.record.websocket import MAX_BYTES, MESSAGE_BYTES, SocketTap

ASKED = ((b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),)
DEFLATED = ((b"Sec-WebSocket-Extensions", b"permessage-deflate"),)


class Passed(list):
    """What went through a relay: (sender, bytes), in order, heads first."""

    def split(self):
        """The headers of both heads, and what came behind them."""
        heads, behind = {}, []
        for sender, data in self:
            if sender in heads and heads[sender].endswith(b"\r\n\r\n"):
                behind.append((sender, data))
                continue
            head, end, rest = (heads.get(sender, b"") + data).partition(b"\r\n\r\n")
            heads[sender] = head + end
            if rest:
                behind.append((sender, rest))
        return headers(heads["client"]), headers(heads["server"]), behind

    def heard(self, cut=lambda data: [data], **bounds):
        """A tap that has heard it."""
        asked, replied, behind = self.split()
        tap = SocketTap(asked, replied, 100.0, **bounds)
        for number, (sender, data) in enumerate(behind):
            hear = tap.from_client if sender == "client" else tap.from_server
            for piece in cut(data):
                hear(piece, 100.0 + number)
        return tap


def headers(head):
    lines = head.split(b"\r\n")[1:-2]
    return tuple((name, value.strip()) for name, _, value in (line.partition(b":") for line in lines))


def capture(talk, answer, *, compression=None, extensions=(), **options):
    """What goes between a client that does `talk` and a server that does `answer`."""
    passed = Passed()

    async def pump(reader, writer, sender):
        while data := await reader.read(65_536):
            passed.append((sender, data))
            writer.write(data)
            await writer.drain()
        writer.close()

    async def run():
        server_extensions = [ServerPerMessageDeflateFactory()] if extensions else None
        async with serve(
            answer, "127.0.0.1", 0, compression=compression, extensions=server_extensions, max_size=None
        ) as server:
            port = server.sockets[0].getsockname()[1]

            async def relay(reader, writer):
                upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(
                    pump(reader, upstream_writer, "client"), pump(upstream_reader, writer, "server")
                )

            relayed = await asyncio.start_server(relay, "127.0.0.1", 0)
            async with relayed:
                address = relayed.sockets[0].getsockname()[1]
                async with connect(
                    f"ws://127.0.0.1:{address}/chat",
                    compression=compression,
                    extensions=list(extensions) or None,
                    max_size=None,
                    **options,
                ) as client:
                    await talk(client)
                    await client.wait_closed()

    asyncio.run(run())
    return passed


def said(tap):
    """The messages without their times, those of each side for itself."""
    return {
        sender: [(one.kind, one.data) for one in tap.messages if one.sender == sender]
        for sender in ("client", "server")
    }


BIG = bytes(range(256)) * 4096


async def talk(client):
    await client.send("hällo")
    await client.recv()
    await client.send(b"\0\xff")
    await client.send(["a", "bc", "", "d"])
    await client.send([b"1", b"2"])
    await client.send(BIG)
    await (await client.ping(b"hi"))
    for _ in range(4):
        await client.recv()
    await client.close(4001, "enough")


async def echo(server):
    try:
        async for message in server:
            await server.send(message)
    except websockets.ConnectionClosedError:
        pass


EXPECTED = {
    "client": [
        ("text", "hällo".encode()),
        ("binary", b"\0\xff"),
        ("text", b"abcd"),
        ("binary", b"12"),
        ("binary", BIG),
        ("ping", b"hi"),
        ("close", b"\x0f\xa1enough"),
    ],
    "server": [
        ("text", "hällo".encode()),
        ("binary", b"\0\xff"),
        ("text", b"abcd"),
        ("binary", b"12"),
        ("binary", BIG),
        ("pong", b"hi"),
        ("close", b"\x0f\xa1enough"),
    ],
}
WAYS = {
    "plain": {},
    "deflated": {"compression": "deflate"},
    "small windows": {
        "extensions": [ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=10)]
    },
    "no context": {
        "extensions": [
            ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
        ]
    },
}


def same(heard, expected):
    """The order in which a pong is sent between messages is the server's affair."""
    return sorted(heard["server"]) == sorted(expected["server"]) and heard["client"] == expected["client"]


@pytest.mark.parametrize("way", WAYS)
def test_a_real_conversation_is_heard(way):
    passed = capture(talk, echo, **WAYS[way])
    tap = passed.heard()
    assert tap.note == ""
    assert same(said(tap), EXPECTED)
    assert [one.at_ms for one in tap.messages] == sorted(one.at_ms for one in tap.messages)
    assert said(passed.heard(lambda data: [data[:1], data[1:3], data[3:]])) == said(tap)


async def small_talk(client):
    for text in ("one", "two " * 300, "three"):
        await client.send(text)
        await client.recv()
    await client.send(["fra", "gments"])
    await client.recv()
    await client.close()


@pytest.fixture(scope="module", params=[None, "deflate"])
def small(request):
    return capture(small_talk, echo, compression=request.param)


def test_byte_by_byte_gives_the_same(small):
    whole = small.heard()
    pieces = small.heard(lambda data: [data[at : at + 1] for at in range(len(data))])
    assert whole.messages == pieces.messages
    assert [one.data for one in whole.messages if one.kind == "text"][-1] == b"fragments"


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_any_split_gives_the_same(small, sizes):
    def cut(data):
        left = itertools.cycle(sizes)
        at = 0
        while at < len(data):
            size = next(left)
            yield data[at : at + size]
            at += size

    assert small.heard(cut).messages == small.heard().messages


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_of_the_server_is_heard(code):
    async def answer(server):
        await server.close(code, "bye")

    async def nothing(client):
        pass

    heard = said(capture(nothing, answer).heard())
    assert heard["server"] == [("close", code.to_bytes(2) + b"bye")] == heard["client"]


# --- what is no WebSocket message ---------------------------------------------------------------------------


def frames(*frames, mask=True, extensions=()):
    return b"".join(frame.serialize(mask=mask, extensions=extensions) for frame in frames)


def text(data, fin=True):
    return Frame(Opcode.TEXT, data, fin)


def heard(data, replied=(), **bounds):
    tap = SocketTap(ASKED, replied, **bounds)
    tap.from_client(frames(text(b"first")), 1.0)
    tap.from_client(data, 2.0)
    tap.from_server(frames(text(b"last"), mask=False), 3.0)
    return tap


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (frames(text(b"no mask"), mask=False), "masking"),
        (frames(text(b"\xff")), "utf-8"),
        (frames(text(b"a", fin=False), text(b"b")), "begins in another"),
        (frames(Frame(Opcode.CONT, b"a")), "has not begun"),
        (frames(Frame(Opcode.CLOSE, b"a")), "too short"),
        (frames(Frame(Opcode.CLOSE, b"\x03\xed")), "invalid status code"),
        (b"\xc1\x80\0\0\0\0", "reserved bits"),
        (b"\x83\x80\0\0\0\0", "opcode"),
        (b"\x89\xfe\x00\x7e\0\0\0\0" + bytes(126), "control frame"),
    ],
    ids=itertools.count(),  # the data has random masks
)
def test_what_cannot_be_read_ends_the_recording(data, why):
    tap = heard(data)
    assert [one.data for one in tap.messages] == [b"first"]
    assert why in tap.note
    assert tap.note.startswith("recording ended after 1 message: what the client sent")


def test_a_message_that_is_too_large_ends_the_recording():
    tap = heard(frames(text(b"x" * 11)), max_message_bytes=10)
    assert tap.messages == (SocketMessage(1.0, "client", "text", b"first"),)
    assert tap.note == "recording ended after 1 message: a message of the client is larger than 10 bytes"
    pieces = heard(frames(text(b"123456", fin=False), Frame(Opcode.CONT, b"78901")), max_message_bytes=10)
    assert pieces.note == tap.note
    just = heard(frames(text(b"123456", fin=False), Frame(Opcode.CONT, b"7890")), max_message_bytes=10)
    assert just.note == ""
    assert len(just.messages) == 3


def test_a_bomb_is_not_inflated():
    deflate = PerMessageDeflate(False, False, 15, 15)
    bomb = frames(text(bytes(10_000_000)), extensions=[deflate])
    assert len(bomb) < 20_000
    tap = heard(bomb, DEFLATED, max_message_bytes=1_000_000)
    assert "larger than 1000000 bytes" in tap.note


def test_a_flood_is_bounded_by_all_it_has():
    tap = SocketTap(ASKED, (), max_bytes=1000)
    tap.from_client(frames(*[text(b"")] * 100), 0.0)
    assert len(tap.messages) == 5
    assert tap.note == "recording ended after 5 messages: its messages are too large in all"


@pytest.mark.parametrize(
    "frame",
    [
        text(b""),
        text(b"a" * 500),
        text(b'\x01"\\\x7f' * 500),
        Frame(Opcode.BINARY, b"\xff" * 500),
        Frame(Opcode.PING, b"\xff" * 125),
        Frame(Opcode.CLOSE, b"\x03\xe8" + b"\x01" * 123),
    ],
)
def test_what_is_heard_of_a_flood_can_be_written(frame):
    most = 100_000
    tap = SocketTap(ASKED, (), max_bytes=most)
    tap.from_client(frames(*[frame] * 1000), 123_456_789.125)
    assert tap.note
    bare = len(written(exchange(), "x").text)
    assert most // 4 < len(written(exchange(messages=tap.messages), "x").text) - bare <= most


def test_all_that_may_be_heard_can_be_read_again():
    assert MAX_BYTES + 4 * 1024 * 1024 < MAX_FILE_BYTES
    assert MAX_BYTES // MESSAGE_BYTES < MAX_MESSAGES


@pytest.mark.parametrize(
    ("agreed", "why"),
    [
        (b"x-zip", "the extension x-zip"),
        (b"permessage-deflate, x-zip", "the extension x-zip"),
        (b";;", "invalid Sec-WebSocket-Extensions"),
    ],
)
def test_an_extension_that_is_not_known_is_told(agreed, why):
    tap = heard(b"", ((b"sec-websocket-extensions", agreed),))
    assert tap.messages == ()
    assert why in tap.note


def test_another_protocol_is_no_websocket():
    tap = SocketTap(((b"Host", b"a"),), ())
    tap.from_server(b"\x81\x01a", 0.0)
    assert (tap.messages, tap.note) == ((), "recording ended after 0 messages: this is no WebSocket")


@given(
    st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=20),
    st.booleans(),
    st.binary(max_size=60),
)
def test_nothing_that_comes_is_an_error(pieces, deflated, agreed):
    extensions = DEFLATED if deflated else ((b"Sec-WebSocket-Extensions", agreed),)
    tap = SocketTap(ASKED, extensions, max_message_bytes=1000, max_bytes=10_000)
    for from_client, data in pieces:
        (tap.from_client if from_client else tap.from_server)(data, 0.0)
    assert sum(len(one.data) for one in tap.messages) <= 10_000
    assert len(tap.messages) <= 10_000 // 150


@given(st.data())
def test_nothing_that_is_nearly_right_is_an_error(small, data):
    """Real traffic with some bytes changed."""
    asked, replied, behind = small.split()
    tap = SocketTap(asked, replied)
    for sender, whole in behind:
        changed = bytearray(whole)
        for _ in range(data.draw(st.integers(0, 2))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        (tap.from_client if sender == "client" else tap.from_server)(bytes(changed), 0.0)
    assert tap.note == "" or tap.note.startswith("recording ended after")


def test_what_is_new_is_asked_for_by_number():
    tap = SocketTap(ASKED, ())
    for text in (b"a", b"b"):
        tap.from_server(Frame(Opcode.TEXT, text).serialize(mask=False), 0.0)

    assert [one.data for one in tap.since(1)] == [b"b"]
    assert tap.since(2) == []
