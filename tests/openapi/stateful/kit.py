"""A document's resources, asked without a network and without the rest of a server."""

from __future__ import annotations

import json

from understudy.build import build
from understudy.engine import World
from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.openapi.paths import path_of
from understudy.formats.openapi.schemas import Schemas
from understudy.formats.read import text_source
from understudy.match.path import PathPattern
from understudy.openapi.data import Data
from understudy.openapi.stateful import compile_stateful, infer
from understudy.openapi.stateful.data import Fitting
from understudy.openapi.stateful.shapes import media_of
from understudy.render.draws import Draws
from understudy.request import Request, canonical_path
from understudy.simulate.exchange import Exchange
from understudy.simulate.kit import Kit
from understudy.state.view import StateView
from understudy.steps import Plan

NOW = 1_700_000_000.0  # 2023-11-14T22:13:20Z


def document_of(text):
    """A document: YAML, or data."""
    if not isinstance(text, str):
        text = json.dumps(text)
    return Library().begin(text_source(text, "api", ".yaml"), None)


def api_of(text):
    """What a document says."""
    return read_api(document_of(text))


class Mock:
    """The resources of a document. Each answer is checked against the document."""

    def __init__(self, text, seed=1, store=None, config=None):
        document = document_of(text)
        self.api = read_api(document)
        self.is_new = self.api.version in ("3.1", "3.2")
        self.data = Data(document.root, self.is_new)
        self.inference = infer(self.api.operations)
        self.program = build({"endpoints": [], **(config or {})})
        self.kit = Kit(self.program.loaded, {})
        self.produces = compile_stateful(self.inference.resources, self.kit, self.data)
        self.world = World(seed, lambda: NOW, store)
        self.routes = []
        for operation in self.api.operations:
            path = path_of(operation)
            if path is not None:
                self.routes.append((operation, PathPattern(path.text)))
        self.routes.sort(key=lambda one: one[1].specificity)

    @property
    def names(self):
        return [resource.name for resource in self.inference.resources]

    def why(self, method, path):
        return next(str(line) for line in self.inference.lines if (line.method, line.path) == (method, path))

    def reply(self, method, target, body=None, headers=None, space=""):
        raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        if body is None:
            content = b""
        elif isinstance(body, bytes):
            content = body
        else:
            content = json.dumps(body).encode()
            if not any(name.lower() == b"content-type" for name, _ in raw):
                raw.append((b"Content-Type", b"application/json"))
        request = Request(method, target.encode(), raw, content)
        request.path = canonical_path(target.encode().partition(b"?")[0])
        for operation, pattern in self.routes:
            if operation.method == method and pattern.fits(request.path):
                break
        else:
            raise AssertionError(f"no operation for {method} {target}")
        request.params = pattern.values(request.path)
        name = f"{operation.method} {operation.path}"
        n = self.world.next(name)
        state = StateView(space, self.program.state, NOW)
        exchange = Exchange(
            request,
            name,
            Plan((), None),
            self.world,
            state,
            self.program.templates.scope,
            Draws(self.world.seed, name, n),
            NOW,
        )
        (reply,) = run(self.produces[operation.method, operation.path](exchange))
        self._check(operation, reply)
        return reply

    def ask(self, method, target, body=None, **more):
        """The status, and the body as JSON (None without one)."""
        reply = self.reply(method, target, body, **more)
        return reply.status, json.loads(reply.body) if reply.body else None

    def get(self, target, **more):
        status, content = self.ask("GET", target, **more)
        assert status == 200, content
        return content

    def _check(self, operation, reply):
        """The answer is one that the document has, and its body is valid."""
        status = str(reply.status)
        documented = {one.status: one for one in operation.responses}
        response = documented.get(status) or documented.get(f"{status[0]}XX") or documented.get("default")
        kind = dict(reply.headers).get(b"Content-Type")
        if response is None or not reply.body or kind == b"application/problem+json":
            return
        media = media_of(response.media)
        if media is None or media.schema is None or b"xml" in (kind or b""):
            return
        data = Fitting(media.schema, self.data, Schemas(self.is_new, "writeOnly"))
        wrong = data.misfits(json.loads(reply.body))
        assert not wrong, (operation.method, operation.path, reply.body, wrong)


def run(coroutine):
    """What a coroutine gives that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("with a store in memory nothing waits")


def headers_of(reply):
    return {name.decode(): value.decode() for name, value in reply.headers}
