"""Client: many requests that all wait in the server at once.

Opens every connection first, lets the server accept them, then sends on all and waits for all. The clock runs
from the first send to the last whole reply.
Run as `python -m bench.waiting PORT PATH CONNECTIONS`; prints one line of JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from typing import Any

from bench.machine import raise_open_files
from bench.sockets import Reply, open_all, request, watch

SETTLE_S = 1.0


def measure(port: int, path: str, count: int, patience_s: float = 30) -> dict[str, Any]:
    """Send `count` requests at once and time the answers."""
    connections = open_all(port, count)
    poll = watch(connections)
    by_fd = {connection.fileno(): connection for connection in connections}
    replies = {fd: Reply() for fd in by_fd}
    message = request(port, path)
    time.sleep(SETTLE_S)
    gc.disable()
    begin = time.perf_counter()
    for connection in connections:
        connection.send(message)
    sent = time.perf_counter()
    first = last = 0.0
    waiting = set(by_fd)
    while waiting and time.perf_counter() - begin < patience_s:
        for fd, _ in poll.poll(1.0, count):
            data = by_fd[fd].recv(65536)
            if not data:
                poll.unregister(fd)
            if fd in waiting and replies[fd].feed(data):
                waiting.discard(fd)
                last = time.perf_counter() - begin
                first = first or last
    return {
        "connections": count,
        "right": sum(reply.ok for fd, reply in replies.items() if fd not in waiting),
        "send_s": sent - begin,
        "first_s": first,
        "all_s": last if not waiting else None,
    }


if __name__ == "__main__":
    raise_open_files()
    print(json.dumps(measure(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
