"""Asks each operation of real documents for its answer, and holds that against its schema.

`python -m tests.openapi.conformity FILE…` prints how many of the operations answer rightly, and which do not.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from understudy.build import build
from understudy.engine import World, decide
from understudy.errors import ConfigError
from understudy.openapi.ready import read_operation
from understudy.request import Request

HEADERS = [(b"Host", b"localhost")]


class Outcome(NamedTuple):
    """What an operation answered: `wrong` is "" if that is as its document says."""

    operation: str
    kind: str
    wrong: str


def outcomes(path: Path, folder: Path) -> Iterator[Outcome]:
    """One for each operation and each kind of answer. Raises ConfigError for a document that is none."""
    (folder / path.name).write_bytes(path.read_bytes())
    settings = {"spec": path.name, "validate": "off", "auth": "off", "servers": False}
    (folder / "config.json").write_text(json.dumps({"openapi": settings}))
    program = build(folder / "config.json")
    world = World(1, lambda: 0.0)
    for entry, endpoint in zip(program.loaded.origins.entries, program.endpoints, strict=False):
        assert entry.driven is not None
        spec, number, own = entry.driven
        head = spec.heads[number]
        name = f"{head.method} {head.path}"
        method = head.method
        target = endpoint.pattern.source.replace("{", "").replace("}", "").encode()
        for kind, more in (("example", []), ("dynamic", [(b"Prefer", b"dynamic=true")])):
            try:
                outgoing = read_operation(spec, number, own).outgoing
                plan = decide(program, Request(method, target, [*HEADERS, *more]), world)
            except Exception as error:
                yield Outcome(name, kind, f"{type(error).__name__}: {error}")
                continue
            reply = plan.reply
            if kind == "dynamic" and reply.status == 500 and b"schema is not defined" in reply.body:
                continue
            if plan.endpoint != endpoint.name:
                continue  # a path of another operation is as good for this one
            types = [value.decode() for key, value in reply.headers if key.lower() == b"content-type"]
            kind_of = types[0] if types else ""
            if kind_of == "application/problem+json" and b"stoplight.io" in reply.body:
                yield Outcome(name, kind, reply.body.decode()[:300])
                continue
            found = outgoing(reply.status, reply.headers, reply.body, kind_of)
            yield Outcome(name, kind, found[0].message if found else "")


def main(files: list[str]) -> None:
    import tempfile

    total = good = 0
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = list(outcomes(Path(file), Path(folder)))
            except ConfigError as error:
                print(f"{file}: {error.problems[0]}")
                continue
        wrong = [one for one in found if one.wrong]
        total += len(found)
        good += len(found) - len(wrong)
        if wrong:
            print(f"{file}: {len(wrong)} of {len(found)} are wrong")
            for one in wrong[:5]:
                print(f"    {one.operation} ({one.kind}): {one.wrong[:200]}")
    print(f"{good} of {total} answers are as documented: {100 * good / max(total, 1):.2f} %")


if __name__ == "__main__":
    main(sys.argv[1:])
