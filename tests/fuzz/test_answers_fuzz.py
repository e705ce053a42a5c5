"""OpenAPI documents with anything in any place: every operation answers, if only with a problem."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.test_foreign_fuzz import places
from understudy.errors import ConfigError
from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.read import text_source
from understudy.openapi.answers import compile_answers
from understudy.openapi.data import Data
from understudy.openapi.links import Targets
from understudy.openapi.prefer import NOTHING, Wish
from understudy.render.draws import Draws
from understudy.request import Request

LOTS = Draws(1, "fuzz", 0)
DOCUMENT = {
    "openapi": "3.1.0",
    "x-json-schema-faker": {"max-items": 3, "requiredOnly": True},
    "paths": {
        "/pets/{id}": {
            "post": {
                "operationId": "make",
                "deprecated": True,
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer"},
                        "examples": {"one": {"value": 1}, "two": {"value": 2}},
                    },
                    {
                        "name": "q",
                        "in": "query",
                        "content": {"application/json": {"examples": {"one": {"value": {}}}}},
                    },
                ],
                "requestBody": {"content": {"application/json": {"examples": {"two": {"value": {"a": 1}}}}}},
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"X-A": {"schema": {"type": "string"}, "example": "a"}},
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Pet"},
                                "examples": {"one": {"value": {"id": 1}}, "two": {"externalValue": "a.json"}},
                            },
                            "application/xml": {"schema": {"$ref": "#/components/schemas/Pet"}},
                            "image/png": {"example": "aaaa"},
                            "*/*": {"example": "aaaa"},
                        },
                        "links": {
                            "self": {"operationId": "make", "parameters": {"id": "$response.body#/id"}},
                            "other": {"operationRef": "#/paths/~1a/get", "parameters": {"q": "a{$url}"}},
                        },
                    },
                    "4XX": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}},
                    "default": {"$ref": "#/components/responses/Error"},
                },
            }
        },
        "/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/Error"}}}},
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "next"],
                "properties": {
                    "id": {"type": "integer", "x-faker": "random.number"},
                    "next": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Pet"}]},
                    "tags": {"type": "array", "items": {"type": "string", "xml": {"name": "tag"}}},
                },
                "discriminator": {"propertyName": "kind", "mapping": {"a": "Pet"}},
                "xml": {"name": "pet"},
            }
        },
        "responses": {"Error": {"description": "", "content": {"application/problem+json": {"schema": {}}}}},
    },
}

VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "a", "$url", "{$url}", "#/components/schemas/Pet", "\r\n", "é", "*/*", "application/json", "2XX"]
    )
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "a",
                    "",
                    "$ref",
                    "type",
                    "value",
                    "example",
                    "examples",
                    "content",
                    "schema",
                    "links",
                    "\n",
                    "200",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@st.composite
def changed(draw):
    """The document with up to three other values, or names, in it."""
    document = copy.deepcopy(DOCUMENT)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(document))[1:]))
        target = document
        for key in path[:-1]:
            target = target[key]
        if isinstance(target, dict) and draw(st.booleans()):
            target[draw(st.text(max_size=6))] = target.pop(path[-1])
        else:
            target[path[-1]] = draw(VALUE)
    return document


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(changed(), st.sampled_from([None, "*/*", "application/xml", "text/*;q=0.5, image/png"]))
def test_every_operation_answers(document, accept):
    library = Library()
    try:
        api = read_api(library.begin(text_source(json.dumps(document), "doc.json", ".json"), None))
    except ConfigError:
        return
    data = Data(library.main.root, is_new=True)
    targets = Targets(api.operations)
    headers = [(b"Content-Type", b"application/json")]
    if accept is not None:
        headers.append((b"Accept", accept.encode()))
    for operation in api.operations:
        answers = compile_answers(operation, data, targets=targets)
        answers.prepare()
        request = Request(operation.method, b"/pets/2?q={}", headers, b'{"a": 1}')
        request.params = {"id": 2}
        for wish in (NOTHING, Wish(code=404), Wish(code=500), Wish(dynamic=True), Wish(example="two")):
            sent = answers.choose(request, wish, LOTS).reply
            assert 200 <= sent.status < 600
            assert not any(byte in value for _, value in sent.headers for byte in (b"\r", b"\n", b"\0"))
        for status in (401, 415, 422):
            answers.refuse(status, request, NOTHING, LOTS)
        quick = answers.quick(request)
        if quick is not None:
            assert quick.reply.body == answers.choose(request, NOTHING, LOTS).reply.body
