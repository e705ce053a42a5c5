"""Rendering one template about one request."""

from understudy.model import Templating
from understudy.render import Templates
from understudy.request import Request

NOW = 1_600_000_000.5  # 2020-09-13T12:26:40.500Z


def render(text, language="wiremock", request=None, *, database=None, extra=None, parameters=None, seed=1):
    templates = Templates(database)
    templating = Templating(language=language, parameters=parameters or {})
    compiled = templates.compile_text(text, "body", (), templating)
    if isinstance(compiled, str):
        return compiled
    templates.scope.begin(request or ask(), seed, "endpoint", 0, NOW)
    templates.scope.extra = extra or {}
    return compiled.render()


def ask(target="/", method="GET", headers=(), body=b"", **params):
    request = Request(
        method,
        target.encode(),
        [(b"Host", b"api.test:8080"), *[(name.encode(), value.encode()) for name, value in headers]],
        body,
    )
    request.path = target.partition("?")[0]
    request.params = params
    return request


JSON = [("Content-Type", "application/json")]
REQUEST = ask(
    "/things/7?q=1&q=2&e=",
    "POST",
    [("X-Id", "a"), ("X-Id", "b"), ("Cookie", "s=1"), *JSON],
    b'{"name": "Ada", "list": [{"id": 1}, {"id": 2}], "n": 1.5, "o": {"b": true}}',
    id="7",
)
FORM = ask("/", "POST", [("Content-Type", "application/x-www-form-urlencoded")], b"a=1&b=x+y&a=2")
