"""One of several processes on a SqliteStore; run by test_sqlite.py as `python -m tests.state.worker`."""

import asyncio
import json
import sys
from pathlib import Path

from understudy.state import KEEP
from understudy.state.sqlite import SqliteStore


async def contend(store, steps):
    """Add, insert, count, and claim tickets that the others claim too; tell what came of it."""
    done = {"sums": [], "keys": [], "counts": [], "claimed": []}

    def claim(old):
        return (KEEP, False) if isinstance(old, str) else ("claimed", True)

    for step in range(steps):
        done["sums"].append(await store.add("", "numbers", "n"))
        key, _ = await store.insert("", "rows", lambda rows: (str(len(rows.items)), {"made": True}))
        done["keys"].append(key)
        done["counts"].append(store.count("", "numbers", "c", 1, 1))
        if await store.change("", "tickets", str(step), claim):
            done["claimed"].append(step)
    print(json.dumps(done))


async def write_on(store):
    """Write until killed; print each number once its write is acknowledged."""
    number = 0
    while True:
        await store.put("", "t", str(number), {"number": number, "filling": "x" * 200})
        await store.add("", "n", "n")
        print(number, flush=True)
        number += 1


async def main(task, path, *arguments):
    store = SqliteStore(Path(path), pause=asyncio.sleep)
    print("ready", flush=True)
    sys.stdin.readline()
    await {"contend": contend, "write_on": write_on}[task](store, *map(int, arguments))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
