"""A config that is asked without a network: requests in, plans out, on a clock that a test moves."""

from __future__ import annotations

import json

from understudy.build import build
from understudy.engine import Suspended, World, decide
from understudy.request import Request


class Bench:
    """A compiled config, its world, and a clock that stands still until it is moved."""

    def __init__(self, config, seed=1, store=None):
        self.program = build(config)
        self.now = 1_000_000.0
        self.world = World(seed, lambda: self.now, store)
        self.program.templates.scope.counters = self.world.store

    def plan(self, target, method="GET", headers=(), body=b"", client="127.0.0.1"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = [("Content-Type", "application/json"), *headers]
        raw = [(name.encode(), value.encode()) for name, value in headers]
        plan = decide(self.program, Request(method, target.encode(), raw, body, client), self.world)
        assert not isinstance(plan, Suspended), "with a store in memory nothing waits"
        return plan

    def reply(self, target, method="GET", **more):
        return self.plan(target, method, **more).reply

    def status(self, target, method="GET", **more):
        return self.reply(target, method, **more).status

    def json(self, target, method="GET", **more):
        return json.loads(self.reply(target, method, **more).body)

    def text(self, target, method="GET", **more):
        return self.reply(target, method, **more).body.decode()
