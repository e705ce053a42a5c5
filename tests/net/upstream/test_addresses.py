"""Reaching a name that has several addresses: of a real loop, but for what the resolver says."""

import asyncio
import socket
from contextlib import suppress

import pytest

from understudy.net.upstream.addresses import in_turn, reach

V4, V6 = socket.AF_INET, socket.AF_INET6


class Loop:
    """The running loop, with a resolver of our own, and addresses that nothing comes back from."""

    def __init__(self, addresses, dead=()):
        self._loop = asyncio.get_running_loop()
        self._addresses, self._dead = addresses, dead
        self.tried = []

    def __getattr__(self, name):
        return getattr(self._loop, name)

    async def getaddrinfo(self, host, port, *, type):
        return [(V4, type, 6, "", (address, port)) for address in self._addresses]

    async def sock_connect(self, sock, where):
        self.tried.append(where[0])
        if where[0] in self._dead:
            await self._loop.create_future()
        await self._loop.sock_connect(sock, where)


async def until(told):
    """Let the loop go on until it is so."""
    while not told():  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0)


def run(test):
    async def main():
        async with await asyncio.start_server(
            lambda reader, writer: writer.close(), "127.0.0.2", 0
        ) as server:
            await test(server.sockets[0].getsockname()[1])
            # but for those of this server, which may be about to accept
            async with asyncio.timeout(10):
                await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})

    asyncio.run(main())


@pytest.mark.parametrize("dead", [(), ("127.0.0.1",)])
def test_an_address_that_leads_nowhere_is_passed_over(dead, monkeypatch):
    monkeypatch.setattr("understudy.net.upstream.addresses.STAGGER_S", 0.001)

    async def test(port):
        loop = Loop(["127.0.0.1", "127.0.0.2", "127.0.0.3"], dead)
        with await reach(loop, "name", port) as sock:
            assert sock.getpeername() == ("127.0.0.2", port)
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await asyncio.sleep(0)

    run(test)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "127.0.0.3"]])
def test_none_is_left(addresses):
    async def test(port):
        with pytest.raises(ConnectionRefusedError):
            await reach(Loop(addresses), "name", port)
        await asyncio.sleep(0)

    run(test)


def test_who_waits_no_longer_leaves_nothing_behind():
    async def test(port):
        loop = Loop(["127.0.0.1", "127.0.0.3"], ["127.0.0.1", "127.0.0.3"])
        task = asyncio.ensure_future(reach(loop, "name", port))
        await until(lambda: loop.tried)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        for _ in range(3):
            await asyncio.sleep(0)

    run(test)


def test_families_take_turns():
    found = [(V6, 0, 0, "", (text, 1)) for text in "abc"] + [(V4, 0, 0, "", (text, 1)) for text in "de"]
    assert [one[4][0] for one in in_turn(found)] == [*"adbec"]
