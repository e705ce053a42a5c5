"""A server with one large body, which also takes large ones: `python -m bench.sink PORT BYTES`."""

from __future__ import annotations

import asyncio
import json
import sys

from bench.servers import HOST
from bench.shapes import STATIC_TEXT

PIECE = bytes(1024 * 1024)


def head(length: int, kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> None:
    """GET /large.bin gives `size` bytes, POST takes what comes and says how much it was, others get JSON."""
    while request := await _head(reader):
        line, *lines = request.decode("latin-1").split("\r\n")
        fields = dict(one.lower().split(": ", 1) for one in lines if ": " in one)
        left = int(fields.get("content-length", 0))
        if line.startswith("GET /large.bin"):
            writer.write(head(size, "application/octet-stream"))
            for start in range(0, size, len(PIECE)):
                writer.write(PIECE[: size - start])
                await writer.drain()
            continue
        taken = left
        while left:
            piece = await reader.read(min(left, 1024 * 1024))
            if not piece:
                return
            left -= len(piece)
        text = json.dumps({"bytes": taken}) if taken else STATIC_TEXT
        writer.write(head(len(text), "application/json") + text.encode())
        await writer.drain()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def main(port: int, size: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer, size)
        except OSError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, HOST, port, limit=4 * 1024 * 1024) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
