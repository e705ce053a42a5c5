"""A folder with a user's modules, and a config beside them."""

import json
import textwrap

import pytest

from tests.kit import get


@pytest.fixture
def folder(tmp_path):
    """Write modules: `folder(handlers="def f(request): ...")`; gives the path of a config to be served."""

    def write(*endpoints, files=None, config=None, **modules):
        for name, source in {
            **{f"{name}.py": source for name, source in modules.items()},
            **(files or {}),
        }.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source))
        path = tmp_path / "config.json"
        path.write_text(json.dumps({**(config or {}), "endpoints": list(endpoints)}))
        return path

    return write


@pytest.fixture
def handler(folder, serve):
    """Serve one function `f`, written as its source; ask it with `handler(source)("/a?x=1")`."""

    def start(source, endpoint=None, config=None, **modules):
        path = {"path": "/a/**", "method": "ANY", "handler": "handlers:f", **(endpoint or {})}
        server = serve(folder(path, config=config, handlers=source, **modules), seed=1)

        def ask(target="/a", method="GET", headers="", body=b""):
            return get(server, target, method, headers, body)

        ask.server = server
        return ask

    return start
