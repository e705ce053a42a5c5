import json
from urllib.parse import parse_qs

import msgspec
import pytest

from understudy.render import JsonTemplate, Templates, TextTemplate
from understudy.state import MemoryStore

NOW = 1763887015.698988  # 2025-11-23T08:36:55.698988+00:00, a Sunday
BOOKS = [
    {"id": 1, "title": "The Hobbit", "genres": ["Fantasy", "Classic"], "available": True},
    {"id": 2, "title": "Dune", "genres": ["Science Fiction"], "available": False},
    {"id": 3, "title": "true", "genres": ["Fantasy"], "available": True},
]


class FakeRequest:
    """A request as templates see it, without a server."""

    def __init__(self, target="/", method="GET", headers=(), body=b"", params=None):
        self.method = method
        self.target = target
        self.path, _, self.query_string = target.partition("?")
        self.query = parse_qs(self.query_string, keep_blank_values=True)
        self.headers = [(name.lower(), value) for name, value in headers]
        self.body = body
        self.params = params or {}
        self.client = "192.0.2.1"
        self.host = "api.test"
        self.cookies = dict(part.split("=") for part in (self.header("cookie") or "").split("; ") if part)
        urlencoded = self.header("content-type") == "application/x-www-form-urlencoded"
        self.form = parse_qs(body.decode(), keep_blank_values=True) if urlencoded else {}

    def header(self, name):
        return next((value for key, value in self.headers if key == name.lower()), None)

    def space(self, header):
        return ""

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None


class Stage:
    """Compiles and renders templates for one request after another."""

    def __init__(self, database=BOOKS, environ=None, seed=1):
        self.templates = Templates(database, {"STAGE": "local"} if environ is None else environ)
        self.scope = self.templates.scope
        self.scope.counters = MemoryStore()
        self.seed = seed

    def begin(self, request=None, endpoint="GET /", n=0, now=NOW):
        return self.scope.begin(request or FakeRequest(), self.seed, endpoint, n, now)

    def raw(self, value, request=None, **options):
        """The rendered JSON as it is sent."""
        compiled = self.templates.compile_json(value, "response")
        assert isinstance(compiled, JsonTemplate), "there is no template in it"
        self.begin(request, **options)
        return compiled.render()

    def json(self, value, request=None, **options):
        """The rendered JSON, read again."""
        return json.loads(self.raw(value, request, **options))

    def text(self, text, request=None, **options):
        """The rendered text."""
        compiled = self.templates.compile_text(text, "body")
        assert isinstance(compiled, TextTemplate), "there is no template in it"
        self.begin(request, **options)
        return compiled.render()


@pytest.fixture(scope="session")
def request_to():
    return FakeRequest


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture(scope="session")
def make_stage():
    return Stage
